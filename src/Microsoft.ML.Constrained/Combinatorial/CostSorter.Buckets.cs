using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <content>
/// Ranks by one distribution: as many buckets of equal width between the least and the greatest cost as there are items, or up to twice as
/// many, so that few share one (Isaac and Singleton 1956). What does is put in order by insertion.
/// </content>
internal sealed partial class CostSorter
{
    /// <summary>Most pairs in the same bucket, an item, for insertion to be worth it; evenly spread costs have up to ½, normal ones about 1.</summary>
    private const int MostPairs = 3;

    /// <summary>Above, words and places leave the second cache, and counting digits is faster.</summary>
    private const int MostItems = 1 << 16;

    private int[] _buckets = [];
    private int[] _places = [];

    /// <summary>False, with nothing done, where there are very many costs, or they are spread too unevenly, or so far or so closely that the width is no normal number.</summary>
    private bool TryRankByBuckets(ReadOnlySpan<float> costs, float sign, float least, float greatest, Span<float> ranks)
    {
        int n = costs.Length, buckets = (int)BitOperations.RoundUpToPowerOf2((uint)n);
        float scale = (buckets - 1) / (greatest - least);
        if (n > MostItems || !float.IsNormal(scale) || !float.IsFinite(greatest - least))
            return false;
        if (_buckets.Length < n)
            (_buckets, _places) = (new int[n + Vector<int>.Count], new int[buckets]);
        ref int bucket = ref MemoryMarshal.GetArrayDataReference(_buckets), places = ref MemoryMarshal.GetArrayDataReference(_places);
        ref float cost = ref MemoryMarshal.GetReference(costs);
        _places.AsSpan(0, buckets).Clear();

        // Subtraction, multiplication and cutting off never change an order, so only costs of one bucket can stand wrongly.
        int at = 0;
        for (; at <= n - Vector<float>.Count; at += Vector<float>.Count)
        {
            Vector<float> value = ((Vector.LoadUnsafe(ref cost, (nuint)at) * sign) - new Vector<float>(least)) * scale;
            Vector.Min(Vector.ConvertToInt32(value), new Vector<int>(buckets - 1)).StoreUnsafe(ref bucket, (nuint)at);
        }

        for (; at < n; at++)
            Unsafe.Add(ref bucket, at) = Math.Min((int)(((Unsafe.Add(ref cost, at) * sign) - least) * scale), buckets - 1);
        for (int i = 0; i < n; i++)
            Unsafe.Add(ref places, Unsafe.Add(ref bucket, i))++;
        long pairs = 0;
        int sum = 0;
        for (int b = 0; b < buckets; b++)
        {
            int count = Unsafe.Add(ref places, b);
            Unsafe.Add(ref places, b) = sum;
            sum += count;
            pairs += (long)count * (count - 1);
        }

        if (pairs > 2L * MostPairs * n)
            return false;
        ref ulong words = ref MemoryMarshal.GetArrayDataReference(_keys);
        for (int i = 0; i < n; i++)
        {
            int place = Unsafe.Add(ref places, Unsafe.Add(ref bucket, i))++;
            Unsafe.Add(ref words, place) = ((ulong)Ordered(sign * Unsafe.Add(ref cost, i)) << 32) | (uint)i;
        }

        ulong last = words;
        for (int i = 1; i < n; i++)
        {
            ulong word = Unsafe.Add(ref words, i);
            if (word >= last)
            {
                last = word;
                continue;
            }

            int to = i;
            for (; to > 0 && Unsafe.Add(ref words, to - 1) > word; to--)
                Unsafe.Add(ref words, to) = Unsafe.Add(ref words, to - 1);
            Unsafe.Add(ref words, to) = word;
        }

        ref float rank = ref MemoryMarshal.GetReference(ranks);
        for (int i = 0; i < n; i++)
            Unsafe.Add(ref rank, (int)(uint)Unsafe.Add(ref words, i)) = i + 1;
        return true;
    }

    /// <summary>The least and the greatest of the costs after multiplication; false where one is not finite.</summary>
    private static bool TryRange(ReadOnlySpan<float> costs, float sign, out float least, out float greatest)
    {
        ref float cost = ref MemoryMarshal.GetReference(costs);
        (least, greatest) = (float.PositiveInfinity, float.NegativeInfinity);
        Vector<float> low = new(least), high = new(greatest), bad = Vector<float>.Zero;
        int i = 0;
        for (; i <= costs.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> value = Vector.LoadUnsafe(ref cost, (nuint)i) * sign;
            low = Vector.Min(low, value);
            high = Vector.Max(high, value);
            bad += value * Vector<float>.Zero;
        }

        bool finite = Vector.EqualsAll(bad, Vector<float>.Zero);
        for (int lane = 0; lane < Vector<float>.Count; lane++)
            (least, greatest) = (Math.Min(least, low[lane]), Math.Max(greatest, high[lane]));
        for (; i < costs.Length; i++)
        {
            float value = Unsafe.Add(ref cost, i) * sign;
            finite &= float.IsFinite(value);
            (least, greatest) = (Math.Min(least, value), Math.Max(greatest, value));
        }

        return finite;
    }
}
