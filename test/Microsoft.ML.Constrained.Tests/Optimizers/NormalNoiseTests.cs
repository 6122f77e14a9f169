using System;
using System.Linq;
using Microsoft.ML.Constrained.Optimizers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Optimizers;

[TestClass]
public class NormalNoiseTests
{
    private const int Many = 1 << 20;

    [TestMethod]
    public void FillAll_ManyNumbers_HaveTheMomentsOfTheNormalDistribution()
    {
        float[] x = Numbers(1, 2, 3);
        double[] moments = [.. Enumerable.Range(1, 6).Select(k => x.Average(v => Math.Pow(v, k)))];

        // E x^k and its standard error, √((E x^2k − (E x^k)²)/n).
        double[] exact = [0, 1, 0, 3, 0, 15], square = [1, 3, 15, 105, 945, 10395];
        for (int k = 0; k < exact.Length; k++)
            Assert.AreEqual(exact[k], moments[k], 4.5 * Math.Sqrt((square[k] - (exact[k] * exact[k])) / Many), $"moment {k + 1}");
    }

    [TestMethod]
    public void FillAll_ManyNumbers_PassKolmogorovAndSmirnov()
    {
        float[] x = Numbers(5, 0, 0);
        Array.Sort(x);
        double largest = 0;
        for (int i = 0; i < x.Length; i += 64)
            largest = Math.Max(largest, Math.Abs(Distribution(x[i]) - ((i + 0.5) / x.Length)));
        Assert.IsLessThan(1.95 / Math.Sqrt(Many), largest, "the 0.1 % point of Kolmogorov's statistic");
        Assert.IsGreaterThan(4.4f, x[^1]);
        Assert.IsLessThan(-4.4f, x[0]);
    }

    [TestMethod]
    public void FillAll_NeighboursAndOtherKeys_AreUncorrelated()
    {
        float[] x = Numbers(1, 2, 3);
        foreach (int lag in new[] { 1, 2, 4, 8, 16, 32, 4096 })
            Assert.AreEqual(0, Enumerable.Range(0, Many - lag).Average(i => (double)x[i] * x[i + lag]), 4.5 / Math.Sqrt(Many - lag), $"lag {lag}");
        foreach (float[] y in new[] { Numbers(2, 2, 3), Numbers(1, 3, 3), Numbers(1, 2, 4) })
        {
            Assert.AreEqual(0, Enumerable.Range(0, Many).Average(i => (double)x[i] * y[i]), 4.5 / Math.Sqrt(Many));
            Assert.AreEqual(0, Enumerable.Range(0, Many).Average(i => ((double)x[i] * x[i] - 1) * (((double)y[i] * y[i]) - 1)), 4.5 * 2 / Math.Sqrt(Many));
        }
    }

    [TestMethod]
    public void FillAll_ShorterTensor_IsAPrefix()
    {
        float[] whole = Numbers(7, 8, 9);
        foreach (int length in new[] { 0, 1, 31, 32, 33, 4095, 4096, 4097, 9000 })
        {
            float[] part = new float[length];
            new NormalNoise(7, 8, 9).FillAll(part);
            CollectionAssert.AreEqual(whole[..length], part);
        }
    }

    private static float[] Numbers(ulong seed, ulong step, ulong tensor)
    {
        float[] result = new float[Many];
        new NormalNoise(seed, step, tensor).FillAll(result);
        return result;
    }

    /// <summary>Φ by integrating the density with Simpson's rule from the middle, where it is ½.</summary>
    private static double Distribution(double x)
    {
        const int Steps = 64;
        double width = x / Steps, sum = 0;
        for (int i = 0; i < Steps; i++)
        {
            double a = i * width;
            sum += width / 6 * (Density(a) + (4 * Density(a + (width / 2))) + Density(a + width));
        }

        return 0.5 + sum;
    }

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
}
