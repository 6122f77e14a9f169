using System;
using System.Linq;
using Microsoft.ML.Constrained.Projections;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

[TestClass]
public sealed class MonotoneProjectionTests
{
    [TestMethod]
    public void Project_RandomRows_EqualsTheMaxMinFormula()
    {
        var random = new Random(1);
        for (int trial = 0; trial < ClosedForms.Cases; trial++)
        {
            double[] y = ClosedForms.RandomRow(random, 1 + random.Next(15), trial, 1e100);
            bool decreasing = random.Next(2) == 0;
            double[]? weights = random.Next(2) == 0 ? null : [.. y.Select(_ => Math.Exp(ClosedForms.Normal(random)))];
            double scale = ClosedForms.Largest(y);
            double[] z = ClosedForms.Check(
                new MonotoneProjection<double>(decreasing, weights), y, Slow(y, weights, decreasing), 1e-13, scale, $"trial {trial}");
            AssertOrdered(z, decreasing);
            float[] narrow = ClosedForms.Narrow(ClosedForms.RandomRow(random, y.Length, trial, 1e10));
            float[]? narrowWeights = weights is null ? null : ClosedForms.Narrow(weights);
            double[] wide = ClosedForms.Widen(narrow);
            ClosedForms.Check(
                new MonotoneProjection<float>(decreasing, narrowWeights), narrow, Slow(wide, weights, decreasing), 4e-6, ClosedForms.Largest(wide), $"{trial}");
        }
    }

    [TestMethod]
    public void Project_OrderedRow_IsLeftAsItIs()
    {
        double[] y = [0.1, 0.1, 0.1, 0.3, 0.3, 7];
        var z = new double[6];
        new MonotoneProjection<double>(false).Project(y, z);
        CollectionAssert.AreEqual(y, z);
    }

    [TestMethod]
    public void Project_LongReversedRow_IsItsMean()
    {
        double[] y = [.. Enumerable.Range(0, 2000).Select(i => (double)-i)];
        var z = new double[2000];
        new MonotoneProjection<double>(false).Project(y, z);
        Assert.IsTrue(z.All(v => Math.Abs(v + 999.5) < 1e-9));
    }

    [TestMethod]
    public void Adjoint_RandomRows_EqualsDifferences()
    {
        var random = new Random(2);
        int compared = 0;
        for (int trial = 0; trial < 400; trial++)
        {
            double[] y = ClosedForms.RandomRow(random, 1 + random.Next(9), trial % 5 == 0 ? 0 : 6, 1);
            double[] g = [.. y.Select(_ => ClosedForms.Normal(random))];
            double[]? weights = trial % 2 == 0 ? null : [.. y.Select(_ => Math.Exp(ClosedForms.Normal(random)))];
            var set = new MonotoneProjection<double>(trial % 3 == 0, weights);
            compared += ClosedForms.CheckAdjoint(_ => set, 0, y, g, $"trial {trial}", expectSide: false);
        }

        Assert.IsGreaterThan(1000, compared);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(18)]
    public void Project_Batches_TreatsEachRowAlone(int columns)
    {
        ClosedForms.CheckBatch<MonotoneProjection<double>, double>(new(false), columns);
        ClosedForms.CheckBatch<MonotoneProjection<float>, float>(new(true), columns);
    }

    private static void AssertOrdered(double[] z, bool decreasing)
    {
        for (int i = 1; i < z.Length; i++)
            Assert.IsTrue(decreasing ? z[i] <= z[i - 1] : z[i] >= z[i - 1]);
    }

    /// <summary>zᵢ = max over j ≤ i of min over k ≥ i of the mean of y from j to k.</summary>
    private static double[] Slow(double[] y, double[]? weights, bool decreasing)
    {
        int n = y.Length;
        double[] v = decreasing ? [.. y.Select(x => -x)] : y;
        double[] w = weights ?? [.. Enumerable.Repeat(1.0, n)];
        var z = new double[n];
        for (int i = 0; i < n; i++)
        {
            z[i] = double.NegativeInfinity;
            for (int j = 0; j <= i; j++)
            {
                double least = double.PositiveInfinity;
                for (int k = i; k < n; k++)
                {
                    double mean = Enumerable.Range(j, k - j + 1).Sum(t => w[t] * v[t]) / Enumerable.Range(j, k - j + 1).Sum(t => w[t]);
                    least = Math.Min(least, mean);
                }

                z[i] = Math.Max(z[i], least);
            }
        }

        return decreasing ? [.. z.Select(x => -x)] : z;
    }
}
