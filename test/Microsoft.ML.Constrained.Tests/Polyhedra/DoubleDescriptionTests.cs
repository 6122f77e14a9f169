using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Polyhedra;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Polyhedra;

/// <summary>Counts of known polytopes and cones, and enumeration of bases on random small ones.</summary>
[TestClass]
public sealed class DoubleDescriptionTests
{
    private static readonly PolyhedralArithmetic[] s_both = [PolyhedralArithmetic.Exact, PolyhedralArithmetic.Floating];

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(6)]
    public void Cube_HasTwoToTheNVertices(int n)
    {
        var cube = new HalfspaceSet(ConstraintSet.Over(n).Bounds(-1, 1));
        foreach (PolyhedralArithmetic arithmetic in s_both)
        {
            GeneratorSet generators = DoubleDescription.ToGenerators(cube, arithmetic);
            Assert.HasCount(1 << n, generators.Vertices);
            Assert.IsTrue(generators.IsBounded);
            Assert.IsTrue(generators.Vertices.All(v => v.All(x => Math.Abs(Math.Abs(x) - 1) < 1e-12)));
            Assert.HasCount(2 * n, DoubleDescription.ToHalfspaces(generators, arithmetic).Inequalities);
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(4)]
    [DataRow(5)]
    public void CrossPolytope_HasTwoNVertices(int n)
    {
        var set = new HalfspaceSet(n);
        for (int signs = 0; signs < 1 << n; signs++)
            set.AddInequality([.. Enumerable.Range(0, n).Select(i => (signs >> i & 1) == 0 ? 1.0 : -1.0)], 1);
        foreach (PolyhedralArithmetic arithmetic in s_both)
            Assert.HasCount(2 * n, DoubleDescription.ToGenerators(set, arithmetic).Vertices);
    }

    [TestMethod]
    public void Simplex_HasItsUnitVectors()
    {
        GeneratorSet generators = DoubleDescription.ToGenerators(new HalfspaceSet(ConstraintSet.Over(5).Simplex()));
        Assert.HasCount(5, generators.Vertices);
        Assert.IsTrue(generators.Vertices.All(v => v.Count(x => x == 1) == 1 && v.Count(x => x == 0) == 4));
        HalfspaceSet back = DoubleDescription.ToHalfspaces(generators);
        Assert.HasCount(1, back.Equalities);
        Assert.HasCount(5, back.Inequalities);
    }

    [TestMethod]
    [DataRow(6, 4, 9)] // n/(n−k) · C(n−k, k) for d = 2k: 6/4 · C(4,2)
    [DataRow(8, 4, 20)] // 8/6 · C(6,2)
    [DataRow(7, 3, 10)] // 2 · C(n−k−1, k) for d = 2k+1: 2 · C(5,1)
    [DataRow(9, 6, 30)] // 9/6 · C(6,3)
    public void CyclicPolytope_HasGalesNumberOfFacets(int vertices, int dimension, int facets)
    {
        double[][] points = [.. Enumerable.Range(1, vertices).Select(t => Enumerable.Range(1, dimension).Select(k => Math.Pow(t, k)).ToArray())];
        HalfspaceSet set = DoubleDescription.ToHalfspaces(new GeneratorSet(dimension, points, [], []));
        Assert.HasCount(facets, set.Inequalities);
        Assert.IsEmpty(set.Equalities);
        Assert.HasCount(vertices, DoubleDescription.ToGenerators(set, PolyhedralArithmetic.Exact).Vertices);
    }

    [TestMethod]
    [DataRow(3, 6)]
    [DataRow(4, 24)]
    public void BirkhoffPolytope_HasThePermutationMatrices(int n, int permutations)
    {
        var set = new HalfspaceSet(n * n);
        for (int i = 0; i < n; i++)
        {
            set.AddEquality([.. Enumerable.Range(0, n * n).Select(k => k / n == i ? 1.0 : 0.0)], 1);
            set.AddEquality([.. Enumerable.Range(0, n * n).Select(k => k % n == i ? 1.0 : 0.0)], 1);
        }

        for (int k = 0; k < n * n; k++)
            set.AddInequality([.. Enumerable.Range(0, n * n).Select(j => j == k ? -1.0 : 0.0)], 0);
        foreach (PolyhedralArithmetic arithmetic in s_both)
        {
            GeneratorSet generators = DoubleDescription.ToGenerators(set, arithmetic);
            Assert.HasCount(permutations, generators.Vertices);
            Assert.IsTrue(generators.Vertices.All(v => v.Count(x => Math.Abs(x - 1) < 1e-9) == n && v.Count(x => Math.Abs(x) < 1e-9) == n * n - n));
            HalfspaceSet back = DoubleDescription.ToHalfspaces(generators, arithmetic);
            Assert.HasCount(2 * n - 1, back.Equalities);
            Assert.HasCount(n * n, back.Inequalities);
        }
    }

    [TestMethod]
    [DataRow(4, 7)] // the metrics on four points are the sums of cuts
    [DataRow(5, 25)] // 15 cuts and 10 others
    public void MetricCone_HasTheKnownExtremeRays(int points, int rays)
    {
        foreach (PolyhedralArithmetic arithmetic in s_both)
        {
            GeneratorSet generators = DoubleDescription.ToGenerators(MetricCone(points), arithmetic);
            Assert.HasCount(rays, generators.Rays);
            Assert.HasCount(1, generators.Vertices);
            Assert.IsEmpty(generators.Lines);
        }
    }

    [TestMethod]
    [DataRow(4, 12)]
    [DataRow(5, 40)]
    public void CutCone_HasTheKnownFacets(int points, int facets)
    {
        int n = points * (points - 1) / 2;
        var cuts = new List<double[]>();
        for (int side = 1; side < 1 << (points - 1); side++)
        {
            cuts.Add(
            [
                .. from i in Enumerable.Range(0, points)
                   from j in Enumerable.Range(i + 1, points - i - 1)
                   select (side >> i & 1) != (side >> j & 1) ? 1.0 : 0.0,
            ]);
        }

        HalfspaceSet set = DoubleDescription.ToHalfspaces(new GeneratorSet(n, [new double[n]], cuts, []));
        Assert.HasCount(facets, set.Inequalities);
        Assert.IsTrue(set.Inequalities.All(i => i.Offset == 0));
    }

    [TestMethod]
    public void SpecialSets_HaveTheirGenerators()
    {
        foreach (PolyhedralArithmetic arithmetic in s_both)
        {
            Assert.IsTrue(DoubleDescription.ToGenerators(new HalfspaceSet(1).AddInequality([1], 0).AddInequality([-1], -1), arithmetic).IsEmpty);
            Assert.IsTrue(DoubleDescription.ToGenerators(new HalfspaceSet(2).AddEquality([0, 0], 1), arithmetic).IsEmpty);
            AssertCounts(1, 0, 0, new HalfspaceSet(2).AddEquality([1, 1], 1).AddEquality([1, -1], 0), arithmetic);
            AssertCounts(1, 0, 0, new HalfspaceSet(1).AddInequality([1], 3).AddInequality([-2], -6), arithmetic);
            AssertCounts(1, 0, 1, new HalfspaceSet(3).AddEquality([1, 1, 0], 1).AddEquality([0, 1, 1], 2), arithmetic);
            AssertCounts(1, 0, 3, new HalfspaceSet(3), arithmetic);
            AssertCounts(1, 1, 1, new HalfspaceSet(2).AddInequality([1, 2], 4), arithmetic);
            AssertCounts(1, 0, 2, new HalfspaceSet(2).AddInequality([0, 0], 1), arithmetic);
            AssertCounts(2, 0, 1, new HalfspaceSet(2).AddInequality([1, 1], 1).AddInequality([-1, -1], 1).AddInequality([2, 2], 2), arithmetic);
        }
    }

    [TestMethod]
    public void RandomPolytopes_HaveTheVerticesThatBasesGive()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 300; trial++)
        {
            int n = 2 + random.Next(3), rows = random.Next(1, 6);
            var set = new HalfspaceSet(ConstraintSet.Over(n).Bounds(-3, 3));
            for (int i = 0; i < rows; i++)
                set.AddInequality([.. Enumerable.Range(0, n).Select(_ => (double)random.Next(-3, 4))], random.Next(-2, 6));
            List<double[]> expected = VerticesFromBases(set);
            foreach (PolyhedralArithmetic arithmetic in s_both)
            {
                GeneratorSet generators = DoubleDescription.ToGenerators(set, arithmetic);
                Assert.HasCount(expected.Count, generators.Vertices, $"trial {trial} {arithmetic}");
                Assert.IsTrue(expected.All(e => generators.Vertices.Any(v => Distance(e, v) < 1e-7)), $"trial {trial} {arithmetic}");
                if (expected.Count == 0)
                    continue;

                // There and back: the same vertices again.
                GeneratorSet again = DoubleDescription.ToGenerators(DoubleDescription.ToHalfspaces(generators, PolyhedralArithmetic.Floating), PolyhedralArithmetic.Floating);
                Assert.HasCount(expected.Count, again.Vertices, $"trial {trial} {arithmetic}, back");
                Assert.IsTrue(expected.All(e => again.Vertices.Any(v => Distance(e, v) < 1e-6)), $"trial {trial} {arithmetic}, back");
            }
        }
    }

    [TestMethod]
    public void RandomCones_AreWhatTheirGeneratorsSpan()
    {
        var random = new Random(4);
        for (int trial = 0; trial < 200; trial++)
        {
            int n = 2 + random.Next(4), rows = random.Next(0, 8);
            var set = new HalfspaceSet(n);
            for (int i = 0; i < rows; i++)
                set.AddInequality([.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)], 0);
            GeneratorSet generators = DoubleDescription.ToGenerators(set);
            foreach (double[] ray in generators.Rays)
                Assert.IsTrue(set.Inequalities.All(i => Dot(i.Normal, ray) <= 1e-9));
            foreach (double[] line in generators.Lines)
                Assert.IsTrue(set.Inequalities.All(i => Math.Abs(Dot(i.Normal, line)) <= 1e-9));

            // The half-spaces of the generators hold exactly where the given ones do.
            HalfspaceSet back = DoubleDescription.ToHalfspaces(generators);
            for (int sample = 0; sample < 50; sample++)
            {
                double[] point = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
                bool inside = set.Inequalities.All(i => Dot(i.Normal, point) <= 0);
                bool insideBack = back.Inequalities.All(i => Dot(i.Normal, point) <= 1e-9) && back.Equalities.All(e => Math.Abs(Dot(e.Normal, point)) <= 1e-9);
                Assert.AreEqual(inside, insideBack, $"trial {trial}");
            }
        }
    }

    [TestMethod]
    public void Limit_ThatIsExceeded_SaysHowFarItGot()
    {
        var cube = new HalfspaceSet(ConstraintSet.Over(12).Bounds(0, 1));
        InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() => DoubleDescription.ToGenerators(cube, limit: 100));
        StringAssert.Contains(e.Message, "the limit is 100");
        StringAssert.Contains(e.Message, "of 25 rows");
    }

    [TestMethod]
    public void Arguments_AreChecked()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new HalfspaceSet(0));
        Assert.ThrowsExactly<ArgumentException>(() => new HalfspaceSet(2).AddInequality([1], 0));
        Assert.ThrowsExactly<ArgumentException>(() => new HalfspaceSet(1).AddInequality([double.NaN], 0));
        Assert.ThrowsExactly<ArgumentException>(() => new HalfspaceSet(1).AddEquality([1], double.PositiveInfinity));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new HalfspaceSet(ConstraintSet.Over(2).Ball(Norm.L2, 1))).Message, "is not linear");
        Assert.ThrowsExactly<ArgumentException>(() => DoubleDescription.ToHalfspaces(DoubleDescription.ToGenerators(new HalfspaceSet(1).AddEquality([0], 1))));
    }

    private static void AssertCounts(int vertices, int rays, int lines, HalfspaceSet set, PolyhedralArithmetic arithmetic)
    {
        GeneratorSet generators = DoubleDescription.ToGenerators(set, arithmetic);
        Assert.AreEqual((vertices, rays, lines), (generators.Vertices.Count, generators.Rays.Count, generators.Lines.Count), $"{set} {arithmetic}");
    }

    private static HalfspaceSet MetricCone(int points)
    {
        int Pair(int i, int j) => i < j ? i * (2 * points - i - 1) / 2 + j - i - 1 : Pair(j, i);
        var set = new HalfspaceSet(points * (points - 1) / 2);
        for (int i = 0; i < points; i++)
        {
            for (int j = i + 1; j < points; j++)
            {
                for (int k = 0; k < points; k++)
                {
                    if (k == i || k == j)
                        continue;
                    var row = new double[set.Dimension];
                    row[Pair(i, j)] = 1;
                    row[Pair(i, k)] = row[Pair(j, k)] = -1;
                    set.AddInequality(row, 0);
                }
            }
        }

        return set;
    }

    /// <summary>Every n rows taken as equalities; the solutions that satisfy all rows are the vertices.</summary>
    private static List<double[]> VerticesFromBases(HalfspaceSet set)
    {
        int n = set.Dimension, rows = set.Inequalities.Count;
        var found = new List<double[]>();
        for (int mask = 0; mask < 1 << rows; mask++)
        {
            if (System.Numerics.BitOperations.PopCount((uint)mask) != n)
                continue;
            int[] basis = [.. Enumerable.Range(0, rows).Where(i => (mask >> i & 1) == 1)];
            double[]? point = Solve([.. basis.Select(i => (double[])[.. set.Inequalities[i].Normal, set.Inequalities[i].Offset])]);
            if (point is not null && set.Inequalities.All(i => Dot(i.Normal, point) <= i.Offset + 1e-9) && found.All(f => Distance(f, point) > 1e-9))
                found.Add(point);
        }

        return found;
    }

    /// <summary>Gauss–Jordan elimination with pivoting; null when singular.</summary>
    private static double[]? Solve(double[][] rows)
    {
        int n = rows.Length;
        for (int column = 0; column < n; column++)
        {
            int pivot = Enumerable.Range(column, n - column).MaxBy(i => Math.Abs(rows[i][column]));
            if (Math.Abs(rows[pivot][column]) < 1e-9)
                return null;
            (rows[column], rows[pivot]) = (rows[pivot], rows[column]);
            for (int i = 0; i < n; i++)
            {
                if (i == column)
                    continue;
                double factor = rows[i][column] / rows[column][column];
                for (int j = column; j <= n; j++)
                    rows[i][j] -= factor * rows[column][j];
            }
        }

        return [.. rows.Select((r, i) => r[n] / r[i])];
    }

    private static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();

    private static double Distance(double[] x, double[] y) => x.Zip(y, (a, b) => Math.Abs(a - b)).Max();
}
