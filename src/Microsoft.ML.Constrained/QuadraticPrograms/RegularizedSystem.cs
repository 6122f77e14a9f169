using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// Solves <c>[Q C_Fᵀ; C_F 0]·(dz, dy) = (r, t)</c> on the active rows F where Q may be singular and the rows may depend on one
/// another. The matrix gets ρ on the diagonal of Q and −1/wᵢ below, which makes <c>Q + ρI + C_FᵀWC_F</c> positive definite;
/// iterative refinement takes the regularisation out again. Where the right-hand side has a part that no solution reaches
/// (a multiplier that is not unique, say), that part is filtered off, so that the result stays bounded.
/// </summary>
internal sealed unsafe class RegularizedSystem<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    private const double Regularization = 1e-8;

    private readonly int _n, _m, _p, _rows, _paddedN, _paddedRows;
    private readonly PinnedBuffer _memory = new();
    private readonly PinnedBuffer _work = new();
    private readonly int[] _index;
    private readonly double* _triangle, _inverses, _columns;
    private readonly double* _weight, _r, _t, _dz, _dy, _rest, _restRows, _bestZ, _bestY;
    private ProblemData _data;
    private int _count;

    public RegularizedSystem(int variables, int inequalities, int equalities)
    {
        _n = variables;
        _m = inequalities;
        _p = equalities;
        _rows = inequalities + equalities;
        _paddedN = PanelKernels<TLane, TVector>.Padded(_n);
        _paddedRows = PanelKernels<TLane, TVector>.Padded(_rows) + 8;
        int triangle = PanelCholesky<TLane, TVector>.TriangleLength(_n);
        int inverses = PanelCholesky<TLane, TVector>.InverseLength(_n);
        _triangle = _memory.Ensure((long)triangle + inverses + ((long)_paddedN * _paddedRows));
        _inverses = _triangle + triangle;
        _columns = _inverses + inverses;
        double* next = _work.Ensure((4L * _paddedN) + (5L * _paddedRows));
        _index = new int[_paddedRows];
        _r = next;
        _dz = _r + _paddedN;
        _rest = _dz + _paddedN;
        _bestZ = _rest + _paddedN;
        _weight = _bestZ + _paddedN;
        _t = _weight + _paddedRows;
        _dy = _t + _paddedRows;
        _restRows = _dy + _paddedRows;
        _bestY = _restRows + _paddedRows;
    }

    /// <summary>Factors for one problem and its active rows.</summary>
    public void Factor(in ProblemData data, ReadOnlySpan<byte> active)
    {
        _data = data;
        double scale = 0;
        for (int i = 0; i < _n; i++)
            scale = Math.Max(scale, Math.Abs(data.Q[((long)i * _n) + i]));
        if (!(scale > 0))
            scale = 1;
        _count = 0;
        for (int i = 0; i < _rows; i++)
        {
            double length = DenseKernels<TLane, TVector>.Dot(Row(i), Row(i), _n);
            if (active[i] == 0 || !(length > 0))
                continue;
            _index[_count] = i;
            _weight[_count++] = scale / (Regularization * length);
        }

        PanelPacking<TLane, TVector>.PackSymmetric(data.Q, _n, scale * Regularization, _triangle);
        AddRows();
        PanelCholesky<TLane, TVector>.Factor(_triangle, _inverses, _n, 0, stopWhenDropped: false);
    }

    /// <summary>Solves; all vectors over rows have one element for each row, equalities first.</summary>
    /// <returns>Whether everything came out finite.</returns>
    public bool Solve(double* r, double* t, double* dz, double* dy)
    {
        Buffer.MemoryCopy(r, _r, 8L * _n, 8L * _n);
        for (int k = 0; k < _count; k++)
            _t[k] = t[_index[k]];
        double size = Size(_r, _t);
        Clear(_dz, _dy);
        Correct(_r, _t);
        double left = Rest();
        if (left > 1e-5 * size)
        {
            // Part of the right-hand side is out of reach: go on with the part that was reached.
            for (int i = 0; i < _n; i++)
                _r[i] -= _rest[i];
            for (int k = 0; k < _count; k++)
                _t[k] -= _restRows[k];
            Clear(_dz, _dy);
            Correct(_r, _t);
            left = Rest();
        }

        for (int round = 0; round < 12 && left > 1e-15 * size; round++)
        {
            Buffer.MemoryCopy(_dz, _bestZ, 8L * _n, 8L * _n);
            Buffer.MemoryCopy(_dy, _bestY, 8L * _count, 8L * _count);
            Correct(_rest, _restRows);
            double now = Rest();
            if (now < left)
            {
                bool slow = now > 0.5 * left;
                left = now;
                if (slow)
                    break;
                continue;
            }

            Buffer.MemoryCopy(_bestZ, _dz, 8L * _n, 8L * _n);
            Buffer.MemoryCopy(_bestY, _dy, 8L * _count, 8L * _count);
            break;
        }

        Buffer.MemoryCopy(_dz, dz, 8L * _n, 8L * _n);
        new Span<double>(dy, _rows).Clear();
        for (int k = 0; k < _count; k++)
            dy[_index[k]] = _dy[k];
        return DenseKernels<TLane, TVector>.AllFinite(_dz, _n) && DenseKernels<TLane, TVector>.AllFinite(_dy, _count);
    }

    /// <summary>Adds the regularised solution for the given right-hand side to (dz, dy).</summary>
    private void Correct(double* r, double* t)
    {
        double* x = stackalloc double[_paddedN];
        new Span<double>(x, _paddedN).Clear();
        Buffer.MemoryCopy(r, x, 8L * _n, 8L * _n);
        for (int k = 0; k < _count; k++)
            DenseKernels<TLane, TVector>.AddScaled(_weight[k] * t[k], Row(_index[k]), x, _n);
        PanelCholesky<TLane, TVector>.Forward(_triangle, _inverses, _n, x);
        PanelCholesky<TLane, TVector>.Backward(_triangle, _inverses, _n, x);
        for (int i = 0; i < _n; i++)
            _dz[i] += x[i];
        for (int k = 0; k < _count; k++)
            _dy[k] += _weight[k] * (DenseKernels<TLane, TVector>.Dot(Row(_index[k]), x, _n) - t[k]);
    }

    /// <summary>What is left of the unregularised system.</summary>
    private double Rest()
    {
        DenseKernels<TLane, TVector>.MultiplySymmetric(_data.Q, _n, _dz, _rest);
        for (int k = 0; k < _count; k++)
        {
            DenseKernels<TLane, TVector>.AddScaled(_dy[k], Row(_index[k]), _rest, _n);
            _restRows[k] = _t[k] - DenseKernels<TLane, TVector>.Dot(Row(_index[k]), _dz, _n);
        }

        for (int i = 0; i < _n; i++)
            _rest[i] = _r[i] - _rest[i];
        return Size(_rest, _restRows);
    }

    private double Size(double* r, double* t) =>
        Math.Max(DenseKernels<TLane, TVector>.MaxAbs(r, _n), DenseKernels<TLane, TVector>.MaxAbs(t, _count));

    private void Clear(double* dz, double* dy)
    {
        new Span<double>(dz, _n).Clear();
        new Span<double>(dy, _count).Clear();
    }

    /// <summary>Adds C_FᵀWC_F to the triangle; C_Fᵀ is packed as rows, which needs no transposition.</summary>
    private void AddRows()
    {
        if (_count == 0)
            return;
        int mr = PanelKernels<TLane, TVector>.Rows;
        int panels = _paddedN / mr;
        double* tile = stackalloc double[mr * mr];
        for (int panel = 0; panel < panels; panel++)
        {
            double* target = _columns + ((long)panel * mr * _paddedRows);
            int rows = Math.Min(mr, _n - (panel * mr));
            for (int k = 0; k < _count; k++, target += mr)
            {
                double root = Math.Sqrt(_weight[k]);
                double* source = Row(_index[k]) + (panel * mr);
                for (int i = 0; i < mr; i++)
                    target[i] = i < rows ? root * source[i] : 0;
            }

            for (int other = 0; other <= panel; other++)
            {
                PanelKernels<TLane, TVector>.MultiplySquare(
                    _count, _columns + ((long)panel * mr * _paddedRows), _columns + ((long)other * mr * _paddedRows), tile, mr, subtract: false);
                double* sum = _triangle + PanelCholesky<TLane, TVector>.PanelOffset(panel) + (other * mr * mr);
                for (int v = 0; v < mr * mr; v += TLane.Width)
                    TLane.Store(sum + v, TLane.Add(TLane.Load(sum + v), TLane.Load(tile + v)));
            }
        }
    }

    private double* Row(int row) => row < _p ? _data.A + ((long)row * _n) : _data.G + ((long)(row - _p) * _n);
}
