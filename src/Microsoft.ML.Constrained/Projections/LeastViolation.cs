using System;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// The violations v of least 2-norm that rows l ≤ Az ≤ u with rows of unit length can have: minimise ½‖v‖² subject to l ≤ Az − v ≤ u.
/// v is unique; it solves A'v = 0 with each vᵢ the violation of row i. Found by the proximal-point method (Rockafellar 1976): each step
/// minimises ½‖z − zₖ‖² + ½‖v‖²/δ, which is the problem of a <see cref="DualActiveSet"/> with ridge δ and always has a solution;
/// the steps converge linearly, the faster the smaller δ.
/// </summary>
internal sealed unsafe class LeastViolation
{
    private const double Ridge = 1e-4;
    private const int StepLimit = 200;
    private const double Resting = 1e-13;
    private readonly int _rows;
    private readonly int _dimension;
    private readonly int[] _used;
    private readonly double[] _norm;
    private readonly DualActiveSet _core;

    public LeastViolation(ConstraintSystem system, double tolerance)
    {
        _rows = system.RowCount;
        _dimension = system.Dimension;
        _norm = new double[_rows];
        int count = 0;
        for (int i = 0; i < _rows; i++)
        {
            _norm[i] = SpanKernels.Norm(system.Row(i));
            count += _norm[i] > 0 ? 1 : 0;
        }

        _used = new int[count];
        var unit = new double[count * _dimension];
        for (int i = 0, k = 0; i < _rows; i++)
        {
            if (_norm[i] == 0)
                continue;
            for (int j = 0; j < _dimension; j++)
                unit[(k * _dimension) + j] = system.Row(i)[j] / _norm[i];
            _used[k++] = i;
        }

        _core = new(unit, _dimension, Ridge, tolerance);
    }

    public DualActiveSetWorkspace CreateWorkspace() => new(_core);

    /// <summary>
    /// Moves the bounds outwards by the least violations, each in the units of its own row, so that the set is not empty any more.
    /// A zero row's bounds are moved to 0. False where the method did not get there.
    /// </summary>
    public bool Relax(ReadOnlySpan<double> y, Span<double> lower, Span<double> upper, DualActiveSetWorkspace w)
    {
        var point = new Span<double>(w.Point, _dimension);
        y.CopyTo(point);
        double previous = double.PositiveInfinity;
        for (int step = 0; step < StepLimit; step++)
        {
            Load(lower, upper, w);
            if (_core.Solve(w) != SolverStatus.Solved)
                return false;
            double moved = 0;
            for (int j = 0; j < _dimension; j++)
            {
                moved = Math.Max(moved, Math.Abs(w.Result[j] - point[j]));
                point[j] = w.Result[j];
            }

            // The point rests once A'v = 0, but for the rounding of multipliers that are 1/δ times larger than violations.
            if (moved <= Resting * w.Scale || (moved > 0.5 * previous && moved <= 1000 * Resting * w.Scale))
                break;
            previous = moved;
        }

        for (int i = 0; i < _rows; i++)
        {
            if (_norm[i] == 0)
                (lower[i], upper[i]) = (Math.Min(lower[i], 0), Math.Max(upper[i], 0));
            else if (lower[i] > upper[i])
                lower[i] = upper[i] = 0.5 * (lower[i] + upper[i]);
        }

        for (int j = 0; j < w.Count; j++)
        {
            // At the solution v = δμ.
            int row = _used[w.Active[j]];
            double violation = Ridge * w.Multiplier[j] * _norm[row];
            bool equality = lower[row] == upper[row];
            if (violation > 0 || equality)
                upper[row] += violation;
            if (violation < 0 || equality)
                lower[row] += violation;
        }

        GC.KeepAlive(w);
        return true;
    }

    private void Load(ReadOnlySpan<double> lower, ReadOnlySpan<double> upper, DualActiveSetWorkspace w)
    {
        for (int k = 0; k < _used.Length; k++)
        {
            double norm = _norm[_used[k]];
            double low = lower[_used[k]] / norm;
            double high = upper[_used[k]] / norm;

            // Bounds that contradict each other pull equally from both sides: the middle is where their violations have the least norm.
            w.Lower[k] = low > high ? 0.5 * (low + high) : low;
            w.Upper[k] = low > high ? 0.5 * (low + high) : high;
        }

        for (int k = _used.Length; k < _core.PaddedRows; k++)
            (w.Lower[k], w.Upper[k]) = (double.NegativeInfinity, double.PositiveInfinity);
    }
}
