using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <content>The dual method, and certificates of infeasibility.</content>
internal sealed unsafe partial class ActiveSetSolver<TLane, TVector>
{
    /// <summary>
    /// From a dual feasible set of active rows, adds the row that is violated most, dropping rows whose multiplier would turn negative
    /// on the way. The active part of R is factored anew at every change: with packed tiles that costs less than keeping it up to date.
    /// </summary>
    private SolverStatus DualMethod(ref int iterations)
    {
        int steps = (10 * _rows) + 50;
        if (!MakeDualFeasible(ref iterations))
            return SolverStatus.NumericalError;
        for (int i = 0; i < _p; i++)
        {
            // An equality that depends on others has no multiplier of its own: it must hold by itself.
            if (Math.Abs(_s[i]) > 1e4 * Margin(i, DualNorm()))
                return Contradicts(i) ? SolverStatus.PrimalInfeasible : SolverStatus.NumericalError;
        }

        int row;
        while ((row = MostViolated()) >= 0)
        {
            SolverStatus status = AddRow(row, ref steps, ref iterations);
            if (status != SolverStatus.Solved)
                return status;
        }

        return SolverStatus.Solved;
    }

    /// <summary>Drops rows with negative multipliers until none is left.</summary>
    private bool MakeDualFeasible(ref int iterations)
    {
        for (int round = 0; round <= _rows; round++)
        {
            iterations++;
            SolveMultipliers();
            double norm = SignTolerance * DualNorm();
            bool changed = false;
            for (int i = _p; i < _rows; i++)
            {
                // A row that depends on those before it has no multiplier either.
                if (_active[i] == 0 || _y[i] * _root[i] > 1e-3 * norm)
                    continue;
                _active[i] = 0;
                changed = true;
            }

            if (changed)
                continue;
            Slacks();
            return true;
        }

        return false;
    }

    private double DualNorm()
    {
        double sum = 0;
        for (int i = 0; i < _rows; i++)
            sum -= _y[i] * _c[i];
        return Math.Sqrt(Math.Max(sum, 0));
    }

    /// <summary>Rounding in the slack of a row.</summary>
    private double Margin(int row, double norm) => SignTolerance * (Math.Abs(_c[row]) + (_root[row] * norm));

    private int MostViolated()
    {
        int worst = -1;
        double most = 0, norm = DualNorm();
        for (int i = _p; i < _rows; i++)
        {
            if (_active[i] != 0 || !(_s[i] < -10 * Margin(i, norm)))
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

    /// <summary>Raises the multiplier of a violated row until the row holds; rows whose multiplier reaches zero first are dropped.</summary>
    private SolverStatus AddRow(int row, ref int steps, ref int iterations)
    {
        while (true)
        {
            if (--steps < 0)
                return SolverStatus.NumericalError;
            double pivot = Direction(row);
            bool independent = pivot > DependentRow * _root[row] * _root[row] && _count < _n;
            double full = independent ? -_s[row] / pivot : double.PositiveInfinity;
            int blocking = Blocking(full, out double step);
            if (blocking < 0 && !independent)
            {
                Certify(row);
                return SolverStatus.PrimalInfeasible;
            }

            if (blocking < 0)
            {
                _active[row] = 1;
                iterations++;
                SolveMultipliers();
                ClampActive();
                Slacks();
                return SolverStatus.Solved;
            }

            for (int k = 0; k < _count; k++)
                _y[_index[k]] += step * _right[k];
            _y[row] += step;
            _y[_index[blocking]] = 0;
            _active[_index[blocking]] = 0;
            _s[row] += step * pivot;
            iterations++;
            CollectActive();
            GatherActive();
            PanelCholesky<TLane, TVector>.Factor(_activeTriangle, _activeInverses, _count, DependentRow, stopWhenDropped: false);
        }
    }

    /// <summary>What one unit of the row's multiplier adds to those of the active rows (in right), and to the row's own slack.</summary>
    private double Direction(int row)
    {
        double* r = _factor.Gram + ((long)row * _paddedRows);
        for (int k = 0; k < _count; k++)
            _right[k] = -r[_index[k]];
        SolveActiveGram(_right);
        double pivot = r[row];
        for (int k = 0; k < _count; k++)
            pivot += r[_index[k]] * _right[k];
        return pivot;
    }

    /// <summary>Which active inequality's multiplier reaches zero before the full step does, by its place among the active rows, or −1.</summary>
    private int Blocking(double full, out double step)
    {
        int blocking = -1;
        step = full;
        double largest = 0;
        for (int k = 0; k < _count; k++)
            largest = Math.Max(largest, Math.Abs(_right[k]) * _root[_index[k]]);
        for (int k = 0; k < _count; k++)
        {
            int i = _index[k];
            if (i < _p || !(_right[k] * _root[i] < -1e-12 * largest))
                continue;
            double ratio = Math.Max(_y[i], 0) / -_right[k];
            if (ratio < step)
            {
                step = ratio;
                blocking = k;
            }
        }

        return blocking;
    }

    /// <summary>The step ends where multipliers are not negative but for rounding.</summary>
    private void ClampActive()
    {
        for (int i = _p; i < _rows; i++)
            _y[i] = Math.Max(_y[i], 0);
    }

    /// <summary>y: the direction along which the dual objective rises for ever.</summary>
    private void Certify(int row)
    {
        new Span<double>(_y, _paddedRows).Clear();
        for (int k = 0; k < _count; k++)
            _y[_index[k]] = _right[k];
        _y[row] = 1;
    }

    /// <summary>Makes y the certificate that an equality contradicts those that it depends on.</summary>
    private bool Contradicts(int row)
    {
        double sign = _s[row] < 0 ? 1 : -1;
        new Span<byte>(_active + _p, _m).Clear();
        _active[row] = 0;
        CollectActive();
        GatherActive();
        PanelCholesky<TLane, TVector>.Factor(_activeTriangle, _activeInverses, _count, DependentRow, stopWhenDropped: false);
        Direction(row);
        new Span<double>(_y, _paddedRows).Clear();
        for (int k = 0; k < _count; k++)
            _y[_index[k]] = sign * _right[k];
        _y[row] = sign;
        return true;
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
        double terms = 0;
        for (int i = 0; i < _rows; i++)
            terms = Math.Max(terms, Math.Abs(_y[i]) * DenseKernels<TLane, TVector>.MaxAbs(Row(i), _n));
        for (int j = 0; j < _n; j++)
        {
            if (!(Math.Abs(_cty[j]) <= 1e-9 * terms))
                return false;
        }

        return true;
    }
}
