using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// The path of least or greatest total cost on a directed graph without cycles; costs may have any sign. y is 1 on the edges of the
/// path from the start to the end, 0 elsewhere.
/// </summary>
/// <remarks>
/// One pass over the vertices in topological order. Ties: of equal predecessors the one earliest in that order (ready vertices in
/// ascending order), then the edge given first.
/// </remarks>
public sealed class AcyclicShortestPathSolver : CombinatorialSolver
{
    private readonly GraphEdges _graph;
    private readonly int[] _order;

    /// <summary>States the graph and the two ends.</summary>
    /// <param name="vertices">Vertices, numbered from zero in any order.</param>
    /// <param name="edges">Each edge leads from its first to its second end; a decision has one entry per edge in this order.</param>
    /// <param name="start">Where the path starts.</param>
    /// <param name="end">Where the path ends.</param>
    /// <param name="sense">Whether the total cost is made least or greatest.</param>
    /// <exception cref="ArgumentException">The graph has a cycle or lacks a path, or an edge is not of the graph.</exception>
    public AcyclicShortestPathSolver(
        int vertices, IReadOnlyList<(int From, int To)> edges, int start, int end, Sense sense = Sense.Minimize)
        : base(edges?.Count ?? throw new ArgumentNullException(nameof(edges)), sense, false, uniformNormal: false)
    {
        _graph = new GraphEdges(vertices, edges, directed: true);
        _graph.CheckPath(start, end);
        Start = start;
        End = end;
        _order = TopologicalOrder(_graph);
    }

    /// <summary>Vertices of the graph.</summary>
    public int Vertices => _graph.Vertices;

    /// <summary>The first vertex of every path.</summary>
    public int Start { get; }

    /// <summary>The last vertex of every path.</summary>
    public int End { get; }

    internal GraphEdges Graph => _graph;

    private protected override SolverWorkspace CreateWorkspace() => new Workspace(_graph);

    private protected override SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        var own = (Workspace)workspace;
        double[] distances = own.Distances;
        Array.Fill(distances, double.PositiveInfinity);
        distances[Start] = 0;
        foreach (int vertex in _order)
        {
            double distance = distances[vertex];
            if (distance == double.PositiveInfinity)
                continue;
            if (vertex == End)
                break;
            foreach (int edge in _graph.Leaving(vertex))
            {
                int next = _graph.To[edge];
                double reached = distance + costs[edge];
                if (reached < distances[next])
                {
                    distances[next] = reached;
                    own.Via[next] = edge;
                }
            }
        }

        decision.Clear();
        for (int vertex = End; vertex != Start; vertex = _graph.From[own.Via[vertex]])
            decision[own.Via[vertex]] = 1;
        return SolverStatus.Solved;
    }

    private static int[] TopologicalOrder(GraphEdges graph)
    {
        var entering = new int[graph.Vertices];
        foreach (int to in graph.To)
            entering[to]++;
        var ready = new MinHeap(graph.Vertices);
        for (int v = 0; v < graph.Vertices; v++)
        {
            if (entering[v] == 0)
                ready.Push(v, 0);
        }

        var order = new List<int>(graph.Vertices);
        while (ready.Count > 0)
        {
            int vertex = ready.Pop(out _);
            order.Add(vertex);
            foreach (int edge in graph.Leaving(vertex))
            {
                if (--entering[graph.To[edge]] == 0)
                    ready.Push(graph.To[edge], 0);
            }
        }

        if (order.Count < graph.Vertices)
        {
            int onCycle = Array.FindIndex(entering, count => count > 0);
            throw new ArgumentException(
                $"The graph has a cycle, which vertex {onCycle} is on or behind; use ShortestPathSolver for graphs with cycles.", "edges");
        }

        return [.. order];
    }

    private sealed class Workspace(GraphEdges graph) : SolverWorkspace(graph.Count)
    {
        public double[] Distances { get; } = new double[graph.Vertices];

        public int[] Via { get; } = new int[graph.Vertices];
    }
}
