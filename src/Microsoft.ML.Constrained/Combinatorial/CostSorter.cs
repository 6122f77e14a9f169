using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>Sorts the numbers of items by cost, ascending; equal costs keep the order of their numbers.</summary>
internal sealed partial class CostSorter(int capacity)
{
    // Up to here a comparison sort of one word per item beats the fixed cost of the counting passes.
    private const int ComparisonLimit = 192;
    private const int DigitBits = 11;
    private const int Buckets = 1 << DigitBits;

    private readonly ulong[] _keys = new ulong[capacity];
    private readonly ulong[] _otherKeys = new ulong[capacity];
    private readonly int[] _otherOrder = new int[capacity];
    private readonly int[] _order = new int[capacity];
    private readonly int[] _counts = new int[6 * Buckets];

    /// <summary>Sorts; the result stays valid until the next call.</summary>
    public ReadOnlySpan<int> Sort(ReadOnlySpan<double> costs)
    {
        int n = costs.Length;
        if (n <= 24)
            return SortByInsertion(costs);

        // Single-precision costs, widened, fit into half a word: the item's number goes into the other half and nothing else moves.
        if (FitSingle(costs))
        {
            for (int i = 0; i < n; i++)
                _keys[i] = ((ulong)Ordered((float)costs[i]) << 32) | (uint)i;
            ulong[] sorted = _keys;
            if (n <= ComparisonLimit)
                _keys.AsSpan(0, n).Sort();
            else
                sorted = SortPacked(n);
            for (int i = 0; i < n; i++)
                _order[i] = (int)(uint)sorted[i];
            return _order.AsSpan(0, n);
        }

        return SortWide(costs);
    }

    /// <summary>
    /// The rank of each cost, from 1, least first after multiplication by <paramref name="sign"/>, equal ones in the order of their numbers; false
    /// when a cost is not finite. The pass over the last digit writes ranks instead of moving words.
    /// </summary>
    public bool TryRank(ReadOnlySpan<float> costs, float sign, Span<float> ranks)
    {
        if (!TryRange(costs, sign, out float least, out float greatest))
            return false;
        if (TryRankByBuckets(costs, sign, least, greatest, ranks))
            return true;
        int n = costs.Length, bits = n < 4096 ? 8 : DigitBits, buckets = 1 << bits, digits = (32 + bits - 1) / bits, mask = buckets - 1;
        _counts.AsSpan(0, digits * buckets).Clear();
        ref int counts = ref MemoryMarshal.GetArrayDataReference(_counts);
        ref ulong from = ref MemoryMarshal.GetArrayDataReference(_keys), to = ref MemoryMarshal.GetArrayDataReference(_otherKeys);
        for (int i = 0; i < n; i++)
        {
            uint key = Ordered(sign * costs[i]);
            Unsafe.Add(ref from, i) = ((ulong)key << 32) | (uint)i;
            for (int digit = 0; digit < digits; digit++, key >>= bits)
                Unsafe.Add(ref counts, (digit * buckets) + (int)(key & mask))++;
        }

        int last = -1;
        for (int digit = 0; digit < digits; digit++)
        {
            if (!Accumulate(_counts.AsSpan(digit * buckets, buckets), (int)(from >> (32 + (digit * bits))) & mask, n))
                continue;
            if (last >= 0)
            {
                Move(ref from, ref to, n, ref Unsafe.Add(ref counts, last * buckets), 32 + (last * bits), mask);
                ref ulong other = ref from;
                from = ref to;
                to = ref other;
            }

            last = digit;
        }

        ref float rank = ref MemoryMarshal.GetReference(ranks);
        if (last < 0)
        {
            for (int i = 0; i < n; i++)
                ranks[i] = i + 1;
            return true;
        }

        ref int places = ref Unsafe.Add(ref counts, last * buckets);
        for (int i = 0; i < n; i++)
        {
            ulong word = Unsafe.Add(ref from, i);
            Unsafe.Add(ref rank, (int)(uint)word) = ++Unsafe.Add(ref places, (int)(word >> (32 + (last * bits))) & mask);
        }

        return true;
    }

    private static void Move(ref ulong from, ref ulong to, int n, ref int places, int shift, int mask)
    {
        for (int i = 0; i < n; i++)
        {
            ulong word = Unsafe.Add(ref from, i);
            Unsafe.Add(ref to, Unsafe.Add(ref places, (int)(word >> shift) & mask)++) = word;
        }
    }

    private ReadOnlySpan<int> SortByInsertion(ReadOnlySpan<double> costs)
    {
        for (int i = 0; i < costs.Length; i++)
        {
            int at = i;
            for (; at > 0 && costs[_order[at - 1]] > costs[i]; at--)
                _order[at] = _order[at - 1];
            _order[at] = i;
        }

        return _order.AsSpan(0, costs.Length);
    }

    // Least significant digit first over the upper halves of the words: stable, so numbers stay ascending among equals.
    private ulong[] SortPacked(int n)
    {
        // Short digits take a pass more, but cost less to count where there are few items.
        int bits = n < 4096 ? 8 : DigitBits, buckets = 1 << bits, digits = (32 + bits - 1) / bits, mask = buckets - 1;
        Span<int> counts = _counts.AsSpan(0, digits * buckets);
        counts.Clear();
        for (int i = 0; i < n; i++)
        {
            uint key = (uint)(_keys[i] >> 32);
            for (int digit = 0; digit < digits; digit++, key >>= bits)
                counts[digit * buckets + (int)(key & mask)]++;
        }

        ulong[] from = _keys, to = _otherKeys;
        for (int digit = 0; digit < digits; digit++)
        {
            Span<int> places = counts.Slice(digit * buckets, buckets);
            int shift = 32 + digit * bits;
            if (!Accumulate(places, (int)(from[0] >> shift) & mask, n))
                continue;
            for (int i = 0; i < n; i++)
                to[places[(int)(from[i] >> shift) & mask]++] = from[i];
            (from, to) = (to, from);
        }

        return from;
    }

    private ReadOnlySpan<int> SortWide(ReadOnlySpan<double> costs)
    {
        int n = costs.Length;
        Span<int> counts = _counts;
        counts.Clear();
        for (int i = 0; i < n; i++)
        {
            ulong key = Ordered(costs[i]);
            _keys[i] = key;
            _order[i] = i;
            for (int digit = 0; digit < 6; digit++)
                counts[digit * Buckets + ((int)(key >> (digit * DigitBits)) & (Buckets - 1))]++;
        }

        (ulong[] keys, ulong[] otherKeys, int[] order, int[] otherOrder) = (_keys, _otherKeys, _order, _otherOrder);
        for (int digit = 0; digit < 6; digit++)
        {
            Span<int> places = counts.Slice(digit * Buckets, Buckets);
            int shift = digit * DigitBits;
            if (!Accumulate(places, (int)(keys[0] >> shift) & (Buckets - 1), n))
                continue;
            for (int i = 0; i < n; i++)
            {
                int place = places[(int)(keys[i] >> shift) & (Buckets - 1)]++;
                otherKeys[place] = keys[i];
                otherOrder[place] = order[i];
            }

            (keys, otherKeys) = (otherKeys, keys);
            (order, otherOrder) = (otherOrder, order);
        }

        return order.AsSpan(0, n);
    }

    // Turns counts into first places; false when all items share the digit and the pass can be left out.
    private static bool Accumulate(Span<int> counts, int sample, int n)
    {
        if (counts[sample] == n)
            return false;
        int sum = 0;
        for (int i = 0; i < counts.Length; i++)
            (counts[i], sum) = (sum, sum + counts[i]);
        return true;
    }

    private static bool FitSingle(ReadOnlySpan<double> costs)
    {
        // A double that a float holds has its 29 low bits clear; the range is checked for the rest.
        const long lowBits = (1L << 29) - 1;
        ref double first = ref Unsafe.AsRef(in costs[0]);
        var bits = Vector<long>.Zero;
        var greatest = Vector<double>.Zero;
        var least = new Vector<double>(1.0);
        int i = 0;
        for (; i <= costs.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var value = Vector.Abs(Vector.LoadUnsafe(ref first, (nuint)i));
            bits |= Vector.AsVectorInt64(value);
            greatest = Vector.Max(greatest, value);
            least = Vector.Min(least, Vector.ConditionalSelect(Vector.Equals(value, Vector<double>.Zero), new(1.0), value));
        }

        bool fits = Vector.EqualsAll(bits & new Vector<long>(lowBits), Vector<long>.Zero)
            && Vector.LessThanOrEqualAll(greatest, new Vector<double>(float.MaxValue))
            && Vector.GreaterThanOrEqualAll(least, new Vector<double>(1.1754943508222875e-38));
        for (; i < costs.Length; i++)
            fits &= (double)(float)costs[i] == costs[i];
        return fits;
    }

    /// <summary>An unsigned number that orders like the cost; both zeros become one.</summary>
    public static uint Ordered(float value)
    {
        int bits = BitConverter.SingleToInt32Bits(value + 0f);
        return (uint)(bits ^ ((bits >> 31) | int.MinValue));
    }

    /// <inheritdoc cref="Ordered(float)"/>
    public static ulong Ordered(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value + 0.0);
        return (ulong)(bits ^ ((bits >> 63) | long.MinValue));
    }

    /// <summary>The cost that <see cref="Ordered(double)"/> turns into a key.</summary>
    public static double FromOrdered(ulong key) =>
        BitConverter.UInt64BitsToDouble(key >> 63 != 0 ? key ^ (1UL << 63) : ~key);
}
