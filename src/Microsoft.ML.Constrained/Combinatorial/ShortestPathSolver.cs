using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Shortest paths on a given graph with a non-negative cost per edge, by Dijkstra's method (1959) with a four-way heap: y is 1 on the
/// edges of the cheapest path from the start to the end, 0 elsewhere.
/// </summary>
/// <remarks>
/// Ties: vertices of equal distance are taken in ascending order, edges in the order given, and a label is replaced only by a lower one.
/// With costs of any sign on a graph without cycles use <see cref="AcyclicShortestPathSolver"/>.
/// </remarks>
public sealed class ShortestPathSolver : CombinatorialSolver
{
    private readonly GraphEdges _graph;

    /// <summary>States the graph and the two ends.</summary>
    /// <param name="vertices">Vertices, numbered from zero.</param>
    /// <param name="edges">The ends of each edge; a decision has one entry per edge in this order. Parallel edges are allowed.</param>
    /// <param name="start">Where the path starts.</param>
    /// <param name="end">Where the path ends; may be the start, then no edge is taken.</param>
    /// <param name="directed">Whether an edge leads from its first to its second end only.</param>
    /// <exception cref="ArgumentException">An edge or an end is not of the graph, or no path leads from the start to the end.</exception>
    public ShortestPathSolver(int vertices, IReadOnlyList<(int From, int To)> edges, int start, int end, bool directed = true)
        : base(edges?.Count ?? throw new ArgumentNullException(nameof(edges)), Sense.Minimize, true, uniformNormal: false)
    {
        _graph = new GraphEdges(vertices, edges, directed);
        _graph.CheckPath(start, end);
        Start = start;
        End = end;
        Directed = directed;
    }

    /// <summary>Vertices of the graph.</summary>
    public int Vertices => _graph.Vertices;

    /// <summary>The first vertex of every path.</summary>
    public int Start { get; }

    /// <summary>The last vertex of every path.</summary>
    public int End { get; }

    /// <summary>Whether an edge leads one way only.</summary>
    public bool Directed { get; }

    internal GraphEdges Graph => _graph;

    private protected override SolverWorkspace CreateWorkspace() => new Workspace(_graph);

    private protected override SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        var own = (Workspace)workspace;
        double[] distances = own.Distances;
        Array.Fill(distances, double.PositiveInfinity);
        own.Heap.Clear();
        distances[Start] = 0;
        own.Heap.Push(Start, 0);
        while (own.Heap.Count > 0)
        {
            int vertex = own.Heap.Pop(out double distance);
            if (vertex == End)
                break;
            foreach (int edge in _graph.Leaving(vertex))
            {
                int next = _graph.Across(edge, vertex);
                double reached = distance + costs[edge];
                if (reached < distances[next])
                {
                    distances[next] = reached;
                    own.Via[next] = edge;
                    own.Heap.Push(next, reached);
                }
            }
        }

        decision.Clear();
        for (int vertex = End; vertex != Start; vertex = _graph.Across(own.Via[vertex], vertex))
            decision[own.Via[vertex]] = 1;
        return SolverStatus.Solved;
    }

    private sealed class Workspace(GraphEdges graph) : SolverWorkspace(graph.Count)
    {
        public double[] Distances { get; } = new double[graph.Vertices];

        public int[] Via { get; } = new int[graph.Vertices];

        public MinHeap Heap { get; } = new(graph.Vertices);
    }
}
