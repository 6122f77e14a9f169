namespace Microsoft.ML.Constrained;

/// <summary>What was found about constraints on held-out rows.</summary>
/// <param name="Rows">Rows that were looked at.</param>
/// <param name="ViolatingRows">Those of them on which a constraint does not hold, or that have no score.</param>
/// <param name="LargestViolation">The largest violation of any constraint, in that constraint's own units; NaN where a score is.</param>
public readonly record struct FeasibilityMeasure(long Rows, long ViolatingRows, double LargestViolation)
{
    /// <summary>Violating rows as a share of all, 0 to 1; NaN without rows.</summary>
    public double Share => Rows == 0 ? double.NaN : (double)ViolatingRows / Rows;

    /// <summary>Both together, as of two folds.</summary>
    /// <param name="other">Another measure.</param>
    public FeasibilityMeasure Add(FeasibilityMeasure other) => new(
        Rows + other.Rows, ViolatingRows + other.ViolatingRows, System.Math.Max(LargestViolation, other.LargestViolation));
}
