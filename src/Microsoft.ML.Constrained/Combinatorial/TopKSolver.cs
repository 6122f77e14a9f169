using System;
using System.Numerics;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Chooses k of n entries: y is 1 on the k greatest costs (or the k least, with <see cref="Sense.Minimize"/>) and 0 elsewhere.
/// </summary>
/// <remarks>Ties: among equal costs the lower index is chosen first.</remarks>
public sealed class TopKSolver : CombinatorialSolver
{
    // A heap sees few of the entries while k is small; above, counting leading digits is steadier.
    private const int HeapLimit = 64;
    private const int DigitBits = 11;
    private const int Buckets = 1 << DigitBits;

    /// <summary>States how many of how many.</summary>
    /// <param name="items">Entries of a cost vector.</param>
    /// <param name="k">Entries to choose, 1 to <paramref name="items"/>.</param>
    /// <param name="sense">Maximize takes the greatest, Minimize the least.</param>
    public TopKSolver(int items, int k, Sense sense = Sense.Maximize)
        : base(items, sense, false, uniformNormal: true)
    {
        if (k < 1 || k > items)
            throw new ArgumentOutOfRangeException(nameof(k), k, $"Expected 1 to {items}, the number of items.");
        K = k;
    }

    /// <summary>How many entries are chosen.</summary>
    public int K { get; }

    private protected override SolverWorkspace CreateWorkspace() => new Workspace(Dimension, K);

    private protected override SolverStatus SolveRow(ReadOnlySpan<double> costs, Span<float> decision, SolverWorkspace workspace)
    {
        var own = (Workspace)workspace;
        if (K == costs.Length)
            decision.Fill(1);
        else if (K <= HeapLimit)
            SelectByHeap(costs, decision, own);
        else
            SelectByDigits(costs, decision, own);
        return SolverStatus.Solved;
    }

    private void SelectByHeap(ReadOnlySpan<double> costs, Span<float> decision, Workspace own)
    {
        double[] values = own.HeapValues;
        int[] items = own.HeapItems;
        for (int i = 0; i < K; i++)
        {
            values[i] = costs[i];
            items[i] = i;
        }

        for (int i = K / 2 - 1; i >= 0; i--)
            Sink(values, items, i, values[i], items[i]);
        int width = Vector<double>.Count, at = K;
        for (; at <= costs.Length - width; at += width)
        {
            // Later entries have higher numbers: an equal one never replaces what is in the heap.
            if (!Vector.LessThanAny(new Vector<double>(costs[at..]), new Vector<double>(values[0])))
                continue;
            for (int i = at; i < at + width; i++)
            {
                if (costs[i] < values[0])
                    Sink(values, items, 0, costs[i], i);
            }
        }

        for (; at < costs.Length; at++)
        {
            if (costs[at] < values[0])
                Sink(values, items, 0, costs[at], at);
        }

        decision.Clear();
        for (int i = 0; i < K; i++)
            decision[items[i]] = 1;
    }

    // The worst of the chosen, greatest cost and then greatest number, is on top.
    private void Sink(double[] values, int[] items, int place, double value, int item)
    {
        while (true)
        {
            int child = 2 * place + 1;
            if (child >= K)
                break;
            if (child + 1 < K && Worse(values[child + 1], items[child + 1], values[child], items[child]))
                child++;
            if (!Worse(values[child], items[child], value, item))
                break;
            values[place] = values[child];
            items[place] = items[child];
            place = child;
        }

        values[place] = value;
        items[place] = item;
    }

    private static bool Worse(double value, int item, double otherValue, int otherItem) =>
        value > otherValue || (value == otherValue && item > otherItem);

    // Finds the k-th least by its digits from the most significant one, keeping only the entries that share the digits found so far.
    private void SelectByDigits(ReadOnlySpan<double> costs, Span<float> decision, Workspace own)
    {
        ulong[] left = own.Keys;
        for (int i = 0; i < costs.Length; i++)
            left[i] = CostSorter.Ordered(costs[i]);
        int count = costs.Length, wanted = K;
        ulong prefix = 0;
        int shift = 64;
        while (shift > 0 && count > wanted)
        {
            shift = Math.Max(0, shift - DigitBits);
            Span<int> counts = own.Counts;
            counts.Clear();
            for (int i = 0; i < count; i++)
                counts[(int)(left[i] >> shift) & (Buckets - 1)]++;
            // The last digit is shorter; its upper bits are those already fixed.
            int digit = shift == 0 ? (int)(prefix & (Buckets - 1)) : 0;
            while (wanted > counts[digit])
                wanted -= counts[digit++];
            prefix = (prefix & ~((ulong)(Buckets - 1) << shift)) | ((ulong)digit << shift);
            int kept = 0;
            for (int i = 0; i < count; i++)
            {
                ulong key = left[i];
                left[kept] = key;
                kept += ((int)(key >> shift) & (Buckets - 1)) == digit ? 1 : 0;
            }

            count = kept;
        }

        Mark(costs, decision, prefix, shift, wanted);
    }

    private static void Mark(ReadOnlySpan<double> costs, Span<float> decision, ulong prefix, int shift, int equal)
    {
        ulong bound = prefix >> shift;
        for (int i = 0; i < costs.Length; i++)
        {
            ulong key = CostSorter.Ordered(costs[i]) >> shift;
            bool taken = key < bound || (key == bound && equal-- > 0);
            decision[i] = taken ? 1 : 0;
        }
    }

    private sealed class Workspace(int items, int k) : SolverWorkspace(items)
    {
        public double[] HeapValues { get; } = new double[k];

        public int[] HeapItems { get; } = new int[k];

        public ulong[] Keys { get; } = k > HeapLimit ? new ulong[items] : [];

        public int[] Counts { get; } = k > HeapLimit ? new int[Buckets] : [];
    }
}
