namespace Microsoft.ML.Constrained;

/// <summary>How well the rows of a column satisfy a set of constraints, and how well those of a second column do.</summary>
public sealed class ConstraintMetrics
{
    internal ConstraintMetrics(double tolerance, ConstraintColumnMetrics before, ConstraintColumnMetrics? after)
    {
        Tolerance = tolerance;
        Before = before;
        After = after;
    }

    /// <summary>A row breaks an inequality aᵀz ≤ b when it does so by more than this times max(1, |b|, Σ|aᵢzᵢ|).</summary>
    public double Tolerance { get; }

    /// <summary>The first column: for example a model's scores.</summary>
    public ConstraintColumnMetrics Before { get; }

    /// <summary>The second column, for example the projected scores; null where none was named.</summary>
    public ConstraintColumnMetrics? After { get; }
}
