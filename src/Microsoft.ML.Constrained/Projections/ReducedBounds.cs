using System;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>The bounds of one row of data in the coordinates of a <see cref="PolyhedralReduction"/>.</summary>
internal sealed class ReducedBounds
{
    public ReducedBounds(PolyhedralReduction reduction)
    {
        Offset = new double[reduction.EqualityCount];
        Lower = new double[reduction.InequalityRows.Length];
        Upper = new double[reduction.InequalityRows.Length];
    }

    /// <summary>c: the coordinates of every feasible point along the equalities.</summary>
    public double[] Offset { get; }

    public double[] Lower { get; }

    public double[] Upper { get; }

    /// <summary><see cref="SolverStatus.PrimalInfeasible"/> where a fixed row, or a lower bound above its upper one, already says so.</summary>
    public SolverStatus Status { get; private set; }

    /// <summary>A row of A that shows the contradiction, or −1.</summary>
    public int InfeasibleRow { get; private set; }

    /// <param name="reduction">The rows.</param>
    /// <param name="lower">One bound for each row of A; −∞ where there is none.</param>
    /// <param name="upper">One bound for each row of A; +∞ where there is none.</param>
    /// <param name="tolerance">Contradictions up to this size, relative to the bounds, are rounding.</param>
    public void Set(PolyhedralReduction reduction, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper, double tolerance)
    {
        Status = SolverStatus.Solved;
        InfeasibleRow = -1;
        for (int i = 0; i < reduction.Rows; i++)
        {
            if (double.IsNaN(lower[i]) || double.IsNaN(upper[i]) || double.IsPositiveInfinity(lower[i]) || double.IsNegativeInfinity(upper[i]))
            {
                Status = SolverStatus.InvalidInput;
                return;
            }
        }

        double size = 0;
        for (int k = 0; k < Offset.Length; k++)
        {
            int row = reduction.EqualityRows[k];
            Offset[k] = lower[row] / reduction.Norm[row];
        }

        reduction.SolveLower(Offset);
        foreach (double value in Offset)
            size = Math.Max(size, Math.Abs(value));
        for (int i = 0; i < reduction.Rows; i++)
        {
            if (reduction.Kind[i] != PolyhedralRowKind.Equality)
                SetRow(reduction, i, lower[i], upper[i], size, tolerance);
        }
    }

    private void SetRow(PolyhedralReduction reduction, int row, double lower, double upper, double size, double tolerance)
    {
        double norm = reduction.Norm[row];
        double along = 0;
        if (norm > 0)
        {
            ReadOnlySpan<double> coordinates = reduction.AlongOf(row);
            for (int k = 0; k < coordinates.Length; k++)
                along += coordinates[k] * Offset[k];
            lower /= norm;
            upper /= norm;
        }

        double allowed = Math.Max(tolerance, reduction.Slip(row)) * Math.Max(1, Math.Max(size, Math.Min(Math.Abs(lower), Math.Abs(upper))));
        if (reduction.Kind[row] == PolyhedralRowKind.Fixed)
        {
            if (along < lower - allowed || along > upper + allowed)
                Contradict(row);
            return;
        }

        if (lower > upper)
        {
            if (lower > upper + allowed)
                Contradict(row);
            lower = upper = 0.5 * (lower + upper);
        }

        int place = reduction.Place[row];
        Lower[place] = (lower - along) / reduction.Rest[row];
        Upper[place] = (upper - along) / reduction.Rest[row];
    }

    private void Contradict(int row)
    {
        Status = SolverStatus.PrimalInfeasible;
        if (InfeasibleRow < 0)
            InfeasibleRow = row;
    }
}
