using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <content>Block principal pivoting.</content>
internal sealed unsafe partial class ActiveSetSolver<TLane, TVector>
{
    private const int BlockPivotLimit = 40;

    /// <summary>Tries in a row without fewer rows on the wrong side before a stage gives up.</summary>
    private const int Patience = 3, SoftPatience = 6;

    /// <summary>
    /// Shares of R's diagonal that are added to it, one stage after the other: soft rows, of which any number can be active without R
    /// becoming singular. What is active under the last one is close to what is active in truth.
    /// </summary>
    private static ReadOnlySpan<double> Softness => [1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

    private bool BlockPivot(ref int iterations)
    {
        for (int i = 0; i < _p; i++)
            _active[i] = 1;

        // More rows than variables are rarely settled without the soft stages.
        if (_rows <= _n + (_n / 4) || _warm)
        {
            if (Stage(0, Patience, ref iterations))
                return true;
        }

        if (HasSmallTableau)
            return false;
        new Span<byte>(_active + _p, _m).Clear();
        foreach (double softness in Softness)
            Stage(softness, SoftPatience, ref iterations);
        byte* soft = stackalloc byte[_rows];
        Buffer.MemoryCopy(_active, soft, _rows, _rows);
        if (Stage(0, Patience, ref iterations))
            return true;
        Buffer.MemoryCopy(soft, _active, _rows, _rows);
        return false;
    }

    /// <summary>Exchanges blocks of rows until none is on the wrong side.</summary>
    private bool Stage(double softness, int allowed, ref int iterations)
    {
        int best = int.MaxValue, patience = allowed;
        for (int round = 0; round < BlockPivotLimit; round++)
        {
            iterations++;
            SolveMultipliers(softness);
            Slacks(softness);
            int wrong = CountWrong(exchange: false);
            if (wrong == 0)
                return true;
            if (wrong < 0)
                return false;
            if (wrong < best)
            {
                best = wrong;
                patience = allowed;
            }
            else if (--patience < 0)
            {
                return false;
            }

            CountWrong(exchange: true);
        }

        return false;
    }

    /// <summary>The number of inequalities on the wrong side; −1 when an equality that depends on others contradicts them.</summary>
    private int CountWrong(bool exchange)
    {
        double norm = 0;
        for (int k = 0; k < _count; k++)
            norm -= _y[_index[k]] * _c[_index[k]];
        norm = SignTolerance * Math.Sqrt(Math.Max(norm, 0));
        for (int i = 0; i < _p; i++)
        {
            if (Math.Abs(_s[i]) > 1e4 * ((SignTolerance * Math.Abs(_c[i])) + (_root[i] * norm)))
                return -1;
        }

        int wrong = 0;
        for (int i = _p; i < _rows; i++)
        {
            bool bad = _active[i] != 0 && (_y[i] * _root[i] < -norm || _s[i] < -1e3 * ((SignTolerance * Math.Abs(_c[i])) + (_root[i] * norm)));
            bad |= _active[i] == 0 && _s[i] < -((SignTolerance * Math.Abs(_c[i])) + (_root[i] * norm));
            if (bad)
            {
                wrong++;
                if (exchange)
                    _active[i] ^= 1;
            }
        }

        return wrong;
    }

    private void CollectActive()
    {
        int count = 0;
        for (int i = 0; i < _rows; i++)
        {
            _index[count] = i;
            count += _active[i];
        }

        _count = count;
    }

    /// <summary>y on the active rows from R·y = −c there; zero elsewhere.</summary>
    private void SolveMultipliers(double softness = 0)
    {
        CollectActive();
        GatherActive();
        if (softness > 0)
            Soften(softness);
        PanelCholesky<TLane, TVector>.Factor(_activeTriangle, _activeInverses, _count, DependentRow, stopWhenDropped: false);
        for (int k = 0; k < _count; k++)
            _right[k] = -_c[_index[k]];
        SolveActiveGram(_right);
        new Span<double>(_y, _paddedRows).Clear();
        for (int k = 0; k < _count; k++)
            _y[_index[k]] = _right[k];
    }

    /// <summary>s = c + Ry.</summary>
    private void Slacks(double softness = 0)
    {
        Buffer.MemoryCopy(_c, _s, 8L * _paddedRows, 8L * _paddedRows);
        double* r = _factor.Gram;
        int w = TLane.Width, stride = _paddedRows;
        int k = 0;
        for (; k + 4 <= _count; k += 4)
        {
            double* r0 = r + ((long)_index[k] * stride);
            double* r1 = r + ((long)_index[k + 1] * stride);
            double* r2 = r + ((long)_index[k + 2] * stride);
            double* r3 = r + ((long)_index[k + 3] * stride);
            TVector y0 = TLane.Broadcast(_y[_index[k]]), y1 = TLane.Broadcast(_y[_index[k + 1]]);
            TVector y2 = TLane.Broadcast(_y[_index[k + 2]]), y3 = TLane.Broadcast(_y[_index[k + 3]]);
            for (int i = 0; i < stride; i += w)
            {
                TVector sum = TLane.MultiplyAdd(y0, TLane.Load(r0 + i), TLane.Load(_s + i));
                TVector other = TLane.Multiply(y2, TLane.Load(r2 + i));
                sum = TLane.MultiplyAdd(y1, TLane.Load(r1 + i), sum);
                other = TLane.MultiplyAdd(y3, TLane.Load(r3 + i), other);
                TLane.Store(_s + i, TLane.Add(sum, other));
            }
        }

        for (; k < _count; k++)
            DenseKernels<TLane, TVector>.AddScaled(_y[_index[k]], r + ((long)_index[k] * stride), _s, stride);
        for (k = 0; k < _count && softness > 0; k++)
        {
            if (_index[k] >= _p)
                _s[_index[k]] += softness * _root[_index[k]] * _root[_index[k]] * _y[_index[k]];
        }
    }

    /// <summary>Adds to the diagonal of the gathered inequalities.</summary>
    private void Soften(double softness)
    {
        int mr = PanelKernels<TLane, TVector>.Rows;
        for (int k = 0; k < _count; k++)
        {
            if (_index[k] >= _p)
                _activeTriangle[PanelCholesky<TLane, TVector>.PanelOffset(k / mr) + (k * mr) + (k % mr)] *= 1 + softness;
        }
    }

    private void GatherActive()
    {
        int mr = PanelKernels<TLane, TVector>.Rows;
        int panels = PanelKernels<TLane, TVector>.PanelCount(_count);
        for (int panel = 0; panel < panels; panel++)
        {
            int first = panel * mr;
            int rows = Math.Min(mr, _count - first);
            double* target = _activeTriangle + PanelCholesky<TLane, TVector>.PanelOffset(panel);
            int columns = Math.Min(first + mr, _count);
            for (int j = 0; j < columns; j++, target += mr)
            {
                double* source = _factor.Gram + ((long)_index[j] * _paddedRows);
                for (int i = 0; i < rows; i++)
                    target[i] = source[_index[first + i]];
                for (int i = rows; i < mr; i++)
                    target[i] = 0;
            }

            for (int j = columns; j < first + mr; j++, target += mr)
            {
                new Span<double>(target, mr).Clear();
                target[j - first] = 1;
            }
        }
    }
}
