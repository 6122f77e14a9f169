using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Analysis;

/// <summary>Small integer systems, in which touching, repeated and redundant rows are common, against exact enumeration.</summary>
[TestClass]
public sealed class ConstraintSetAnalysisRandomTests
{
    [TestMethod]
    [DataRow(1, 2, 1.0)]
    [DataRow(2, 3, 1.0)]
    [DataRow(3, 3, 1e-6)]
    [DataRow(4, 2, 1e6)]
    public void Analyze_SmallIntegerSystems_MatchesEnumeration(int seed, int n, double unit)
    {
        var random = new Random(seed);
        int empty = 0, thin = 0, unbounded = 0, redundant = 0;
        for (int trial = 0; trial < 100; trial++)
        {
            List<(long[] A, long B)> rows = NewRows(random, n, 2 + random.Next(6));
            var exact = new ExactPolyhedron(n, rows);
            FeasibilityReport report = NewSet(n, rows, unit).Analyze();
            string what = $"trial {trial}: {string.Join("; ", rows.Select(r => $"[{string.Join(" ", r.A)}] <= {r.B}"))}\n{report}";
            Assert.AreEqual(exact.IsEmpty, report.IsEmpty, what);
            if (exact.IsEmpty)
            {
                empty++;
                CheckConflict(n, rows, report, what);
                continue;
            }

            Assert.AreEqual(exact.Dimension, report.Dimension, what);
            Assert.AreEqual(exact.IsBounded, report.IsBounded, what);
            CheckPoint(rows, report, unit, what);
            CheckDirection(rows, report, what);
            string[] tight = rows.Select((r, i) => (r, i)).Where(t => exact.IsTightEverywhere(t.r.A, t.r.B))
                .Select(t => $"c{t.i}").ToArray();
            CollectionAssert.AreEqual(tight, report.ImpliedEqualities.ToArray(), what);
            CheckRedundant(n, rows, exact, report, what);
            thin += report.Dimension < n ? 1 : 0;
            unbounded += report.IsBounded ? 0 : 1;
            redundant += report.Redundant.Count > 0 ? 1 : 0;
        }

        Assert.IsTrue(empty > 10 && thin >= 1 && unbounded > 10 && redundant > 10, $"{empty} {thin} {unbounded} {redundant}");
    }

    [TestMethod]
    public void Analyze_FullDimensional_RadiusIsLargest()
    {
        var random = new Random(5);
        int compared = 0;
        for (int trial = 0; trial < 200; trial++)
        {
            List<(long[] A, long B)> rows = NewRows(random, 2, 4 + random.Next(4));
            FeasibilityReport report = NewSet(2, rows, 1).Analyze();
            if (report.IsEmpty || report.Dimension < 2 || !report.IsRadiusLargest)
                continue;
            compared++;
            Assert.AreEqual(LargestRadius(rows), report.Radius, 1e-6, $"trial {trial}\n{report}");
        }

        Assert.IsGreaterThan(50, compared);
    }

    [TestMethod]
    [DataRow(6)]
    public void Analyze_BallMeetsPolygon_DecidedByTheDistance(int seed)
    {
        var random = new Random(seed);
        int apart = 0, touching = 0, inside = 0;
        for (int trial = 0; trial < 150; trial++)
        {
            List<(long[] A, long B)> rows = NewRows(random, 2, 2 + random.Next(4));
            var exact = new ExactPolyhedron(2, rows);
            if (exact.IsEmpty || exact.Dimension < 2)
                continue;
            double[] centre = [random.Next(-9, 10), random.Next(-9, 10)];
            double distance = Distance(rows, centre);
            if (distance == 0)
                continue;
            double factor = new[] { 1 - 1e-5, 1, 1 + 1e-5 }[trial % 3];
            FeasibilityReport report = NewSet(2, rows, 1).Ball(Norm.L2, factor * distance, centre).WithName("ball").Analyze();
            string what = $"trial {trial}: {string.Join("; ", rows.Select(r => $"[{string.Join(" ", r.A)}] <= {r.B}"))} {factor}\n{report}";
            Assert.AreEqual(factor < 1, report.IsEmpty, what);
            (apart, touching, inside) = (apart + (factor < 1 ? 1 : 0), touching + (factor == 1 ? 1 : 0), inside + (factor > 1 ? 1 : 0));
            if (factor < 1)
                CollectionAssert.Contains(report.Conflict.ToArray(), "ball", what);
            else
                Assert.AreEqual(factor > 1 ? 2 : 0, report.Dimension, what);
            if (factor == 1)
                Assert.AreEqual(distance, Math.Sqrt(report.InteriorPoint.Zip(centre, (a, b) => (a - b) * (a - b)).Sum()), 1e-6, what);
        }

        Assert.IsTrue(apart > 10 && touching > 10 && inside > 10, $"{apart} {touching} {inside}");
    }

    [TestMethod]
    [DataRow(7)]
    public void Analyze_OctahedronMeetsRows_AsWithItsFacets(int seed)
    {
        var random = new Random(seed);
        int empty = 0;
        for (int trial = 0; trial < 80; trial++)
        {
            List<(long[] A, long B)> rows = NewRows(random, 3, 2 + random.Next(3));
            long[] centre = [random.Next(-2, 3), random.Next(-2, 3), random.Next(-2, 3)];
            long radius = random.Next(0, 4);
            var facets = new List<(long[] A, long B)>(rows);
            for (int signs = 0; signs < 8; signs++)
            {
                long[] a = Enumerable.Range(0, 3).Select(i => ((signs >> i) & 1) == 0 ? 1L : -1L).ToArray();
                facets.Add((a, radius + ExactPolyhedron.Product(a, centre)));
            }

            var exact = new ExactPolyhedron(3, facets);
            double[] middle = centre.Select(v => (double)v).ToArray();
            FeasibilityReport report = NewSet(3, rows, 1).Ball(Norm.L1, radius, middle).WithName("ball").Analyze();
            string what = $"trial {trial}: {string.Join("; ", rows.Select(r => $"[{string.Join(" ", r.A)}] <= {r.B}"))} {radius}\n{report}";
            Assert.AreEqual(exact.IsEmpty, report.IsEmpty, what);
            empty += exact.IsEmpty ? 1 : 0;
            if (exact.IsEmpty)
                continue;
            Assert.AreEqual(exact.Dimension, report.Dimension, what);
            Assert.IsTrue(report.IsBounded, what);
            CheckPoint(facets, report, 1, what);

            // Norm and rows: what is left out can be left out, what is kept cannot.
            List<(long[] A, long B)> others = rows.Where((_, i) => !report.Redundant.Contains($"c{i}")).ToList();
            var kept = new ExactPolyhedron(3, report.Redundant.Contains("ball") ? others : [.. others, .. facets[rows.Count..]]);
            foreach ((long[] a, long b) in facets)
                Assert.IsTrue(kept.HoldsEverywhere(a, b), what);
            if (!report.Redundant.Contains("ball"))
            {
                var without = new ExactPolyhedron(3, others);
                Assert.IsFalse(facets[rows.Count..].All(f => without.HoldsEverywhere(f.A, f.B)), what);
            }
        }

        Assert.IsTrue(empty is > 10 and < 60, empty.ToString());
    }

    /// <summary>From a point to a polygon: the point itself, its foot on a side, or a corner.</summary>
    private static double Distance(List<(long[] A, long B)> rows, double[] point)
    {
        var candidates = new List<double[]> { point };
        for (int i = 0; i < rows.Count; i++)
        {
            (long[] a, long b) = rows[i];
            double share = (b - a[0] * point[0] - a[1] * point[1]) / (a[0] * a[0] + a[1] * a[1]);
            candidates.Add([point[0] + share * a[0], point[1] + share * a[1]]);
            for (int j = 0; j < i; j++)
            {
                (long[] c, long d) = rows[j];
                double det = a[0] * c[1] - a[1] * c[0];
                if (det != 0)
                    candidates.Add([(b * c[1] - a[1] * d) / det, (a[0] * d - b * c[0]) / det]);
            }
        }

        return candidates.Where(q => rows.All(r => r.A[0] * q[0] + r.A[1] * q[1] <= r.B + 1e-12))
            .Min(q => Math.Sqrt((q[0] - point[0]) * (q[0] - point[0]) + (q[1] - point[1]) * (q[1] - point[1])));
    }

    /// <summary>Three rows that touch the circle at once decide: enumeration of (x, y, r).</summary>
    private static double LargestRadius(List<(long[] A, long B)> rows)
    {
        double[][] cut = rows.Where(r => r.A.Any(v => v != 0))
            .Select(r => new[] { r.A[0], r.A[1], Math.Sqrt(r.A[0] * r.A[0] + r.A[1] * r.A[1]), r.B }).ToArray();
        double best = 0;

        // Rows at a distance close a strip, where the centre is not unique and only two rows decide.
        double[][] closed = [.. cut, [1, 0, 0, 500], [-1, 0, 0, 500], [0, 1, 0, 500], [0, -1, 0, 500]];
        foreach (int[] s in ExactPolyhedron.Subsets(closed.Length, 3))
        {
            double[] a = closed[s[0]], b = closed[s[1]], c = closed[s[2]];
            double det = Det(a, b, c, 0, 1, 2);
            if (Math.Abs(det) < 1e-9)
                continue;
            double x = Det(a, b, c, 3, 1, 2) / det, y = Det(a, b, c, 0, 3, 2) / det, r = Det(a, b, c, 0, 1, 3) / det;
            if (r > best && closed.All(q => q[0] * x + q[1] * y + q[2] * r <= q[3] + 1e-7))
                best = r;
        }

        return best;

        static double Det(double[] a, double[] b, double[] c, int i, int j, int k) =>
            a[i] * (b[j] * c[k] - b[k] * c[j]) - a[j] * (b[i] * c[k] - b[k] * c[i]) + a[k] * (b[i] * c[j] - b[j] * c[i]);
    }

    private static void CheckConflict(int n, List<(long[] A, long B)> rows, FeasibilityReport report, string what)
    {
        Assert.IsTrue(report.IsConflictSmallest, what);
        int smallest = Enumerable.Range(1, rows.Count).First(size => ExactPolyhedron.Subsets(rows.Count, size)
            .Any(subset => new ExactPolyhedron(n, subset.Select(i => rows[i])).IsEmpty));
        Assert.HasCount(smallest, report.Conflict, what);
        Assert.IsTrue(new ExactPolyhedron(n, report.Conflict.Select(name => rows[int.Parse(name[1..])])).IsEmpty, what);
    }

    private static void CheckPoint(List<(long[] A, long B)> rows, FeasibilityReport report, double unit, string what)
    {
        double[] z = report.InteriorPoint.ToArray();
        foreach ((long[] a, long b) in rows)
        {
            double slack = b * unit - a.Select((v, j) => v * z[j]).Sum();
            double norm = Math.Sqrt(a.Sum(v => v * v));
            bool tight = report.Dimension < z.Length;
            Assert.IsGreaterThanOrEqualTo((tight ? 0 : report.Radius * norm) - 1e-7 * unit * (1 + Math.Abs(b) + norm), slack, what);
        }

        Assert.IsTrue(report.Dimension == 0 ? report.Radius == 0 : report.Radius > (report.IsBounded ? 1e-3 * unit : 0), what);
    }

    private static void CheckDirection(List<(long[] A, long B)> rows, FeasibilityReport report, string what)
    {
        if (report.IsBounded)
        {
            Assert.IsEmpty(report.RecessionDirection);
            return;
        }

        Assert.AreEqual(1, Math.Sqrt(report.RecessionDirection.Sum(v => v * v)), 1e-9);
        foreach ((long[] a, _) in rows)
            Assert.IsLessThanOrEqualTo(1e-6, a.Select((v, j) => v * report.RecessionDirection[j]).Sum(), what);
    }

    private static void CheckRedundant(int n, List<(long[] A, long B)> rows, ExactPolyhedron exact, FeasibilityReport report, string what)
    {
        List<(long[] A, long B)> kept = rows.Where((_, i) => !report.Redundant.Contains($"c{i}")).ToList();
        CollectionAssert.AreEqual(report.Redundant.ToArray(), report.RedundantRows.Select(r => r.Constraint).ToArray(), what);
        var reduced = new ExactPolyhedron(n, kept);
        foreach ((long[] a, long b) in rows)
            Assert.IsTrue(reduced.HoldsEverywhere(a, b), $"leaves out too many, {what}");
        foreach ((long[] A, long B) row in kept)
        {
            var without = new ExactPolyhedron(n, kept.Where(r => r != row));
            Assert.IsFalse(without.HoldsEverywhere(row.A, row.B), $"could leave out [{string.Join(" ", row.A)}] <= {row.B}, {what}");
        }

        Assert.IsFalse(exact.IsEmpty);
    }

    private static List<(long[] A, long B)> NewRows(Random random, int n, int count)
    {
        var rows = new List<(long[] A, long B)>();
        while (rows.Count < count)
        {
            long[] a = Enumerable.Range(0, n).Select(_ => (long)random.Next(-2, 3)).ToArray();
            if (rows.Count > 0 && random.Next(6) == 0)
                a = rows[random.Next(rows.Count)].A.Select(v => -v).ToArray();
            if (a.All(v => v == 0))
                continue;
            rows.Add((a, random.Next(-2, 4)));
        }

        return rows;
    }

    private static ConstraintSet NewSet(int n, List<(long[] A, long B)> rows, double unit)
    {
        ConstraintSet set = ConstraintSet.Over(n);
        for (int i = 0; i < rows.Count; i++)
            set = set.Linear($"c{i}", rows[i].A.Select(v => (double)v).ToArray(), double.NegativeInfinity, rows[i].B * unit);
        return set;
    }
}
