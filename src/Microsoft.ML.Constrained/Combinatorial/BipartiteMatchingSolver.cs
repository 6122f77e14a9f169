using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// The perfect matching of least (or greatest) total cost on a given bipartite graph with equally many vertices on both sides: y is 1
/// on the chosen edges, one at every vertex, 0 elsewhere. Costs may have any sign.
/// </summary>
/// <remarks>
/// Shortest augmenting paths as in <see cref="AssignmentSolver"/>, with the missing edges forbidden. Ties: equal costs always give the
/// same matching; which of several optima it is is not otherwise defined.
/// </remarks>
public sealed class BipartiteMatchingSolver : CombinatorialSolver
{
    /// <summary>The most vertices on each side.</summary>
    public const int MaxSize = 4096;

    private readonly int[] _left;
    private readonly int[] _right;

    /// <summary>States the graph.</summary>
    /// <param name="size">Vertices on each side, numbered from zero on each.</param>
    /// <param name="edges">Each edge's left and right vertex; a decision has one entry per edge in this order.</param>
    /// <param name="sense">Whether the total is made least or greatest.</param>
    /// <exception cref="ArgumentException">An edge is given twice or is not of the graph, or there is no perfect matching.</exception>
    public BipartiteMatchingSolver(int size, IReadOnlyList<(int Left, int Right)> edges, Sense sense = Sense.Minimize)
        : base(edges?.Count ?? throw new ArgumentNullException(nameof(edges)), sense, false, uniformNormal: true)
    {
        if (size is < 1 or > MaxSize)
            throw new ArgumentOutOfRangeException(nameof(size), size, $"Expected 1 to {MaxSize} vertices a side.");
        Size = size;
        _left = new int[edges.Count];
        _right = new int[edges.Count];
        var given = new HashSet<(int, int)>();
        for (int edge = 0; edge < edges.Count; edge++)
        {
            (int left, int right) = edges[edge];
            if ((uint)left >= (uint)size || (uint)right >= (uint)size)
                throw new ArgumentException($"Edge {edge} is ({left}, {right}); expected vertices from 0 to {size - 1}.", nameof(edges));
            if (!given.Add((left, right)))
                throw new ArgumentException($"Edge {edge}, ({left}, {right}), is given twice; leave one out.", nameof(edges));
            (_left[edge], _right[edge]) = (left, right);
        }

        if (edges.Count < size || !HasMatching())
            throw new ArgumentException($"The {edges.Count} edges hold no perfect matching of {size} pairs; add edges.", nameof(edges));
    }

    /// <summary>Vertices on each side.</summary>
    public int Size { get; }

    internal ReadOnlySpan<int> Left => _left;

    internal ReadOnlySpan<int> Right => _right;

    private protected override SolverWorkspace CreateWorkspace() => new Workspace(Dimension, Size);

    private protected override SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        AssignmentKernel kernel = ((Workspace)workspace).Kernel;
        Fill(kernel, costs);
        if (!kernel.Solve())
            return SolverStatus.NumericalError;
        for (int edge = 0; edge < decision.Length; edge++)
            decision[edge] = kernel.ColumnOf[_left[edge]] == _right[edge] ? 1 : 0;
        return SolverStatus.Solved;
    }

    private bool HasMatching()
    {
        var kernel = new AssignmentKernel(Size, Size);
        Fill(kernel, stackalloc double[1]);
        return kernel.Solve();
    }

    // Cells without an edge stay infinite from the kernel's construction on.
    private void Fill(AssignmentKernel kernel, ReadOnlySpan<double> costs)
    {
        Span<double> matrix = kernel.Costs;
        for (int edge = 0; edge < _left.Length; edge++)
            matrix[_left[edge] * kernel.Stride + _right[edge]] = costs.Length == 1 ? costs[0] : costs[edge];
    }

    private sealed class Workspace(int edges, int size) : SolverWorkspace(edges)
    {
        public AssignmentKernel Kernel { get; } = new(size, size);
    }
}
