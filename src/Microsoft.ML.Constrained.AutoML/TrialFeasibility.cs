using System;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained;

/// <summary>How it is told on which held-out rows a model breaks what must hold.</summary>
public sealed class TrialFeasibility
{
    private readonly Func<MLContext, IDataView, FeasibilityMeasure> _measure;

    private TrialFeasibility(string name, Func<MLContext, IDataView, FeasibilityMeasure> measure) => (Name, _measure) = (name, measure);

    /// <summary>What is looked at, for messages.</summary>
    public string Name { get; }

    /// <summary>Whether scores satisfy a constraint set.</summary>
    /// <param name="constraints">What must hold.</param>
    /// <param name="scoreColumnName">
    /// The column of the scores: a vector of <c>Single</c> with a slot for each variable, or a <c>Single</c> for a set of one variable.
    /// </param>
    /// <param name="tolerance">As of <see cref="ConstraintSet.Contains(ReadOnlySpan{float}, ReadOnlySpan{float}, double)"/>.</param>
    /// <exception cref="ArgumentException">The tolerance is negative or not finite, or the name is empty.</exception>
    public static TrialFeasibility Of(
        ConstraintSet constraints, string scoreColumnName = "Score", double tolerance = ConstraintSet.DefaultTolerance)
    {
        Check.NotNull(constraints, nameof(constraints));
        Check.NotEmpty(scoreColumnName, nameof(scoreColumnName));
        if (!(tolerance >= 0 && double.IsFinite(tolerance)))
        {
            throw new ArgumentException(
                FormattableString.Invariant($"'{nameof(tolerance)}' must be a finite number of at least 0, got {tolerance}."), nameof(tolerance));
        }

        return new($"constraints on '{scoreColumnName}'", (context, scored) => Count(context, scored, constraints, scoreColumnName, tolerance));
    }

    /// <summary>Any other way to tell.</summary>
    /// <param name="name">What is looked at, for messages.</param>
    /// <param name="measure">Given the trial's context and the scored held-out rows, counts the rows and those that break what must hold.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static TrialFeasibility Create(string name, Func<MLContext, IDataView, FeasibilityMeasure> measure) =>
        new(Check.NotEmpty(name, nameof(name)), Check.NotNull(measure, nameof(measure)));

    /// <summary>Looks at scored rows.</summary>
    /// <param name="mlContext">The context of the trial.</param>
    /// <param name="scored">What a model made of held-out rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public FeasibilityMeasure Measure(MLContext mlContext, IDataView scored) =>
        _measure(Check.NotNull(mlContext, nameof(mlContext)), Check.NotNull(scored, nameof(scored)));

    private static FeasibilityMeasure Count(MLContext mlContext, IDataView scored, ConstraintSet constraints, string name, double tolerance)
    {
        ConstraintColumnMetrics found = mlContext.Data.EvaluateConstraints(scored, constraints, name, tolerance: tolerance).Before;
        return new FeasibilityMeasure(
            found.RowCount, found.ViolatedRowCount + found.InvalidRowCount, found.InvalidRowCount > 0 ? double.NaN : found.LargestViolation);
    }
}
