using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// How a solver's output is computed in the forward pass and what stands in for its derivative, which is zero or undefined, in the
/// backward pass. Rules are immutable; what a pass must remember lies in its <see cref="RuleContext"/>.
/// </summary>
/// <remarks>A row whose costs cannot be solved has a zero decision and a zero gradient; its status says why.</remarks>
public abstract class BackwardRule
{
    private protected BackwardRule()
    {
    }

    /// <summary>Solver calls per row in the forward pass.</summary>
    public abstract int ForwardCalls { get; }

    /// <summary>Further solver calls per row in the backward pass.</summary>
    public abstract int BackwardCalls { get; }

    /// <summary>Whether the forward pass draws noise and so needs a <see cref="RandomSource"/>.</summary>
    public virtual bool DrawsNoise => false;

    /// <summary>Refuses a solver that the rule cannot work with.</summary>
    /// <param name="solver">The solver.</param>
    /// <exception cref="ArgumentException">The rule needs something that the solver lacks.</exception>
    public virtual void Check(ICombinatorialSolver solver) => ArgumentNullException.ThrowIfNull(solver);

    /// <summary>The forward pass.</summary>
    /// <param name="solver">The solver.</param>
    /// <param name="costs">The costs, rows × dimension.</param>
    /// <param name="decisions">Receives the decisions (or their mean over the samples) in the same layout.</param>
    /// <param name="statuses">Receives each row's status; its length is the number of rows.</param>
    /// <param name="context">Remembers what the backward pass needs.</param>
    /// <param name="random">The layer's own generator; needed where <see cref="DrawsNoise"/>.</param>
    /// <param name="threads">The most threads to use; 0 for one per processor.</param>
    /// <exception cref="ArgumentException">The rule cannot work with the solver, a length does not fit the number of rows, or there is no generator for a rule that draws noise.</exception>
    public void Forward(
        ICombinatorialSolver solver, ReadOnlySpan<float> costs, Span<float> decisions, Span<SolverStatus> statuses, RuleContext context,
        RandomSource? random = null, int threads = 0)
    {
        Check(solver);
        ArgumentNullException.ThrowIfNull(context);
        RuleHelper.CheckLength(costs.Length, statuses.Length, solver.Dimension, nameof(costs));
        RuleHelper.CheckLength(decisions.Length, statuses.Length, solver.Dimension, nameof(decisions));
        if (DrawsNoise && random is null)
            throw new ArgumentNullException(nameof(random), $"{GetType().Name} draws noise: pass the layer's RandomSource.");
        context.Begin(statuses.Length, solver.Dimension, ForwardCalls, costs);
        ForwardRows(solver, context, random!, threads);
        context.Decisions.CopyTo(decisions);
        context.Statuses.CopyTo(statuses);
    }

    /// <summary>The backward pass after a <see cref="Forward"/> with the same context.</summary>
    /// <param name="solver">The solver of the forward pass.</param>
    /// <param name="gradient">The gradient of the loss with respect to the decisions, rows × dimension.</param>
    /// <param name="costGradient">Receives the gradient for the costs: subtract it from them to lower the loss.</param>
    /// <param name="context">What the forward pass remembered.</param>
    /// <param name="threads">The most threads to use; 0 for one per processor.</param>
    /// <exception cref="ArgumentException">The context holds no forward pass of this solver, or a length does not fit its rows.</exception>
    public void Backward(
        ICombinatorialSolver solver, ReadOnlySpan<float> gradient, Span<float> costGradient, RuleContext context, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(context);
        if (context.Dimension != solver.Dimension)
            throw new ArgumentException("The context holds no forward pass of this solver; call Forward first.", nameof(context));
        RuleHelper.CheckLength(gradient.Length, context.Rows, solver.Dimension, nameof(gradient));
        RuleHelper.CheckLength(costGradient.Length, context.Rows, solver.Dimension, nameof(costGradient));
        context.BackwardUnsolved = 0;
        BackwardRows(solver, gradient, costGradient, context, threads);
        int n = solver.Dimension;
        for (int row = 0; row < context.Rows; row++)
        {
            if (!RuleHelper.IsUsable(context.Statuses[row]) || !RuleHelper.IsFinite(costGradient.Slice(row * n, n)))
                costGradient.Slice(row * n, n).Clear();
        }
    }

    private protected abstract void ForwardRows(ICombinatorialSolver solver, RuleContext context, RandomSource random, int threads);

    private protected abstract void BackwardRows(
        ICombinatorialSolver solver, ReadOnlySpan<float> gradient, Span<float> costGradient, RuleContext context, int threads);
}
