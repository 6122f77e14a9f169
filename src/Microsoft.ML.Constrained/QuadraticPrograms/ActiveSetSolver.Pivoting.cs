using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <content>Block principal pivoting.</content>
internal sealed unsafe partial class ActiveSetSolver<TLane, TVector>
{
    private const int BlockPivotLimit = 40;

    /// <summary>Tries in a row without fewer rows on the wrong side before the dual method takes over.</summary>
    private const int Patience = 3;

    private bool BlockPivot(ref int iterations)
    {
        for (int i = 0; i < _p; i++)
            _active[i] = 1;
        int best = int.MaxValue, patience = Patience;
        for (int round = 0; round < BlockPivotLimit; round++)
        {
            iterations++;
            CollectActive();
            if (_count > _n)
                return false;
            SolveMultipliers();
            Slacks();
            int wrong = CountWrong(exchange: false);
            if (wrong == 0)
                return true;
            if (wrong < 0)
                return false;
            if (wrong < best)
            {
                best = wrong;
                patience = Patience;
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
    private void SolveMultipliers()
    {
        GatherActive();
        PanelCholesky<TLane, TVector>.Factor(_activeTriangle, _activeInverses, _count, DependentRow, stopWhenDropped: false);
        for (int k = 0; k < _count; k++)
            _right[k] = -_c[_index[k]];
        SolveActiveGram(_right);
        new Span<double>(_y, _paddedRows).Clear();
        for (int k = 0; k < _count; k++)
            _y[_index[k]] = _right[k];
    }

    /// <summary>s = c + Ry.</summary>
    private void Slacks()
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
