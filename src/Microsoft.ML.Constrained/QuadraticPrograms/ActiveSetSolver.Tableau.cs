using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <content>The dual method for few rows, on a tableau.</content>
internal sealed unsafe partial class ActiveSetSolver<TLane, TVector>
{
    /// <summary>Whether pivots on the whole tableau cost less than factorisations of the active part.</summary>
    private bool HasSmallTableau => _rows <= 128 || (_n <= 32 && _rows <= 256);

    /// <summary>
    /// As <see cref="DualMethod"/>, from no active row. The tableau is R after principal pivots on the active rows: entry (i, j) is
    /// what one unit of the non-basic j adds to the basic i; it is symmetric but for the sign between the two kinds of rows.
    /// </summary>
    private SolverStatus TableauMethod(ref int iterations)
    {
        long length = (long)_paddedRows * _paddedRows;
        double* tableau = _tableauMemory.Ensure(length);
        Buffer.MemoryCopy(_factor.Gram, tableau, 8 * length, 8 * length);
        new Span<byte>(_active, _rows).Clear();
        new Span<double>(_y, _paddedRows).Clear();
        Buffer.MemoryCopy(_c, _s, 8L * _paddedRows, 8L * _paddedRows);
        int allowed = (10 * _rows) + 50, steps = allowed;
        SolverStatus status = SolverStatus.Solved;
        for (int i = 0; i < _p && status == SolverStatus.Solved; i++)
            status = EnterRow(tableau, i, ref steps);
        int row;
        while (status == SolverStatus.Solved && (row = MostViolated()) >= 0)
            status = EnterRow(tableau, row, ref steps);
        iterations += allowed - steps;
        if (status != SolverStatus.Solved)
            return status;
        SolveMultipliers();
        Slacks();
        return SolverStatus.Solved;
    }

    private SolverStatus EnterRow(double* tableau, int row, ref int steps)
    {
        double* direction = _right;
        double* entering = tableau + ((long)row * _paddedRows);
        while (true)
        {
            if (--steps < 0)
                return SolverStatus.NumericalError;
            double sign = row < _p && _s[row] > 0 ? -1 : 1;
            for (int i = 0; i < _rows; i++)
                direction[i] = _active[i] != 0 ? -sign * entering[i] : sign * entering[i];
            double pivot = entering[row];
            bool independent = pivot > DependentRow * _root[row] * _root[row];
            if (!independent && row < _p && Math.Abs(_s[row]) <= 1e4 * Margin(row, DualNorm()))
                return SolverStatus.Solved;
            int leaving = Leaving(direction, independent ? Math.Abs(_s[row]) / pivot : double.PositiveInfinity, out double step);
            if (double.IsInfinity(step))
            {
                for (int i = 0; i < _rows; i++)
                    _y[i] = _active[i] != 0 ? direction[i] : 0;
                _y[row] = sign;
                return SolverStatus.PrimalInfeasible;
            }

            for (int i = 0; i < _rows; i++)
                (_active[i] != 0 ? ref _y[i] : ref _s[i]) += step * direction[i];
            _y[row] += sign * step;
            int changing = leaving < 0 ? row : leaving;
            Pivot(tableau, changing);
            _active[changing] ^= 1;
            _s[changing] = 0;
            if (leaving < 0)
                return SolverStatus.Solved;
            _y[leaving] = 0;
        }
    }

    /// <summary>The active inequality whose multiplier reaches zero before the full step does, or −1.</summary>
    private int Leaving(double* direction, double full, out double step)
    {
        int leaving = -1;
        step = full;
        double largest = 0;
        for (int i = _p; i < _rows; i++)
            largest = _active[i] != 0 ? Math.Max(largest, Math.Abs(direction[i]) * _root[i]) : largest;
        for (int i = _p; i < _rows; i++)
        {
            if (_active[i] == 0 || !(direction[i] * _root[i] < -1e-12 * largest))
                continue;
            double ratio = Math.Max(_y[i], 0) / -direction[i];
            if (ratio < step)
            {
                step = ratio;
                leaving = i;
            }
        }

        return leaving;
    }

    /// <summary>The principal pivot on one row and column.</summary>
    private void Pivot(double* tableau, int at)
    {
        int stride = _paddedRows;
        double* row = tableau + ((long)at * stride);
        double inverse = 1 / row[at];
        for (int i = 0; i < _rows; i++)
        {
            if (i == at)
                continue;
            double* target = tableau + ((long)i * stride);
            double factor = target[at] * inverse;
            if (factor == 0)
                continue;
            DenseKernels<TLane, TVector>.AddScaled(-factor, row, target, stride);
            target[at] = factor;
        }

        for (int j = 0; j < _rows; j++)
            row[j] *= -inverse;
        row[at] = inverse;
    }
}
