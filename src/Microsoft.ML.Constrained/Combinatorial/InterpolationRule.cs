using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Interpolation (Vlastelica et al. 2020): the gradient is that of a piecewise linear function between the loss at y(w) and at the
/// decision for costs moved by λ along the incoming gradient g: (y(w + λ g) − y(w)) / λ for argmin, (y(w) − y(w − λ g)) / λ for argmax.
/// </summary>
/// <remarks>
/// One solver call forward and one backward. What is returned is the gradient for w itself; it must not be multiplied by g again.
/// </remarks>
public sealed class InterpolationRule : BackwardRule
{
    /// <summary>States λ and what goes with it.</summary>
    /// <param name="lambda">λ, in the unit of costs per unit of gradient; the paper uses 20 for paths and tours.</param>
    /// <param name="projection">What is done to the costs first; λ then acts on the projected costs.</param>
    /// <param name="negativeCosts">What becomes of moved costs below zero where the solver takes none.</param>
    /// <exception cref="ArgumentOutOfRangeException">λ is not positive and finite, or there is no such projection.</exception>
    public InterpolationRule(
        double lambda, CostProjection projection = CostProjection.None, NegativeCosts negativeCosts = NegativeCosts.Clamp)
    {
        if (projection > CostProjection.Standard)
            throw new ArgumentOutOfRangeException(nameof(projection), projection, "Expected None, Mean, Norm or Standard.");
        Lambda = RuleHelper.Positive(lambda, nameof(lambda));
        Projection = projection;
        NegativeCosts = RuleHelper.Defined(negativeCosts);
    }

    /// <summary>The step λ.</summary>
    public double Lambda { get; }

    /// <summary>What is done to the costs first.</summary>
    public CostProjection Projection { get; }

    /// <summary>What becomes of moved costs below zero where the solver takes none.</summary>
    public NegativeCosts NegativeCosts { get; }

    /// <inheritdoc/>
    public override int ForwardCalls => 1;

    /// <inheritdoc/>
    public override int BackwardCalls => 1;

    /// <inheritdoc/>
    public override void Check(ICombinatorialSolver solver)
    {
        base.Check(solver);
        IdentityRule.CheckNormal(Projection, solver);
        if (solver.NeedsNonnegativeCosts && Projection is CostProjection.Mean or CostProjection.Standard)
        {
            throw new ArgumentException(
                $"The projection {Projection} makes costs negative, which {solver.GetType().Name} takes none of; use {CostProjection.None} or {CostProjection.Norm}.", nameof(solver));
        }
    }

    private protected override void ForwardRows(ICombinatorialSolver solver, RuleContext context, RandomSource random, int threads) =>
        solver.SolveBatch(context.Costs, context.Decisions, context.Statuses, threads);

    private protected override void BackwardRows(
        ICombinatorialSolver solver, ReadOnlySpan<float> gradient, Span<float> costGradient, RuleContext context, int threads)
    {
        int n = context.Dimension, sign = RuleHelper.Sign(solver);
        Span<float> moved = context.Perturbed;
        for (int row = 0; row < context.Rows; row++)
            CostProjections.Apply(Projection, solver.Normal, context.Costs.Slice(row * n, n), moved.Slice(row * n, n));
        for (int i = 0; i < moved.Length; i++)
            moved[i] = (float)(moved[i] + sign * Lambda * gradient[i]);
        RuleHelper.ClampCosts(solver, NegativeCosts, moved, context.Costs, n, n);
        solver.SolveBatch(moved, context.Sampled, context.SampledStatuses, threads);
        for (int row = 0; row < context.Rows; row++)
        {
            Span<float> part = costGradient.Slice(row * n, n);
            part.Clear();
            if (!RuleHelper.IsUsable(context.SampledStatuses[row]))
            {
                context.BackwardUnsolved += RuleHelper.IsUsable(context.Statuses[row]) ? 1 : 0;
                continue;
            }

            for (int i = 0; i < n; i++)
                part[i] = (float)(sign * (context.Sampled[row * n + i] - context.Decisions[row * n + i]) / Lambda);
            CostProjections.PullBack(Projection, solver.Normal, context.Costs.Slice(row * n, n), part, part);
        }
    }
}
