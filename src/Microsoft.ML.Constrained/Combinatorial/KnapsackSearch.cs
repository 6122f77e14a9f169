using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// 0/1 knapsack with any number of resources by depth-first branch and bound. The bound fills what is left of a mixture of the
/// resources fractionally, best value per weight first (Dantzig 1957); the mixtures are each resource alone and their scaled sum.
/// </summary>
internal sealed class KnapsackSearch
{
    private readonly int[][] _weights;
    private readonly int[] _capacities;
    private readonly double[][] _mixed;
    private readonly double[] _mixedCapacities;
    private readonly int[][] _orders;
    private readonly CostSorter _sorter;
    private readonly double[] _ratios;
    private readonly int[] _left;
    private readonly double[] _mixedLeft;
    private readonly bool[] _current;
    private readonly bool[] _chosen;
    private readonly bool[] _decided;
    private double _best;
    private bool _areWhole;
    private long _nodesLeft;

    public KnapsackSearch(int[][] weights, int[] capacities)
    {
        int items = weights.Length, resources = capacities.Length, mixtures = resources == 1 ? 1 : resources + 1;
        _weights = weights;
        _capacities = capacities;
        _mixed = new double[mixtures][];
        _mixedCapacities = new double[mixtures];
        _orders = new int[mixtures][];
        for (int m = 0; m < mixtures; m++)
        {
            _mixed[m] = new double[items];
            _orders[m] = new int[items];
            for (int r = 0; r < resources; r++)
            {
                double share = m == resources ? 1.0 / Math.Max(1, capacities[r]) : m == r ? 1 : 0;
                _mixedCapacities[m] += share * capacities[r];
                for (int item = 0; item < items; item++)
                    _mixed[m][item] += share * weights[item][r];
            }
        }

        _ratios = new double[items];
        _sorter = new CostSorter(items);
        _left = new int[resources];
        _mixedLeft = new double[mixtures];
        _current = new bool[items];
        _chosen = new bool[items];
        _decided = new bool[items];
    }

    /// <summary>Chooses the items of greatest total value.</summary>
    /// <returns>False when <paramref name="nodes"/> were used up first; the decision is then the best one found.</returns>
    public bool Solve(ReadOnlySpan<double> values, Span<float> decision, long nodes)
    {
        _nodesLeft = nodes;
        _best = 0;
        _areWhole = AreWhole(values);
        Array.Clear(_chosen);
        Array.Clear(_current);
        Array.Clear(_decided);
        _capacities.CopyTo(_left, 0);
        _mixedCapacities.CopyTo(_mixedLeft, 0);
        for (int m = 0; m < _mixed.Length; m++)
            Order(m, values);
        Branch(values, 0, 0);
        for (int item = 0; item < decision.Length; item++)
            decision[item] = _chosen[item] ? 1 : 0;
        return _nodesLeft > 0;
    }

    /// <summary>Whether all sums of values are whole numbers that are held exactly.</summary>
    private static bool AreWhole(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            if (value != Math.Floor(value))
                return false;
            sum += Math.Abs(value);
        }

        return sum < 1L << 50;
    }

    private void Order(int mixture, ReadOnlySpan<double> values)
    {
        for (int item = 0; item < _ratios.Length; item++)
        {
            double weight = _mixed[mixture][item];
            _ratios[item] = values[item] <= 0 ? 0 : weight > 0 ? -values[item] / weight : double.NegativeInfinity;
        }

        // Stable: equal ratios keep the order of the items.
        _sorter.Sort(_ratios).CopyTo(_orders[mixture]);
    }

    private void Branch(ReadOnlySpan<double> values, int depth, double value)
    {
        int[] order = _orders[^1];
        while (depth < order.Length && values[order[depth]] <= 0)
            depth++;
        if (value > _best)
        {
            _best = value;
            _current.CopyTo(_chosen, 0);
        }

        if (depth == order.Length || --_nodesLeft <= 0 || !MayImprove(values, value))
            return;
        int item = order[depth];
        _decided[item] = true;
        if (Fits(item))
        {
            // Kept, and not added back: rounding would gather over the nodes.
            Span<double> before = stackalloc double[_mixed.Length];
            _mixedLeft.AsSpan(0, _mixed.Length).CopyTo(before);
            Take(item, 1);
            _current[item] = true;
            Branch(values, depth + 1, value + values[item]);
            _current[item] = false;
            Take(item, -1);
            before.CopyTo(_mixedLeft);
        }

        Branch(values, depth + 1, value);
        _decided[item] = false;
    }

    private bool Fits(int item)
    {
        for (int r = 0; r < _left.Length; r++)
        {
            if (_weights[item][r] > _left[r])
                return false;
        }

        return true;
    }

    private void Take(int item, int sign)
    {
        for (int r = 0; r < _left.Length; r++)
            _left[r] -= sign * _weights[item][r];
        for (int m = 0; m < _mixed.Length; m++)
            _mixedLeft[m] -= sign * _mixed[m][item];
    }

    private bool MayImprove(ReadOnlySpan<double> values, double value)
    {
        for (int m = 0; m < _mixed.Length; m++)
        {
            double bound = value, left = _mixedLeft[m];
            foreach (int item in _orders[m])
            {
                if (_decided[item] || values[item] <= 0)
                    continue;
                double weight = _mixed[m][item];
                if (weight > left)
                {
                    bound += values[item] * Math.Max(0, left) / weight;
                    break;
                }

                bound += values[item];
                left -= weight;
            }

            // What is better by less than the rounding of the sums is not better: ties would be searched one by one.
            if (_areWhole)
                bound = Math.Floor(bound * (1 + 1e-15 * (16 + values.Length)));
            if (bound <= _best * (1 + 1e-15 * (16 + values.Length)))
                return false;
        }

        return true;
    }
}
