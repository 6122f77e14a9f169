using System;
using System.Buffers;
using System.Collections.Generic;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// Solves batches of convex quadratic programs <c>minimise ½ zᵀQz + pᵀz subject to Gz ≤ h, Az = b</c> and differentiates their
/// solutions: the layer of Amos and Kolter (OptNet, 2017).
/// </summary>
/// <remarks>
/// A solver may be used by any number of threads at once; it keeps workspaces for the shapes that it has seen lately. A problem's
/// result depends neither on the other problems of its batch nor on the number of threads.
/// Strictly convex problems are solved exactly, by their dual, with an active-set method (multipliers of inactive rows are zero to
/// the bit); others by proximal points or a homogeneous interior-point method, sharpened on the active rows. A Q that is not positive
/// semidefinite gives <see cref="SolverStatus.InvalidInput"/> for its problem.
/// </remarks>
public sealed unsafe class QuadraticProgramSolver
{
    private const int MostIdleEngines = 64;

    private readonly QuadraticProgramOptions _options;
    private readonly List<(int N, int M, int P, ProgramEngine Engine)> _idle = [];
    private readonly Func<int, int, int, ProgramEngine> _create;

    /// <summary>A solver with the default settings.</summary>
    public QuadraticProgramSolver()
        : this(new QuadraticProgramOptions())
    {
    }

    /// <summary>A solver with the given settings, which are copied.</summary>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public QuadraticProgramSolver(QuadraticProgramOptions options)
        : this(options, ProgramEngine.Create)
    {
    }

    internal QuadraticProgramSolver(QuadraticProgramOptions options, Func<int, int, int, ProgramEngine> create)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Validate();
        _create = create;
    }

    /// <summary>Solves a batch into a new solution.</summary>
    /// <param name="batch">The problems.</param>
    /// <returns>The solution.</returns>
    public QuadraticProgramSolution Solve(QuadraticProgramBatch batch)
    {
        var solution = new QuadraticProgramSolution();
        Solve(batch, solution);
        return solution;
    }

    /// <summary>Solves a batch into a solution whose memory is used again.</summary>
    /// <param name="batch">The problems.</param>
    /// <param name="solution">Receives the results.</param>
    /// <param name="warmStart">A solution of similar problems of the same shape and number, whose active rows serve as a first guess; it may be
    /// <paramref name="solution"/> itself; or null.</param>
    /// <exception cref="InvalidOperationException">A problem was not solved and the policy is <see cref="RowPolicy.Throw"/>.</exception>
    public void Solve(QuadraticProgramBatch batch, QuadraticProgramSolution solution, QuadraticProgramSolution? warmStart = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(solution);
        batch.ThrowIfIncomplete();
        if (warmStart != null && (warmStart.Variables != batch.Variables || warmStart.Inequalities != batch.Inequalities
            || warmStart.Equalities != batch.Equalities || warmStart.BatchSize != batch.BatchSize))
        {
            throw new ArgumentException("The warm start is a solution of another shape or number of problems than the batch.", nameof(warmStart));
        }

        byte[]? guess = warmStart?.Active;
        solution.Resize(batch);
        if (guess != null && guess != solution.Active)
            Array.Copy(guess, solution.Active, batch.BatchSize * (batch.Inequalities + batch.Equalities));
        solution.HasFactors = _options.KeepFactors;
        if (batch.BatchSize == 0)
            return;
        Run(batch, solution, guess != null);
        if (_options.Policy == RowPolicy.Throw)
            ThrowIfInfeasible(solution);
    }

    /// <summary>The gradients of a loss with respect to the parameters, from its gradients with respect to the solution.</summary>
    /// <param name="batch">The problems, unchanged since they were solved.</param>
    /// <param name="solution">Their solution, by a solver whose <see cref="QuadraticProgramOptions.KeepFactors"/> was set.</param>
    /// <param name="gradZ">Gradient with respect to z, batch × n; empty for zero.</param>
    /// <param name="gradLambda">Gradient with respect to λ, batch × m; empty for zero.</param>
    /// <param name="gradNu">Gradient with respect to ν, batch × equalities; empty for zero.</param>
    /// <param name="gradients">Receives the gradients.</param>
    /// <exception cref="ArgumentException">A length does not fit the batch, or the solution is of a batch of another shape.</exception>
    /// <exception cref="InvalidOperationException">The solution holds no factors.</exception>
    /// <remarks>
    /// Exact where the active rows are independent and strictly active (OptNet, equation 6). A row that is active with a zero
    /// multiplier counts as active or not as the solve left it, which is one of the one-sided derivatives; rows that depend on one
    /// another share their multiplier as the factorisation chose. Never NaN.
    /// </remarks>
    public void Differentiate(
        QuadraticProgramBatch batch, QuadraticProgramSolution solution,
        ReadOnlySpan<double> gradZ, ReadOnlySpan<double> gradLambda, ReadOnlySpan<double> gradNu, QuadraticProgramGradients gradients)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(solution);
        ArgumentNullException.ThrowIfNull(gradients);
        CheckSolution(batch, solution);
        CheckLength(gradZ, batch.BatchSize, batch.Variables, nameof(gradZ));
        CheckLength(gradLambda, batch.BatchSize, batch.Inequalities, nameof(gradLambda));
        CheckLength(gradNu, batch.BatchSize, batch.Equalities, nameof(gradNu));
        gradients.Resize(batch);
        gradients.NotDifferentiated = 0;
        fixed (double* z = gradZ, lambda = gradLambda, nu = gradNu)
            RunAdjoint(batch, solution, z, lambda, nu, gradients);
    }

    private void Run(QuadraticProgramBatch batch, QuadraticProgramSolution solution, bool warm)
    {
        using var data = new BatchPointers(batch);
        using MemoryHandle z = solution.WritableZ.Pin(), lambda = solution.WritableLambda.Pin(), nu = solution.WritableNu.Pin();
        ProgramEngine engine = Rent(batch);
        int groups = (batch.BatchSize + engine.GroupSize - 1) / engine.GroupSize;
        fixed (byte* active = solution.Active)
        {
            var task = new EngineTask { Batch = data, Solution = solution, Options = _options };
            task.Z = (double*)z.Pointer;
            task.Lambda = (double*)lambda.Pointer;
            task.Nu = (double*)nu.Pointer;
            task.Active = active;
            task.Warm = warm;
            if (_options.KeepFactors)
                task.Kept = solution.KeptPointer(groups * engine.KeptLength);
            if (data.MatricesShared)
            {
                task.Shared = solution.SharedPointer(engine.SharedLength);
                task.SharedUsable = engine.PrepareShared(data, task.Shared);
                solution.SharedFactorValid = true;
            }

            int chunk = engine.ChunkSize, size = batch.BatchSize;
            Return(batch, engine);
            ChunkRunner.Run((size + chunk - 1) / chunk, _options.ThreadCount, index =>
            {
                ProgramEngine mine = Rent(batch);
                mine.Solve(task, index * chunk, Math.Min(chunk, size - (index * chunk)));
                Return(batch, mine);
            });
        }
    }

    private void RunAdjoint(
        QuadraticProgramBatch batch, QuadraticProgramSolution solution, double* gradZ, double* gradLambda, double* gradNu,
        QuadraticProgramGradients gradients)
    {
        int size = batch.BatchSize, rows = batch.Inequalities + batch.Equalities;
        using var data = new BatchPointers(batch);
        using MemoryHandle z = solution.WritableZ.Pin(), lambda = solution.WritableLambda.Pin(), nu = solution.WritableNu.Pin();
        using MemoryHandle q = gradients.Q.Pin(), p = gradients.P.Pin(), g = gradients.G.Pin();
        using MemoryHandle h = gradients.H.Pin(), a = gradients.A.Pin(), b = gradients.B.Pin();
        ProgramEngine engine = Rent(batch);
        fixed (byte* active = solution.Active)
        fixed (double* adjointZ = gradients.AdjointZ, adjointY = gradients.AdjointY, multipliers = gradients.Multipliers)
        {
            var task = new EngineTask { Batch = data, Solution = solution, Options = _options };
            task.Z = (double*)z.Pointer;
            task.Lambda = (double*)lambda.Pointer;
            task.Nu = (double*)nu.Pointer;
            task.Active = active;
            task.GradZ = gradZ;
            task.GradLambda = gradLambda;
            task.GradNu = gradNu;
            task.AdjointZ = adjointZ;
            task.AdjointY = adjointY;
            task.Multipliers = multipliers;
            task.Kept = solution.KeptPointer(0);
            task.Shared = solution.SharedFactorValid ? solution.SharedPointer(0) : null;
            QuadraticProgramParameters wanted = gradients.Wanted, shared = SharedParameters(batch) & wanted;
            var target = new GradientPointers { Shared = shared };
            target.Q = Target(wanted, QuadraticProgramParameters.Q, q);
            target.P = Target(wanted, QuadraticProgramParameters.P, p);
            target.G = Target(wanted, QuadraticProgramParameters.G, g);
            target.H = Target(wanted, QuadraticProgramParameters.H, h);
            target.A = Target(wanted, QuadraticProgramParameters.A, a);
            target.B = Target(wanted, QuadraticProgramParameters.B, b);
            int chunk = engine.ChunkSize;
            Return(batch, engine);
            ChunkRunner.Run((size + chunk - 1) / chunk, _options.ThreadCount, index =>
            {
                ProgramEngine mine = Rent(batch);
                int first = index * chunk, count = Math.Min(chunk, size - first);
                LoadMultipliers(task, first, count);
                mine.Differentiate(task, first, count);
                if (wanted != shared)
                    mine.WriteGradients(task, target, first, count);
                Return(batch, mine);
            });
            if (shared != QuadraticProgramParameters.None)
            {
                ChunkRunner.Run(batch.Variables + rows, _options.ThreadCount, row =>
                {
                    ProgramEngine mine = Rent(batch);
                    mine.WriteSharedGradients(task, target, row);
                    Return(batch, mine);
                });
            }

            gradients.NotDifferentiated = task.Failures;
        }
    }

    private static void LoadMultipliers(EngineTask task, int first, int count)
    {
        int m = task.Batch.Inequalities, p = task.Batch.Equalities;
        for (int i = first; i < first + count; i++)
        {
            double* target = task.Multipliers + ((long)i * (m + p));
            Buffer.MemoryCopy(task.Nu + ((long)i * p), target, 8L * p, 8L * p);
            Buffer.MemoryCopy(task.Lambda + ((long)i * m), target + p, 8L * m, 8L * m);
        }
    }

    private static double* Target(QuadraticProgramParameters wanted, QuadraticProgramParameters parameter, in MemoryHandle handle) =>
        (wanted & parameter) != 0 ? (double*)handle.Pointer : null;

    private static QuadraticProgramParameters SharedParameters(QuadraticProgramBatch batch)
    {
        QuadraticProgramParameters shared = QuadraticProgramParameters.None;
        for (int bit = 1; bit < (int)QuadraticProgramParameters.All; bit <<= 1)
        {
            if (batch.IsShared((QuadraticProgramParameters)bit))
                shared |= (QuadraticProgramParameters)bit;
        }

        return shared;
    }

    private ProgramEngine Rent(QuadraticProgramBatch batch)
    {
        lock (_idle)
        {
            for (int i = _idle.Count - 1; i >= 0; i--)
            {
                (int n, int m, int p, ProgramEngine engine) = _idle[i];
                if (n == batch.Variables && m == batch.Inequalities && p == batch.Equalities)
                {
                    _idle.RemoveAt(i);
                    return engine;
                }
            }
        }

        return _create(batch.Variables, batch.Inequalities, batch.Equalities);
    }

    private void Return(QuadraticProgramBatch batch, ProgramEngine engine)
    {
        lock (_idle)
        {
            if (_idle.Count == MostIdleEngines)
                _idle.RemoveAt(0);
            _idle.Add((batch.Variables, batch.Inequalities, batch.Equalities, engine));
        }
    }

    private static void CheckSolution(QuadraticProgramBatch batch, QuadraticProgramSolution solution)
    {
        if (!solution.HasFactors)
            throw new InvalidOperationException("The solution has no factors to differentiate with: solve with 'KeepFactors' set.");
        if (solution.BatchSize != batch.BatchSize || solution.Variables != batch.Variables
            || solution.Inequalities != batch.Inequalities || solution.Equalities != batch.Equalities)
        {
            throw new ArgumentException(
                $"The solution is of {solution.BatchSize} problems with {solution.Variables} variables, {solution.Inequalities} inequalities and "
                + $"{solution.Equalities} equalities; the batch has {batch.BatchSize}, {batch.Variables}, {batch.Inequalities} and {batch.Equalities}.",
                nameof(solution));
        }
    }

    private static void CheckLength(ReadOnlySpan<double> values, int size, int each, string name)
    {
        if (!values.IsEmpty && values.Length != (long)size * each)
            throw new ArgumentException($"'{name}' has {values.Length} elements; expected {(long)size * each} ({size} problems of {each} each), or none.", name);
    }

    private static void ThrowIfInfeasible(QuadraticProgramSolution solution)
    {
        ReadOnlySpan<SolverStatus> status = solution.Status;
        for (int i = 0; i < status.Length; i++)
        {
            if (status[i] != SolverStatus.Solved)
                throw new InvalidOperationException($"Problem {i} of {status.Length} was not solved ({status[i]}), and the policy is Throw.");
        }
    }
}
