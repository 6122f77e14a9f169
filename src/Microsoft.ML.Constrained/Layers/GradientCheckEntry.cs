using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>What <see cref="GradientCheck"/> found for one input or parameter.</summary>
/// <param name="Name">"input 0", … or the parameter's name.</param>
/// <param name="Checked">The number of elements compared.</param>
/// <param name="MaxAbsoluteError">The largest |analytic − numeric|; infinite where one is not finite.</param>
/// <param name="MaxRelativeError">The largest relative error (see <see cref="GradientCheckOptions.Floor"/>); infinite where one is not finite.</param>
/// <param name="WorstIndex">The index of the element with the largest relative error; empty for a scalar.</param>
/// <param name="Analytic">The gradient that the backward pass gives there.</param>
/// <param name="Numeric">The central difference there.</param>
/// <param name="Passed">Whether <see cref="MaxRelativeError"/> is within the tolerance.</param>
public sealed record GradientCheckEntry(
    string Name,
    int Checked,
    double MaxAbsoluteError,
    double MaxRelativeError,
    IReadOnlyList<long> WorstIndex,
    double Analytic,
    double Numeric,
    bool Passed);
