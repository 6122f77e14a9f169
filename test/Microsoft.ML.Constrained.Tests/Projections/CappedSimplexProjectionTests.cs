using System;
using System.Linq;
using Microsoft.ML.Constrained.Projections;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

[TestClass]
public sealed class CappedSimplexProjectionTests
{
    [TestMethod]
    public void Project_Double_EqualsBisection()
    {
        var random = new Random(1);
        for (int trial = 0; trial < ClosedForms.Cases; trial++)
        {
            double[] y = ClosedForms.RandomRow(random, 1 + random.Next(12), trial, 1e9);
            var (sum, cap) = Limits(random, y.Length);
            double[] z = ClosedForms.Check(new CappedSimplexProjection<double>(sum, cap), y, Slow(y, sum, cap), 1e-12, y.Length * cap, $"trial {trial}");
            Assert.IsTrue(z.All(v => v >= 0 && v <= cap));
            Assert.AreEqual(sum, z.Sum(), 1e-13 * cap * y.Length, $"trial {trial}");
        }
    }

    [TestMethod]
    public void Project_Float_EqualsBisection()
    {
        var random = new Random(2);
        for (int trial = 0; trial < ClosedForms.Cases; trial++)
        {
            float[] y = ClosedForms.Narrow(ClosedForms.RandomRow(random, 1 + random.Next(20), trial, 1e6));
            var (wideSum, wideCap) = Limits(random, y.Length);
            float cap = (float)wideCap;
            float sum = Math.Min((float)wideSum, cap * y.Length);
            double[] expected = Slow(ClosedForms.Widen(y), sum, cap);
            ClosedForms.Check(new CappedSimplexProjection<float>(sum, cap), y, expected, 2e-6, y.Length * cap, $"trial {trial}");
        }
    }

    [TestMethod]
    public void Project_EmptySets_AreInfeasible()
    {
        var z = new double[2];
        Assert.AreEqual(SolverStatus.PrimalInfeasible, new CappedSimplexProjection<double>(3, 1).Project([0, 0], z));
        Assert.AreEqual(SolverStatus.PrimalInfeasible, new CappedSimplexProjection<double>(-1, 1).Project([0, 0], z));
        Assert.AreEqual(SolverStatus.Solved, new CappedSimplexProjection<double>(2, 1).Project([-5, 9], z));
        CollectionAssert.AreEqual(new double[] { 1, 1 }, z);
    }

    [TestMethod]
    public void Adjoint_RandomRows_EqualsDifferences()
    {
        var random = new Random(4);
        int compared = 0;
        for (int trial = 0; trial < 500; trial++)
        {
            int n = 2 + random.Next(10);
            double[] y = ClosedForms.RandomRow(random, n, trial % 4 == 0 ? 0 : 6, 1);
            double[] g = [.. y.Select(_ => ClosedForms.Normal(random))];
            double sum = n * (0.2 + (0.6 * random.NextDouble()));
            compared += ClosedForms.CheckAdjoint(s => new CappedSimplexProjection<double>(s, 1), sum, y, g, $"trial {trial}");

            var z = new double[n];
            new CappedSimplexProjection<double>(sum, 1).Project(y, z);
            new CappedSimplexProjection<double>(sum, 1).Adjoint(y, z, g, new double[n], out double byCap);
            double left = (Loss(y, sum, 1, g) - Loss(y, sum, 1 - 1e-6, g)) / 1e-6;
            double right = (Loss(y, sum, 1 + 1e-6, g) - Loss(y, sum, 1, g)) / 1e-6;
            if (Math.Abs(left - right) < 1e-4)
                Assert.AreEqual(left, byCap, 1e-4, $"trial {trial}, cap");
        }

        Assert.IsGreaterThan(2000, compared);
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(9)]
    [DataRow(35)]
    public void Project_Batches_TreatsEachRowAlone(int columns)
    {
        ClosedForms.CheckBatch<CappedSimplexProjection<float>, float>(new(1, 0.75f), columns);
        ClosedForms.CheckBatch<CappedSimplexProjection<double>, double>(new(1, 0.75), columns);
    }

    private static double Loss(double[] y, double sum, double cap, double[] gradient)
    {
        var z = new double[y.Length];
        new CappedSimplexProjection<double>(sum, cap).Project(y, z);
        return z.Zip(gradient, (p, q) => p * q).Sum();
    }

    private static (double Sum, double Cap) Limits(Random random, int n)
    {
        double cap = random.Next(3) == 0 ? 1 : Math.Exp(2 * ClosedForms.Normal(random));
        return random.Next(3) switch
        {
            0 => (cap * random.Next(n + 1), cap),
            _ => (cap * n * random.NextDouble(), cap),
        };
    }

    private static double[] Slow(double[] y, double sum, double cap)
    {
        // In 28 digits, which have room for a small cap beside a large row.
        decimal[] v = [.. y.Select(x => (decimal)x)];
        decimal low = v.Min() - (decimal)cap;
        decimal high = v.Max();
        for (int i = 0; i < 110; i++)
        {
            decimal middle = (low + high) / 2;
            if (v.Sum(x => Math.Clamp(x - middle, 0, (decimal)cap)) > (decimal)sum)
                low = middle;
            else
                high = middle;
        }

        return [.. v.Select(x => (double)Math.Clamp(x - high, 0, (decimal)cap))];
    }
}
