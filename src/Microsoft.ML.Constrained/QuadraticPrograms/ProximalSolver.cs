using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// Problems whose Q is singular, by proximal points (Rockafellar 1976):
/// <code>
/// zₖ₊₁ = argmin ½ zᵀQz + pᵀz + ½ρₖ‖z − zₖ‖²  subject to  Gz ≤ h, Az = b,
/// </code>
/// each of which is strictly convex and solved exactly. For a linear program, and whenever the active rows are settled, a small ρ ends
/// this after a step or two. What is infeasible shows in the first step, with its certificate; what is unbounded shows in the
/// direction zₖ₊₁ − zₖ.
/// </summary>
internal sealed unsafe class ProximalSolver<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    private const int StepLimit = 16;
    private const double FirstShare = 1e-2, LastShare = 1e-8;

    private readonly int _n, _rows;
    private readonly ActiveSetSolver<TLane, TVector> _solver;
    private readonly PinnedBuffer _memory = new();
    private readonly double* _q, _cost, _z, _direction;
    private readonly MatrixFactor _factor;
    private readonly double* _activeTriangle, _activeInverses;

    public ProximalSolver(int variables, int inequalities, int equalities)
    {
        _n = variables;
        _rows = inequalities + equalities;
        _solver = new ActiveSetSolver<TLane, TVector>(variables, inequalities, equalities);
        int n = (_n + 7) & ~7;
        double* next = _memory.Ensure(
            ((long)n * n) + (3L * n) + _solver.TriangleLength + _solver.InversesLength + _solver.RowsLength + _solver.GramLength
            + _solver.ActiveTriangleLength + _solver.ActiveInversesLength);
        _q = next;
        _cost = _q + ((long)n * n);
        _z = _cost + n;
        _direction = _z + n;
        _factor.Triangle = _direction + n;
        _factor.Inverses = _factor.Triangle + _solver.TriangleLength;
        _factor.Rows = _factor.Inverses + _solver.InversesLength;
        _factor.Gram = _factor.Rows + _solver.RowsLength;
        _activeTriangle = _factor.Gram + _solver.GramLength;
        _activeInverses = _activeTriangle + _solver.ActiveTriangleLength;
    }

    /// <summary>The last point.</summary>
    public double* Z => _solver.Z;

    /// <summary>Its [ν; λ], or the certificate after PrimalInfeasible.</summary>
    public double* Multipliers => _solver.Multipliers;

    /// <summary>The last step.</summary>
    public double* Direction => _direction;

    /// <summary>Factorisations and pivots so far.</summary>
    public int Iterations { get; private set; }

    /// <summary>Goes on until <paramref name="done"/> says so.</summary>
    /// <param name="data">The problem.</param>
    /// <param name="active">One flag for each row; receives the active ones.</param>
    /// <param name="done">Called after each step; a status other than NotSolved ends the method with it.</param>
    public SolverStatus Solve(in ProblemData data, byte* active, Func<SolverStatus> done)
    {
        Iterations = 0;
        double scale = Math.Max(DenseKernels<TLane, TVector>.MaxAbs(data.Q, _n * _n), DenseKernels<TLane, TVector>.MaxAbs(data.P, _n));
        if (!(scale > 0))
            scale = 1;
        new Span<double>(_z, _n).Clear();
        new Span<byte>(active, _rows).Clear();
        double share = FirstShare, factored = 0;
        for (int step = 0; step < StepLimit; step++)
        {
            double rho = share * scale;
            ProblemData near = Near(data, rho);
            if (factored != rho && !_solver.Factor(_q, data.G, data.A, _factor))
                return SolverStatus.NumericalError;
            factored = rho;
            SolverStatus status = _solver.Solve(near, _factor, _activeTriangle, _activeInverses, active, warm: step > 0, 1e-6);
            Iterations += _solver.Measures.Iterations;
            if (status != SolverStatus.Solved)
                return status;
            for (int i = 0; i < _n; i++)
            {
                _direction[i] = _solver.Z[i] - _z[i];
                _z[i] = _solver.Z[i];
            }

            status = done();
            if (status != SolverStatus.NotSolved)
                return status;
            share = Math.Max(LastShare, 0.1 * share);
        }

        return SolverStatus.NumericalError;
    }

    /// <summary>The strictly convex problem around the last point.</summary>
    private ProblemData Near(in ProblemData data, double rho)
    {
        Buffer.MemoryCopy(data.Q, _q, 8L * _n * _n, 8L * _n * _n);
        for (int i = 0; i < _n; i++)
        {
            _q[((long)i * _n) + i] += rho;
            _cost[i] = data.P[i] - (rho * _z[i]);
        }

        return new ProblemData(_q, _cost, data);
    }
}
