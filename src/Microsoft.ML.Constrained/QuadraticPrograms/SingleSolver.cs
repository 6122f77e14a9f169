using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// One problem from its data to its results: the active-set method first, then the interior-point method, then the policy.
/// </summary>
internal sealed unsafe class SingleSolver<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    private readonly int _n, _m, _p, _rows;
    private readonly ActiveSetSolver<TLane, TVector> _active;
    private readonly PinnedBuffer _factorMemory = new();
    private readonly PinnedBuffer _activeMemory = new();
    private readonly PinnedBuffer _gradient = new();
    private RobustSolver<TLane, TVector>? _robust;
    private ClosestPoint<TLane, TVector>? _closest;

    public SingleSolver(int variables, int inequalities, int equalities)
    {
        _n = variables;
        _m = inequalities;
        _p = equalities;
        _rows = inequalities + equalities;
        _active = new ActiveSetSolver<TLane, TVector>(variables, inequalities, equalities);
    }

    /// <summary>L with its inverted blocks, then the factor of the active rows with its.</summary>
    public long KeptLength =>
        (long)_active.TriangleLength + _active.InversesLength + _active.ActiveTriangleLength + _active.ActiveInversesLength;

    public long SharedLength => (long)_active.TriangleLength + _active.InversesLength + _active.RowsLength + _active.GramLength;

    public bool PrepareShared(BatchPointers batch, double* shared)
    {
        MatrixFactor factor = Shared(shared);
        return _active.Factor(batch.Q(0), batch.G(0), batch.A(0), factor);
    }

    /// <summary>Solves problem <paramref name="index"/> of a task and writes its results.</summary>
    /// <param name="task">The task.</param>
    /// <param name="index">The problem.</param>
    /// <param name="kept">Where its factors are kept; null where they need not be.</param>
    /// <param name="shared">Whether <see cref="EngineTask.Shared"/> holds this solver's factor.</param>
    public void Solve(EngineTask task, int index, double* kept, bool shared)
    {
        var data = new ProblemData(task.Batch, index);
        byte* active = task.Active + ((long)index * _rows);
        if (!task.Warm)
            new Span<byte>(active, _rows).Clear();
        SolverStatus status = SolverStatus.NumericalError;
        if (Factor(task, data, kept, shared, out MatrixFactor factor))
        {
            double* triangle = ActivePart(kept);
            status = _active.Solve(data, factor, triangle, triangle + _active.ActiveTriangleLength, active, task.Warm, task.Options.Tolerance);
        }

        if (status == SolverStatus.Solved)
        {
            Write(task, index, status, kept != null ? AdjointSource.Kept : AdjointSource.Active, _active.Z, _active.Multipliers, _active.Measures);
            return;
        }

        if (status == SolverStatus.PrimalInfeasible)
        {
            double* y = _active.Multipliers;
            var certificate = new QuadraticProgramCertificate(
                new Span<double>(y + _p, _m).ToArray(), new Span<double>(y, _p).ToArray(), []);
            WriteFailure(task, index, status, certificate, _active.Measures.Iterations);
            return;
        }

        _robust ??= new RobustSolver<TLane, TVector>(_n, _m, _p);
        status = _robust.Solve(data, task.Options, new Span<byte>(active, _rows));
        if (status is SolverStatus.Solved or SolverStatus.IterationLimit or SolverStatus.NumericalError && double.IsFinite(_robust.Measures.Objective))
            Write(task, index, status, status == SolverStatus.Solved ? AdjointSource.Regularized : AdjointSource.None, _robust.Z, _robust.Multipliers, _robust.Measures);
        else
            WriteFailure(task, index, status, _robust.Certificate, _robust.Measures.Iterations);
    }

    /// <summary>Solves the adjoint system of one problem.</summary>
    /// <param name="task">The task.</param>
    /// <param name="index">The problem.</param>
    /// <param name="kept">What <see cref="Solve"/> kept; null where it was not this object that solved it.</param>
    public void Differentiate(EngineTask task, int index, double* kept)
    {
        double* dz = task.AdjointZ + ((long)index * _n);
        double* dy = task.AdjointY + ((long)index * _rows);
        byte* active = task.Active + ((long)index * _rows);
        var data = new ProblemData(task.Batch, index);
        double* gz = _gradient.Ensure(_n + _rows + 8);
        double* gy = gz + _n;
        LoadGradient(task, index, gz, gy);
        bool done = task.Solution.Sources[index] != AdjointSource.None && DenseKernels<TLane, TVector>.AllFinite(gz, _n + _rows);
        if (done && kept == null && task.Solution.Sources[index] is AdjointSource.Kept or AdjointSource.Active)
        {
            MatrixFactor factor = Kept(null);
            double* triangle = ActivePart(null), inverses = triangle + _active.ActiveTriangleLength;
            done = _active.Factor(data.Q, data.G, data.A, factor);
            if (done)
            {
                _active.FactorActive(data, factor, triangle, inverses, active);
                _active.Adjoint(data, factor, triangle, inverses, active, gz, gy, dz, dy);
            }
        }
        else if (done && task.Solution.Sources[index] == AdjointSource.Kept)
        {
            MatrixFactor factor = task.Shared != null ? Shared(task.Shared) : Kept(kept);
            double* triangle = ActivePart(kept);
            _active.Adjoint(data, factor, triangle, triangle + _active.ActiveTriangleLength, active, gz, gy, dz, dy);
        }
        else if (done)
        {
            _robust ??= new RobustSolver<TLane, TVector>(_n, _m, _p);
            done = _robust.Adjoint(data, new ReadOnlySpan<byte>(active, _rows), gz, gy, dz, dy);
        }

        if (done && DenseKernels<TLane, TVector>.AllFinite(dz, _n) && DenseKernels<TLane, TVector>.AllFinite(dy, _rows))
            return;
        NoGradient(task, dz, dy);
    }

    private void NoGradient(EngineTask task, double* dz, double* dy)
    {
        new Span<double>(dz, _n).Clear();
        new Span<double>(dy, _rows).Clear();
        System.Threading.Interlocked.Increment(ref task.Failures);
    }

    private void LoadGradient(EngineTask task, int index, double* gz, double* gy)
    {
        Load(task.GradZ, index, _n, gz);
        Load(task.GradNu, index, _p, gy);
        Load(task.GradLambda, index, _m, gy + _p);
    }

    private static void Load(double* source, int index, int count, double* target)
    {
        if (source == null)
            new Span<double>(target, count).Clear();
        else
            Buffer.MemoryCopy(source + ((long)index * count), target, 8L * count, 8L * count);
    }

    private bool Factor(EngineTask task, in ProblemData data, double* kept, bool shared, out MatrixFactor factor)
    {
        if (shared)
        {
            factor = Shared(task.Shared);
            return task.SharedUsable;
        }

        factor = Kept(kept);
        return _active.Factor(data.Q, data.G, data.A, factor);
    }

    private MatrixFactor Shared(double* shared)
    {
        double* inverses = shared + _active.TriangleLength;
        double* rows = inverses + _active.InversesLength;
        return new MatrixFactor { Triangle = shared, Inverses = inverses, Rows = rows, Gram = rows + _active.RowsLength };
    }

    private MatrixFactor Kept(double* kept)
    {
        double* work = _factorMemory.Ensure(SharedLength);
        MatrixFactor factor = Shared(work);
        if (kept != null)
        {
            factor.Triangle = kept;
            factor.Inverses = kept + _active.TriangleLength;
        }

        return factor;
    }

    private double* ActivePart(double* kept) =>
        kept == null
            ? _activeMemory.Ensure(_active.ActiveTriangleLength + _active.ActiveInversesLength)
            : kept + _active.TriangleLength + _active.InversesLength;

    private void Write(EngineTask task, int index, SolverStatus status, AdjointSource source, double* z, double* y, in ProblemMeasures measures)
    {
        Buffer.MemoryCopy(z, task.Z + ((long)index * _n), 8L * _n, 8L * _n);
        Buffer.MemoryCopy(y, task.Nu + ((long)index * _p), 8L * _p, 8L * _p);
        Buffer.MemoryCopy(y + _p, task.Lambda + ((long)index * _m), 8L * _m, 8L * _m);
        task.Solution.Sources[index] = source;
        task.Solution.Set(index, status, measures);
    }

    private void WriteFailure(EngineTask task, int index, SolverStatus status, QuadraticProgramCertificate? certificate, int iterations)
    {
        var z = new Span<double>(task.Z + ((long)index * _n), _n);
        z.Fill(double.NaN);
        new Span<double>(task.Nu + ((long)index * _p), _p).Fill(double.NaN);
        new Span<double>(task.Lambda + ((long)index * _m), _m).Fill(double.NaN);
        new Span<byte>(task.Active + ((long)index * _rows), _rows).Clear();
        double objective = double.NaN;
        if (status == SolverStatus.PrimalInfeasible && task.Options.Policy == RowPolicy.Closest)
        {
            _closest ??= new ClosestPoint<TLane, TVector>(_n, _m, _p);
            objective = _closest.Solve(new ProblemData(task.Batch, index), task.Options, z, certificate!);
        }

        if (certificate != null)
            task.Solution.SetCertificate(index, certificate);
        task.Solution.Sources[index] = AdjointSource.None;
        task.Solution.Set(index, status, new ProblemMeasures
        {
            Objective = objective,
            PrimalResidual = double.NaN,
            DualResidual = double.NaN,
            Gap = double.NaN,
            Iterations = iterations,
        });
    }
}
