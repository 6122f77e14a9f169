using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// 0/1 knapsack by dynamic programming over every combination of used capacities:
/// best(i, c) = max(best(i − 1, c), best(i − 1, c − w[i]) + v[i]).
/// </summary>
internal sealed class KnapsackTable
{
    private readonly int[] _extents;
    private readonly int[] _strides;
    private readonly int[][] _weights;
    private readonly int[] _offsets;
    private readonly double[] _best;
    private readonly ulong[] _taken;
    private readonly int _words;
    private readonly int[] _at;

    /// <param name="weights">Weights by item and resource, none above its capacity.</param>
    /// <param name="capacities">Capacities, already cut to what all items together weigh.</param>
    public KnapsackTable(int[][] weights, int[] capacities)
    {
        _weights = weights;
        _extents = Array.ConvertAll(capacities, capacity => capacity + 1);
        _strides = new int[capacities.Length];
        int states = 1;
        for (int r = capacities.Length - 1; r >= 0; r--)
        {
            _strides[r] = states;
            states *= _extents[r];
        }

        _offsets = new int[weights.Length];
        for (int item = 0; item < weights.Length; item++)
        {
            for (int r = 0; r < capacities.Length; r++)
                _offsets[item] += weights[item][r] * _strides[r];
        }

        _best = new double[states];
        _words = (states + 63) / 64;
        _taken = new ulong[(long)_words * weights.Length];
        _at = new int[capacities.Length];
    }

    /// <summary>Combinations of used capacities, or −1 past any sensible number.</summary>
    public static long States(ReadOnlySpan<int> capacities)
    {
        long states = 1;
        foreach (int capacity in capacities)
        {
            states *= capacity + 1L;
            if (states > int.MaxValue)
                return -1;
        }

        return states;
    }

    /// <summary>Chooses the items of greatest total value.</summary>
    public void Solve(ReadOnlySpan<double> values, Span<float> decision)
    {
        Array.Clear(_best);
        Array.Clear(_taken);
        for (int item = 0; item < values.Length; item++)
        {
            // An item that is worth nothing is never taken.
            if (values[item] > 0)
                Offer(item, values[item]);
        }

        int state = _best.Length - 1;
        for (int item = values.Length - 1; item >= 0; item--)
        {
            bool taken = (_taken[(long)item * _words + (state >> 6)] >> (state & 63) & 1) != 0;
            decision[item] = taken ? 1 : 0;
            state -= taken ? _offsets[item] : 0;
        }
    }

    // From the fullest state down, so that what is read has not been offered this item yet.
    private void Offer(int item, double value)
    {
        int[] weight = _weights[item];
        int last = weight.Length - 1, offset = _offsets[item];
        for (int r = 0; r < last; r++)
            _at[r] = _extents[r] - 1;
        while (true)
        {
            int row = 0;
            for (int r = 0; r < last; r++)
                row += _at[r] * _strides[r];
            Span<double> best = _best.AsSpan(row, _extents[last]);
            for (int c = best.Length - 1; c >= weight[last]; c--)
            {
                int state = row + c;
                double with = _best[state - offset] + value;
                if (with > best[c])
                {
                    best[c] = with;
                    _taken[(long)item * _words + (state >> 6)] |= 1UL << (state & 63);
                }
            }

            int step = last - 1;
            while (step >= 0 && --_at[step] < weight[step])
            {
                _at[step] = _extents[step] - 1;
                step--;
            }

            if (step < 0)
                return;
        }
    }
}
