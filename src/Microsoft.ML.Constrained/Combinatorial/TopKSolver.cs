using System;
using System.Numerics;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Chooses k of n entries: y is 1 on the k greatest costs (or the k least, with <see cref="Sense.Minimize"/>) and 0 elsewhere.
/// </summary>
/// <remarks>Ties: among equal costs the lower index is chosen first.</remarks>
public sealed partial class TopKSolver : CombinatorialSolver
{
    // A heap sees few of the entries while k is small; above, counting leading digits is steadier.
    private const int HeapLimit = 64;
    private const int BandLimit = 8192;
    private const int SampleSize = 512;
    private const int DigitBits = 11;
    private const int Buckets = 1 << DigitBits;

    /// <summary>States how many of how many.</summary>
    /// <param name="items">Entries of a cost vector.</param>
    /// <param name="k">Entries to choose, 1 to <paramref name="items"/>.</param>
    /// <param name="sense">Maximize takes the greatest, Minimize the least.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no items, or k is not 1 to the number of items.</exception>
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
            MarkBest(costs, decision, FindBound(costs, own));
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
    private void Sink<T>(T[] values, int[] items, int place, T value, int item)
        where T : struct, IComparisonOperators<T, T, bool>
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

    private static bool Worse<T>(T value, int item, T otherValue, int otherItem)
        where T : struct, IComparisonOperators<T, T, bool> =>
        value > otherValue || (value == otherValue && item > otherItem);

    // The k-th least cost: from a narrow band where there are many costs, otherwise by partitioning, in the worst case by digits.
    private double FindBound(ReadOnlySpan<double> costs, Workspace own)
    {
        if (costs.Length >= BandLimit && TryFindInBand(costs, own, out double bound))
            return bound;
        costs.CopyTo(own.Values);
        return QuickSelect.TryFind(own.Values, K - 1, out bound) ? bound : FindByDigits(costs, own);
    }

    // Takes a band round the k-th least of an evenly spaced sample; one pass counts what lies below the band and keeps what lies in it
    // (after Floyd and Rivest 1975). False when the k-th least is not in the band, or too much is.
    private bool TryFindInBand(ReadOnlySpan<double> costs, Workspace own, out double bound)
    {
        Span<double> sample = stackalloc double[SampleSize];
        int step = costs.Length / SampleSize;
        for (int i = 0; i < SampleSize; i++)
            sample[i] = costs[i * step];
        sample.Sort();
        double share = (double)K / costs.Length, margin = 2 + 3 * Math.Sqrt(SampleSize * share * (1 - share));
        int from = (int)(share * SampleSize - margin), to = (int)(share * SampleSize + margin);
        double low = from < 0 ? double.NegativeInfinity : sample[from];
        double high = to >= SampleSize ? double.PositiveInfinity : sample[to];
        Span<double> band = own.Values;
        int below = SplitBand(costs, low, high, band[..(band.Length / 3)], out int inside);
        bound = 0;
        return below < K && K <= below + inside && inside <= band.Length / 3
            && QuickSelect.TryFind(band[..inside], K - below - 1, out bound);
    }

    // Counts the costs below the band, and copies those inside as far as there is room.
    private static int SplitBand(ReadOnlySpan<double> costs, double low, double high, Span<double> band, out int inside)
    {
        int width = Vector<double>.Count, room = band.Length - width, i = 0;
        Vector<double> lowest = new(low), highest = new(high);
        Vector<long> below = Vector<long>.Zero;
        inside = 0;
        for (; i <= costs.Length - width && inside < room; i += width)
        {
            var value = new Vector<double>(costs[i..]);
            Vector<long> under = Vector.LessThan(value, lowest);
            below -= under;
            if (!Vector.EqualsAny(Vector.GreaterThan(value, highest) | under, Vector<long>.Zero))
                continue;
            for (int j = i; j < i + width; j++)
            {
                band[inside] = costs[j];
                inside += costs[j] >= low && costs[j] <= high ? 1 : 0;
            }
        }

        int count = (int)Vector.Sum(below);
        for (; i < costs.Length && inside < room; i++)
        {
            count += costs[i] < low ? 1 : 0;
            band[inside] = costs[i];
            inside += costs[i] >= low && costs[i] <= high ? 1 : 0;
        }

        // Full before the end: the caller must not trust the counts.
        inside = i < costs.Length ? band.Length + 1 : inside;
        return count;
    }

    /// <summary>For tests of the last resort.</summary>
    internal double FindByDigits(ReadOnlySpan<double> costs) => FindByDigits(costs, (Workspace)CreateWorkspace());

    // Digits from the most significant one, keeping only the entries that share the digits found so far.
    private double FindByDigits(ReadOnlySpan<double> costs, Workspace own)
    {
        ulong[] left = own.Keys;
        for (int i = 0; i < costs.Length; i++)
            left[i] = CostSorter.Ordered(costs[i]);
        int count = costs.Length, wanted = K, shift = 64;
        ulong prefix = 0;
        while (shift > 0)
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

        return CostSorter.FromOrdered(prefix);
    }

    // Ones below the bound, and on the first of those that equal it until there are k.
    private void MarkBest(ReadOnlySpan<double> costs, Span<float> decision, double bound)
    {
        int width = Vector<double>.Count, i = 0;
        Vector<double> limit = new(bound);
        Vector<int> one = Vector.AsVectorInt32(Vector<float>.One), taken = Vector<int>.Zero;
        for (; i <= costs.Length - 2 * width; i += 2 * width)
        {
            Vector<int> below = Vector.Narrow(
                Vector.LessThan(new Vector<double>(costs[i..]), limit), Vector.LessThan(new Vector<double>(costs[(i + width)..]), limit));
            taken -= below;
            Vector.AsVectorSingle(below & one).CopyTo(decision[i..]);
        }

        int equal = K - Vector.Sum(taken);
        for (; i < costs.Length; i++)
        {
            bool below = costs[i] < bound;
            decision[i] = below ? 1 : 0;
            equal -= below ? 1 : 0;
        }

        for (i = 0; equal > 0; i += width)
        {
            if (i <= costs.Length - width && !Vector.EqualsAny(new Vector<double>(costs[i..]), limit))
                continue;
            for (int j = i; j < Math.Min(i + width, costs.Length) && equal > 0; j++)
            {
                if (costs[j] == bound)
                {
                    decision[j] = 1;
                    equal--;
                }
            }
        }
    }

    private sealed class Workspace(int items, int k) : SolverWorkspace(items)
    {
        public float[] Padded { get; } = PaddedRow(items);

        public int[] Candidates { get; } = new int[Math.Min(items, MostCandidates)];

        public float[] SingleHeapValues { get; } = new float[Math.Min(k, HeapLimit)];

        public double[] HeapValues { get; } = new double[k];

        public int[] HeapItems { get; } = new int[k];

        public ulong[] Keys { get; } = k > HeapLimit ? new ulong[items] : [];

        public double[] Values { get; } = k > HeapLimit ? new double[items] : [];

        public int[] Counts { get; } = k > HeapLimit ? new int[Buckets] : [];
    }
}
