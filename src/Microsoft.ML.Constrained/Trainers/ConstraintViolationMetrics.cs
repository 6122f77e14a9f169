namespace Microsoft.ML.Constrained;

/// <summary>How often, and how far, the rows of a column break one constraint.</summary>
public sealed class ConstraintViolationMetrics
{
    internal ConstraintViolationMetrics(string name)
    {
        Name = name;
    }

    /// <summary>The constraint's name.</summary>
    public string Name { get; }

    /// <summary>Valid rows that break it by more than the tolerance.</summary>
    public long ViolatedRowCount { get; internal init; }

    /// <summary><see cref="ViolatedRowCount"/> as a share of the valid rows; NaN when there is none.</summary>
    public double ViolatedShare { get; internal init; }

    /// <summary>The largest violation in the constraint's own units, below the tolerance or above; 0 where it always holds.</summary>
    public double LargestViolation { get; internal init; }

    /// <summary>The mean violation over the valid rows, zeros included; NaN when there is none.</summary>
    public double MeanViolation { get; internal init; }
}
