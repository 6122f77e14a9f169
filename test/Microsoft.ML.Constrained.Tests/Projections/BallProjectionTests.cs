using System;
using System.Linq;
using Microsoft.ML.Constrained.Projections;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

/// <summary>The three balls, which share their cases.</summary>
[TestClass]
public sealed class BallProjectionTests
{
    [TestMethod]
    public void Project_L1_EqualsBisection()
    {
        Run(1e100, 1e10, (r, c) => new L1BallProjection<double>(r, c), (r, c) => new L1BallProjection<float>(r, c), (d, r) =>
        {
            // Soft thresholds, in differences from the largest magnitude.
            double top = ClosedForms.Largest(d);
            if (d.Sum(Math.Abs) <= r)
                return d;
            double level = ClosedForms.Bisect(t => d.Sum(v => Math.Max(Math.Abs(v) - top - t, 0)) - r, -r, 0);
            return [.. d.Select(v => Math.Sign(v) * Math.Max(Math.Abs(v) - top - level, 0))];
        });
    }

    [TestMethod]
    public void Project_L2_EqualsBisection()
    {
        Run(1e200, 1e15, (r, c) => new L2BallProjection<double>(r, c), (r, c) => new L2BallProjection<float>(r, c), (d, r) =>
        {
            // The factor between 0 and 1 at which the scaled row reaches the sphere.
            double top = ClosedForms.Largest(d);
            double Length(double factor) => top == 0 ? 0 : top * factor * Math.Sqrt(d.Sum(v => v / top * (v / top)));
            if (Length(1) <= r)
                return d;
            double high = Math.Min(1, 2 * r / top);
            double found = ClosedForms.Bisect(f => r - Length(f), 0, high);
            return [.. d.Select(v => v * found)];
        });
    }

    [TestMethod]
    public void Project_LInfinity_EqualsTheMedian()
    {
        Run(1e200, 1e15, (r, c) => new LInfinityBallProjection<double>(r, c), (r, c) => new LInfinityBallProjection<float>(r, c), (d, r) =>
            [.. d.Select(v => new[] { v, -r, r }.Order().ElementAt(1))]);
    }

    [TestMethod]
    public void Adjoint_AllBalls_EqualDifferences()
    {
        var random = new Random(7);
        int compared = 0;
        for (int trial = 0; trial < 400; trial++)
        {
            double[] y = ClosedForms.RandomRow(random, 1 + random.Next(8), trial % 5 == 0 ? 0 : 6, 1);
            double[] g = [.. y.Select(_ => ClosedForms.Normal(random))];
            double[]? c = trial % 2 == 0 ? null : [.. y.Select(_ => ClosedForms.Normal(random))];
            double radius = 0.2 + (4 * random.NextDouble());
            compared += ClosedForms.CheckAdjoint(r => new L1BallProjection<double>(r, c), radius, y, g, $"L1 {trial}");
            compared += ClosedForms.CheckAdjoint(r => new L2BallProjection<double>(r, c), radius, y, g, $"L2 {trial}");
            compared += ClosedForms.CheckAdjoint(r => new LInfinityBallProjection<double>(r, c), radius, y, g, $"LInfinity {trial}");
        }

        Assert.IsGreaterThan(4000, compared);
    }

    [TestMethod]
    public void Project_RadiusZeroOrNegative_IsTheCentreOrInfeasible()
    {
        double[] centre = [1, -2];
        var z = new double[2];
        foreach (IRowProjection<double> ball in new IRowProjection<double>[]
            { new L1BallProjection<double>(0, centre), new L2BallProjection<double>(0, centre), new LInfinityBallProjection<double>(0, centre) })
        {
            Assert.AreEqual(SolverStatus.Solved, ball.Project([5, 5], z));
            CollectionAssert.AreEqual(centre, z);
            var input = new double[2];
            ball.Adjoint([5, 5], z, [1, 1], input);
            CollectionAssert.AreEqual(new double[2], input);
            ball.Adjoint(centre, z, [1, 1], input);
            Assert.IsTrue(input.All(double.IsFinite));
        }

        Assert.AreEqual(SolverStatus.PrimalInfeasible, new L1BallProjection<double>(-1).Project([5, 5], z));
        Assert.AreEqual(SolverStatus.PrimalInfeasible, new L2BallProjection<double>(-1).Project([5, 5], z));
        Assert.AreEqual(SolverStatus.PrimalInfeasible, new LInfinityBallProjection<double>(-1).Project([5, 5], z));
    }

    [TestMethod]
    public void Project_LongRow_IsNotLimitedByTheStack()
    {
        double[] y = [.. Enumerable.Range(0, 5000).Select(i => Math.Sin(i))];
        var z = new double[5000];
        Assert.AreEqual(SolverStatus.Solved, new L1BallProjection<double>(3).Project(y, z));
        Assert.AreEqual(3, z.Sum(Math.Abs), 1e-12);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(19)]
    public void Project_Batches_TreatsEachRowAlone(int columns)
    {
        ClosedForms.CheckBatch<L1BallProjection<float>, float>(new(1), columns);
        ClosedForms.CheckBatch<L2BallProjection<double>, double>(new(1), columns);
        ClosedForms.CheckBatch<LInfinityBallProjection<float>, float>(new(1), columns);
    }

    private static void Run<P, Q>(
        double extreme, double extremeFloat, Func<double, double[]?, P> wide, Func<float, float[]?, Q> narrow, Func<double[], double, double[]> slow)
        where P : IRowProjection<double>
        where Q : IRowProjection<float>
    {
        var random = new Random(5);
        for (int trial = 0; trial < ClosedForms.Cases; trial++)
        {
            int n = 1 + random.Next(20);
            double[] y = ClosedForms.RandomRow(random, n, trial, extreme);
            double[]? centre = random.Next(2) == 0 ? null : [.. y.Select(_ => (double)random.Next(-2, 3))];
            double radius = random.Next(4) == 0 ? random.Next(3) : Math.Exp(2 * ClosedForms.Normal(random));
            double[] expected = Around(y, centre, d => slow(d, radius));
            double scale = Math.Max(radius, centre is null ? 0 : ClosedForms.Largest(centre));
            ClosedForms.Check(wide(radius, centre), y, expected, 1e-13, scale, $"trial {trial}");

            float[] short_ = ClosedForms.Narrow(ClosedForms.RandomRow(random, n, trial, extremeFloat));
            float r = (float)radius;
            expected = Around(ClosedForms.Widen(short_), centre, d => slow(d, r));
            ClosedForms.Check(narrow(r, centre is null ? null : ClosedForms.Narrow(centre)), short_, expected, 2e-6, scale, $"float, trial {trial}");
        }
    }

    private static double[] Around(double[] y, double[]? centre, Func<double[], double[]> slow)
    {
        if (centre is null)
            return slow(y);
        double[] z = slow([.. y.Select((v, i) => v - centre[i])]);
        return [.. z.Select((v, i) => v + centre[i])];
    }
}
