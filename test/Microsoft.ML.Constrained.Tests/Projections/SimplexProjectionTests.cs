using System;
using System.Linq;
using Microsoft.ML.Constrained.Projections;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

[TestClass]
public sealed class SimplexProjectionTests
{
    [TestMethod]
    public void Project_Double_EqualsBisection()
    {
        var random = new Random(1);
        for (int trial = 0; trial < ClosedForms.Cases; trial++)
        {
            double[] y = ClosedForms.RandomRow(random, 1 + random.Next(40), trial, 1e150);
            double sum = Math.Exp(3 * ClosedForms.Normal(random));
            double[] z = ClosedForms.Check(new SimplexProjection<double>(sum), y, Slow(y, sum), 1e-12, sum, $"trial {trial}");
            AssertFeasible(z, sum, 1e-14);
        }
    }

    [TestMethod]
    public void Project_Float_EqualsBisection()
    {
        var random = new Random(2);
        for (int trial = 0; trial < ClosedForms.Cases; trial++)
        {
            float[] y = ClosedForms.Narrow(ClosedForms.RandomRow(random, 1 + random.Next(70), trial, 1e15));
            float sum = (float)Math.Exp(3 * ClosedForms.Normal(random));
            float[] z = ClosedForms.Check(new SimplexProjection<float>(sum), y, Slow(ClosedForms.Widen(y), sum), 2e-6, sum, $"trial {trial}");
            AssertFeasible(ClosedForms.Widen(z), sum, 1e-6);
        }
    }

    [TestMethod]
    public void Project_LargeOffset_KeepsTheSum()
    {
        // y = 10⁶ + small differences: the threshold is 10⁶ and z about 1.
        var random = new Random(3);
        float[] y = [.. Enumerable.Range(0, 1000).Select(_ => 1e6f + (float)random.NextDouble())];
        var z = new float[1000];
        new SimplexProjection<float>(1).Project(y, z);
        AssertFeasible(ClosedForms.Widen(z), 1, 1e-6);
    }

    [TestMethod]
    public void Project_ExtremeValues_OverflowsNowhere()
    {
        var z = new float[3];
        Assert.AreEqual(SolverStatus.Solved, new SimplexProjection<float>(2).Project([float.MaxValue, -float.MaxValue, 0], z));
        CollectionAssert.AreEqual(new float[] { 2, 0, 0 }, z);
        Assert.AreEqual(SolverStatus.Solved, new SimplexProjection<float>(2).Project([-float.MaxValue, -float.MaxValue, float.MinValue], z));
        AssertFeasible(ClosedForms.Widen(z), 2, 1e-6);
    }

    [TestMethod]
    public void Project_SumZeroOrNegativeOrNaN_IsTheOriginOrAStatus()
    {
        var z = new double[] { 7, 7 };
        Assert.AreEqual(SolverStatus.Solved, new SimplexProjection<double>(0).Project([1, 2], z));
        CollectionAssert.AreEqual(new double[2], z);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, new SimplexProjection<double>(-1).Project([1, 2], z));
        Assert.AreEqual(SolverStatus.InvalidInput, new SimplexProjection<double>(double.NaN).Project([1, 2], z));
    }

    [TestMethod]
    public void Adjoint_RandomRows_EqualsDifferences()
    {
        var random = new Random(4);
        int compared = 0;
        for (int trial = 0; trial < 500; trial++)
        {
            double[] y = ClosedForms.RandomRow(random, 1 + random.Next(12), trial % 4 == 0 ? 0 : 6, 1);
            double[] g = [.. y.Select(_ => ClosedForms.Normal(random))];
            compared += ClosedForms.CheckAdjoint(s => new SimplexProjection<double>(s), 0.5 + random.NextDouble(), y, g, $"trial {trial}");
        }

        Assert.IsGreaterThan(2000, compared);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(7)]
    [DataRow(16)]
    [DataRow(33)]
    public void Project_Batches_TreatsEachRowAlone(int columns)
    {
        ClosedForms.CheckBatch<SimplexProjection<float>, float>(new(1), columns);
        ClosedForms.CheckBatch<SimplexProjection<double>, double>(new(1), columns);
    }

    private static void AssertFeasible(double[] z, double sum, double tolerance)
    {
        Assert.IsTrue(z.All(v => v >= 0));
        Assert.AreEqual(sum, z.Sum(), tolerance * sum * 1.5);
    }

    private static double[] Slow(double[] y, double sum)
    {
        // In differences from the largest element, which are exact enough for any scale.
        double top = y.Max();
        double level = ClosedForms.Bisect(t => y.Sum(v => Math.Max(v - top - t, 0)) - sum, -sum, 0);
        return [.. y.Select(v => Math.Max(v - top - level, 0))];
    }
}
