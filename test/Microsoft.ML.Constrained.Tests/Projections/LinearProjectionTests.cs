using System;
using System.Linq;
using Microsoft.ML.Constrained.Projections;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

/// <summary>Hyperplanes, half-spaces and affine sets, against the slow polyhedron.</summary>
[TestClass]
public sealed class LinearProjectionTests
{
    private const double Inf = double.PositiveInfinity;

    [TestMethod]
    public void Project_HyperplaneAndHalfSpace_EqualTheSlowPolyhedron()
    {
        var random = new Random(1);
        for (int trial = 0; trial < ClosedForms.Cases; trial++)
        {
            double[] y = ClosedForms.RandomRow(random, 1 + random.Next(12), trial, 1e8);
            double[] a = [.. y.Select(_ => ClosedForms.Normal(random) * (random.Next(4) == 0 ? 0 : 1))];
            a[random.Next(a.Length)] = 1;
            double level = 2 * ClosedForms.Normal(random);
            double scale = Math.Max(1, Math.Max(Math.Abs(level), y.Sum(Math.Abs)));
            double[] plane = SlowPolyhedron.Project([a], [level], [level], y, null, 1e-6 * scale)!;
            double[] half = SlowPolyhedron.Project([a], [-Inf], [level], y, null, 1e-9 * scale)!;
            ClosedForms.Check(new HyperplaneProjection<double>(a, level), y, plane, 1e-13, scale, $"plane {trial}");
            ClosedForms.Check(new HalfSpaceProjection<double>(a, level), y, half, 1e-13, scale, $"half-space {trial}");
            float[] narrow = ClosedForms.Narrow(y);
            ClosedForms.Check(new HyperplaneProjection<float>(ClosedForms.Narrow(a), (float)level), narrow, plane, 4e-6, scale, $"float plane {trial}");
            ClosedForms.Check(new HalfSpaceProjection<float>(ClosedForms.Narrow(a), (float)level), narrow, half, 4e-6, scale, $"float half {trial}");
        }
    }

    [TestMethod]
    public void Project_AffineSetsOfAnyRank_EqualTheSlowPolyhedron()
    {
        var random = new Random(2);
        int infeasible = 0;
        for (int trial = 0; trial < ClosedForms.Cases; trial++)
        {
            int n = 1 + random.Next(6);
            int m = random.Next(4);
            double[] y = ClosedForms.RandomRow(random, n, trial % 4 == 0 ? 0 : 6, 1);
            double[][] a = [.. Enumerable.Range(0, m).Select(_ => Enumerable.Range(0, n).Select(_ => (double)random.Next(-2, 3)).ToArray())];
            if (m > 1 && random.Next(3) == 0)
                a[m - 1] = [.. a[0].Select(v => -2 * v)];
            double[] inside = [.. y.Select(_ => (double)random.Next(-2, 3))];
            double[] b = [.. a.Select(row => row.Zip(inside, (p, q) => p * q).Sum() + (random.Next(8) == 0 ? 1 : 0))];
            double[]? expected = SlowPolyhedron.Project(a, b, b, y);
            var set = new AffineProjection<double>([.. a.SelectMany(r => r)], b, n);
            if (expected is null)
            {
                infeasible++;
                Assert.AreEqual(SolverStatus.PrimalInfeasible, set.Project(y, new double[n]), $"trial {trial}");
                continue;
            }

            ClosedForms.Check(set, y, expected, 1e-12, 10, $"trial {trial}");
            var narrow = new AffineProjection<float>([.. a.SelectMany(r => r)], b, n);
            ClosedForms.Check(narrow, ClosedForms.Narrow(y), expected, 4e-6, 10, $"float, trial {trial}");
        }

        Assert.IsGreaterThan(100, infeasible);
    }

    [TestMethod]
    public void Adjoint_AllThree_EqualDifferences()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 300; trial++)
        {
            int n = 3 + random.Next(5);
            double[] y = ClosedForms.RandomRow(random, n, 6, 1);
            double[] g = [.. y.Select(_ => ClosedForms.Normal(random))];
            double[] a = [.. y.Select(_ => ClosedForms.Normal(random))];
            double level = ClosedForms.Normal(random);
            ClosedForms.CheckAdjoint(b => new HyperplaneProjection<double>(a, b), level, y, g, $"plane {trial}");
            ClosedForms.CheckAdjoint(b => new HyperplaneProjection<double>(a, 0).At(b), level, y, g, $"plane {trial}");
            ClosedForms.CheckAdjoint(b => new HalfSpaceProjection<double>(a, b), level, y, g, $"half-space {trial}");
            ClosedForms.CheckAdjoint(b => new HalfSpaceProjection<double>(a, 0).At(b), level, y, g, $"half-space {trial}");

            // The second equation has the level that moves.
            double[] matrix = [.. a, .. y.Select(_ => ClosedForms.Normal(random))];
            var levels = new double[2];
            var set = new AffineProjection<double>(matrix, [1, level], n);
            ClosedForms.CheckAdjoint(_ => set, 0, y, g, $"affine {trial}", expectSide: false);
            set.AdjointOfLevels(g, levels);
            var more = new double[n];
            var less = new double[n];
            new AffineProjection<double>(matrix, [1, level + 1e-5], n).Project(y, more);
            new AffineProjection<double>(matrix, [1, level - 1e-5], n).Project(y, less);
            Assert.AreEqual(more.Select((v, i) => (v - less[i]) * g[i]).Sum() / 2e-5, levels[1], 1e-6 * Math.Max(1, Math.Abs(levels[1])));
        }
    }

    [TestMethod]
    public void Project_NormalOfZeros_IsEverythingOrNothing()
    {
        var z = new double[2];
        Assert.AreEqual(SolverStatus.Solved, new HyperplaneProjection<double>([0, 0], 0).Project([1, 2], z));
        CollectionAssert.AreEqual(new double[] { 1, 2 }, z);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, new HyperplaneProjection<double>([0, 0], 1).Project([1, 2], z));
        Assert.AreEqual(SolverStatus.Solved, new HalfSpaceProjection<double>([0, 0], 1).Project([1, 2], z));
        Assert.AreEqual(SolverStatus.PrimalInfeasible, new HalfSpaceProjection<double>([0, 0], -1).Project([1, 2], z));
    }

    [TestMethod]
    public void Project_TinyAndHugeNormals_KeepTheirPlane()
    {
        foreach (double scale in new[] { 1e-300, 1e-160, 1e160, 1e300 })
        {
            var z = new double[2];
            Assert.AreEqual(SolverStatus.Solved, new HyperplaneProjection<double>([scale, scale], scale).Project([2, 3], z));
            Assert.AreEqual(0, z[0], 1e-12);
            Assert.AreEqual(1, z[1], 1e-12);
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(18)]
    public void Project_Batches_TreatsEachRowAlone(int columns)
    {
        double[] normal = [.. Enumerable.Range(1, columns).Select(i => (double)i)];
        ClosedForms.CheckBatch<HyperplaneProjection<double>, double>(new(normal, 1), columns);
        ClosedForms.CheckBatch<HalfSpaceProjection<float>, float>(new(ClosedForms.Narrow(normal), 1), columns);
        ClosedForms.CheckBatch<AffineProjection<double>, double>(new(normal, [1], columns), columns);
    }
}
