using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Changes of the costs during training that keep the right decision a margin away from the next (Sahoo et al. 2023, section 3.3).
/// </summary>
public static class CostMargin
{
    /// <summary>Noise margin: adds +α/2 or −α/2, drawn evenly, to every cost.</summary>
    /// <param name="costs">The costs w.</param>
    /// <param name="alpha">The margin α, not negative; 0 changes nothing and draws nothing.</param>
    /// <param name="random">The generator to draw from.</param>
    /// <param name="result">Receives the changed costs; may be <paramref name="costs"/> itself.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the margin is negative or not finite.</exception>
    public static void AddNoise(ReadOnlySpan<float> costs, double alpha, RandomSource random, Span<float> result)
    {
        ArgumentNullException.ThrowIfNull(random);
        Check(costs.Length, result.Length, alpha);
        costs.CopyTo(result);
        if (alpha == 0)
            return;
        float half = (float)(alpha / 2);
        for (int i = 0; i < result.Length; i++)
            result[i] += (random.NextBits() >> 63) == 0 ? half : -half;
    }

    /// <summary>
    /// Informed margin: makes the right decision y* worse and all else better by α/2: w + (α/2)(2 y* − 1) for a minimising solver, with
    /// the opposite sign for a maximising one.
    /// </summary>
    /// <param name="costs">The costs w.</param>
    /// <param name="targets">The right decisions y*, 0 or 1.</param>
    /// <param name="alpha">The margin α, not negative.</param>
    /// <param name="sense">The solver's sense.</param>
    /// <param name="result">Receives the changed costs; may be <paramref name="costs"/> itself.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the margin is negative or not finite.</exception>
    public static void AddInformed(ReadOnlySpan<float> costs, ReadOnlySpan<float> targets, double alpha, Sense sense, Span<float> result)
    {
        Check(costs.Length, result.Length, alpha);
        if (targets.Length != costs.Length)
            throw new ArgumentException($"'targets' expects {costs.Length} entries like the costs, got {targets.Length}.", nameof(targets));
        double half = sense == Sense.Minimize ? alpha / 2 : -alpha / 2;
        for (int i = 0; i < costs.Length; i++)
            result[i] = (float)(costs[i] + half * (2 * targets[i] - 1));
    }

    private static void Check(int costs, int result, double alpha)
    {
        if (result != costs)
            throw new ArgumentException($"'result' expects {costs} entries like the costs, got {result}.", nameof(result));
        if (!(alpha >= 0 && double.IsFinite(alpha)))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "Expected a finite margin that is not negative.");
    }
}
