using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>A distribution of noise that is added to costs, independent in every entry.</summary>
public sealed class CostNoise
{
    private readonly Kind _kind;
    private readonly int _items;
    private readonly int _terms;

    private CostNoise(Kind kind, double scale, int items = 1, int terms = 1)
    {
        if (!(scale > 0 && double.IsFinite(scale)))
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "Noise expects a positive, finite scale.");
        _kind = kind;
        Scale = scale;
        _items = items;
        _terms = terms;
    }

    private enum Kind
    {
        Gaussian,
        Gumbel,
        SumOfGamma,
    }

    /// <summary>The scale of the noise: σ, β or τ.</summary>
    public double Scale { get; }

    internal bool IsGaussian => _kind == Kind.Gaussian;

    /// <summary>Normal noise σ·N(0, 1).</summary>
    /// <param name="sigma">The standard deviation.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive and finite.</exception>
    public static CostNoise Gaussian(double sigma) => new(Kind.Gaussian, sigma);

    /// <summary>Gumbel noise β·(−ln(−ln U)).</summary>
    /// <param name="scale">The scale β.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive and finite.</exception>
    public static CostNoise Gumbel(double scale) => new(Kind.Gumbel, scale);

    /// <summary>
    /// Sum-of-gamma noise (Niepert et al. 2021) SoG(k, τ, s) = (τ / k)·(Σ Gamma(shape 1/k, scale k/i) over i = 1 … s, − ln s): the sum
    /// of k such numbers is nearly a Gumbel number, which suits sets whose members have k ones.
    /// </summary>
    /// <param name="items">k, the ones of a decision.</param>
    /// <param name="tau">The temperature τ.</param>
    /// <param name="terms">Terms s of the series; 10 in the paper.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range: k and τ positive, 1 to 10,000 terms.</exception>
    public static CostNoise SumOfGamma(int items, double tau, int terms = 10)
    {
        if (items < 1)
            throw new ArgumentOutOfRangeException(nameof(items), items, "Expected at least 1.");
        if (terms is < 1 or > 10_000)
            throw new ArgumentOutOfRangeException(nameof(terms), terms, "Expected 1 to 10000.");
        return new(Kind.SumOfGamma, tau, items, terms);
    }

    /// <summary>Draws one number per entry.</summary>
    /// <param name="target">Receives the noise, scale included.</param>
    /// <param name="random">The generator to draw from.</param>
    public void Fill(Span<float> target, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        foreach (ref float value in target)
        {
            value = (float)(_kind switch
            {
                Kind.Gaussian => Scale * random.NextGaussian(),
                Kind.Gumbel => Scale * random.NextGumbel(),
                _ => DrawSumOfGamma(random),
            });
        }
    }

    private double DrawSumOfGamma(RandomSource random)
    {
        double sum = -Math.Log(_terms);
        for (int i = 1; i <= _terms; i++)
            sum += random.NextGamma(1.0 / _items) * _items / i;
        return Scale / _items * sum;
    }
}
