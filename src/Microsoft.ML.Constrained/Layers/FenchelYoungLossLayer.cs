using System;
using Microsoft.ML.Constrained.Combinatorial;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>The <see cref="FenchelYoungLoss"/> of predicted costs against right decisions as a module (Berthet et al. 2020).</summary>
/// <remarks>
/// Costs are float32 or float64 and are solved as float32 values. A row that cannot be solved counts with a loss and a gradient of zero.
/// The noise is drawn in training and evaluation alike, from the module's own generator, whose state is the buffer RandomState.
/// </remarks>
public sealed class FenchelYoungLossLayer : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly BlackboxSolverRandom _random;
    private readonly BlackboxSolverLoss _rows;
    private readonly int _threads;

    /// <summary>A loss.</summary>
    /// <param name="solver">The solver.</param>
    /// <param name="loss">Noise and samples.</param>
    /// <param name="seed">The seed of the module's own generator.</param>
    /// <param name="reduction">What becomes of the rows' losses.</param>
    /// <param name="threads">The most threads to solve with; 0 for one per processor.</param>
    public FenchelYoungLossLayer(
        ICombinatorialSolver solver, FenchelYoungLoss loss, ulong seed = 0, nn.Reduction reduction = nn.Reduction.Mean, int threads = 0)
        : base(nameof(FenchelYoungLossLayer))
    {
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(loss);
        (Solver, Loss, _threads) = (solver, loss, threads);
        _rows = new BlackboxSolverLoss(reduction, threads);
        _random = new BlackboxSolverRandom(this, seed);
        RegisterComponents();
    }

    /// <summary>What decides.</summary>
    public ICombinatorialSolver Solver { get; }

    /// <summary>Noise and samples.</summary>
    public FenchelYoungLoss Loss { get; }

    /// <summary>Statuses of the last call, and what solving took.</summary>
    public BlackboxSolverDiagnostics Diagnostics => _rows.Diagnostics;

    /// <summary>The loss.</summary>
    /// <param name="costs">Predicted costs, … × <see cref="ICombinatorialSolver.Dimension"/>.</param>
    /// <param name="targets">The right decisions in the same shape.</param>
    /// <returns>One number, or one for each row where the reduction is None.</returns>
    /// <exception cref="ArgumentException">A shape or type does not fit.</exception>
    public override Tensor forward(Tensor costs, Tensor targets)
    {
        Diagnostics.ThrowIfDifferentiatedTwice();
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = BlackboxSolverRows.From(costs, nameof(costs), Solver.Dimension);
        Tensor right = BlackboxSolverRows.Beside(targets, nameof(targets), costs, Solver.Dimension);
        RandomSource random = _random.Read();
        Tensor loss = _rows.Run(costs, rows, Loss.SolverCalls, (given, losses, gradient, statuses, context) =>
            Loss.Evaluate(Solver, given, BlackboxSolverRows.Floats(right), losses, gradient, statuses, context, random, _threads));
        _random.Write(random);
        return scope.MoveToOuter(loss);
    }
}
