using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// The Fenchel–Young loss of the perturbed solver (Berthet et al. 2020), up to a term that depends on the right decision y* only: for
/// argmin ⟨w, y*⟩ − E min⟨w + σZ, y⟩, for argmax E max⟨w + σZ, y⟩ − ⟨w, y*⟩. Convex in w; its gradient is y* − E y(w + σZ), with the
/// opposite sign for argmax. Both expectations are means over M draws, so both are unbiased.
/// </summary>
/// <remarks>M solver calls per row give the loss and its gradient; there is no backward pass.</remarks>
public sealed class FenchelYoungLoss
{
    /// <summary>States the noise and the number of samples.</summary>
    /// <param name="sigma">The standard deviation σ of the normal noise, in the unit of the costs.</param>
    /// <param name="samples">The number M of samples.</param>
    /// <param name="negativeCosts">What becomes of perturbed costs below zero where the solver takes none; clamping biases.</param>
    /// <exception cref="ArgumentOutOfRangeException">σ is not positive and finite, or the samples are not 1 to 100,000.</exception>
    public FenchelYoungLoss(double sigma, int samples, NegativeCosts negativeCosts = NegativeCosts.Clamp)
    {
        Sigma = RuleHelper.Positive(sigma, nameof(sigma));
        SolverCalls = RuleHelper.Samples(samples);
        NegativeCosts = RuleHelper.Defined(negativeCosts);
    }

    /// <summary>The standard deviation of the noise.</summary>
    public double Sigma { get; }

    /// <summary>Solver calls per row.</summary>
    public int SolverCalls { get; }

    /// <summary>What becomes of perturbed costs below zero where the solver takes none.</summary>
    public NegativeCosts NegativeCosts { get; }

    /// <summary>Loss and gradient of every row.</summary>
    /// <param name="solver">The solver.</param>
    /// <param name="costs">The costs w, rows × dimension.</param>
    /// <param name="targets">The right decisions y* in the same layout.</param>
    /// <param name="losses">Receives each row's loss; 0 where the row could not be solved.</param>
    /// <param name="costGradient">Receives each row's gradient with respect to w; 0 where the row could not be solved.</param>
    /// <param name="statuses">Receives each row's status; its length is the number of rows.</param>
    /// <param name="context">Working memory, to be reused from step to step.</param>
    /// <param name="random">The layer's own generator.</param>
    /// <param name="threads">The most threads to use; 0 for one per processor.</param>
    /// <exception cref="ArgumentException">A length does not fit the number of rows; the message names it.</exception>
    public void Evaluate(
        ICombinatorialSolver solver, ReadOnlySpan<float> costs, ReadOnlySpan<float> targets, Span<float> losses, Span<float> costGradient,
        Span<SolverStatus> statuses, RuleContext context, RandomSource random, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(solver);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(random);
        int n = solver.Dimension, rows = statuses.Length, sign = RuleHelper.Sign(solver);
        RuleHelper.CheckLength(costs.Length, rows, n, nameof(costs));
        RuleHelper.CheckLength(targets.Length, rows, n, nameof(targets));
        RuleHelper.CheckLength(costGradient.Length, rows, n, nameof(costGradient));
        RuleHelper.CheckLength(losses.Length, rows, 1, nameof(losses));
        context.Begin(rows, n, SolverCalls, costs);
        CostNoise.Gaussian(Sigma).Fill(context.Noise, random);
        RuleHelper.SolvePerturbed(solver, context, NegativeCosts, threads);
        context.Statuses.CopyTo(statuses);
        costGradient.Clear();
        losses.Clear();
        for (int row = 0; row < rows; row++)
        {
            if (!RuleHelper.IsUsable(statuses[row]))
                continue;
            ReadOnlySpan<float> target = targets.Slice(row * n, n);
            int block = row * SolverCalls * n, length = SolverCalls * n;
            double reached = RuleHelper.Inner(context.Perturbed.Slice(block, length), context.Sampled.Slice(block, length)) / SolverCalls;
            losses[row] = (float)(sign * (RuleHelper.Inner(costs.Slice(row * n, n), target) - reached));
            for (int i = 0; i < n; i++)
                costGradient[row * n + i] = sign * (target[i] - context.Decisions[row * n + i]);
        }
    }
}
