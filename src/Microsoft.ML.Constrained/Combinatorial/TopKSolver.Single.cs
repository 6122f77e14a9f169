using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <content>Single-precision costs as they are, without a copy in double precision: one pass over the memory.</content>
public sealed partial class TopKSolver
{
    // An entry's place is the number of entries before it: fewer steps than a heap while there are few entries, and no branches.
    private const int CountingLimit = 64;

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
            bool valid = n <= CountingLimit ? SelectByCounting(source, decision, own) : SelectByHeap(source, decision, own);
            statuses[row] = valid ? SolverStatus.Solved : SolverStatus.InvalidInput;
            if (!valid)
                decision.Clear();
        }
    }

    private static float[] PaddedRow(int items)
    {
        var padded = new float[items <= CountingLimit ? items + Vector<float>.Count : 0];
        Array.Fill(padded, float.PositiveInfinity);
        return padded;
    }

    private bool SelectByCounting(ReadOnlySpan<float> costs, Span<float> decision, Workspace own)
    {
        int n = costs.Length, width = Vector<float>.Count;
        float[] padded = own.Padded;
        float sign = (float)CostScale;
        bool valid = true;
        for (int i = 0; i < n; i++)
        {
            padded[i] = sign * costs[i];
            valid &= float.IsFinite(costs[i]);
        }

        for (int i = 0; i < n && valid; i++)
        {
            var value = new Vector<float>(padded[i]);
            Vector<int> before = Vector<int>.Zero;
            int block = i / width * width, j = 0;

            // Equal costs with a lower number come before, those with a higher one do not.
            for (; j < block; j += width)
                before -= Vector.LessThanOrEqual(new Vector<float>(padded, j), value);
            for (; j < n; j += width)
                before -= Vector.LessThan(new Vector<float>(padded, j), value);
            int place = Vector.Sum(before);
            for (j = block; j < i; j++)
                place += padded[j] == padded[i] ? 1 : 0;
            decision[i] = place < K ? 1 : 0;
        }

        return valid;
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
