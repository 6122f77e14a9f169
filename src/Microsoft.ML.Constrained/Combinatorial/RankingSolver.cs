using System;
using System.Numerics;
using System.Runtime.InteropServices;

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

    private const int CountingLimit = 128;

    /// <summary>States the number of items.</summary>
    /// <param name="items">Entries of a score vector.</param>
    /// <param name="sense">Minimize ranks the greatest first.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no items or more than <see cref="MaxItems"/>.</exception>
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
        if (costs.Length <= CountingLimit)
        {
            CountRanks(costs, decision, (Workspace)workspace);
            return SolverStatus.Solved;
        }

        ReadOnlySpan<int> order = ((Workspace)workspace).Sorter.Sort(costs);
        for (int i = 0; i < order.Length; i++)
            decision[order[i]] = i + 1;
        return SolverStatus.Solved;
    }

    private protected override void SolveRows<T>(
        ReadOnlySpan<T> costs, Span<float> decisions, Span<SolverStatus> statuses, SolverWorkspace workspace)
    {
        int n = Dimension;
        if (typeof(T) != typeof(float) || n <= CountingLimit)
        {
            base.SolveRows(costs, decisions, statuses, workspace);
            return;
        }

        CostSorter sorter = ((Workspace)workspace).Sorter;
        ReadOnlySpan<float> values = MemoryMarshal.Cast<T, float>(costs);
        for (int row = 0; row < statuses.Length; row++)
        {
            Span<float> ranks = decisions.Slice(row * n, n);
            bool valid = sorter.TryRank(values.Slice(row * n, n), (float)CostScale, ranks);
            statuses[row] = valid ? SolverStatus.Solved : SolverStatus.InvalidInput;
            if (!valid)
                ranks.Clear();
        }
    }

    // A rank is one more than the number of items before: fewer steps than a sort while there are few items, and no branches.
    private static void CountRanks(ReadOnlySpan<double> costs, Span<float> decision, Workspace own)
    {
        int n = costs.Length, width = Vector<double>.Count;
        double[] padded = own.Padded;
        costs.CopyTo(padded);
        for (int i = 0; i < n; i++)
        {
            var value = new Vector<double>(padded[i]);
            Vector<long> before = Vector<long>.Zero;
            int block = i / width * width, j = 0;

            // Equal costs with a lower number come before, those with a higher one do not.
            for (; j < block; j += width)
                before -= Vector.LessThanOrEqual(new Vector<double>(padded, j), value);
            for (; j < n; j += width)
                before -= Vector.LessThan(new Vector<double>(padded, j), value);
            long rank = 1 + Vector.Sum(before);
            for (j = block; j < i; j++)
                rank += padded[j] == padded[i] ? 1 : 0;
            decision[i] = rank;
        }
    }

    private sealed class Workspace : SolverWorkspace
    {
        public Workspace(int items)
            : base(items)
        {
            Sorter = new CostSorter(items);
            Padded = new double[items <= CountingLimit ? items + Vector<double>.Count : 0];
            Array.Fill(Padded, double.PositiveInfinity);
        }

        public double[] Padded { get; }

        public CostSorter Sorter { get; }
    }
}
