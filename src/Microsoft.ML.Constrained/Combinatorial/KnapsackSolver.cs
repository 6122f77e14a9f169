using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// 0/1 knapsack with one or several resources: y is 1 on the chosen items, whose weights must not exceed any capacity, with the
/// greatest total value (or, with <see cref="Sense.Minimize"/>, the least total cost). Weights and capacities are integers; values may
/// be any numbers, and an item of no positive value is left out.
/// </summary>
/// <remarks>
/// Dynamic programming where items × Π(capacity + 1) is at most <see cref="MaxTableBits"/>, branch and bound otherwise; the latter stops
/// after <see cref="MaxSearchNodes"/> nodes with <see cref="SolverStatus.IterationLimit"/> and the best choice found. Ties: with the
/// table, of equal totals the later items are left out; with the search, the first choice found is kept.
/// </remarks>
public sealed class KnapsackSolver : CombinatorialSolver
{
    /// <summary>The most entries of the table of decisions (one bit each, per thread).</summary>
    public const long MaxTableBits = 1L << 28;

    /// <summary>The most combinations of used capacities of the table (one double each, per thread).</summary>
    public const long MaxTableStates = 1L << 22;

    /// <summary>The most nodes of a search.</summary>
    public const long MaxSearchNodes = 20_000_000;

    /// <summary>The most resources.</summary>
    public const int MaxResources = 64;

    /// <summary>The most items where the table is too large and the search, which recurses over the items, is used.</summary>
    public const int MaxSearchItems = 4096;

    private readonly int[][] _weights;
    private readonly int[] _capacities;
    private readonly int[] _usefulCapacities;
    private readonly bool[] _neverFits;

    /// <summary>One resource.</summary>
    /// <param name="weights">The items' weights, not negative.</param>
    /// <param name="capacity">What the chosen items may weigh together.</param>
    /// <param name="sense">Whether costs are values (Maximize) or costs proper.</param>
    public KnapsackSolver(IReadOnlyList<int> weights, int capacity, Sense sense = Sense.Maximize)
        : this(AsRows(weights), [capacity], sense)
    {
    }

    /// <summary>Several resources.</summary>
    /// <param name="weights">For each item, its weight in every resource.</param>
    /// <param name="capacities">The capacity of every resource; at most 64.</param>
    /// <param name="sense">Whether costs are values (Maximize) or costs proper.</param>
    /// <exception cref="ArgumentException">A weight or capacity is negative, or an item has not one weight per resource.</exception>
    public KnapsackSolver(IReadOnlyList<IReadOnlyList<int>> weights, IReadOnlyList<int> capacities, Sense sense = Sense.Maximize)
        : base(weights?.Count ?? throw new ArgumentNullException(nameof(weights)), sense, false, uniformNormal: false)
    {
        ArgumentNullException.ThrowIfNull(capacities);
        if (capacities.Count is < 1 or > MaxResources)
            throw new ArgumentException($"'capacities' expects 1 to {MaxResources} resources, got {capacities.Count}.", nameof(capacities));
        _capacities = [.. capacities];
        foreach (int capacity in _capacities)
        {
            if (capacity < 0)
                throw new ArgumentException($"'capacities' expects no negative number, got {capacity}.", nameof(capacities));
        }

        _weights = new int[weights.Count][];
        _neverFits = new bool[weights.Count];
        for (int item = 0; item < _weights.Length; item++)
            _weights[item] = CheckItem(item, weights[item]);
        _usefulCapacities = UsefulCapacities();
        long states = KnapsackTable.States(_usefulCapacities);
        UsesTable = states is > 0 and <= MaxTableStates && states * _weights.Length <= MaxTableBits;
        if (!UsesTable && _weights.Length > MaxSearchItems)
        {
            throw new ArgumentException(
                $"{_weights.Length} items with these capacities are too many: the table is too large, and the search takes at most "
                + $"{MaxSearchItems} items. Use coarser weights or fewer items.", nameof(weights));
        }
    }

    /// <summary>The number of resources.</summary>
    public int Resources => _capacities.Length;

    /// <summary>Whether decisions come from the table, always exact, rather than from the search.</summary>
    public bool UsesTable { get; }

    internal int[][] Weights => _weights;

    internal ReadOnlySpan<int> Capacities => _capacities;

    /// <summary>For tests of the search where the table would do.</summary>
    internal bool ForceSearch { get; init; }

    internal long SearchNodes { get; init; } = MaxSearchNodes;

    private protected override SolverWorkspace CreateWorkspace() => new Workspace(this);

    private protected override bool KeepsInexactDecision(SolverStatus status) => status == SolverStatus.IterationLimit;

    private protected override SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        var own = (Workspace)workspace;
        double[] values = own.Values;
        for (int item = 0; item < values.Length; item++)
            values[item] = _neverFits[item] ? 0 : -costs[item];
        if (own.Search is { } search)
            return search.Solve(values, decision, SearchNodes) ? SolverStatus.Solved : SolverStatus.IterationLimit;
        own.Table!.Solve(values, decision);
        return SolverStatus.Solved;
    }

    private int[] CheckItem(int item, IReadOnlyList<int>? weights)
    {
        if (weights is null || weights.Count != _capacities.Length)
        {
            throw new ArgumentException(
                $"Item {item} expects {_capacities.Length} weights, one per resource, got {weights?.Count ?? 0}.", nameof(weights));
        }

        int[] copy = [.. weights];
        for (int r = 0; r < copy.Length; r++)
        {
            if (copy[r] < 0)
            {
                throw new ArgumentException(
                    $"Item {item} has the weight {copy[r]} in resource {r}; expected no negative number.", nameof(weights));
            }


            _neverFits[item] |= copy[r] > _capacities[r];
        }

        return copy;
    }

    // Capacity beyond what all fitting items weigh together only makes the table longer.
    private int[] UsefulCapacities()
    {
        var useful = new int[_capacities.Length];
        for (int r = 0; r < useful.Length; r++)
        {
            long total = 0;
            for (int item = 0; item < _weights.Length; item++)
                total += _neverFits[item] ? 0 : _weights[item][r];
            useful[r] = (int)Math.Min(_capacities[r], total);
        }

        return useful;
    }

    private static int[][] AsRows(IReadOnlyList<int> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var rows = new int[weights.Count][];
        for (int item = 0; item < rows.Length; item++)
            rows[item] = [weights[item]];
        return rows;
    }

    private sealed class Workspace : SolverWorkspace
    {
        public Workspace(KnapsackSolver solver)
            : base(solver.Dimension)
        {
            Values = new double[solver.Dimension];
            if (solver.UsesTable && !solver.ForceSearch)
                Table = new KnapsackTable(solver._weights, solver._usefulCapacities);
            else
                Search = new KnapsackSearch(solver._weights, solver._usefulCapacities);
        }

        public double[] Values { get; }

        public KnapsackTable? Table { get; }

        public KnapsackSearch? Search { get; }
    }
}
