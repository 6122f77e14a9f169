using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// The perfect matching of least (or greatest) total cost on a given graph, bipartite or not, of up to 64 vertices, by weighted
/// blossoms (Edmonds 1965): y is 1 on the chosen edges, one at every vertex, 0 elsewhere. Costs may have any sign.
/// </summary>
/// <remarks>
/// Costs are taken in steps of 2⁻⁴⁶ of the range between the least and the greatest, and solved in integers from there on, so that the
/// total is optimal to about 10⁻¹³ of that range times the number of vertices. Ties: equal costs always give the same matching (edges
/// are scanned by ascending vertex numbers); which of several optima it is is not otherwise defined.
/// </remarks>
public sealed class PerfectMatchingSolver : CombinatorialSolver
{
    /// <summary>The most vertices.</summary>
    public const int MaxVertices = BlossomKernel.MaxVertices;

    private const int CostBits = 46;

    private readonly GraphEdges _graph;

    /// <summary>Matchings on the complete graph, with the edges (0,1), (0,2), …, (1,2), … in this order.</summary>
    /// <param name="vertices">An even number of vertices.</param>
    /// <param name="sense">Whether the total is made least or greatest.</param>
    public PerfectMatchingSolver(int vertices, Sense sense = Sense.Minimize)
        : this(vertices, CompleteGraph(vertices), sense)
    {
    }

    /// <summary>States the graph.</summary>
    /// <param name="vertices">An even number of vertices, numbered from zero.</param>
    /// <param name="edges">The ends of each edge; a decision has one entry per edge in this order.</param>
    /// <param name="sense">Whether the total is made least or greatest.</param>
    /// <exception cref="ArgumentException">An edge is given twice or is not of the graph, or there is no perfect matching.</exception>
    public PerfectMatchingSolver(int vertices, IReadOnlyList<(int From, int To)> edges, Sense sense = Sense.Minimize)
        : base(edges?.Count ?? throw new ArgumentNullException(nameof(edges)), sense, false, uniformNormal: true)
    {
        CheckVertices(vertices);
        _graph = new GraphEdges(vertices, edges, directed: false);
        var given = new HashSet<(int, int)>();
        for (int edge = 0; edge < edges.Count; edge++)
        {
            (int from, int to) = edges[edge];
            if (!given.Add((Math.Min(from, to), Math.Max(from, to))))
                throw new ArgumentException($"Edge {edge}, ({from}, {to}), is given twice; leave one out.", nameof(edges));
        }

        var workspace = (Workspace)CreateWorkspace();
        if (SolveRow(workspace.Costs, new float[edges.Count], workspace) != SolverStatus.Solved)
        {
            throw new ArgumentException(
                $"The graph of {vertices} vertices and {edges.Count} edges has no perfect matching; add edges.", nameof(edges));
        }
    }

    /// <summary>Vertices of the graph.</summary>
    public int Vertices => _graph.Vertices;

    internal GraphEdges Graph => _graph;

    private protected override SolverWorkspace CreateWorkspace() => new Workspace(_graph);

    private protected override SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        BlossomKernel kernel = ((Workspace)workspace).Kernel;
        double least = double.PositiveInfinity, greatest = double.NegativeInfinity;
        foreach (double cost in costs)
        {
            least = Math.Min(least, cost);
            greatest = Math.Max(greatest, cost);
        }

        // A power of two, so that costs with few digits are taken exactly. Twice the rounded number, since weights must be even.
        int shift = greatest > least ? CostBits - 1 - Math.ILogB(greatest - least) : 0;
        Span<long> weights = kernel.Weights;
        for (int edge = 0; edge < costs.Length; edge++)
        {
            long weight = 2 * (long)Math.Round(Math.ScaleB(greatest - costs[edge], shift));
            int from = _graph.From[edge], to = _graph.To[edge];
            weights[from * Vertices + to] = weight;
            weights[to * Vertices + from] = weight;
        }

        if (!kernel.Solve())
            return SolverStatus.NumericalError;
        for (int edge = 0; edge < costs.Length; edge++)
            decision[edge] = kernel.Mates[_graph.From[edge]] == _graph.To[edge] ? 1 : 0;
        return SolverStatus.Solved;
    }

    private static void CheckVertices(int vertices)
    {
        if (vertices is < 2 or > MaxVertices || vertices % 2 != 0)
            throw new ArgumentOutOfRangeException(nameof(vertices), vertices, $"Expected an even number from 2 to {MaxVertices}.");
    }

    private static (int, int)[] CompleteGraph(int vertices)
    {
        CheckVertices(vertices);
        var edges = new List<(int, int)>();
        for (int u = 0; u < vertices; u++)
        {
            for (int v = u + 1; v < vertices; v++)
                edges.Add((u, v));
        }

        return [.. edges];
    }

    private sealed class Workspace : SolverWorkspace
    {
        public Workspace(GraphEdges graph)
            : base(graph.Count)
        {
            Kernel = new BlossomKernel(graph.Vertices);
            Kernel.Weights.Fill(BlossomKernel.Missing);
        }

        public BlossomKernel Kernel { get; }
    }
}
