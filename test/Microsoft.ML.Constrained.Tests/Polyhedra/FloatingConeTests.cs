using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Polyhedra;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Polyhedra;

/// <summary>Conversion in double precision where it is hard: great and tiny sizes, far offsets, nearly parallel and repeated rows.</summary>
[TestClass]
public sealed class FloatingConeTests
{
    [TestMethod]
    [DataRow(1.0, 0.0)]
    [DataRow(1e9, 0.0)]
    [DataRow(1e-9, 0.0)]
    [DataRow(1.0, 1e5)]
    [DataRow(1e-3, 1e3)]
    public void ScaledAndMovedPolytopes_KeepTheirVertices(double scale, double centre)
    {
        var random = new Random(11);
        for (int trial = 0; trial < 60; trial++)
        {
            // Integers first: their exact vertices, moved, are what floating numbers must find.
            int n = 2 + random.Next(3), rows = 1 + random.Next(5);
            var integer = new HalfspaceSet(ConstraintSet.Over(n).Bounds(-3, 3));
            for (int i = 0; i < rows; i++)
                integer.AddInequality([.. Enumerable.Range(0, n).Select(_ => (double)random.Next(-3, 4))], random.Next(0, 6));
            var moved = new HalfspaceSet(n);
            foreach ((double[] normal, double offset) in integer.Inequalities)
            {
                double factor = 0.1 + random.NextDouble();
                moved.AddInequality(Array.ConvertAll(normal, v => v * factor), factor * (scale * offset + centre * normal.Sum()));
            }

            IReadOnlyList<double[]> expected = DoubleDescription.ToGenerators(integer, PolyhedralArithmetic.Exact).Vertices;
            GeneratorSet actual = DoubleDescription.ToGenerators(moved, PolyhedralArithmetic.Floating);
            Assert.HasCount(expected.Count, actual.Vertices, $"trial {trial}");
            Assert.IsTrue(actual.IsBounded);
            double tolerance = 1e-9 * Math.Max(scale, Math.Abs(centre));
            foreach (double[] vertex in expected)
            {
                Assert.IsTrue(
                    actual.Vertices.Any(v => v.Zip(vertex, (a, b) => Math.Abs(a - (scale * b + centre))).Max() <= tolerance), $"trial {trial}");
            }
        }
    }

    [TestMethod]
    public void NearlyParallelRows_GiveFeasibleGenerators()
    {
        var random = new Random(12);
        for (int trial = 0; trial < 100; trial++)
        {
            int n = 2 + random.Next(3);
            double spread = Math.Pow(10, -random.Next(4, 13));
            var set = new HalfspaceSet(ConstraintSet.Over(n).Bounds(-1, 1));
            double[] common = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
            for (int i = 0; i < 4; i++)
                set.AddInequality([.. common.Select(v => v + spread * (random.NextDouble() - 0.5))], 0.1);
            GeneratorSet generators = DoubleDescription.ToGenerators(set, PolyhedralArithmetic.Floating);
            Assert.IsTrue(generators.Vertices.Count > n && generators.IsBounded, $"trial {trial}: {generators}");
            foreach (double[] vertex in generators.Vertices)
                Assert.IsTrue(set.Inequalities.All(r => Dot(r.Normal, vertex) <= r.Offset + 1e-8), $"trial {trial}");

            // Nothing is lost: the support in random directions is that of the exact conversion.
            GeneratorSet exact = DoubleDescription.ToGenerators(set, PolyhedralArithmetic.Exact);
            for (int k = 0; k < 20; k++)
            {
                double[] direction = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
                Assert.AreEqual(exact.Vertices.Max(v => Dot(direction, v)), generators.Vertices.Max(v => Dot(direction, v)), 1e-7, $"trial {trial}");
            }
        }
    }

    [TestMethod]
    public void ThinWedge_HasItsTwoRays()
    {
        // y ≥ 0 and y ≤ 1e-7 x: an angle of 1e-7.
        GeneratorSet wedge = DoubleDescription.ToGenerators(
            new HalfspaceSet(2).AddInequality([0, -1], 0).AddInequality([-1e-7, 1], 0), PolyhedralArithmetic.Floating);
        Assert.HasCount(2, wedge.Rays);
        Assert.IsTrue(wedge.Rays.All(r => r[0] > 0.99 && (Math.Abs(r[1]) < 1e-12 || Math.Abs(r[1] - 1e-7) < 1e-12)));
    }

    [TestMethod]
    public void FarVertex_IsAVertexInExactNumbers()
    {
        // x ≥ 0, y ≥ 0, x + 10¹² y ≤ 10¹³, whose vertices are 13 powers of ten apart; and y ≤ x / 10¹⁵.
        var set = new HalfspaceSet(2).AddInequality([-1, 0], 0).AddInequality([0, -1], 0).AddInequality([1, 1e12], 1e13);
        GeneratorSet generators = DoubleDescription.ToGenerators(set, PolyhedralArithmetic.Exact);
        Assert.HasCount(3, generators.Vertices);
        Assert.IsTrue(generators.Vertices.Any(v => v[0] == 1e13 && v[1] == 0));
        Assert.IsTrue(generators.Vertices.Any(v => v[0] == 0 && v[1] == 10));
        GeneratorSet far = DoubleDescription.ToGenerators(set.AddInequality([-1, 1e15], 0), PolyhedralArithmetic.Exact);
        Assert.HasCount(3, far.Vertices);
        Assert.IsTrue(far.IsBounded);
    }

    [TestMethod]
    public void HugeIntegers_GiveCorrectlyRoundedVertices()
    {
        GeneratorSet point = DoubleDescription.ToGenerators(
            new HalfspaceSet(2).AddEquality([1e300, 1], 3e-300).AddEquality([1, -1e-300], 1), PolyhedralArithmetic.Exact);
        Assert.HasCount(1, point.Vertices);
        Assert.AreEqual(1, point.Vertices[0][0] + point.Vertices[0][1] * -1e-300, 1e-15);
        Assert.IsTrue(point.Vertices[0].All(double.IsFinite));
    }

    [TestMethod]
    public void Basis_ComplementIsOrthonormal()
    {
        var random = new Random(13);
        for (int trial = 0; trial < 50; trial++)
        {
            int n = 1 + random.Next(8), wanted = random.Next(n + 2);
            var basis = new OrthonormalBasis(n);
            for (int i = 0; i < wanted; i++)
                basis.TryAdd(FloatingArithmetic.Normalize([.. Enumerable.Range(0, n).Select(_ => (double)random.Next(-2, 3))]));
            double[][] all = [.. basis.Directions, .. basis.Complement()];
            Assert.HasCount(n, all);
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j <= i; j++)
                    Assert.AreEqual(i == j ? 1 : 0, Dot(all[i], all[j]), 1e-14);
            }
        }
    }

    private static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();
}
