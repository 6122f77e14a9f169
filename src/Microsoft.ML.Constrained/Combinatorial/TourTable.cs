using System;
using System.Numerics;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// The shortest tour by dynamic programming over sets of cities (Held and Karp 1962): d(S ∪ {j}, j) = min over k in S of d(S, k) + c(k, j),
/// the last city being where the tour starts. 2ⁿ⁻¹ · (n − 1) doubles; for 20 cities 80 MiB.
/// </summary>
internal sealed class TourTable
{
    private readonly int _others;
    private readonly int _stride;
    private readonly double[] _table;
    private readonly double[] _into;
    private readonly long[] _bits;
    private readonly double[] _row;

    public TourTable(int cities)
    {
        _others = cities - 1;
        int width = Vector<double>.Count;
        _stride = (_others + width - 1) / width * width;
        _table = GC.AllocateUninitializedArray<double>((1 << _others) * _stride, pinned: true);
        _into = GC.AllocateArray<double>(_others * _stride, pinned: true);
        _bits = GC.AllocateArray<long>(_stride, pinned: true);
        _row = GC.AllocateArray<double>(_stride, pinned: true);

        // The padding belongs to no set.
        for (int k = 0; k < _stride; k++)
            _bits[k] = k < _others ? 1L << k : 1L << 62;
    }

    /// <summary>Writes the cities in the order of the shortest tour, the last city first.</summary>
    /// <param name="costs">Symmetric costs, cities × cities.</param>
    /// <param name="tour">One entry per city.</param>
    public void Solve(ReadOnlySpan<double> costs, Span<int> tour)
    {
        int cities = _others + 1;
        for (int j = 0; j < _others; j++)
        {
            for (int k = 0; k < _others; k++)
                _into[j * _stride + k] = costs[k * cities + j];
        }

        for (int j = 0; j < _others; j++)
            _table[(1 << j) * _stride + j] = costs[_others * cities + j];
        FillTable();
        ReadBack(costs, tour);
    }

    private unsafe void FillTable()
    {
        int width = Vector<double>.Count, full = (1 << _others) - 1;
        fixed (double* table = _table, into = _into, row = _row)
        fixed (long* bits = _bits)
        {
            for (int set = 1; set < full; set++)
            {
                double* from = table + (long)set * _stride;
                var members = new Vector<long>(set);
                for (int k = 0; k < _stride; k += width)
                {
                    Vector<long> absent = Vector.Equals(Vector.Load(bits + k) & members, Vector<long>.Zero);
                    Vector.ConditionalSelect(absent, new Vector<double>(double.PositiveInfinity), Vector.Load(from + k)).Store(row + k);
                }

                for (int rest = full & ~set; rest != 0; rest &= rest - 1)
                {
                    int j = BitOperations.TrailingZeroCount(rest);
                    double* step = into + j * _stride;
                    Vector<double> best = Vector.Load(row) + Vector.Load(step);
                    for (int k = width; k < _stride; k += width)
                        best = Vector.MinNative(best, Vector.Load(row + k) + Vector.Load(step + k));
                    double least = best[0];
                    for (int lane = 1; lane < width; lane++)
                        least = Math.Min(least, best[lane]);
                    table[(long)(set | (1 << j)) * _stride + j] = least;
                }
            }
        }
    }

    private void ReadBack(ReadOnlySpan<double> costs, Span<int> tour)
    {
        int cities = _others + 1, set = (1 << _others) - 1, at = 0;
        double best = double.PositiveInfinity;
        for (int j = 0; j < _others; j++)
        {
            double closed = _table[set * _stride + j] + costs[j * cities + _others];
            if (closed < best)
                (best, at) = (closed, j);
        }

        tour[0] = _others;
        for (int place = 1; place < cities; place++)
        {
            tour[place] = at;
            double reached = _table[set * _stride + at];
            set &= ~(1 << at);
            int before = -1;
            for (int k = 0; k < _others && before < 0; k++)
            {
                if ((set >> k & 1) != 0 && _table[set * _stride + k] + _into[at * _stride + k] == reached)
                    before = k;
            }

            at = before;
        }
    }
}
