using System;
using System.Diagnostics;
using Microsoft.ML.Constrained.Combinatorial;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>What the losses share that call a solver: the graph, the reduction, the bookkeeping.</summary>
internal sealed class BlackboxSolverLoss
{
    private readonly WorkspacePool<BlackboxSolverWorkspace> _pool = new();
    private readonly nn.Reduction _reduction;

    public BlackboxSolverLoss(nn.Reduction reduction, int threads)
    {
        _reduction = DecisionLosses.CheckReduction(reduction);
        if (threads < 0)
            throw new ArgumentOutOfRangeException(nameof(threads), threads, "Expected 0 (one per processor) or a positive number.");
    }

    /// <summary>Computes losses, gradients and statuses of rows on spans.</summary>
    public delegate void Rows(ReadOnlySpan<float> costs, Span<float> losses, Span<float> gradient, Span<SolverStatus> statuses, RuleContext context);

    public BlackboxSolverDiagnostics Diagnostics { get; } = new();

    /// <param name="costs">The costs as given.</param>
    /// <param name="rows">Their rows.</param>
    /// <param name="calls">Solver calls per row.</param>
    /// <param name="evaluate">The loss.</param>
    public Tensor Run(Tensor costs, Tensor rows, int calls, Rows evaluate)
    {
        var call = new BlackboxSolverLossCall(Diagnostics, given => Evaluate(given, calls, evaluate));
        Tensor losses;
        if (is_grad_enabled() && costs.requires_grad)
        {
            losses = BlackboxSolverLossFunction.apply(call, rows);
        }
        else
        {
            using IDisposable off = no_grad();
            losses = call.Evaluate(rows).Losses;
        }

        return DecisionLosses.Reduce(losses.to(costs.dtype).reshape(costs.shape[..^1]).to(costs.device), _reduction);
    }

    private (Tensor Losses, Tensor Gradient) Evaluate(Tensor costs, int calls, Rows evaluate)
    {
        long since = Stopwatch.GetTimestamp();
        var statuses = new SolverStatus[costs.shape[0]];
        Tensor losses = empty(costs.shape[0], dtype: ScalarType.Float32), gradient = empty_like(costs);
        BlackboxSolverWorkspace workspace = _pool.Rent();
        evaluate(
            BlackboxSolverRows.Floats(costs), BlackboxSolverRows.Floats(losses), BlackboxSolverRows.Floats(gradient), statuses,
            workspace.Context);
        _pool.Return(workspace);
        Diagnostics.Forward(statuses);
        Diagnostics.CountForward((long)calls * statuses.Length, since);
        return (losses, gradient);
    }
}
