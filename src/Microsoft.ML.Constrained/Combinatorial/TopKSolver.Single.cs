using System;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <content>Single-precision costs as they are, without a copy in double precision: one pass over the memory.</content>
public sealed partial class TopKSolver
{
    // An entry's place is the number of entries before it: fewer steps than a heap while there are few entries, and no branches.
    private const int CountingLimit = 64;

    // From this ratio of n to k on, the least costs of parts of a row leave few entries to choose among.
    private const int FewOfMany = 6;
    private const int MostCandidates = 4 * HeapLimit;
    private const int Width = 8;
    private const int Word = 64;

    private protected override void SolveRows<T>(
        ReadOnlySpan<T> costs, Span<float> decisions, Span<SolverStatus> statuses, SolverWorkspace workspace)
    {
        int n = Dimension;
        if (typeof(T) != typeof(float) || K == n || (n > CountingLimit && K > HeapLimit))
        {
            base.SolveRows(costs, decisions, statuses, workspace);
            return;
        }

        var own = (Workspace)workspace;
        ReadOnlySpan<float> values = MemoryMarshal.Cast<T, float>(costs);
        for (int row = 0; row < statuses.Length; row++)
        {
            ReadOnlySpan<float> source = values.Slice(row * n, n);
            Span<float> decision = decisions.Slice(row * n, n);
            bool valid = n <= CountingLimit ? SelectByCounting(source, decision, own)
                : n >= FewOfMany * K ? SelectByBound(source, decision, own)
                : SelectByHeap(source, decision, own);
            statuses[row] = valid ? SolverStatus.Solved : SolverStatus.InvalidInput;
            if (!valid)
                decision.Clear();
        }
    }

    private static float[] PaddedRow(int items)
    {
        var padded = new float[Math.Min(items, MostCandidates) + Math.Max(Width, Vector<float>.Count)];
        Array.Fill(padded, float.PositiveInfinity);
        return padded;
    }

    private bool SelectByCounting(ReadOnlySpan<float> costs, Span<float> decision, Workspace own)
    {
        float[] padded = own.Padded;
        float sign = (float)CostScale;
        bool valid = true;
        for (int i = 0; i < costs.Length; i++)
        {
            padded[i] = sign * costs[i];
            valid &= float.IsFinite(costs[i]);
        }

        for (int i = 0; i < costs.Length && valid; i++)
            decision[i] = Place(padded, costs.Length, i) < K ? 1 : 0;
        return valid;
    }

    // How many of the first n come before entry i; infinities fill the last register.
    private static int Place(float[] padded, int n, int i)
    {
        int width = Vector<float>.Count, block = i / width * width, j = 0;
        var value = new Vector<float>(padded[i]);
        Vector<int> before = Vector<int>.Zero;

        // Equal costs with a lower number come before, those with a higher one do not.
        for (; j < block; j += width)
            before -= Vector.LessThanOrEqual(new Vector<float>(padded, j), value);
        for (; j < n; j += width)
            before -= Vector.LessThan(new Vector<float>(padded, j), value);
        int place = Vector.Sum(before);
        for (j = block; j < i; j++)
            place += padded[j] == padded[i] ? 1 : 0;
        return place;
    }

    // At least k parts of the row have their least cost at or below the k-th least of the parts' least costs: nothing above that bound is
    // chosen, and with at least 2k parts hardly more than k entries are not above it.
    private bool SelectByBound(ReadOnlySpan<float> costs, Span<float> decision, Workspace own)
    {
        int n = costs.Length, whole = n / Width;
        int segments = Math.Min((Math.Max(2 * K, CountingLimit) + Width - 1) / Width, whole), length = whole / segments;
        float sign = (float)CostScale;
        ref float first = ref MemoryMarshal.GetReference(costs);
        Vector256<float> signs = Vector256.Create(sign), largest = Vector256.Create(float.MaxValue), finite = Vector256<float>.AllBitsSet;
        Span<float> values = own.Padded;
        for (int segment = 0; segment < segments; segment++)
        {
            Vector256<float> least = Vector256.Create(float.PositiveInfinity);
            int end = segment == segments - 1 ? whole : (segment + 1) * length;
            for (int i = segment * length; i < end; i++)
            {
                Vector256<float> value = Vector256.LoadUnsafe(ref first, (nuint)(i * Width)) * signs;
                finite &= Vector256.LessThanOrEqual(Vector256.Abs(value), largest);
                least = Vector256.MinNative(least, value);
            }

            least.CopyTo(values[(segment * Width)..]);
        }

        bool valid = finite.ExtractMostSignificantBits() == (1u << Width) - 1;
        for (int i = whole * Width; i < n; i++)
            valid &= float.IsFinite(costs[i]);
        if (!valid)
            return false;
        int count = Candidates(costs, sign, KthLeast(values, segments * Width, out _), own);
        if (count > MostCandidates)
            return SelectByHeap(costs, decision, own);
        values.Slice(count, Width).Fill(float.PositiveInfinity);
        float worst = KthLeast(values, count, out int better);
        decision.Clear();
        int equal = K - better;
        for (int i = 0; i < count; i++)
        {
            bool ties = values[i] == worst;
            decision[own.Candidates[i]] = values[i] < worst || (ties && equal > 0) ? 1 : 0;
            equal -= ties ? 1 : 0;
        }

        return true;
    }

    // Each value that may be the one, counted against all, halves those that still may be.
    private float KthLeast(ReadOnlySpan<float> values, int count, out int better)
    {
        float low = float.NegativeInfinity, high = float.PositiveInfinity;
        better = 0;
        for (int i = 0; i < count; i++)
        {
            if (!(values[i] > low && values[i] < high))
                continue;
            Vector256<float> value = Vector256.Create(values[i]);
            Vector256<int> below = Vector256<int>.Zero;
            for (int j = 0; j < count; j += Width)
                below -= Vector256.LessThan(Vector256.Create(values[j..]), value).AsInt32();
            int less = Vector256.Sum(below);
            if (less < K)
                (low, better) = (values[i], less);
            else
                high = values[i];
        }

        return low;
    }

    // Those at or below the bound, in order; one more than there is room for where they are too many.
    private static int Candidates(ReadOnlySpan<float> costs, float sign, float bound, Workspace own)
    {
        float[] values = own.Padded;
        int[] items = own.Candidates;
        int count = 0, at = 0;
        ref float first = ref MemoryMarshal.GetReference(costs);
        Vector256<float> signs = Vector256.Create(sign), limit = Vector256.Create(bound);
        for (; at <= costs.Length - Word; at += Word)
        {
            ulong found = 0;
            for (int i = 0; i < Word; i += Width)
            {
                Vector256<float> value = Vector256.LoadUnsafe(ref first, (nuint)(at + i)) * signs;
                found |= (ulong)Vector256.LessThanOrEqual(value, limit).ExtractMostSignificantBits() << i;
            }

            if (count > MostCandidates - BitOperations.PopCount(found))
                return MostCandidates + 1;
            for (; found != 0; found &= found - 1, count++)
            {
                int item = at + BitOperations.TrailingZeroCount(found);
                (values[count], items[count]) = (sign * costs[item], item);
            }
        }

        for (; at < costs.Length; at++)
        {
            if (sign * costs[at] > bound)
                continue;
            if (count == MostCandidates)
                return MostCandidates + 1;
            (values[count], items[count]) = (sign * costs[at], at);
            count++;
        }

        return count;
    }

    private bool SelectByHeap(ReadOnlySpan<float> costs, Span<float> decision, Workspace own)
    {
        float[] values = own.SingleHeapValues;
        int[] items = own.HeapItems;
        float sign = (float)CostScale;
        bool valid = true;
        for (int i = 0; i < K; i++)
        {
            values[i] = sign * costs[i];
            items[i] = i;
            valid &= float.IsFinite(costs[i]);
        }

        for (int i = K / 2 - 1; i >= 0; i--)
            Sink(values, items, i, values[i], items[i]);
        int width = Vector<float>.Count, at = K;
        Vector<float> signs = new(sign), largest = new(float.MaxValue);
        Vector<int> finite = Vector<int>.AllBitsSet;
        for (; at <= costs.Length - width; at += width)
        {
            Vector<float> value = new Vector<float>(costs[at..]) * signs;
            finite &= Vector.LessThanOrEqual(Vector.Abs(value), largest);

            // Later entries have higher numbers: an equal one never replaces what is in the heap.
            if (!Vector.LessThanAny(value, new Vector<float>(values[0])))
                continue;
            for (int i = 0; i < width; i++)
            {
                if (value[i] < values[0])
                    Sink(values, items, 0, value[i], at + i);
            }
        }

        for (; at < costs.Length; at++)
        {
            valid &= float.IsFinite(costs[at]);
            if (sign * costs[at] < values[0])
                Sink(values, items, 0, sign * costs[at], at);
        }

        decision.Clear();
        for (int i = 0; i < K; i++)
            decision[items[i]] = 1;
        return valid && Vector.EqualsAll(finite, Vector<int>.AllBitsSet);
    }
}
