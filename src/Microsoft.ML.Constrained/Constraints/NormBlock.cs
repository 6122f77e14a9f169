using System;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary><c>‖z[Variables] − Centre‖ ≤ Radius(θ) + z[Height]</c>; a ball without height, a second-order cone with.</summary>
internal sealed class NormBlock
{
    /// <summary><see cref="Constrained.Norm.L1"/> or <see cref="Constrained.Norm.L2"/>.</summary>
    public required Norm Norm { get; init; }

    /// <summary>Indices of the variables inside the norm.</summary>
    public required int[] Variables { get; init; }

    /// <summary>Centre, one value for each of <see cref="Variables"/>.</summary>
    public required double[] Centre { get; init; }

    /// <summary>Index of the variable added to the radius, or −1.</summary>
    public required int Height { get; init; }

    /// <summary>Constant part of the radius.</summary>
    public required double Radius { get; init; }

    /// <summary>How the radius depends on θ, one value for each parameter.</summary>
    public required double[] RadiusSlope { get; init; }

    /// <summary>Index in <see cref="ConstraintSet.Constraints"/>.</summary>
    public required int Owner { get; init; }

    public double EvaluateRadius(ReadOnlySpan<double> parameters) => ConstraintSystem.Evaluate(Radius, RadiusSlope, parameters);
}
