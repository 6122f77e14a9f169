using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Implicit maximum likelihood (Niepert et al. 2021): decisions are sampled as y(w + ε) for argmax and y(w − ε) for argmin (perturb and
/// MAP, for costs as for scores); backward compares them with those of a target distribution, costs moved by λ along the incoming gradient
/// g, under the same noise: (y(w + λ g − ε) − y(w − ε)) / λ for argmin, (y(w + ε) − y(w − λ g + ε)) / λ for argmax, averaged over the
/// samples. Gaussian noise, which is symmetric, is added in both cases.
/// </summary>
/// <remarks>One solver call per sample forward and one backward. Without noise it is <see cref="InterpolationRule"/>.</remarks>
public sealed class ImplicitMaximumLikelihoodRule : BackwardRule
{
    /// <summary>States noise, step and samples.</summary>
    /// <param name="noise">The noise ε, for example <see cref="CostNoise.SumOfGamma"/>.</param>
    /// <param name="lambda">The step λ of the target distribution.</param>
    /// <param name="samples">Samples per row; the output is their mean.</param>
    /// <param name="negativeCosts">What becomes of changed costs below zero where the solver takes none.</param>
    /// <exception cref="ArgumentOutOfRangeException">λ is not positive and finite, or the samples are not 1 to 100,000.</exception>
    public ImplicitMaximumLikelihoodRule(
        CostNoise noise, double lambda, int samples = 1, NegativeCosts negativeCosts = NegativeCosts.Clamp)
    {
        ArgumentNullException.ThrowIfNull(noise);
        Noise = noise;
        Lambda = RuleHelper.Positive(lambda, nameof(lambda));
        ForwardCalls = RuleHelper.Samples(samples);
        NegativeCosts = RuleHelper.Defined(negativeCosts);
    }

    /// <summary>The noise ε.</summary>
    public CostNoise Noise { get; }

    /// <summary>The step λ.</summary>
    public double Lambda { get; }

    /// <summary>What becomes of changed costs below zero where the solver takes none.</summary>
    public NegativeCosts NegativeCosts { get; }

    /// <inheritdoc/>
    public override int ForwardCalls { get; }

    /// <inheritdoc/>
    public override int BackwardCalls => ForwardCalls;

    /// <inheritdoc/>
    public override bool DrawsNoise => true;

    private protected override void ForwardRows(ICombinatorialSolver solver, RuleContext context, RandomSource random, int threads)
    {
        Noise.Fill(context.Noise, random);

        // Costs are turned-round scores, and skewed noise with them: the least of w − Gumbel noise is a draw from the distribution of exp(−⟨w, y⟩).
        if (solver.Sense == Sense.Minimize && !Noise.IsGaussian)
        {
            foreach (ref float value in context.Noise)
                value = -value;
        }

        RuleHelper.SolvePerturbed(solver, context, NegativeCosts, threads);
    }

    private protected override void BackwardRows(
        ICombinatorialSolver solver, ReadOnlySpan<float> gradient, Span<float> costGradient, RuleContext context, int threads)
    {
        int n = context.Dimension, samples = context.Samples, sign = RuleHelper.Sign(solver);
        Span<float> target = context.Perturbed;
        ReadOnlySpan<float> costs = context.Costs, noise = context.Noise;
        for (int at = 0; at < target.Length; at += n)
        {
            int row = at / (n * samples) * n;
            for (int i = 0; i < n; i++)
                target[at + i] = (float)(costs[row + i] + sign * Lambda * gradient[row + i] + noise[at + i]);
        }

        RuleHelper.ClampCosts(solver, NegativeCosts, target, context.Costs, n * samples, n);
        solver.SolveBatch(target, context.Other, context.SampledStatuses, threads);
        for (int row = 0; row < context.Rows; row++)
        {
            Span<float> part = costGradient.Slice(row * n, n);
            bool solved = context.SampledStatuses.Slice(row * samples, samples)
                .IndexOfAnyExcept(SolverStatus.Solved, SolverStatus.IterationLimit) < 0;
            context.BackwardUnsolved += !solved && RuleHelper.IsUsable(context.Statuses[row]) ? 1 : 0;
            for (int i = 0; i < n; i++)
            {
                double sum = 0;
                for (int sample = 0; sample < samples; sample++)
                    sum += context.Other[(row * samples + sample) * n + i] - context.Sampled[(row * samples + sample) * n + i];
                part[i] = solved ? (float)(sign * sum / (samples * Lambda)) : 0;
            }
        }
    }
}
