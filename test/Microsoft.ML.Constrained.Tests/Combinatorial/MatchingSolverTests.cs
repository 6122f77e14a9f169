using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

/// <summary>Perfect matchings on bipartite and on general graphs.</summary>
[TestClass]
public class MatchingSolverTests
{
    [TestMethod]
    public void PerfectMatching_SmallGraphs_EqualsEnumeration()
    {
        var random = new Random(1);
        int solved = 0, refused = 0;
        for (int graph = 0; graph < 150; graph++)
        {
            int vertices = 2 * random.Next(1, 5);
            List<(int From, int To)> edges = RandomGraph(random, vertices, 0.3 + 0.7 * random.NextDouble());
            if (edges.Count == 0)
                continue;
            List<float[]> set = Matchings(vertices, edges);
            if (set.Count == 0)
            {
                refused++;
                Assert.ThrowsExactly<ArgumentException>(() => new PerfectMatchingSolver(vertices, edges));
                continue;
            }

            solved++;
            foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
            {
                var solver = new PerfectMatchingSolver(vertices, edges, sense);
                SolverContract.VerifyOptimal(solver, set, 48, graph);
                SolverContract.VerifyBatches(solver, graph, 7);
            }
        }

        Assert.IsTrue(solved > 60 && refused > 10, $"{solved} solved, {refused} refused");
    }

    [TestMethod]
    public void PerfectMatching_MiddlingGraphs_EqualsSubsetProgram()
    {
        var random = new Random(2);
        for (int trial = 0; trial < 600; trial++)
        {
            int vertices = 2 * random.Next(4, 8);
            List<(int From, int To)> edges = RandomGraph(random, vertices, 0.2 + 0.8 * random.NextDouble());
            double[] costs = SolverContract.Costs(random, edges.Count, false, trial);
            if (trial % 3 == 0)
                costs = Array.ConvertAll(costs, _ => (double)random.Next(12));
            double expected = BySubsets(vertices, edges, costs);
            if (double.IsPositiveInfinity(expected))
                continue;
            var y = new float[edges.Count];
            Assert.AreEqual(SolverStatus.Solved, new PerfectMatchingSolver(vertices, edges).Solve(costs, y));
            AssertMatching(vertices, edges, y);
            Assert.AreEqual(expected, SolverContract.Inner(costs, y), 1e-12 * vertices * costs.Max(Math.Abs), $"trial {trial}");
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void PerfectMatching_BipartiteGraphsOfSixtyFour_EqualsAssignment(bool integers)
    {
        var random = new Random(3);
        const int half = 32;
        List<(int From, int To)> edges = [];
        for (int left = 0; left < half; left++)
        {
            for (int right = 0; right < half; right++)
                edges.Add((left, half + right));
        }

        var solver = new PerfectMatchingSolver(2 * half, edges);
        var assignment = new AssignmentSolver(half, half);
        for (int trial = 0; trial < 40; trial++)
        {
            double[] costs = [.. edges.Select(_ => integers ? random.Next(50) : random.NextDouble())];
            float[] y = new float[edges.Count], expected = new float[edges.Count];
            solver.Solve(costs, y);
            assignment.Solve(costs, expected);
            AssertMatching(2 * half, edges, y);
            Assert.AreEqual(SolverContract.Inner(costs, expected), SolverContract.Inner(costs, y), 1e-9);
        }
    }

    [TestMethod]
    public void PerfectMatching_TrianglesJoinedByDearEdges_NeedsNestedBlossoms()
    {
        // Points in tight groups of an odd number force blossoms; the subset program is the independent answer.
        var random = new Random(4);
        for (int trial = 0; trial < 300; trial++)
        {
            const int vertices = 14;
            var points = new (double X, double Y)[vertices];
            for (int v = 0; v < vertices; v++)
            {
                int group = v / (trial % 2 == 0 ? 3 : 5), super = group / 2;
                points[v] = (super * 100 + group * 10 + random.NextDouble(), random.NextDouble());
            }

            var solver = new PerfectMatchingSolver(vertices);
            List<(int From, int To)> edges = RandomGraph(random, vertices, 1);
            double[] costs = [.. edges.Select(e => Math.Sqrt(
                Math.Pow(points[e.From].X - points[e.To].X, 2) + Math.Pow(points[e.From].Y - points[e.To].Y, 2)))];
            var y = new float[edges.Count];
            solver.Solve(costs, y);
            AssertMatching(vertices, edges, y);
            Assert.AreEqual(BySubsets(vertices, edges, costs), SolverContract.Inner(costs, y), 1e-9);
        }
    }

    [TestMethod]
    public void PerfectMatching_GeneralGraphsOfSixtyFour_CannotBeImprovedByExchanges()
    {
        var random = new Random(5);
        var solver = new PerfectMatchingSolver(64);
        List<(int From, int To)> edges = RandomGraph(random, 64, 1);
        for (int trial = 0; trial < 20; trial++)
        {
            (double X, double Y)[] points = [.. Enumerable.Range(0, 64).Select(_ => (random.NextDouble(), random.NextDouble()))];
            double[] costs = [.. edges.Select(e =>
                Math.Abs(points[e.From].X - points[e.To].X) + Math.Abs(points[e.From].Y - points[e.To].Y))];
            var y = new float[edges.Count];
            Assert.AreEqual(SolverStatus.Solved, solver.Solve(costs, y));
            AssertMatching(64, edges, y);

            // Within any twelve of the matched vertices the matching must be optimal too.
            (int From, int To)[] pairs = [.. edges.Where((_, e) => y[e] == 1)];
            random.Shuffle(pairs);
            for (int first = 0; first + 6 <= pairs.Length; first += 5)
            {
                int[] some = [.. pairs[first..(first + 6)].SelectMany(p => new[] { p.From, p.To })];
                List<(int From, int To)> inside = [];
                List<double> insideCosts = [];
                double now = 0;
                for (int e = 0; e < edges.Count; e++)
                {
                    int from = Array.IndexOf(some, edges[e].From), to = Array.IndexOf(some, edges[e].To);
                    if (from < 0 || to < 0)
                        continue;
                    inside.Add((from, to));
                    insideCosts.Add(costs[e]);
                    now += y[e] * costs[e];
                }

                Assert.AreEqual(BySubsets(12, inside, [.. insideCosts]), now, 1e-9);
            }
        }
    }

    [TestMethod]
    public void Bipartite_SmallGraphs_EqualsEnumeration()
    {
        var random = new Random(6);
        int solved = 0;
        for (int graph = 0; graph < 80; graph++)
        {
            int size = random.Next(1, 5);
            var edges = new List<(int Left, int Right)>();
            for (int i = 0; i < size * size; i++)
            {
                if (random.NextDouble() < 0.7)
                    edges.Add((i / size, i % size));
            }

            if (edges.Count == 0)
                continue;
            List<float[]> set = Matchings(2 * size, [.. edges.Select(e => (e.Left, size + e.Right))]);
            if (set.Count == 0)
            {
                Assert.ThrowsExactly<ArgumentException>(() => new BipartiteMatchingSolver(size, edges));
                continue;
            }

            solved++;
            foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
            {
                var solver = new BipartiteMatchingSolver(size, edges, sense);
                SolverContract.VerifyOptimal(solver, set, 64, graph);
                SolverContract.VerifyBatches(solver, graph, 7);
            }
        }

        Assert.IsTrue(solved > 30);
    }

    [TestMethod]
    public void Constructors_BadGraphs_NameTheEdge()
    {
        Assert.Contains("Edge 1", Assert.ThrowsExactly<ArgumentException>(() => new PerfectMatchingSolver(2, [(0, 1), (1, 0)])).Message);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PerfectMatchingSolver(3));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new PerfectMatchingSolver(66));
        Assert.Contains("Edge 1", Assert.ThrowsExactly<ArgumentException>(() => new BipartiteMatchingSolver(2, [(0, 1), (0, 1)])).Message);
        Assert.Contains("Edge 0", Assert.ThrowsExactly<ArgumentException>(() => new BipartiteMatchingSolver(2, [(0, 2)])).Message);
    }

    private static List<(int From, int To)> RandomGraph(Random random, int vertices, double density)
    {
        var edges = new List<(int, int)>();
        for (int u = 0; u < vertices; u++)
        {
            for (int v = u + 1; v < vertices; v++)
            {
                if (random.NextDouble() < density)
                    edges.Add((u, v));
            }
        }

        return edges;
    }

    private static List<float[]> Matchings(int vertices, List<(int From, int To)> edges)
    {
        var found = new List<float[]>();
        var y = new float[edges.Count];
        void Extend(ulong covered)
        {
            int v = 0;
            while (v < vertices && (covered >> v & 1) == 1)
                v++;
            if (v == vertices)
            {
                found.Add((float[])y.Clone());
                return;
            }

            for (int e = 0; e < edges.Count; e++)
            {
                int other = edges[e].From == v ? edges[e].To : edges[e].To == v ? edges[e].From : -1;
                if (other < 0 || (covered >> other & 1) == 1)
                    continue;
                y[e] = 1;
                Extend(covered | 1UL << v | 1UL << other);
                y[e] = 0;
            }
        }

        Extend(0);
        return found;
    }

    private static double BySubsets(int vertices, List<(int From, int To)> edges, double[] costs)
    {
        var matrix = new double[vertices, vertices];
        for (int i = 0; i < vertices * vertices; i++)
            matrix[i / vertices, i % vertices] = double.PositiveInfinity;
        for (int e = 0; e < edges.Count; e++)
            matrix[edges[e].From, edges[e].To] = matrix[edges[e].To, edges[e].From] = costs[e];
        var best = new double[1 << vertices];
        Array.Fill(best, double.PositiveInfinity, 1, best.Length - 1);
        for (int covered = 0; covered < best.Length - 1; covered++)
        {
            int v = 0;
            while ((covered >> v & 1) == 1)
                v++;
            for (int u = v + 1; u < vertices; u++)
            {
                int next = covered | 1 << v | 1 << u;
                if ((covered >> u & 1) == 0)
                    best[next] = Math.Min(best[next], best[covered] + matrix[v, u]);
            }
        }

        return best[^1];
    }

    private static void AssertMatching(int vertices, List<(int From, int To)> edges, float[] y)
    {
        var covered = new int[vertices];
        for (int e = 0; e < edges.Count; e++)
        {
            Assert.IsTrue(y[e] is 0 or 1);
            covered[edges[e].From] += (int)y[e];
            covered[edges[e].To] += (int)y[e];
        }

        Assert.IsTrue(covered.All(count => count == 1));
    }
}
