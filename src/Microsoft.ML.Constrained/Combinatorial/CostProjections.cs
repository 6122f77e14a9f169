using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>The projections of costs and their transposed derivatives, one row at a time, in double precision inside.</summary>
public static class CostProjections
{
    /// <summary>Writes P(w).</summary>
    /// <param name="projection">The projection P.</param>
    /// <param name="normal">The unit vector a of <see cref="CostProjection.Mean"/>; not read by the others.</param>
    /// <param name="costs">The costs w.</param>
    /// <param name="projected">Receives P(w); may be <paramref name="costs"/> itself. A zero vector stays zero.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the mean has no normal.</exception>
    public static void Apply(
        CostProjection projection, ReadOnlySpan<double> normal, ReadOnlySpan<float> costs, Span<float> projected)
    {
        var frame = new Frame(projection, normal, costs);
        CheckLength(projected.Length, costs.Length, nameof(projected));
        for (int i = 0; i < costs.Length; i++)
            projected[i] = (float)(frame.Centred(costs, i) / frame.Length);
    }

    /// <summary>
    /// Writes P'(w)ᵀ g: for the norm (g − ⟨ŵ, g⟩ ŵ) / ‖w‖ at the (centred) costs, then for the mean g − ⟨a, g⟩ a.
    /// </summary>
    /// <param name="projection">The projection P.</param>
    /// <param name="normal">The unit vector a of <see cref="CostProjection.Mean"/>; not read by the others.</param>
    /// <param name="costs">The costs w that were projected.</param>
    /// <param name="gradient">The gradient g with respect to P(w).</param>
    /// <param name="result">
    /// Receives the gradient with respect to w; may be <paramref name="gradient"/> itself. At a zero vector the norm has no derivative
    /// and the gradient passes it unchanged.
    /// </param>
    /// <exception cref="ArgumentException">The lengths differ, or the mean has no normal.</exception>
    public static void PullBack(
        CostProjection projection, ReadOnlySpan<double> normal, ReadOnlySpan<float> costs, ReadOnlySpan<float> gradient,
        Span<float> result)
    {
        var frame = new Frame(projection, normal, costs);
        CheckLength(gradient.Length, costs.Length, nameof(gradient));
        CheckLength(result.Length, costs.Length, nameof(result));
        double inner = 0;
        if (frame.Scales)
        {
            for (int i = 0; i < costs.Length; i++)
                inner += frame.Centred(costs, i) / frame.Length * gradient[i];
        }

        double tilt = 0;
        for (int i = 0; i < costs.Length; i++)
            tilt += frame.Direction(i) * (gradient[i] - inner * frame.Centred(costs, i) / frame.Length) / frame.Length;
        for (int i = 0; i < costs.Length; i++)
        {
            double turned = (gradient[i] - inner * frame.Centred(costs, i) / frame.Length) / frame.Length;
            result[i] = (float)(turned - tilt * frame.Direction(i));
        }
    }

    private static void CheckLength(int got, int expected, string name)
    {
        if (got != expected)
            throw new ArgumentException($"'{name}' expects {expected} entries like the costs, got {got}.", name);
    }

    /// <summary>What forward and backward need of a row: its part along the normal and the length of the rest.</summary>
    private readonly ref struct Frame
    {
        private readonly ReadOnlySpan<double> _normal;
        private readonly double _along;

        public Frame(CostProjection projection, ReadOnlySpan<double> normal, ReadOnlySpan<float> costs)
        {
            if (projection is CostProjection.Mean or CostProjection.Standard)
            {
                if (normal.Length != costs.Length)
                {
                    throw new ArgumentException(
                        $"The projection {projection} expects a normal direction of {costs.Length} entries, got {normal.Length}; "
                        + "a set without one takes None or Norm.", nameof(normal));
                }

                _normal = normal;
                for (int i = 0; i < costs.Length; i++)
                    _along += normal[i] * costs[i];
            }

            Length = 1;
            if (projection is CostProjection.Norm or CostProjection.Standard)
            {
                // What is left of equal costs after the mean is rounding, not a direction.
                double square = 0, all = 0;
                for (int i = 0; i < costs.Length; i++)
                {
                    double centred = Centred(costs, i);
                    square += centred * centred;
                    all += (double)costs[i] * costs[i];
                }

                Scales = square > 1e-24 * all;
                Length = Scales ? Math.Sqrt(square) : 1;
            }
        }

        public double Length { get; }

        /// <summary>Whether the row is divided by its length.</summary>
        public bool Scales { get; }

        public double Direction(int i) => _normal.IsEmpty ? 0 : _normal[i];

        public double Centred(ReadOnlySpan<float> costs, int i) => costs[i] - _along * Direction(i);
    }
}
