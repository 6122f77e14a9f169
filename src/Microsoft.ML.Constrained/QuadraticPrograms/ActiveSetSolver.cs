using System;
using System.Runtime.InteropServices;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// One strictly convex quadratic program at a time, by its dual. With C = [A; G], d = [b; h] and y = [ν; λ],
/// <code>
/// z = −Q⁻¹(p + Cᵀy),   slack s = d − Cz = c + Ry,   R = CQ⁻¹Cᵀ,   c = d + CQ⁻¹p,
/// </code>
/// so that optimality is a linear complementarity problem: y ≥ 0, s ≥ 0, yᵀs = 0 on the inequalities, s = 0 on the equalities.
/// R is formed once; then whole blocks of rows change sides until none is on the wrong one (block principal pivoting: Kunisch and
/// Rendl 2003; Júdice and Pires 1994), each try being one Cholesky factorisation of the active part of R. Where that does not settle
/// (more rows than variables, degenerate rows), the dual method of Goldfarb and Idnani (1983) runs on the same R: it is finite, and
/// finds out infeasibility with a certificate. The last factorisation is what the adjoint needs.
/// A workspace for one shape; not safe for several threads at once.
/// </summary>
internal sealed unsafe partial class ActiveSetSolver<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    /// <summary>A pivot of Q below this share of its diagonal element is left to the interior-point method.</summary>
    private const double SmallestPivot = 1e-12;

    /// <summary>A row of R whose pivot falls below this share depends on the rows before it.</summary>
    private const double DependentRow = 1e-11;

    /// <summary>How far on the wrong side a multiplier or slack may be, relative to the terms it is made of.</summary>
    private const double SignTolerance = 1e-12;

    /// <summary>Residuals at or below this are left as they are.</summary>
    private const double RefineAbove = 1e-12;

    private readonly int _n, _m, _p, _rows, _paddedN, _paddedRows;
    private readonly PinnedBuffer _memory = new();
    private readonly PinnedBuffer _tableauMemory = new();
    private readonly double* _u, _z, _qz, _cty, _rz, _workN;
    private readonly double* _c, _d, _y, _s, _root, _cz, _right;
    private readonly int* _index;
    private readonly int[] _indexMemory;
    private ProblemData _data;
    private MatrixFactor _factor;
    private double* _activeTriangle;
    private double* _activeInverses;
    private byte* _active;
    private int _count;
    private bool _warm;

    public ActiveSetSolver(int variables, int inequalities, int equalities)
    {
        _n = variables;
        _m = inequalities;
        _p = equalities;
        _rows = inequalities + equalities;
        _paddedN = PanelKernels<TLane, TVector>.Padded(variables);
        _paddedRows = PanelKernels<TLane, TVector>.Padded(_rows);
        int n = Align(_paddedN), r = Align(_paddedRows);
        double* next = _memory.Ensure((6L * n) + (8L * r));
        _u = Take(ref next, n);
        _z = Take(ref next, n);
        _qz = Take(ref next, n);
        _cty = Take(ref next, n);
        _rz = Take(ref next, n);
        _workN = Take(ref next, n);
        _c = Take(ref next, r);
        _d = Take(ref next, r);
        _y = Take(ref next, r);
        _s = Take(ref next, r);
        _root = Take(ref next, r);
        _cz = Take(ref next, r);
        _right = Take(ref next, r);
        _indexMemory = GC.AllocateArray<int>(Math.Max(1, _paddedRows), pinned: true);
        _index = (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_indexMemory, 0);
    }

    /// <summary>The solution after <see cref="Solve"/>.</summary>
    public double* Z => _z;

    /// <summary>[ν; λ] after <see cref="Solve"/>; the certificate's direction after <see cref="SolverStatus.PrimalInfeasible"/>.</summary>
    public double* Multipliers => _y;

    /// <summary>The measures of the last <see cref="Solve"/>.</summary>
    public ProblemMeasures Measures { get; private set; }

    /// <summary>Doubles in <see cref="MatrixFactor.Triangle"/>, rounded up to whole cache lines; likewise below.</summary>
    public int TriangleLength => Align(PanelCholesky<TLane, TVector>.TriangleLength(_n));

    public int InversesLength => Align(PanelCholesky<TLane, TVector>.InverseLength(_n));

    public int RowsLength => Align(_paddedRows * _paddedN);

    public int GramLength => Align(_paddedRows * _paddedRows);

    /// <summary>Doubles for the factor of the active part of R.</summary>
    public int ActiveTriangleLength => Align(PanelCholesky<TLane, TVector>.TriangleLength(_rows));

    public int ActiveInversesLength => Align(PanelCholesky<TLane, TVector>.InverseLength(_rows));

    /// <summary>Works out what depends on the matrices alone.</summary>
    /// <returns>False where Q is not safely positive definite.</returns>
    public bool Factor(double* q, double* g, double* a, in MatrixFactor factor)
    {
        PanelPacking<TLane, TVector>.PackSymmetric(q, _n, 0, factor.Triangle);
        if (PanelCholesky<TLane, TVector>.Factor(factor.Triangle, factor.Inverses, _n, SmallestPivot, stopWhenDropped: true) != 0)
            return false;
        if (_rows == 0)
            return true;
        int panelRows = PanelKernels<TLane, TVector>.Rows;
        int panels = _paddedRows / panelRows;
        int stride = panelRows * _paddedN;
        if (_paddedRows != _rows)
            new Span<double>(factor.Rows + ((panels - 1) * stride), stride).Clear();
        for (int i = 0; i < panels && _paddedN != _n; i++)
            new Span<double>(factor.Rows + (i * stride) + (panelRows * _n), panelRows * (_paddedN - _n)).Clear();
        PanelPacking<TLane, TVector>.PackRows(a, _p, _n, factor.Rows, 0);
        PanelPacking<TLane, TVector>.PackRows(g, _m, _n, factor.Rows, _p);
        PanelCholesky<TLane, TVector>.SolveRows(factor.Triangle, factor.Inverses, _n, factor.Rows, _rows);
        PanelCholesky<TLane, TVector>.Gram(factor.Rows, _rows, _n, factor.Gram);
        return true;
    }

    /// <summary>Solves one problem with a factor of its matrices.</summary>
    /// <param name="data">The problem.</param>
    /// <param name="factor">Of the problem's matrices.</param>
    /// <param name="activeTriangle">Receives the factor of the active part of R.</param>
    /// <param name="activeInverses">Receives its inverted diagonal blocks.</param>
    /// <param name="active">One flag for each row, equalities first: on entry a guess or none, on return the active set.</param>
    /// <param name="warm">Whether there is a guess.</param>
    /// <param name="tolerance">Of the scaled residuals.</param>
    /// <returns>Solved, PrimalInfeasible with a verified certificate, or NumericalError where another method is needed.</returns>
    public SolverStatus Solve(
        in ProblemData data, in MatrixFactor factor, double* activeTriangle, double* activeInverses, byte* active, bool warm, double tolerance)
    {
        Attach(data, factor, activeTriangle, activeInverses, active);
        Measures = default;
        _warm = warm;
        if (!Prepare())
            return SolverStatus.NumericalError;
        int iterations = 0;
        if (!BlockPivot(ref iterations))
        {
            SolverStatus status = HasSmallTableau ? TableauMethod(ref iterations) : DualMethod(ref iterations);
            if (status == SolverStatus.PrimalInfeasible)
            {
                Measures = new ProblemMeasures { Iterations = iterations };
                return VerifyCertificate() ? status : SolverStatus.NumericalError;
            }

            if (status != SolverStatus.Solved)
                return status;
        }

        return Finish(iterations, tolerance);
    }

    private void Attach(in ProblemData data, in MatrixFactor factor, double* activeTriangle, double* activeInverses, byte* active)
    {
        _data = data;
        _factor = factor;
        _activeTriangle = activeTriangle;
        _activeInverses = activeInverses;
        _active = active;
    }

    /// <summary>c, d and the lengths of the rows of W.</summary>
    private bool Prepare()
    {
        CopyPadded(_data.P, _n, _u, _paddedN);
        PanelCholesky<TLane, TVector>.Forward(_factor.Triangle, _factor.Inverses, _n, _u);
        CopyPadded(_data.B, _p, _d, _paddedRows);
        Buffer.MemoryCopy(_data.H, _d + _p, 8L * _m, 8L * _m);
        int panelRows = PanelKernels<TLane, TVector>.Rows;
        for (int i = 0; i < _paddedRows; i += panelRows)
            PanelCholesky<TLane, TVector>.TimesColumns(_factor.Rows + (i * _paddedN), _n, _u, _c + i);
        for (int i = 0; i < _paddedRows; i++)
        {
            _c[i] += _d[i];
            _root[i] = Math.Sqrt(_factor.Gram[((long)i * _paddedRows) + i]);
        }

        return DenseKernels<TLane, TVector>.AllFinite(_c, _rows) && DenseKernels<TLane, TVector>.AllFinite(_u, _n)
            && DenseKernels<TLane, TVector>.AllFinite(_root, _rows);
    }

    /// <summary>z from the multipliers, the residuals in the problem's own data, and a correction where they are not at rounding level.</summary>
    private SolverStatus Finish(int iterations, double tolerance)
    {
        for (int i = _p; i < _rows; i++)
            _y[i] = Math.Max(_y[i], 0);
        TransposedTimes(_y, _cty);
        for (int i = 0; i < _n; i++)
            _z[i] = -_data.P[i] - _cty[i];
        SolveQ(_z);
        ProblemMeasures best = Residuals();
        for (int round = 0; round < 3 && best.Worst > RefineAbove; round++)
        {
            if (!Refine(ref best))
                break;
        }

        best.Iterations = iterations;
        Measures = best;
        return best.Worst <= tolerance ? SolverStatus.Solved : SolverStatus.NumericalError;
    }

    /// <summary>One Newton step on the active rows; undone where it does not help.</summary>
    private bool Refine(ref ProblemMeasures best)
    {
        for (int i = 0; i < _n; i++)
            _rz[i] = _qz[i] + _data.P[i] + _cty[i];
        for (int k = 0; k < _count; k++)
            _right[k] = _cz[_index[k]] - _d[_index[k]];
        SolveActiveSystem(_rz, _right);
        for (int k = 0; k < _count; k++)
            _y[_index[k]] += _right[k];
        for (int i = 0; i < _n; i++)
            _z[i] += _rz[i];
        for (int i = _p; i < _rows; i++)
        {
            // The step may take a multiplier at zero a little below it.
            if (_y[i] < 0)
                _y[i] = 0;
        }

        TransposedTimes(_y, _cty);
        ProblemMeasures now = Residuals();
        bool better = now.Worst < 0.5 * best.Worst;
        if (now.Worst > best.Worst)
        {
            for (int k = 0; k < _count; k++)
                _y[_index[k]] = Math.Max(_y[_index[k]] - _right[k], _index[k] < _p ? double.NegativeInfinity : 0);
            for (int i = 0; i < _n; i++)
                _z[i] -= _rz[i];
            TransposedTimes(_y, _cty);
            now = Residuals();
        }

        best = now;
        return better;
    }

    private ProblemMeasures Residuals()
    {
        DenseKernels<TLane, TVector>.MultiplySymmetric(_data.Q, _n, _z, _qz);
        DenseKernels<TLane, TVector>.Multiply(_data.A, _p, _n, _z, _cz);
        DenseKernels<TLane, TVector>.Multiply(_data.G, _m, _n, _z, _cz + _p);
        return ProblemMeasures.Of(_n, _p, _rows, _z, _y, _data.P, _d, _qz, _cz, _cty);
    }

    /// <summary>result = Cᵀy.</summary>
    private void TransposedTimes(double* y, double* result)
    {
        new Span<double>(result, _paddedN).Clear();
        DenseKernels<TLane, TVector>.AddTransposed(_data.A, _p, _n, y, result);
        DenseKernels<TLane, TVector>.AddTransposed(_data.G, _m, _n, y + _p, result);
    }

    /// <summary>x = Q⁻¹x in place.</summary>
    private void SolveQ(double* x)
    {
        for (int i = _n; i < _paddedN; i++)
            x[i] = 0;
        PanelCholesky<TLane, TVector>.Forward(_factor.Triangle, _factor.Inverses, _n, x);
        PanelCholesky<TLane, TVector>.Backward(_factor.Triangle, _factor.Inverses, _n, x);
    }

    private double* Row(int row) => row < _p ? _data.A + ((long)row * _n) : _data.G + ((long)(row - _p) * _n);

    private static void CopyPadded(double* source, int count, double* target, int padded)
    {
        Buffer.MemoryCopy(source, target, 8L * padded, 8L * count);
        new Span<double>(target + count, padded - count).Clear();
    }

    private static double* Take(ref double* next, int length)
    {
        double* taken = next;
        next += length;
        return taken;
    }

    private static int Align(int length) => (length + 7) & ~7;
}
