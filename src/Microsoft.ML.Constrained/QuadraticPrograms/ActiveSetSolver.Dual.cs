using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <content>The dual method, and certificates of infeasibility.</content>
internal sealed unsafe partial class ActiveSetSolver<TLane, TVector>
{
    /// <summary>
    /// Adds the row that is violated most, dropping rows whose multiplier would turn negative on the way. The tableau is R after
    /// principal pivots on the active rows: entry (i, j) is what one unit of the non-basic j adds to the basic i.
    /// </summary>
    private SolverStatus DualMethod(ref int iterations)
    {
        long length = (long)_paddedRows * _paddedRows;
        double* tableau = _tableauMemory.Ensure(length);
        Buffer.MemoryCopy(_factor.Gram, tableau, 8 * length, 8 * length);
        new Span<byte>(_active, _rows).Clear();
        new Span<double>(_y, _paddedRows).Clear();
        Buffer.MemoryCopy(_c, _s, 8L * _paddedRows, 8L * _paddedRows);
        int steps = (10 * _rows) + 50;
        int allowed = steps;
        SolverStatus status = SolverStatus.Solved;
        for (int i = 0; i < _p && status == SolverStatus.Solved; i++)
            status = AddRow(tableau, i, ref steps);
        int row;
        while (status == SolverStatus.Solved && (row = MostViolated()) >= 0)
            status = AddRow(tableau, row, ref steps);
        iterations += allowed - steps;
        if (status != SolverStatus.Solved)
            return status;
        CollectActive();
        SolveMultipliers();
        Slacks();
        return SolverStatus.Solved;
    }

    private double DualNorm()
    {
        double sum = 0;
        for (int i = 0; i < _rows; i++)
            sum -= _y[i] * _c[i];
        return Math.Sqrt(Math.Max(sum, 0));
    }

    private int MostViolated()
    {
        int worst = -1;
        double most = 0, norm = DualNorm();
        for (int i = _p; i < _rows; i++)
        {
            if (_active[i] != 0 || !(_s[i] < -1e-11 * (Math.Abs(_c[i]) + (_root[i] * norm))))
                continue;
            double measure = _s[i] * _s[i] / Math.Max(_root[i] * _root[i], 1e-200);
            if (measure > most)
            {
                most = measure;
                worst = i;
            }
        }

        return worst;
    }

    private SolverStatus AddRow(double* tableau, int row, ref int steps)
    {
        double* direction = _workRows;
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
            double full = independent ? Math.Abs(_s[row]) / pivot : double.PositiveInfinity;
            int blocking = Blocking(direction, full, out double step);
            if (!independent && Math.Abs(_s[row]) <= 1e-9 * (Math.Abs(_c[row]) + (_root[row] * DualNorm())) && (row < _p || blocking < 0))
                return SolverStatus.Solved;
            if (double.IsInfinity(step))
            {
                Certify(row, sign, direction);
                return SolverStatus.PrimalInfeasible;
            }

            for (int i = 0; i < _rows; i++)
            {
                if (_active[i] != 0)
                    _y[i] += step * direction[i];
                else
                    _s[i] += step * direction[i];
            }

            _y[row] += sign * step;
            int leaving = blocking >= 0 ? blocking : row;
            Pivot(tableau, leaving);
            _active[leaving] ^= 1;
            (blocking >= 0 ? _y : _s)[leaving] = 0;
            if (blocking >= 0)
                _s[leaving] = 0;
            if (blocking < 0)
                return SolverStatus.Solved;
        }
    }

    /// <summary>The active inequality whose multiplier reaches zero before the full step does, or −1.</summary>
    private int Blocking(double* direction, double full, out double step)
    {
        int blocking = -1;
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
                blocking = i;
            }
        }

        return blocking;
    }

    /// <summary>The principal pivot on one row and column.</summary>
    private void Pivot(double* tableau, int at)
    {
        int stride = _paddedRows;
        double* row = tableau + ((long)at * stride);
        double inverse = 1 / row[at];
        double* column = _cz;
        for (int i = 0; i < _rows; i++)
            column[i] = tableau[((long)i * stride) + at] * inverse;
        for (int i = 0; i < _rows; i++)
        {
            if (i == at || column[i] == 0)
                continue;
            double* target = tableau + ((long)i * stride);
            DenseKernels<TLane, TVector>.AddScaled(-column[i], row, target, stride);
            target[at] = column[i];
        }

        for (int j = 0; j < _rows; j++)
            row[j] *= -inverse;
        row[at] = inverse;
    }

    /// <summary>y: the direction along which the dual objective rises for ever.</summary>
    private void Certify(int row, double sign, double* direction)
    {
        for (int i = 0; i < _rows; i++)
            _y[i] = _active[i] != 0 ? direction[i] : 0;
        _y[row] = sign;
    }

    /// <summary>Cᵀy = 0, dᵀy &lt; 0 and y ≥ 0 on the inequalities, in the problem's own data; scales y so that dᵀy = −1.</summary>
    private bool VerifyCertificate()
    {
        double value = 0, size = 0;
        for (int i = 0; i < _rows; i++)
        {
            if (i >= _p)
                _y[i] = Math.Max(_y[i], 0);
            value += _d[i] * _y[i];
            size += Math.Abs(_d[i] * _y[i]);
        }

        if (!(value < -1e-9 * size) || !double.IsFinite(size))
            return false;
        for (int i = 0; i < _rows; i++)
            _y[i] /= -value;
        TransposedTimes(_y, _cty);
        double* terms = _qz;
        new Span<double>(terms, _n).Clear();
        for (int i = 0; i < _rows; i++)
        {
            double* c = Row(i);
            for (int j = 0; _y[i] != 0 && j < _n; j++)
                terms[j] = Math.Max(terms[j], Math.Abs(_y[i] * c[j]));
        }

        for (int j = 0; j < _n; j++)
        {
            if (!(Math.Abs(_cty[j]) <= 1e-9 * Math.Max(terms[j], 1e-9)))
                return false;
        }

        return true;
    }
}
