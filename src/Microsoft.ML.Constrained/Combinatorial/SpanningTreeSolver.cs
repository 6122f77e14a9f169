using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// The spanning tree of least (or greatest) total cost of a given connected graph, by Kruskal's method (1956): y is 1 on the edges of
/// the tree, 0 elsewhere. Costs may have any sign.
/// </summary>
/// <remarks>Ties: among equal costs the edge given first is tried first.</remarks>
public sealed class SpanningTreeSolver : CombinatorialSolver
{
    private readonly GraphEdges _graph;

    /// <summary>States the graph.</summary>
    /// <param name="vertices">Vertices, numbered from zero.</param>
    /// <param name="edges">The ends of each edge; a decision has one entry per edge in this order.</param>
    /// <param name="sense">Whether the tree's cost is made least or greatest.</param>
    /// <exception cref="ArgumentException">The graph is not connected, or an edge is not of the graph.</exception>
    public SpanningTreeSolver(int vertices, IReadOnlyList<(int From, int To)> edges, Sense sense = Sense.Minimize)
        : base(edges?.Count ?? throw new ArgumentNullException(nameof(edges)), sense, false, uniformNormal: true)
    {
        _graph = new GraphEdges(vertices, edges, directed: false);
        if (!IsConnected(_graph))
        {
            throw new ArgumentException(
                $"The graph of {vertices} vertices and {edges.Count} edges is not connected, so it has no spanning tree.", nameof(edges));
        }
    }

    /// <summary>Vertices of the graph.</summary>
    public int Vertices => _graph.Vertices;

    internal GraphEdges Graph => _graph;

    private protected override SolverWorkspace CreateWorkspace() => new Workspace(_graph);

    private protected override SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        var own = (Workspace)workspace;
        for (int v = 0; v < own.Parent.Length; v++)
            own.Parent[v] = v;
        decision.Clear();
        int missing = _graph.Vertices - 1;
        foreach (int edge in own.Sorter.Sort(costs))
        {
            int from = Root(own.Parent, _graph.From[edge]), to = Root(own.Parent, _graph.To[edge]);
            if (from == to)
                continue;
            own.Parent[from] = to;
            decision[edge] = 1;
            if (--missing == 0)
                break;
        }

        return SolverStatus.Solved;
    }

    private static int Root(int[] parent, int vertex)
    {
        while (parent[vertex] != vertex)
            vertex = parent[vertex] = parent[parent[vertex]];
        return vertex;
    }

    private static bool IsConnected(GraphEdges graph)
    {
        var parent = new int[graph.Vertices];
        for (int v = 0; v < parent.Length; v++)
            parent[v] = v;
        int trees = graph.Vertices;
        for (int edge = 0; edge < graph.Count; edge++)
        {
            int from = Root(parent, graph.From[edge]), to = Root(parent, graph.To[edge]);
            trees -= from == to ? 0 : 1;
            parent[from] = to;
        }

        return trees == 1;
    }

    private sealed class Workspace(GraphEdges graph) : SolverWorkspace(graph.Count)
    {
        public int[] Parent { get; } = new int[graph.Vertices];

        public CostSorter Sorter { get; } = new(graph.Count);
    }
}
