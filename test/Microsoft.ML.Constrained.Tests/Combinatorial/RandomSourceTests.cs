using System;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

[TestClass]
public class RandomSourceTests
{
    [TestMethod]
    public void NextBits_KnownState_GivesThePublishedSequence()
    {
        // The published recurrence from the state (1, 2, 3, 4); the first is rotl(2·5, 7)·9, the second 0 because word 1 became 1 ^ 2 ^ 3.
        var random = new RandomSource(0);
        random.Restore([1, 2, 3, 4]);
        Assert.AreEqual(11520UL, random.NextBits());
        Assert.AreEqual(0UL, random.NextBits());
        Assert.AreEqual(1509978240UL, random.NextBits());
    }

    [TestMethod]
    public void SaveAndRestore_MidStream_GoesOnAlike()
    {
        var first = new RandomSource(5);
        for (int i = 0; i < 11; i++)
            first.NextGaussian();
        var second = new RandomSource(99);
        second.Restore(first.Save());
        for (int i = 0; i < 100; i++)
            Assert.AreEqual(first.NextGamma(0.3), second.NextGamma(0.3));
        Assert.AreNotEqual(new RandomSource(1).NextBits(), new RandomSource(2).NextBits());
        Assert.ThrowsExactly<ArgumentException>(() => first.Restore([0, 0, 0, 0]));
        Assert.ThrowsExactly<ArgumentException>(() => first.Restore([1]));
    }

    [TestMethod]
    public void Moments_OfEveryDistribution_AreTheirs()
    {
        const int draws = 200_000;
        var random = new RandomSource(3);
        Check("uniform", random.NextUniform, 0.5, 1.0 / 12, draws);
        Check("normal", random.NextGaussian, 0, 1, draws);
        Check("Gumbel", random.NextGumbel, 0.57721566, Math.PI * Math.PI / 6, draws);
        Check("gamma 0.1", () => random.NextGamma(0.1), 0.1, 0.1, draws);
        Check("gamma 2.5", () => random.NextGamma(2.5), 2.5, 2.5, draws);
    }

    [TestMethod]
    public void SumOfGamma_KOfThem_IsNearlyGumbel()
    {
        // With s terms: mean k·(τ/k)(Σ 1/i − ln s), variance τ² Σ 1/i² of the sum of k numbers.
        const int k = 5, terms = 10, draws = 60_000;
        var noise = CostNoise.SumOfGamma(k, 2, terms);
        var random = new RandomSource(4);
        var values = new float[k];
        double mean = 2 * (Enumerable.Range(1, terms).Sum(i => 1.0 / i) - Math.Log(terms));
        double variance = 4 * Enumerable.Range(1, terms).Sum(i => 1.0 / (i * i));
        Check("sum of gamma", () =>
        {
            noise.Fill(values, random);
            return values.Sum(v => (double)v);
        }, mean, variance, draws);
    }

    [TestMethod]
    public void CostNoise_BadScale_Throws()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => CostNoise.Gaussian(0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => CostNoise.Gumbel(double.NaN));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => CostNoise.SumOfGamma(0, 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new RandomSource(1).NextGamma(0));
    }

    private static void Check(string name, Func<double> draw, double mean, double variance, int draws)
    {
        double sum = 0, square = 0;
        for (int i = 0; i < draws; i++)
        {
            double value = draw();
            sum += value;
            square += (value - mean) * (value - mean);
        }

        // Five standard errors; the variance's own error is bounded by a generous kurtosis.
        Assert.AreEqual(mean, sum / draws, 5 * Math.Sqrt(variance / draws), name);
        Assert.AreEqual(variance, square / draws, 5 * variance * Math.Sqrt((variance < 0.2 ? 66 : 10) / (double)draws), name);
    }
}
