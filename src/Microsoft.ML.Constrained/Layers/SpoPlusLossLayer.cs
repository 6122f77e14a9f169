using System;
using Microsoft.ML.Constrained.Combinatorial;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>The <see cref="SpoPlusLoss"/> of predicted costs against true ones as a module (Elmachtoub and Grigas 2022).</summary>
/// <remarks>
/// Costs are float32 or float64 and are solved as float32 values. A row that cannot be solved counts with a loss and a gradient of zero.
/// </remarks>
public sealed class SpoPlusLossLayer : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly BlackboxSolverLoss _rows;
    private readonly int _threads;

    /// <summary>A loss.</summary>
    /// <param name="solver">The solver.</param>
    /// <param name="loss">What happens to 2ĉ − c below zero; null for the defaults.</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    /// <param name="threads">The most threads to solve with; 0 for one per processor.</param>
    public SpoPlusLossLayer(
        ICombinatorialSolver solver, SpoPlusLoss? loss = null, nn.Reduction reduction = nn.Reduction.Mean, int threads = 0)
        : base(nameof(SpoPlusLossLayer))
    {
        ArgumentNullException.ThrowIfNull(solver);
        (Solver, Loss, _threads) = (solver, loss ?? new SpoPlusLoss(), threads);
        _rows = new BlackboxSolverLoss(reduction, threads);
        RegisterComponents();
    }

    /// <summary>What decides.</summary>
    public ICombinatorialSolver Solver { get; }

    /// <summary>What happens to 2ĉ − c below zero.</summary>
    public SpoPlusLoss Loss { get; }

    /// <summary>Statuses of the last call, and what solving took.</summary>
    public BlackboxSolverDiagnostics Diagnostics => _rows.Diagnostics;

    /// <summary>The loss.</summary>
    /// <param name="predicted">Predicted costs ĉ, … × <see cref="ICombinatorialSolver.Dimension"/>.</param>
    /// <param name="trueCosts">The true costs c in the same shape.</param>
    /// <param name="targets">The decisions for the true costs in the same shape.</param>
    /// <returns>One number, or one for each row where the reduction is None.</returns>
    /// <exception cref="ArgumentException">A shape or type does not fit.</exception>
    public override Tensor forward(Tensor predicted, Tensor trueCosts, Tensor targets)
    {
        Diagnostics.ThrowIfDifferentiatedTwice();
        using DisposeScope scope = NewDisposeScope();
        int n = Solver.Dimension;
        Tensor rows = BlackboxSolverRows.From(predicted, nameof(predicted), n);
        Tensor truth = BlackboxSolverRows.Beside(trueCosts, nameof(trueCosts), predicted, n);
        Tensor right = BlackboxSolverRows.Beside(targets, nameof(targets), predicted, n);
        return scope.MoveToOuter(_rows.Run(predicted, rows, Loss.SolverCalls, (given, losses, gradient, statuses, context) =>
            Loss.Evaluate(
                Solver, given, BlackboxSolverRows.Floats(truth), BlackboxSolverRows.Floats(right), losses, gradient, statuses, context,
                _threads)));
    }
}
