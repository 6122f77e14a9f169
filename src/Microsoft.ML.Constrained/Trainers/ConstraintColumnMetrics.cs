using System.Collections.Generic;

namespace Microsoft.ML.Constrained;

/// <summary>How well the rows of one column satisfy a set of constraints.</summary>
public sealed class ConstraintColumnMetrics
{
    internal ConstraintColumnMetrics(string columnName, IReadOnlyList<ConstraintViolationMetrics> constraints)
    {
        ColumnName = columnName;
        Constraints = constraints;
    }

    /// <summary>The column.</summary>
    public string ColumnName { get; }

    /// <summary>The constraints one by one, in the order in which the set states them.</summary>
    public IReadOnlyList<ConstraintViolationMetrics> Constraints { get; }

    /// <summary>Rows that were read.</summary>
    public long RowCount { get; internal init; }

    /// <summary>
    /// Rows with a NaN or an infinity in the column or in a column that a right-hand side refers to. They are in no other figure.
    /// </summary>
    public long InvalidRowCount { get; internal init; }

    /// <summary>Valid rows that break at least one constraint by more than the tolerance.</summary>
    public long ViolatedRowCount { get; internal init; }

    /// <summary><see cref="ViolatedRowCount"/> as a share of the valid rows; NaN when there is none.</summary>
    public double ViolatedShare { get; internal init; }

    /// <summary>The largest violation of any constraint in its own units, below the tolerance or above; 0 where all always hold.</summary>
    public double LargestViolation { get; internal init; }

    /// <summary>The position of the row with the <see cref="LargestViolation"/>, the first of equals; −1 where all always hold.</summary>
    public long LargestViolationRow { get; internal init; }

    /// <summary>Whether every row is valid and satisfies every constraint.</summary>
    public bool AllSatisfied => InvalidRowCount == 0 && ViolatedRowCount == 0;
}
