using System;
using System.Diagnostics;
using Microsoft.ML.Constrained.Combinatorial;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>One forward pass of a <see cref="BlackboxSolverLayer"/>: margin, rule, and what the backward pass needs.</summary>
internal sealed class BlackboxSolverCall
{
    private readonly WorkspacePool<BlackboxSolverWorkspace> _pool;
    private readonly RandomSource? _random;
    private readonly ulong[]? _stateBefore;
    private BlackboxSolverWorkspace? _workspace;
    private long _generation;
    private bool _owned;

    /// <param name="pool">The layer's workspaces.</param>
    /// <param name="diagnostics">The layer's diagnostics.</param>
    /// <param name="random">The generator where the pass draws noise.</param>
    public BlackboxSolverCall(WorkspacePool<BlackboxSolverWorkspace> pool, BlackboxSolverDiagnostics diagnostics, RandomSource? random)
    {
        _pool = pool;
        _random = random;
        _stateBefore = random?.Save();
        Diagnostics = diagnostics;
    }

    public required ICombinatorialSolver Solver { get; init; }

    /// <summary>The rule, or null for the solver's own decisions.</summary>
    public required BackwardRule? Rule { get; init; }

    public required double NoiseMargin { get; init; }

    public required double InformedMargin { get; init; }

    public required NegativeCosts NegativeCosts { get; init; }

    public required int Threads { get; init; }

    public BlackboxSolverDiagnostics Diagnostics { get; }

    public SolverStatus[] Status { get; private set; } = [];

    /// <summary>Decisions of which nothing is kept.</summary>
    public Tensor Solve(Tensor costs, Tensor? targets)
    {
        long since = Stopwatch.GetTimestamp();
        Tensor output = empty_like(costs);
        Status = new SolverStatus[costs.shape[0]];
        Span<float> decisions = BlackboxSolverRows.Floats(output);
        bool draws = Rule is { DrawsNoise: true };
        if (!draws && NoiseMargin == 0 && InformedMargin == 0)
        {
            Solver.SolveBatch(BlackboxSolverRows.Floats(costs), decisions, Status, Threads);
        }
        else
        {
            BlackboxSolverWorkspace workspace = _pool.Rent();
            ReadOnlySpan<float> changed = Changed(workspace, costs, targets, _random);
            if (draws)
                Rule!.Forward(Solver, changed, decisions, Status, workspace.Context, _random, Threads);
            else
                Solver.SolveBatch(changed, decisions, Status, Threads);
            _pool.Return(workspace);
        }

        Diagnostics.CountForward((long)Status.Length * (draws ? Rule!.ForwardCalls : 1), since);
        return output;
    }

    /// <summary>Decisions by the rule, which is kept for the backward pass.</summary>
    public Tensor Record(Tensor costs, Tensor? targets)
    {
        Tensor output = empty_like(costs);
        Status = new SolverStatus[costs.shape[0]];
        Forward(costs, targets, output, Status, _random);
        return output;
    }

    /// <summary>What stands in for ∂loss/∂costs.</summary>
    public Tensor Differentiate(Tensor costs, Tensor? targets, Tensor gradient)
    {
        Tensor toCosts = empty_like(costs);
        if (!_owned && !_pool.TryReclaim(_workspace!, _generation))
            Repeat(costs, targets);
        long since = Stopwatch.GetTimestamp();
        BlackboxSolverWorkspace workspace = _workspace!;
        try
        {
            Rule!.Backward(
                Solver, BlackboxSolverRows.Floats(gradient.contiguous()), BlackboxSolverRows.Floats(toCosts), workspace.Context, Threads);
            int unsolved = 0;
            foreach (SolverStatus status in workspace.Context.Statuses)
                unsolved += RuleHelper.IsUsable(status) ? 0 : 1;
            Diagnostics.Skipped(unsolved + workspace.Context.BackwardUnsolved);
            Diagnostics.CountBackward((long)Rule.BackwardCalls * workspace.Context.Rows, since);
        }
        finally
        {
            _owned = false;
            _pool.Return(workspace);
        }

        return toCosts;
    }

    // The graph is walked once more and the workspace has been used since: the same noise once more.
    private void Repeat(Tensor costs, Tensor? targets)
    {
        RandomSource? random = null;
        if (_stateBefore is not null)
        {
            random = new RandomSource(0);
            random.Restore(_stateBefore);
        }

        Forward(costs, targets, empty_like(costs), new SolverStatus[costs.shape[0]], random);
    }

    private void Forward(Tensor costs, Tensor? targets, Tensor output, SolverStatus[] status, RandomSource? random)
    {
        long since = Stopwatch.GetTimestamp();
        _workspace = _pool.Rent();
        _generation = _workspace.Generation;
        _owned = true;
        ReadOnlySpan<float> changed = Changed(_workspace, costs, targets, random);
        Rule!.Forward(Solver, changed, BlackboxSolverRows.Floats(output), status, _workspace.Context, random, Threads);
        Diagnostics.CountForward((long)status.Length * Rule.ForwardCalls, since);
    }

    private ReadOnlySpan<float> Changed(BlackboxSolverWorkspace workspace, Tensor costs, Tensor? targets, RandomSource? random)
    {
        Span<float> given = BlackboxSolverRows.Floats(costs);
        if (NoiseMargin == 0 && InformedMargin == 0)
            return given;
        Span<float> changed = workspace.Changed(given.Length);
        given.CopyTo(changed);
        if (NoiseMargin > 0)
            CostMargin.AddNoise(changed, NoiseMargin, random!, changed);
        if (InformedMargin > 0)
            CostMargin.AddInformed(changed, BlackboxSolverRows.Floats(targets), InformedMargin, Solver.Sense, changed);
        int n = Solver.Dimension;
        RuleHelper.ClampCosts(Solver, NegativeCosts, changed, given, n, n);
        return changed;
    }
}
