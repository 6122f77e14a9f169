using System;
using System.Linq;
using Microsoft.ML.Constrained.Projections;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

[TestClass]
public sealed class BoxProjectionTests
{
    [TestMethod]
    public void Project_RandomRows_EqualsTheMedian()
    {
        var random = new Random(1);
        for (int trial = 0; trial < ClosedForms.Cases; trial++)
        {
            double[] y = ClosedForms.RandomRow(random, 1 + random.Next(20), trial, 1e150);
            var (lower, upper) = RandomBox(random, y.Length);
            ClosedForms.Check(new BoxProjection<double>(lower, upper), y, Slow(y, lower, upper), 0, 0, $"trial {trial}");
            float[] narrow = ClosedForms.Narrow(ClosedForms.RandomRow(random, y.Length, trial, 1e15));
            float[] low = ClosedForms.Narrow(lower);
            float[] high = ClosedForms.Narrow(upper);
            double[] expected = Slow(ClosedForms.Widen(narrow), ClosedForms.Widen(low), ClosedForms.Widen(high));
            ClosedForms.Check(new BoxProjection<float>(low, high), narrow, expected, 0, 0, $"trial {trial}");
        }
    }

    [TestMethod]
    public void Project_LowerAboveUpper_IsInfeasible()
    {
        for (int n = 1; n < 20; n++)
        {
            double[] lower = [.. Enumerable.Repeat(0.0, n)];
            double[] upper = [.. Enumerable.Repeat(1.0, n)];
            upper[n / 2] = -1;
            Assert.AreEqual(SolverStatus.PrimalInfeasible, new BoxProjection<double>(lower, upper).Project(new double[n], new double[n]));
        }
    }

    [TestMethod]
    public void Adjoint_RandomRows_EqualsDifferences()
    {
        var random = new Random(2);
        for (int trial = 0; trial < 300; trial++)
        {
            double[] y = ClosedForms.RandomRow(random, 1 + random.Next(8), 6, 1);
            double[] g = [.. y.Select(_ => ClosedForms.Normal(random))];
            var (lower, upper) = RandomBox(random, y.Length);
            var box = new BoxProjection<double>(lower, upper);
            ClosedForms.CheckAdjoint(_ => box, 0, y, g, $"trial {trial}");
            var low = new double[y.Length];
            var high = new double[y.Length];
            box.AdjointOfBounds(y, g, low, high);
            for (int i = 0; i < y.Length; i++)
            {
                Assert.AreEqual(y[i] < lower[i] ? g[i] : 0, low[i]);
                Assert.AreEqual(y[i] > upper[i] ? g[i] : 0, high[i]);
            }
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(21)]
    public void Project_Batches_TreatsEachRowAlone(int columns)
    {
        ClosedForms.CheckBatch<BoxProjection<float>, float>(new(new float[columns], [.. Enumerable.Repeat(1f, columns)]), columns);
        ClosedForms.CheckBatch<BoxProjection<double>, double>(new(new double[columns], [.. Enumerable.Repeat(1.0, columns)]), columns);
    }

    private static (double[] Lower, double[] Upper) RandomBox(Random random, int n)
    {
        var lower = new double[n];
        var upper = new double[n];
        for (int i = 0; i < n; i++)
        {
            double a = random.Next(-2, 3);
            double b = a + (random.Next(3) * random.NextDouble());
            lower[i] = random.Next(4) == 0 ? double.NegativeInfinity : a;
            upper[i] = random.Next(4) == 0 ? double.PositiveInfinity : b;
        }

        return (lower, upper);
    }

    private static double[] Slow(double[] y, double[] lower, double[] upper) =>
        [.. y.Select((v, i) => new[] { v, lower[i], upper[i] }.Order().ElementAt(1))];
}
