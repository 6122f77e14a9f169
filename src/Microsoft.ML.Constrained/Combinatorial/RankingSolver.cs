using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Ranks as the optimum of ⟨w, y⟩ over all orders y of the numbers 1 … n (Vlastelica et al. 2020; Rolínek et al. 2020): with
/// <see cref="Sense.Minimize"/> the greatest cost gets rank 1, with <see cref="Sense.Maximize"/> the least does.
/// </summary>
/// <remarks>Ties: among equal costs the lower index gets the lower rank.</remarks>
public sealed class RankingSolver : CombinatorialSolver
{
    /// <summary>The most items: above, single-precision ranks would not be exact.</summary>
    public const int MaxItems = 1 << 24;

    /// <summary>States the number of items.</summary>
    /// <param name="items">Entries of a score vector.</param>
    /// <param name="sense">Minimize ranks the greatest first.</param>
    public RankingSolver(int items, Sense sense = Sense.Minimize)
        : base(items, sense, false, uniformNormal: true)
    {
        if (items > MaxItems)
            throw new ArgumentOutOfRangeException(nameof(items), items, $"Expected at most {MaxItems} items.");
    }

    // The sorter goes upwards: scores are turned round where the greatest comes first.
    private protected override double CostScale => Sense == Sense.Minimize ? -1 : 1;

    private protected override SolverWorkspace CreateWorkspace() => new Workspace(Dimension);

    private protected override SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        ReadOnlySpan<int> order = ((Workspace)workspace).Sorter.Sort(costs);
        for (int i = 0; i < order.Length; i++)
            decision[order[i]] = i + 1;
        return SolverStatus.Solved;
    }

    private sealed class Workspace(int items) : SolverWorkspace(items)
    {
        public CostSorter Sorter { get; } = new(items);
    }
}
