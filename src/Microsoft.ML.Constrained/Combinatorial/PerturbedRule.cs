using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Perturbed optimizers (Berthet et al. 2020): the output is the mean decision over M draws of normal noise, an estimate of
/// E y(w + σZ), which is smooth in w with the derivative E[y(w + σZ) Zᵀ] / σ; backward estimates its transpose times g from the same
/// draws.
/// </summary>
/// <remarks>
/// M solver calls forward, none backward. With M &gt; 1 the mean of ⟨g, y⟩ is taken off first, which keeps the estimate unbiased (divisor
/// M − 1) and lowers its variance. Where a solver takes no negative costs, clamping makes both slightly biased.
/// </remarks>
public sealed class PerturbedRule : BackwardRule
{
    /// <summary>States the noise and the number of samples.</summary>
    /// <param name="sigma">The standard deviation σ of the noise, in the unit of the costs.</param>
    /// <param name="samples">The number M of samples.</param>
    /// <param name="negativeCosts">What becomes of perturbed costs below zero where the solver takes none.</param>
    /// <exception cref="ArgumentOutOfRangeException">σ is not positive and finite, or the samples are not 1 to 100,000.</exception>
    public PerturbedRule(double sigma, int samples, NegativeCosts negativeCosts = NegativeCosts.Clamp)
    {
        Sigma = RuleHelper.Positive(sigma, nameof(sigma));
        ForwardCalls = RuleHelper.Samples(samples);
        NegativeCosts = RuleHelper.Defined(negativeCosts);
    }

    /// <summary>The standard deviation of the noise.</summary>
    public double Sigma { get; }

    /// <summary>What becomes of perturbed costs below zero where the solver takes none.</summary>
    public NegativeCosts NegativeCosts { get; }

    /// <inheritdoc/>
    public override int ForwardCalls { get; }

    /// <inheritdoc/>
    public override int BackwardCalls => 0;

    /// <inheritdoc/>
    public override bool DrawsNoise => true;

    private protected override void ForwardRows(ICombinatorialSolver solver, RuleContext context, RandomSource random, int threads)
    {
        CostNoise.Gaussian(Sigma).Fill(context.Noise, random);
        RuleHelper.SolvePerturbed(solver, context, NegativeCosts, threads);
    }

    private protected override void BackwardRows(
        ICombinatorialSolver solver, ReadOnlySpan<float> gradient, Span<float> costGradient, RuleContext context, int threads)
    {
        int n = context.Dimension, samples = context.Samples;
        Span<double> sum = n <= 1024 ? stackalloc double[n] : new double[n];
        for (int row = 0; row < context.Rows; row++)
        {
            ReadOnlySpan<float> g = gradient.Slice(row * n, n);
            double mean = samples > 1 ? RuleHelper.Inner(g, context.Decisions.Slice(row * n, n)) : 0;
            sum.Clear();
            for (int sample = 0; sample < samples; sample++)
            {
                int at = (row * samples + sample) * n;
                double lead = RuleHelper.Inner(g, context.Sampled.Slice(at, n)) - mean;
                for (int i = 0; i < n; i++)
                    sum[i] += lead * context.Noise[at + i];
            }

            // The stored noise is σZ: one σ turns it into Z, the other is that of the derivative.
            double scale = 1 / (Sigma * Sigma * Math.Max(1, samples - 1));
            for (int i = 0; i < n; i++)
                costGradient[row * n + i] = (float)(sum[i] * scale);
        }
    }
}
