using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>The checked edges of a given graph, and which edges leave each vertex.</summary>
internal sealed class GraphEdges
{
    /// <summary>The most vertices or edges of a graph.</summary>
    public const int MaxSize = 1 << 22;

    private readonly int[] _first;
    private readonly int[] _leaving;

    /// <summary>Checks and stores the edges.</summary>
    /// <param name="vertices">Vertices, numbered from zero.</param>
    /// <param name="edges">The ends of each edge.</param>
    /// <param name="directed">Whether an edge is listed at its first end only.</param>
    public GraphEdges(int vertices, IReadOnlyList<(int From, int To)> edges, bool directed)
    {
        ArgumentNullException.ThrowIfNull(edges);
        if (vertices is < 1 or > MaxSize)
            throw new ArgumentOutOfRangeException(nameof(vertices), vertices, $"Expected 1 to {MaxSize} vertices.");
        if (edges.Count is < 1 or > MaxSize)
            throw new ArgumentException($"'edges' expects 1 to {MaxSize} edges, got {edges.Count}.", nameof(edges));
        Vertices = vertices;
        From = new int[edges.Count];
        To = new int[edges.Count];
        _first = new int[vertices + 1];
        for (int edge = 0; edge < edges.Count; edge++)
        {
            (int from, int to) = edges[edge];
            if ((uint)from >= (uint)vertices || (uint)to >= (uint)vertices || from == to)
            {
                throw new ArgumentException(
                    $"Edge {edge} is ({from}, {to}); expected two different vertices from 0 to {vertices - 1}.", nameof(edges));
            }

            (From[edge], To[edge]) = (from, to);
            _first[from + 1]++;
            if (!directed)
                _first[to + 1]++;
        }

        for (int v = 0; v < vertices; v++)
            _first[v + 1] += _first[v];
        _leaving = new int[_first[vertices]];
        int[] next = _first[..vertices];
        for (int edge = 0; edge < edges.Count; edge++)
        {
            _leaving[next[From[edge]]++] = edge;
            if (!directed)
                _leaving[next[To[edge]]++] = edge;
        }
    }

    public int Vertices { get; }

    public int Count => From.Length;

    public int[] From { get; }

    public int[] To { get; }

    /// <summary>The edges that may be left from a vertex along, in ascending order.</summary>
    public ReadOnlySpan<int> Leaving(int vertex) => _leaving.AsSpan(_first[vertex], _first[vertex + 1] - _first[vertex]);

    /// <summary>The other end of an edge.</summary>
    public int Across(int edge, int vertex) => From[edge] ^ To[edge] ^ vertex;

    /// <summary>Whether one vertex can be reached from another.</summary>
    public bool Reaches(int start, int end)
    {
        var seen = new bool[Vertices];
        var stack = new Stack<int>();
        seen[start] = true;
        stack.Push(start);
        while (stack.TryPop(out int vertex))
        {
            foreach (int edge in Leaving(vertex))
            {
                int next = Across(edge, vertex);
                if (!seen[next])
                {
                    seen[next] = true;
                    stack.Push(next);
                }
            }
        }

        return seen[end];
    }

    /// <summary>Refuses a start or an end that is not a vertex, and an end that no path reaches.</summary>
    public void CheckPath(int start, int end)
    {
        if ((uint)start >= (uint)Vertices)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"Expected a vertex from 0 to {Vertices - 1}.");
        if ((uint)end >= (uint)Vertices)
            throw new ArgumentOutOfRangeException(nameof(end), end, $"Expected a vertex from 0 to {Vertices - 1}.");
        if (!Reaches(start, end))
            throw new ArgumentException($"No path leads from vertex {start} to vertex {end}; add edges or choose other ends.", nameof(end));
    }
}
