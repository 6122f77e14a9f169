using System;
using System.Numerics;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Minimum-cost assignment of every row of an n × m matrix, n ≤ m, to a column of its own.
/// </summary>
/// <remarks>
/// Jonker and Volgenant 1987. Minimise Σ c[i, x(i)]; dual: Σ u[i] + Σ v[j] with u[i] + v[j] ≤ c[i, j], v[j] ≤ 0 and v[j] = 0 on free
/// columns when n &lt; m. Square problems start with the least entry of each column; then rows without a column bid for their best one,
/// lowering its price by the lead over the second best; what is left is augmented along shortest paths in the reduced costs
/// c − v. Each of the inner loops runs over one row in vector registers. An infinite entry forbids its cell.
/// </remarks>
internal sealed class AssignmentKernel
{
    // Bids that displace each other may lower prices by ever smaller amounts; the rest is left to the augmentation.
    private const int BidsPerRow = 8;

    private readonly int _rows;
    private readonly int _columns;
    private readonly double[] _costs;
    private readonly double[] _prices;
    private readonly double[] _distances;
    private readonly double[] _closed;
    private readonly long[] _via;
    private readonly int[] _rowOf;
    private readonly int[] _columnOf;
    private readonly int[] _free;
    private readonly int[] _scanned;
    private int _freeCount;

    public AssignmentKernel(int rows, int columns)
    {
        _rows = rows;
        _columns = columns;
        Stride = (columns + 7) / 8 * 8;

        // Pinned for the pointers of the inner loops; the padding is never chosen.
        _costs = GC.AllocateArray<double>(rows * Stride, pinned: true);
        Array.Fill(_costs, double.PositiveInfinity);
        _prices = GC.AllocateArray<double>(Stride, pinned: true);
        _distances = GC.AllocateArray<double>(Stride, pinned: true);
        _closed = GC.AllocateArray<double>(Stride, pinned: true);
        _via = GC.AllocateArray<long>(Stride, pinned: true);
        _rowOf = new int[Stride];
        _columnOf = new int[rows];
        _free = new int[rows];
        _scanned = new int[columns];
    }

    /// <summary>Entries from one row of <see cref="Costs"/> to the next.</summary>
    public int Stride { get; }

    /// <summary>The matrix, to be filled by the caller; entries past the last column stay infinite.</summary>
    public Span<double> Costs => _costs;

    /// <summary>After <see cref="Solve"/>: each row's column.</summary>
    public ReadOnlySpan<int> ColumnOf => _columnOf;

    /// <summary>After <see cref="Solve"/>: the prices v of the columns.</summary>
    public ReadOnlySpan<double> Prices => _prices.AsSpan(0, _columns);

    /// <summary>Solves.</summary>
    /// <returns>False when the forbidden cells leave no assignment.</returns>
    public bool Solve()
    {
        Array.Fill(_rowOf, -1);
        Array.Fill(_columnOf, -1);
        Array.Clear(_prices);
        if (_rows == _columns)
        {
            ReduceColumns();
            TransferReduction();
        }

        _freeCount = 0;
        for (int row = 0; row < _rows; row++)
        {
            if (_columnOf[row] < 0)
                _free[_freeCount++] = row;
        }

        for (int pass = 0; pass < 2 && _freeCount > 0; pass++)
            Bid();
        for (int i = 0; i < _freeCount; i++)
        {
            if (!Augment(_free[i]))
                return false;
        }

        return true;
    }

    private unsafe void ReduceColumns()
    {
        int width = Vector<double>.Count;
        fixed (double* costs = _costs, prices = _prices)
        fixed (long* least = _via)
        {
            for (int j = 0; j < Stride; j += width)
            {
                Vector<double> best = Vector.Load(costs + j);
                Vector<long> at = Vector<long>.Zero;
                for (int row = 1; row < _rows; row++)
                {
                    Vector<double> cost = Vector.Load(costs + row * Stride + j);
                    at = Vector.ConditionalSelect(Vector.LessThan(cost, best), new Vector<long>(row), at);
                    best = Vector.MinNative(cost, best);
                }

                best.Store(prices + j);
                at.Store(least + j);
            }
        }

        // An empty padding column must not turn differences into NaN.
        _prices.AsSpan(_columns).Clear();
        for (int j = _columns - 1; j >= 0; j--)
        {
            int row = (int)_via[j];
            if (!double.IsFinite(_prices[j]))
                _prices[j] = 0;
            else if (_columnOf[row] == -1)
                (_columnOf[row], _rowOf[j]) = (j, row);
            else if (_columnOf[row] >= 0)
                _columnOf[row] = -2 - _columnOf[row];
        }
    }

    // A row with one least column may lower that column's price until its second best is as good.
    private void TransferReduction()
    {
        for (int row = 0; row < _rows; row++)
        {
            if (_columnOf[row] < -1)
            {
                _columnOf[row] = -2 - _columnOf[row];
            }
            else if (_columnOf[row] >= 0)
            {
                Scan(row, out double first, out int column, out double second);
                double lead = column == _columnOf[row] ? second : first;
                if (double.IsFinite(lead))
                    _prices[_columnOf[row]] -= lead;
            }
        }
    }

    private void Bid()
    {
        int pending = _freeCount, next = 0, budget = BidsPerRow * _rows;
        _freeCount = 0;
        while (next < pending)
        {
            int row = _free[next++];
            Scan(row, out double first, out int column, out double second);
            if (double.IsPositiveInfinity(first))
            {
                // Nothing but forbidden cells: the augmentation will say so.
                _free[_freeCount++] = row;
                continue;
            }

            double price = double.IsFinite(second) ? _prices[column] - (second - first) : _prices[column];
            bool lowered = price < _prices[column];
            int displaced = _rowOf[column];
            if (lowered)
            {
                _prices[column] = price;
            }
            else if (displaced >= 0)
            {
                column = OtherLeast(row, column, first);
                if (column < 0)
                {
                    _free[_freeCount++] = row;
                    continue;
                }

                displaced = _rowOf[column];
            }

            _rowOf[column] = row;
            _columnOf[row] = column;
            if (displaced < 0)
                continue;
            _columnOf[displaced] = -1;
            if (lowered && --budget > 0)
                _free[--next] = displaced;
            else
                _free[_freeCount++] = displaced;
        }
    }

    private int OtherLeast(int row, int column, double least)
    {
        ReadOnlySpan<double> costs = _costs.AsSpan(row * Stride, _columns);
        for (int j = 0; j < costs.Length; j++)
        {
            if (j != column && costs[j] - _prices[j] <= least)
                return j;
        }

        return -1;
    }

    /// <summary>The least and second least of c − v over a row, and the first column of the least.</summary>
    private unsafe void Scan(int row, out double first, out int column, out double second)
    {
        int width = Vector<double>.Count;
        Vector<double> best = new(double.PositiveInfinity), next = best;
        Vector<long> at = Vector<long>.Zero, index = Vector<long>.Indices, step = new(width);
        fixed (double* all = _costs, prices = _prices)
        {
            double* costs = all + row * Stride;
            for (int j = 0; j < Stride; j += width)
            {
                Vector<double> value = Vector.Load(costs + j) - Vector.Load(prices + j);
                at = Vector.ConditionalSelect(Vector.LessThan(value, best), index, at);
                next = Vector.MinNative(next, Vector.MaxNative(best, value));
                best = Vector.MinNative(best, value);
                index += step;
            }
        }

        first = best[0];
        second = next[0];
        long found = at[0];
        for (int lane = 1; lane < width; lane++)
        {
            double value = best[lane];
            second = Math.Min(Math.Min(second, next[lane]), value < first ? first : value);
            if (value < first || (value == first && at[lane] < found))
                (first, found) = (value, at[lane]);
        }

        column = (int)found;
    }

    private bool Augment(int free)
    {
        double least = Open(free, out int column);
        int scanned = 0;
        while (true)
        {
            if (!(least < double.PositiveInfinity))
                return false;
            int row = _rowOf[column];
            if (row < 0)
                break;
            _closed[column] = double.PositiveInfinity;
            _scanned[scanned++] = column;
            double offset = _costs[row * Stride + column] - _prices[column] - least;
            least = Extend(row, offset, out column);
        }

        for (int i = 0; i < scanned; i++)
            _prices[_scanned[i]] += _distances[_scanned[i]] - least;
        while (true)
        {
            int row = (int)_via[column];
            _rowOf[column] = row;
            (_columnOf[row], column) = (column, _columnOf[row]);
            if (row == free)
                return true;
        }
    }

    private unsafe double Open(int row, out int column)
    {
        Array.Clear(_closed);
        Array.Fill(_via, row);
        int width = Vector<double>.Count;
        Vector<double> best = new(double.PositiveInfinity);
        Vector<long> at = Vector<long>.Zero, index = Vector<long>.Indices, step = new(width);
        fixed (double* all = _costs, prices = _prices, distances = _distances)
        {
            for (int j = 0; j < Stride; j += width)
            {
                Vector<double> value = Vector.Load(all + row * Stride + j) - Vector.Load(prices + j);
                value.Store(distances + j);
                at = Vector.ConditionalSelect(Vector.LessThan(value, best), index, at);
                best = Vector.MinNative(best, value);
                index += step;
            }
        }

        return Least(best, at, out column);
    }

    // Offers the way through one more row to every open column and finds the nearest of them.
    private unsafe double Extend(int row, double offset, out int column)
    {
        int width = Vector<double>.Count;
        Vector<double> best = new(double.PositiveInfinity), shift = new(offset);
        Vector<long> at = Vector<long>.Zero, index = Vector<long>.Indices, step = new(width), here = new(row);
        fixed (double* all = _costs, prices = _prices, distances = _distances, closed = _closed)
        fixed (long* via = _via)
        {
            double* costs = all + row * Stride;
            for (int j = 0; j < Stride; j += width)
            {
                Vector<double> bar = Vector.Load(closed + j), distance = Vector.Load(distances + j);
                Vector<double> reached = Vector.Load(costs + j) - Vector.Load(prices + j) - shift + bar;
                Vector<long> nearer = Vector.LessThan(reached, distance);
                distance = Vector.MinNative(reached, distance);
                distance.Store(distances + j);
                Vector.ConditionalSelect(nearer, here, Vector.Load(via + j)).Store(via + j);
                Vector<double> open = distance + bar;
                at = Vector.ConditionalSelect(Vector.LessThan(open, best), index, at);
                best = Vector.MinNative(best, open);
                index += step;
            }
        }

        return Least(best, at, out column);
    }

    private static double Least(Vector<double> best, Vector<long> at, out int column)
    {
        double least = best[0];
        long found = at[0];
        for (int lane = 1; lane < Vector<double>.Count; lane++)
        {
            double value = best[lane];
            if (value < least || (value == least && at[lane] < found))
                (least, found) = (value, at[lane]);
        }

        column = (int)found;
        return least;
    }
}
