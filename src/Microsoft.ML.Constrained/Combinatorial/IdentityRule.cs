using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Identity with projection (Sahoo et al. 2023): the derivative of the solver is replaced by the negative identity for argmin and the
/// identity for argmax, and that of the projection before it is kept: the gradient for w is −P'(w)ᵀ g or +P'(w)ᵀ g.
/// </summary>
/// <remarks>One solver call forward, none backward.</remarks>
public sealed class IdentityRule : BackwardRule
{
    /// <summary>States the projection.</summary>
    /// <param name="projection">
    /// What is done to the costs first. Mean and Standard need a solver with a known <see cref="ICombinatorialSolver.Normal"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such projection.</exception>
    public IdentityRule(CostProjection projection = CostProjection.None)
    {
        if (projection > CostProjection.Standard)
            throw new ArgumentOutOfRangeException(nameof(projection), projection, "Expected None, Mean, Norm or Standard.");
        Projection = projection;
    }

    /// <summary>What is done to the costs first.</summary>
    public CostProjection Projection { get; }

    /// <inheritdoc/>
    public override int ForwardCalls => 1;

    /// <inheritdoc/>
    public override int BackwardCalls => 0;

    /// <inheritdoc/>
    public override void Check(ICombinatorialSolver solver)
    {
        base.Check(solver);
        CheckNormal(Projection, solver);
    }

    internal static void CheckNormal(CostProjection projection, ICombinatorialSolver solver)
    {
        if (projection is CostProjection.Mean or CostProjection.Standard && solver.Normal.IsEmpty)
        {
            throw new ArgumentException(
                $"The projection {projection} needs a direction in which costs may move without changing the decision, and "
                + $"{solver.GetType().Name} has none; use None or Norm.", nameof(solver));
        }
    }

    // The projection keeps the decision, so the costs are solved as they are: exact, and rounding breaks no ties.
    private protected override void ForwardRows(ICombinatorialSolver solver, RuleContext context, RandomSource random, int threads) =>
        solver.SolveBatch(context.Costs, context.Decisions, context.Statuses, threads);

    private protected override void BackwardRows(
        ICombinatorialSolver solver, ReadOnlySpan<float> gradient, Span<float> costGradient, RuleContext context, int threads)
    {
        int n = context.Dimension, sign = RuleHelper.Sign(solver);
        for (int i = 0; i < gradient.Length; i++)
            costGradient[i] = -sign * gradient[i];
        for (int row = 0; row < context.Rows && Projection != CostProjection.None; row++)
        {
            Span<float> part = costGradient.Slice(row * n, n);
            CostProjections.PullBack(Projection, solver.Normal, context.Costs.Slice(row * n, n), part, part);
        }
    }
}
