using System;
using System.Linq;
using Microsoft.ML.Constrained.Projections;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

[TestClass]
public sealed class SecondOrderConeProjectionTests
{
    [TestMethod]
    public void Project_RandomRows_EqualsSearchOverTheBoundary()
    {
        var random = new Random(1);
        for (int trial = 0; trial < ClosedForms.Cases; trial++)
        {
            int n = 1 + random.Next(8);
            double[] y = ClosedForms.RandomRow(random, n + 1, trial, 1e100);
            double[]? centre = random.Next(2) == 0 ? null : [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(-2, 3))];
            double radius = random.Next(-2, 3);
            double scale = Math.Max(3, ClosedForms.Largest(y));
            ClosedForms.Check(new SecondOrderConeProjection<double>(radius, centre), y, Slow(y, centre, radius), 1e-13, scale, $"trial {trial}");
            float[] narrow = ClosedForms.Narrow(ClosedForms.RandomRow(random, n + 1, trial, 1e15));
            double[] wide = ClosedForms.Widen(narrow);
            float[]? narrowCentre = centre is null ? null : ClosedForms.Narrow(centre);
            scale = Math.Max(3, ClosedForms.Largest(wide));
            ClosedForms.Check(
                new SecondOrderConeProjection<float>((float)radius, narrowCentre), narrow, Slow(wide, centre, radius), 2e-6, scale, $"float {trial}");
        }
    }

    [TestMethod]
    public void Adjoint_RandomRows_EqualsDifferences()
    {
        var random = new Random(2);
        int compared = 0;
        for (int trial = 0; trial < 400; trial++)
        {
            double[] y = ClosedForms.RandomRow(random, 2 + random.Next(6), trial % 5 == 0 ? 0 : 6, 1);
            double[] g = [.. y.Select(_ => ClosedForms.Normal(random))];
            double[]? centre = trial % 2 == 0 ? null : [.. y.Skip(1).Select(_ => ClosedForms.Normal(random))];
            compared += ClosedForms.CheckAdjoint(r => new SecondOrderConeProjection<double>(r, centre), ClosedForms.Normal(random), y, g, $"{trial}");
        }

        Assert.IsGreaterThan(1500, compared);
    }

    [TestMethod]
    public void Adjoint_AtTheApexAndOnTheAxis_IsFinite()
    {
        var cone = new SecondOrderConeProjection<double>(0);
        foreach (double[] y in new double[][] { [0, 0, 0], [0, 0, 1], [0, 0, -1], [1, 0, 1], [1, 0, -1] })
        {
            var z = new double[3];
            Assert.AreEqual(SolverStatus.Solved, cone.Project(y, z));
            var input = new double[3];
            double side = cone.Adjoint(y, z, [1, 2, 3], input);
            Assert.IsTrue(input.All(double.IsFinite) && double.IsFinite(side));
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(18)]
    public void Project_Batches_TreatsEachRowAlone(int columns)
    {
        ClosedForms.CheckBatch<SecondOrderConeProjection<double>, double>(new(0.5), columns);
        ClosedForms.CheckBatch<SecondOrderConeProjection<float>, float>(new(0.5f), columns);
    }

    /// <summary>The best point of the ray {(αu, α)} of the boundary, by halving the slope of its squared distance.</summary>
    private static double[] Slow(double[] y, double[]? centre, double radius)
    {
        int n = y.Length - 1;
        double[] d = [.. y.Take(n).Select((v, i) => centre is null ? v : v - centre[i])];
        double h = y[n] + radius;
        double top = ClosedForms.Largest(d);
        double length = top == 0 ? 0 : top * Math.Sqrt(d.Sum(v => v / top * (v / top)));
        if (length <= h)
            return y;
        double alpha = ClosedForms.Bisect(a => length - a + (h - a), 0, Math.Max(length, Math.Abs(h)));
        double[] z = [.. d.Select((v, i) => (length == 0 ? 0 : v / length * alpha) + (centre is null ? 0 : centre[i])), alpha - radius];
        return z;
    }
}
