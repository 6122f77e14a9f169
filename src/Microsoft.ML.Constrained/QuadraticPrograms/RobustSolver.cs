using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// Problems that the active-set method leaves: Q singular, degenerate, infeasible or invalid. Proximal points, where the problem is
/// small, and else the interior-point method on the homogeneous embedding solve them or certify why not; an active-set step then
/// sharpens the answer.
/// </summary>
internal sealed unsafe class RobustSolver<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    /// <summary>Q counts as positive semidefinite when it is after adding this share of its largest diagonal element.</summary>
    private const double ConvexityShift = 1e-10;

    private const int PolishRounds = 12;

    /// <summary>Up to this many variables and rows together proximal points come before the interior-point method.</summary>
    private const int ProximalLimit = 300;

    private readonly int _n, _m, _p, _rows;
    private ConicSolver? _conic;
    private ProximalSolver<TLane, TVector>? _proximal;
    private readonly RegularizedSystem<TLane, TVector> _system;
    private readonly PinnedBuffer _memory = new();
    private readonly PinnedBuffer _triangleMemory = new();
    private readonly double* _z, _y, _qz, _cty, _cz, _d, _otherZ, _otherY, _gradient, _right;

    public RobustSolver(int variables, int inequalities, int equalities)
    {
        _n = variables;
        _m = inequalities;
        _p = equalities;
        _rows = inequalities + equalities;
        _system = new RegularizedSystem<TLane, TVector>(_n, _m, _p);
        double* next = _memory.Ensure((5L * _n) + (5L * _rows) + 8);
        _z = next;
        _qz = next + _n;
        _cty = next + (2L * _n);
        _otherZ = next + (3L * _n);
        _gradient = next + (4L * _n);
        next += 5L * _n;
        _y = next;
        _cz = next + _rows;
        _d = next + (2L * _rows);
        _otherY = next + (3L * _rows);
        _right = next + (4L * _rows);
    }

    public double* Z => _z;

    /// <summary>[ν; λ].</summary>
    public double* Multipliers => _y;

    public ProblemMeasures Measures { get; private set; }

    private int Iterations { get; set; }

    /// <summary>The certificate after PrimalInfeasible or DualInfeasible.</summary>
    public QuadraticProgramCertificate? Certificate { get; private set; }

    /// <summary>Solves one problem.</summary>
    /// <param name="data">The problem.</param>
    /// <param name="options">Tolerance and iteration limit.</param>
    /// <param name="active">Receives the active rows, equalities first.</param>
    public SolverStatus Solve(in ProblemData data, QuadraticProgramOptions options, Span<byte> active)
    {
        Certificate = null;
        Measures = Nothing(0);
        if (!IsFinite(data) || !IsConvex(data.Q))
            return SolverStatus.InvalidInput;
        Buffer.MemoryCopy(data.B, _d, 8L * _p, 8L * _p);
        Buffer.MemoryCopy(data.H, _d + _p, 8L * _m, 8L * _m);
        if (_n + _rows <= ProximalLimit)
        {
            SolverStatus early = Proximal(data, options, active);
            if (early != SolverStatus.NumericalError)
                return early;
        }

        return InteriorPoint(data, options, active);
    }

    private SolverStatus InteriorPoint(in ProblemData data, QuadraticProgramOptions options, Span<byte> active)
    {
        _conic ??= new ConicSolver(_n, _p, _m, []);
        var settings = new ConicSettings { Tolerance = Math.Min(1e-9, options.Tolerance), IterationLimit = options.IterationLimit };
        SolverStatus status = _conic.Solve(
            new(data.Q, _n * _n), new(data.P, _n), new(data.A, _p * _n), new(data.B, _p), new(data.G, _m * _n), new(data.H, _m), settings);
        Iterations = _conic.Iterations;
        if (status == SolverStatus.PrimalInfeasible && CertifyPrimal(data, _conic.Lambda, _conic.Nu))
            return Fail(status);
        if (status == SolverStatus.DualInfeasible && CertifyDual(data, _conic.Z))
            return Fail(status);
        if (status is SolverStatus.PrimalInfeasible or SolverStatus.DualInfeasible or SolverStatus.InvalidInput)
        {
            Measures = Nothing(Iterations);
            return SolverStatus.NumericalError;
        }

        _conic.Z.CopyTo(new Span<double>(_z, _n));
        _conic.Nu.CopyTo(new Span<double>(_y, _p));
        _conic.Lambda.CopyTo(new Span<double>(_y + _p, _m));
        return Accept(data, options, status, active);
    }

    private SolverStatus Proximal(in ProblemData data, QuadraticProgramOptions options, Span<byte> active)
    {
        _proximal ??= new ProximalSolver<TLane, TVector>(_n, _m, _p);
        ProximalSolver<TLane, TVector> proximal = _proximal;
        ProblemData problem = data;
        fixed (byte* flags = active)
        {
            byte* copy = flags;
            SolverStatus status = proximal.Solve(data, flags, () =>
            {
                Buffer.MemoryCopy(proximal.Z, _z, 8L * _n, 8L * _n);
                Buffer.MemoryCopy(proximal.Multipliers, _y, 8L * _rows, 8L * _rows);
                Iterations = proximal.Iterations;
                if (Measure(problem, _z, _y).Worst <= 1e-5 && Accept(problem, options, SolverStatus.NumericalError, new Span<byte>(copy, _rows)) == SolverStatus.Solved)
                    return SolverStatus.Solved;
                return CertifyDual(problem, new ReadOnlySpan<double>(proximal.Direction, _n)) ? SolverStatus.DualInfeasible : SolverStatus.NotSolved;
            });
            Iterations = proximal.Iterations;
            if (status == SolverStatus.DualInfeasible)
                return Fail(status);
            if (status != SolverStatus.PrimalInfeasible)
                return status;
            double* y = proximal.Multipliers;
            return CertifyPrimal(data, new ReadOnlySpan<double>(y + _p, _m), new ReadOnlySpan<double>(y, _p)) ? Fail(status) : SolverStatus.NumericalError;
        }
    }

    /// <summary>The adjoint at a solution whose active rows are known (see <see cref="RegularizedSystem{TLane, TVector}"/>).</summary>
    public bool Adjoint(in ProblemData data, ReadOnlySpan<byte> active, double* gz, double* gy, double* dz, double* dy)
    {
        _system.Factor(data, active);
        for (int i = 0; i < _n; i++)
            _gradient[i] = -gz[i];
        for (int i = 0; i < _rows; i++)
            _cz[i] = -gy[i];
        return _system.Solve(_gradient, _cz, dz, dy);
    }

    private SolverStatus Accept(in ProblemData data, QuadraticProgramOptions options, SolverStatus status, Span<byte> active)
    {
        for (int i = _p; i < _rows; i++)
            _y[i] = Math.Max(_y[i], 0);
        ProblemMeasures measures = Measure(data, _z, _y);
        GuessActive(data, active);
        if (measures.Worst < 1e-3)
            Polish(data, active, ref measures);
        measures.Iterations = Iterations;
        Measures = measures;
        if (measures.Worst <= options.Tolerance)
            return SolverStatus.Solved;
        return status == SolverStatus.Solved ? SolverStatus.NumericalError : status;
    }

    /// <summary>A row is active when its multiplier outweighs its slack, each against the terms of the condition that it stands in.</summary>
    private void GuessActive(in ProblemData data, Span<byte> active)
    {
        double dual = 1e-300, primal = 1e-300;
        for (int i = 0; i < _n; i++)
            dual = Math.Max(dual, Math.Max(Math.Abs(_qz[i]), Math.Max(Math.Abs(data.P[i]), Math.Abs(_cty[i]))));
        for (int i = 0; i < _rows; i++)
            primal = Math.Max(primal, Math.Max(Math.Abs(_d[i]), Math.Abs(_cz[i])));
        for (int i = 0; i < _rows; i++)
        {
            double length = Math.Sqrt(DenseKernels<TLane, TVector>.Dot(Row(data, i), Row(data, i), _n));
            active[i] = (byte)(i < _p || _y[i] * length / dual > (_d[i] - _cz[i]) / primal ? 1 : 0);
        }
    }

    /// <summary>
    /// Solves the optimality conditions on the active rows and keeps the answer where it is better; rows that turn out on the wrong
    /// side change it, for a few rounds.
    /// </summary>
    private void Polish(in ProblemData data, Span<byte> active, ref ProblemMeasures measures)
    {
        for (int round = 0; round < PolishRounds; round++)
        {
            _system.Factor(data, active);

            // As a correction, which keeps what the system leaves undetermined where the interior point put it.
            for (int i = 0; i < _n; i++)
                _gradient[i] = -(_qz[i] + data.P[i] + _cty[i]);
            for (int i = 0; i < _rows; i++)
            {
                if (active[i] == 0 && _y[i] != 0)
                    DenseKernels<TLane, TVector>.AddScaled(_y[i], Row(data, i), _gradient, _n);
                _right[i] = active[i] != 0 ? _d[i] - _cz[i] : 0;
            }

            if (!_system.Solve(_gradient, _right, _otherZ, _otherY))
                break;
            for (int i = 0; i < _n; i++)
                _otherZ[i] += _z[i];
            bool changed = false;
            for (int i = 0; i < _rows; i++)
            {
                _otherY[i] = active[i] != 0 ? _otherY[i] + _y[i] : 0;
                if (i >= _p && _otherY[i] < 0)
                {
                    active[i] = 0;
                    changed = true;
                    _otherY[i] = 0;
                }
            }

            ProblemMeasures other = Measure(data, _otherZ, _otherY);
            bool better = other.Worst < measures.Worst;
            for (int i = _p; i < _rows; i++)
            {
                if (active[i] == 0 && _cz[i] - _d[i] > 1e-12 * Math.Max(1, Math.Abs(_d[i])) && _otherY[i] >= 0 && _y[i] > 0)
                {
                    active[i] = 1;
                    changed = true;
                }
            }

            if (better)
            {
                measures = other;
                Buffer.MemoryCopy(_otherZ, _z, 8L * _n, 8L * _n);
                Buffer.MemoryCopy(_otherY, _y, 8L * _rows, 8L * _rows);
            }
            else
            {
                Measure(data, _z, _y);
            }

            if (measures.Worst < 1e-14 || (!changed && !better))
                break;
        }
    }

    private ProblemMeasures Measure(in ProblemData data, double* z, double* y)
    {
        DenseKernels<TLane, TVector>.MultiplySymmetric(data.Q, _n, z, _qz);
        DenseKernels<TLane, TVector>.Multiply(data.A, _p, _n, z, _cz);
        DenseKernels<TLane, TVector>.Multiply(data.G, _m, _n, z, _cz + _p);
        TransposedTimes(data, y, _cty);
        return ProblemMeasures.Of(_n, _p, _rows, z, y, data.P, _d, _qz, _cz, _cty);
    }

    private bool CertifyPrimal(in ProblemData data, ReadOnlySpan<double> lambda, ReadOnlySpan<double> nu)
    {
        nu.CopyTo(new Span<double>(_y, _p));
        lambda.CopyTo(new Span<double>(_y + _p, _m));
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
        TransposedTimes(data, _y, _cty);
        double terms = 0;
        for (int i = 0; i < _rows; i++)
            terms = Math.Max(terms, Math.Abs(_y[i]) * DenseKernels<TLane, TVector>.MaxAbs(Row(data, i), _n));
        if (!(DenseKernels<TLane, TVector>.MaxAbs(_cty, _n) <= 1e-7 * Math.Max(terms, 1e-7)))
            return false;
        Certificate = new QuadraticProgramCertificate(
            new Span<double>(_y + _p, _m).ToArray(), new Span<double>(_y, _p).ToArray(), []);
        return true;
    }

    private bool CertifyDual(in ProblemData data, ReadOnlySpan<double> direction)
    {
        direction.CopyTo(new Span<double>(_z, _n));
        double value = 0;
        for (int i = 0; i < _n; i++)
            value += data.P[i] * _z[i];
        if (!(value < 0))
            return false;
        double length = 0;
        for (int i = 0; i < _n; i++)
        {
            _z[i] /= -value;
            length = Math.Max(length, Math.Abs(_z[i]));
        }

        DenseKernels<TLane, TVector>.MultiplySymmetric(data.Q, _n, _z, _qz);
        DenseKernels<TLane, TVector>.Multiply(data.A, _p, _n, _z, _cz);
        DenseKernels<TLane, TVector>.Multiply(data.G, _m, _n, _z, _cz + _p);
        if (!(DenseKernels<TLane, TVector>.MaxAbs(_qz, _n) <= 1e-7 * length * DenseKernels<TLane, TVector>.MaxAbs(data.Q, _n * _n)))
            return false;
        for (int i = 0; i < _rows; i++)
        {
            double violation = i < _p ? Math.Abs(_cz[i]) : _cz[i];
            if (!(violation <= 1e-7 * length * DenseKernels<TLane, TVector>.MaxAbs(Row(data, i), _n)))
                return false;
        }

        Certificate = new QuadraticProgramCertificate([], [], new Span<double>(_z, _n).ToArray());
        return true;
    }

    private SolverStatus Fail(SolverStatus status)
    {
        Measures = Nothing(Iterations);
        return status;
    }

    private static ProblemMeasures Nothing(int iterations) => new()
    {
        Objective = double.NaN,
        PrimalResidual = double.NaN,
        DualResidual = double.NaN,
        Gap = double.NaN,
        Iterations = iterations,
    };

    private bool IsFinite(in ProblemData data) =>
        DenseKernels<TLane, TVector>.AllFinite(data.Q, (long)_n * _n) && DenseKernels<TLane, TVector>.AllFinite(data.P, _n)
        && DenseKernels<TLane, TVector>.AllFinite(data.G, (long)_m * _n) && DenseKernels<TLane, TVector>.AllFinite(data.H, _m)
        && DenseKernels<TLane, TVector>.AllFinite(data.A, (long)_p * _n) && DenseKernels<TLane, TVector>.AllFinite(data.B, _p);

    /// <summary>Whether Q is positive semidefinite up to rounding.</summary>
    private bool IsConvex(double* q)
    {
        double largest = 0;
        for (int i = 0; i < _n; i++)
            largest = Math.Max(largest, Math.Abs(q[((long)i * _n) + i]));
        if (largest == 0)
            return DenseKernels<TLane, TVector>.MaxAbs(q, _n * _n) == 0;
        int length = PanelCholesky<TLane, TVector>.TriangleLength(_n);
        double* triangle = _triangleMemory.Ensure((long)length + PanelCholesky<TLane, TVector>.InverseLength(_n));
        PanelPacking<TLane, TVector>.PackSymmetric(q, _n, ConvexityShift * largest, triangle);
        return PanelCholesky<TLane, TVector>.Factor(triangle, triangle + length, _n, 0, stopWhenDropped: true) == 0;
    }

    private void TransposedTimes(in ProblemData data, double* y, double* result)
    {
        new Span<double>(result, _n).Clear();
        DenseKernels<TLane, TVector>.AddTransposed(data.A, _p, _n, y, result);
        DenseKernels<TLane, TVector>.AddTransposed(data.G, _m, _n, y + _p, result);
    }

    private double* Row(in ProblemData data, int row) => row < _p ? data.A + ((long)row * _n) : data.G + ((long)(row - _p) * _n);
}
