using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

/// <summary>Paths and trees on given graphs.</summary>
[TestClass]
public class GraphSolverTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void ShortestPath_SmallGraphs_EqualsEnumeration(bool directed)
    {
        var random = new Random(1);
        for (int graph = 0; graph < 60; graph++)
        {
            int vertices = random.Next(2, 7);
            List<(int, int)> edges = RandomEdges(random, vertices, random.Next(1, 12), acyclic: false);
            int start = random.Next(vertices), end = random.Next(vertices);
            List<float[]> paths = Paths(vertices, edges, start, end, directed);
            if (paths.Count == 0)
            {
                Assert.ThrowsExactly<ArgumentException>(() => new ShortestPathSolver(vertices, edges, start, end, directed));
                continue;
            }

            var solver = new ShortestPathSolver(vertices, edges, start, end, directed);
            SolverContract.VerifyOptimal(solver, paths, 64, graph);
            SolverContract.VerifyBatches(solver, graph, 9);
        }
    }

    [TestMethod]
    public void AcyclicShortestPath_SmallGraphs_EqualsEnumeration()
    {
        var random = new Random(2);
        int solved = 0;
        for (int graph = 0; graph < 80; graph++)
        {
            int vertices = random.Next(2, 8);
            List<(int, int)> edges = RandomEdges(random, vertices, random.Next(1, 16), acyclic: true);
            int start = random.Next(vertices), end = random.Next(vertices);
            List<float[]> paths = Paths(vertices, edges, start, end, true);
            if (paths.Count == 0)
                continue;
            solved++;
            foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
            {
                var solver = new AcyclicShortestPathSolver(vertices, edges, start, end, sense);
                SolverContract.VerifyOptimal(solver, paths, 64, graph);
                SolverContract.VerifyBatches(solver, graph, 9);
            }
        }

        Assert.IsTrue(solved > 20);
    }

    [TestMethod]
    public void ShortestPath_LargeGraphs_EqualsBellmanFord()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 20; trial++)
        {
            const int vertices = 400;
            List<(int, int)> edges = RandomEdges(random, vertices, 2400, acyclic: false);
            for (int v = 1; v < vertices; v++)
                edges.Add((v - 1, v));
            double[] costs = SolverContract.Costs(random, edges.Count, true, trial);
            var solver = new ShortestPathSolver(vertices, edges, 0, vertices - 1);
            var path = new float[edges.Count];
            Assert.AreEqual(SolverStatus.Solved, solver.Solve(costs, path));
            var distances = new double[vertices];
            Array.Fill(distances, double.PositiveInfinity, 1, vertices - 1);
            for (bool changed = true; changed;)
            {
                changed = false;
                for (int e = 0; e < edges.Count; e++)
                {
                    (int from, int to) = edges[e];
                    if (distances[from] + costs[e] < distances[to])
                    {
                        distances[to] = distances[from] + costs[e];
                        changed = true;
                    }
                }
            }

            Assert.AreEqual(distances[vertices - 1], SolverContract.Inner(costs, path), 1e-12 * distances[vertices - 1]);
        }
    }

    [TestMethod]
    public void SpanningTree_SmallGraphs_EqualsEnumeration()
    {
        var random = new Random(4);
        int solved = 0;
        for (int graph = 0; graph < 60; graph++)
        {
            int vertices = random.Next(2, 6);
            List<(int From, int To)> edges = RandomEdges(random, vertices, random.Next(vertices - 1, 10), acyclic: false);
            List<float[]> trees = SolverContract.Binary(edges.Count, y => IsTree(vertices, edges, y));
            if (trees.Count == 0)
            {
                Assert.ThrowsExactly<ArgumentException>(() => new SpanningTreeSolver(vertices, edges));
                continue;
            }

            solved++;
            foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
            {
                var solver = new SpanningTreeSolver(vertices, edges, sense);
                SolverContract.VerifyOptimal(solver, trees, 64, graph);
                SolverContract.VerifyBatches(solver, graph, 9);
            }
        }

        Assert.IsTrue(solved > 20);
    }

    [TestMethod]
    public void SpanningTree_CompleteGraphOfFour_HasSixteenTrees()
    {
        List<(int, int)> edges = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
        var seen = new HashSet<string>();
        var random = new Random(5);
        var solver = new SpanningTreeSolver(4, edges);
        var tree = new float[6];
        for (int trial = 0; trial < 3000; trial++)
        {
            solver.Solve(SolverContract.Costs(random, 6, true, 7), tree);
            seen.Add(SolverContract.Key(tree));
        }

        // Cayley: 4^2 trees, each of them optimal for some costs.
        Assert.HasCount(16, seen);
    }

    [TestMethod]
    public void SpanningTree_LargeGraphs_EqualsPrim()
    {
        var random = new Random(6);
        for (int trial = 0; trial < 20; trial++)
        {
            const int vertices = 60;
            List<(int From, int To)> edges = [];
            for (int u = 0; u < vertices; u++)
            {
                for (int v = u + 1; v < vertices; v++)
                    edges.Add((v, u));
            }

            double[] costs = SolverContract.Costs(random, edges.Count, false, trial);
            var tree = new float[edges.Count];
            new SpanningTreeSolver(vertices, edges).Solve(costs, tree);
            Assert.IsTrue(IsTree(vertices, edges, tree));
            double expected = Prim(vertices, edges, costs);
            Assert.AreEqual(expected, SolverContract.Inner(costs, tree), 1e-12 * vertices * costs.Max(Math.Abs));
        }
    }

    [TestMethod]
    public void Ties_EqualCosts_FallToTheEdgesGivenFirst()
    {
        // Two equal ways 0-1-3 and 0-2-3, and every edge twice.
        List<(int, int)> edges = [(0, 2), (0, 1), (2, 3), (1, 3), (0, 1), (2, 3)];
        float[] y = new float[6], costs = [1, 1, 1, 1, 1, 1];
        new ShortestPathSolver(4, edges, 0, 3).Solve(costs, y);
        CollectionAssert.AreEqual(new float[] { 0, 1, 0, 1, 0, 0 }, y);
        new AcyclicShortestPathSolver(4, edges, 0, 3).Solve(costs, y);
        CollectionAssert.AreEqual(new float[] { 0, 1, 0, 1, 0, 0 }, y);
        new SpanningTreeSolver(4, edges).Solve(costs, y);
        CollectionAssert.AreEqual(new float[] { 1, 1, 1, 0, 0, 0 }, y);
        new SpanningTreeSolver(4, edges, Sense.Maximize).Solve(costs, y);
        CollectionAssert.AreEqual(new float[] { 1, 1, 1, 0, 0, 0 }, y);
    }

    [TestMethod]
    public void Constructors_BadGraphs_NameTheEdge()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => new ShortestPathSolver(3, [(0, 1), (1, 3)], 0, 1));
        Assert.Contains("Edge 1", error.Message);
        Assert.ThrowsExactly<ArgumentException>(() => new ShortestPathSolver(3, [(0, 0)], 0, 0));
        Assert.ThrowsExactly<ArgumentException>(() => new ShortestPathSolver(3, [(0, 1)], 0, 2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ShortestPathSolver(3, [(0, 1)], 0, 3));
        Assert.ThrowsExactly<ArgumentException>(() => new AcyclicShortestPathSolver(3, [(0, 1), (1, 2), (2, 0)], 0, 2));
        Assert.ThrowsExactly<ArgumentException>(() => new SpanningTreeSolver(3, [(0, 1)]));
        Assert.ThrowsExactly<ArgumentNullException>(() => new SpanningTreeSolver(3, null!));
    }

    private static List<(int, int)> RandomEdges(Random random, int vertices, int count, bool acyclic)
    {
        int[] order = Enumerable.Range(0, vertices).ToArray();
        random.Shuffle(order);
        var edges = new List<(int, int)>();
        while (edges.Count < count)
        {
            int from = random.Next(vertices), to = random.Next(vertices);
            if (from != to && (!acyclic || Array.IndexOf(order, from) < Array.IndexOf(order, to)))
                edges.Add((from, to));
        }

        return edges;
    }

    private static List<float[]> Paths(int vertices, List<(int From, int To)> edges, int start, int end, bool directed)
    {
        var found = new List<float[]>();
        var visited = new bool[vertices];
        var path = new float[edges.Count];
        void Extend(int at)
        {
            if (at == end)
            {
                found.Add((float[])path.Clone());
                return;
            }

            visited[at] = true;
            for (int e = 0; e < edges.Count; e++)
            {
                foreach ((int from, int to) in new[] { edges[e], (edges[e].To, edges[e].From) }.Take(directed ? 1 : 2))
                {
                    if (from != at || visited[to])
                        continue;
                    path[e] = 1;
                    Extend(to);
                    path[e] = 0;
                }
            }

            visited[at] = false;
        }

        Extend(start);
        return found;
    }

    private static bool IsTree(int vertices, List<(int From, int To)> edges, float[] y)
    {
        if (y.Sum() != vertices - 1)
            return false;
        int[] component = Enumerable.Range(0, vertices).ToArray();
        for (int e = 0; e < edges.Count; e++)
        {
            if (y[e] == 0)
                continue;
            int a = component[edges[e].From], b = component[edges[e].To];
            if (a == b)
                return false;
            for (int v = 0; v < vertices; v++)
                component[v] = component[v] == b ? a : component[v];
        }

        return true;
    }

    private static double Prim(int vertices, List<(int From, int To)> edges, double[] costs)
    {
        var inside = new HashSet<int> { 0 };
        double total = 0;
        while (inside.Count < vertices)
        {
            int best = Enumerable.Range(0, edges.Count)
                .Where(e => inside.Contains(edges[e].From) != inside.Contains(edges[e].To)).MinBy(e => costs[e]);
            total += costs[best];
            inside.Add(edges[best].From);
            inside.Add(edges[best].To);
        }

        return total;
    }
}
