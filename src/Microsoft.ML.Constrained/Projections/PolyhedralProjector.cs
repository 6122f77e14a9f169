using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// minimise ½(z − y)'W(z − y)  subject to  l ≤ Az ≤ u, W = diag(w) positive, for one y after another.
/// Optimality: W(y − z) = A'λ, λᵢ ≥ 0 where row i is at its upper bound, ≤ 0 at its lower one, 0 between, free in an equality.
/// Equalities are eliminated once (<see cref="PolyhedralReduction"/>), inequalities solved by a <see cref="DualActiveSet"/> over
/// their Gram matrix. Cost per row: O(m·n + steps·(k² + k·m)), k the number of active rows. Thread-safe: the state of a row is in its workspace.
/// </summary>
internal sealed unsafe partial class PolyhedralProjector
{
    private readonly double _tolerance;

    /// <param name="matrix">A, row-major.</param>
    /// <param name="dimension">n.</param>
    /// <param name="equality">For each row whether its bounds are always equal.</param>
    /// <param name="weights">w, positive; empty for ones.</param>
    /// <param name="tolerance">Largest violation of a solved row as a distance, relative to max(1, size of the data).</param>
    /// <param name="gramLimit">See <see cref="DualActiveSet.MaximumGramRows"/>.</param>
    public PolyhedralProjector(
        ReadOnlySpan<double> matrix,
        int dimension,
        ReadOnlySpan<bool> equality,
        ReadOnlySpan<double> weights = default,
        double tolerance = 1e-9,
        int gramLimit = DualActiveSet.MaximumGramRows)
    {
        if (matrix.Length != equality.Length * dimension)
            throw new ArgumentException($"The matrix has {matrix.Length} elements, expected {equality.Length} x {dimension}.", nameof(matrix));
        if (!weights.IsEmpty && weights.Length != dimension)
            throw new ArgumentException($"There are {weights.Length} weights, expected {dimension}.", nameof(weights));
        Reduction = new(matrix, dimension, equality, weights);

        // A row close to the span of the equalities has had its bounds divided by its distance from it, and what it shares with equalities that
        // are almost parallel is only known as well as those.
        double[] coarseness = Array.ConvertAll(Reduction.InequalityRows, row => Math.Max(1, Reduction.Slip(row) / tolerance) / Reduction.Rest[row]);
        Core = new(Reduction.ReducedMatrix, dimension, ridge: 0, tolerance, gramLimit, coarseness);
        _tolerance = tolerance;
    }

    public PolyhedralReduction Reduction { get; }

    public int Dimension => Reduction.Dimension;

    public int Rows => Reduction.Rows;

    internal DualActiveSet Core { get; }

    public PolyhedralWorkspace CreateWorkspace() => new(this);

    /// <summary>The reduced form of bounds that many rows share.</summary>
    public ReducedBounds Reduce(ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        var bounds = new ReducedBounds(Reduction);
        bounds.Set(Reduction, lower, upper, _tolerance);
        return bounds;
    }

    /// <summary>The reduced form of one row's bounds, in the workspace.</summary>
    public ReducedBounds Reduce(ReadOnlySpan<double> lower, ReadOnlySpan<double> upper, PolyhedralWorkspace workspace)
    {
        workspace.Bounds.Set(Reduction, lower, upper, _tolerance);
        return workspace.Bounds;
    }

    /// <summary>
    /// Projects <paramref name="y"/> onto the polyhedron. <paramref name="z"/> is the best point found whatever the status, except that
    /// it is left alone where y is not finite. <paramref name="multipliers"/>: λ, one for each row of A, or empty.
    /// </summary>
    public SolverStatus Project(
        ReadOnlySpan<double> y, ReducedBounds bounds, Span<double> z, Span<double> multipliers, PolyhedralWorkspace workspace)
    {
        workspace.InfeasibleRow = bounds.InfeasibleRow;
        DualActiveSetWorkspace core = workspace.Core;
        core.Iterations = 0;
        if (bounds.Status == SolverStatus.InvalidInput || !SpanKernels.AllFinite(y))
            return SolverStatus.InvalidInput;
        var point = new Span<double>(core.Point, Dimension);
        Start(y, bounds, point, workspace);
        var lower = new Span<double>(core.Lower, Core.PaddedRows);
        var upper = new Span<double>(core.Upper, Core.PaddedRows);
        bounds.Lower.CopyTo(lower);
        bounds.Upper.CopyTo(upper);
        lower[Core.Rows..].Fill(double.NegativeInfinity);
        upper[Core.Rows..].Fill(double.PositiveInfinity);
        SolverStatus status = Core.Solve(core);
        if (status == SolverStatus.PrimalInfeasible)
            workspace.InfeasibleRow = Reduction.InequalityRows[core.InfeasibleRow];
        var result = new ReadOnlySpan<double>(core.Result, Dimension);
        if (!multipliers.IsEmpty)
            Multipliers(y, result, multipliers, workspace);
        if (Reduction.IsUnweighted)
        {
            result.CopyTo(z);
        }
        else
        {
            for (int j = 0; j < z.Length; j++)
                z[j] = result[j] / Reduction.Root[j];
        }

        GC.KeepAlive(workspace);
        return bounds.Status == SolverStatus.Solved ? status : bounds.Status;
    }

    /// <summary>x = W^½y, moved onto the equalities.</summary>
    private void Start(ReadOnlySpan<double> y, ReducedBounds bounds, Span<double> point, PolyhedralWorkspace workspace)
    {
        if (Reduction.IsUnweighted)
        {
            y.CopyTo(point);
        }
        else
        {
            for (int j = 0; j < y.Length; j++)
                point[j] = y[j] * Reduction.Root[j];
        }

        // Twice: the first step leaves the equations violated by rounding in y, the second by rounding in the result.
        for (int round = 0; round < 2 && Reduction.EqualityCount > 0; round++)
        {
            for (int k = 0; k < Reduction.EqualityCount; k++)
                workspace.Along[k] = bounds.Offset[k] - SpanKernels.Dot(Reduction.Basis(k), point);
            for (int k = 0; k < Reduction.EqualityCount; k++)
                SpanKernels.AddScaled(Reduction.Basis(k), workspace.Along[k], point);
        }
    }

    private void Multipliers(ReadOnlySpan<double> y, ReadOnlySpan<double> x, Span<double> multipliers, PolyhedralWorkspace workspace)
    {
        DualActiveSetWorkspace core = workspace.Core;
        Span<double> moved = workspace.Scaled;
        for (int k = 0; k < Reduction.EqualityCount; k++)
        {
            for (int j = 0; j < moved.Length; j++)
                moved[j] = (y[j] * Reduction.Root[j]) - x[j];
            workspace.Along[k] = SpanKernels.Dot(Reduction.Basis(k), moved);
        }

        Expand(new(core.Active, core.Count), new(core.Multiplier, core.Count), multipliers, workspace);
        for (int j = 0; j < core.Count; j++)
        {
            // Rounding may leave a multiplier of the wrong sign.
            int row = Reduction.InequalityRows[core.Active[j]];
            if (core.Sign[j] * multipliers[row] < 0)
                multipliers[row] = 0;
        }
    }

    /// <summary>
    /// From coefficients of the active reduced rows, and the coordinates along the equalities in the workspace, to the rows of A as they
    /// were stated: λᵢ = μᵣ/(ρᵢ‖âᵢ‖), and L⁻ᵀ(along − Σ κᵣμᵣ/ρᵣ) for the equalities.
    /// </summary>
    private void Expand(ReadOnlySpan<int> active, ReadOnlySpan<double> coefficients, Span<double> multipliers, PolyhedralWorkspace workspace)
    {
        multipliers.Clear();
        Span<double> along = workspace.Along;
        for (int j = 0; j < active.Length; j++)
        {
            int row = Reduction.InequalityRows[active[j]];
            double value = coefficients[j] / Reduction.Rest[row];
            multipliers[row] = value / Reduction.Norm[row];
            if (Reduction.EqualityCount > 0)
                SpanKernels.AddScaled(Reduction.AlongOf(row), -value, along);
        }

        Reduction.SolveUpper(along);
        for (int k = 0; k < Reduction.EqualityCount; k++)
        {
            int row = Reduction.EqualityRows[k];
            multipliers[row] = along[k] / Reduction.Norm[row];
        }
    }
}
