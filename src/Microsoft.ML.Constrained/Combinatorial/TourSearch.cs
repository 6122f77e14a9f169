using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// The shortest tour by branch and bound. A good tour comes from nearest neighbours and exchanges; prices π on the cities, which change
/// every tour's length by the same 2 Σ π, are raised until the least 1-tree is nearly a tour (Held and Karp 1971); then paths from
/// city 0 are extended depth first, each bounded by the spanning tree of what is left.
/// </summary>
internal sealed class TourSearch
{
    private const int PriceSteps = 120;

    private readonly int _cities;
    private readonly double[] _capped;
    private readonly double[] _priced;
    private readonly double[] _prices;
    private readonly double[] _bestPrices;
    private readonly int[] _degrees;
    private readonly double[] _nearest;
    private readonly int[] _nearestTo;
    private readonly int[] _left;
    private readonly int[] _tour;
    private readonly int[] _best;
    private readonly int[] _path;
    private readonly int[] _candidates;
    private readonly bool[] _visited;
    private double _bestLength;
    private double _slack;
    private long _nodesLeft;

    public TourSearch(int cities)
    {
        _cities = cities;
        _capped = new double[cities * cities];
        _priced = new double[cities * cities];
        _prices = new double[cities];
        _bestPrices = new double[cities];
        _degrees = new int[cities];
        _nearest = new double[cities];
        _nearestTo = new int[cities];
        _left = new int[cities];
        _tour = new int[cities];
        _best = new int[cities];
        _path = new int[cities];
        _candidates = new int[cities * cities];
        _visited = new bool[cities];
    }

    /// <summary>Writes the cities in the order of the shortest tour.</summary>
    /// <returns>False when <paramref name="nodes"/> were used up first.</returns>
    public bool Solve(ReadOnlySpan<double> costs, Span<int> tour, long nodes)
    {
        FindGoodTour(costs);
        for (double previous = double.PositiveInfinity; ;)
        {
            double largest = Cap(costs);
            if (!(largest < previous / 4))
                break;
            previous = largest;

            // Lengths closer than the rounding of their sums are equal. A cost that forbids an edge must not decide how close that is.
            _slack = 1e-14 * _cities * largest;
            if (!Search(_capped, nodes))
                return false;
        }

        _best.AsSpan().CopyTo(tour);
        return true;
    }

    /// <summary>
    /// The costs, but no more than an edge of a tour shorter than the best one can have: that one's length less the least cost of all its
    /// other edges.
    /// </summary>
    /// <returns>The largest in size.</returns>
    private double Cap(ReadOnlySpan<double> costs)
    {
        double least = double.PositiveInfinity, largest = 0;
        for (int i = 0; i < costs.Length; i++)
            least = IsDiagonal(i) ? least : Math.Min(least, costs[i]);
        double cap = Math.Max(least, Length(costs, _best) - ((_cities - 1) * least));
        for (int i = 0; i < costs.Length; i++)
        {
            _capped[i] = IsDiagonal(i) ? 0 : Math.Min(costs[i], cap);
            largest = Math.Max(largest, Math.Abs(_capped[i]));
        }

        return largest;
    }

    private bool IsDiagonal(int index) => index % (_cities + 1) == 0;

    private bool Search(ReadOnlySpan<double> costs, long nodes)
    {
        double shift = RaisePrices(costs);
        _bestLength = Length(costs, _best) + shift;
        for (int i = 0; i < _cities; i++)
        {
            for (int j = 0; j < _cities; j++)
                _priced[i * _cities + j] = costs[i * _cities + j] + _bestPrices[i] + _bestPrices[j];
        }

        Array.Clear(_visited);
        _visited[0] = true;
        _path[0] = 0;
        _nodesLeft = nodes;
        Extend(1, 0);
        return _nodesLeft > 0;
    }

    private double Length(ReadOnlySpan<double> costs, int[] tour)
    {
        double length = costs[tour[^1] * _cities + tour[0]];
        for (int i = 1; i < tour.Length; i++)
            length += costs[tour[i - 1] * _cities + tour[i]];
        return length;
    }

    private void FindGoodTour(ReadOnlySpan<double> costs)
    {
        double best = double.PositiveInfinity;
        for (int start = 0; start < _cities; start++)
        {
            FollowNearest(costs, start);
            while (Reverse(costs) || Move(costs))
            {
            }

            double length = Length(costs, _tour);
            if (length < best)
            {
                best = length;
                _tour.CopyTo(_best, 0);
            }
        }
    }

    private void FollowNearest(ReadOnlySpan<double> costs, int start)
    {
        Array.Clear(_visited);
        _tour[0] = start;
        _visited[start] = true;
        for (int place = 1; place < _cities; place++)
        {
            int last = _tour[place - 1], next = -1;
            for (int j = 0; j < _cities; j++)
            {
                if (!_visited[j] && (next < 0 || costs[last * _cities + j] < costs[last * _cities + next]))
                    next = j;
            }

            _tour[place] = next;
            _visited[next] = true;
        }
    }

    // Two edges exchanged: the stretch between them is walked the other way round.
    private bool Reverse(ReadOnlySpan<double> costs)
    {
        int n = _cities;
        for (int i = 0; i < n - 2; i++)
        {
            for (int j = i + 2; j < n - (i == 0 ? 1 : 0); j++)
            {
                int a = _tour[i], b = _tour[i + 1], c = _tour[j], d = _tour[(j + 1) % n];
                double gain = costs[a * n + b] + costs[c * n + d] - costs[a * n + c] - costs[b * n + d];
                double sizes = Math.Abs(costs[a * n + b]) + Math.Abs(costs[c * n + d]) + Math.Abs(costs[a * n + c]) + Math.Abs(costs[b * n + d]);
                if (gain > 1e-14 * sizes)
                {
                    Array.Reverse(_tour, i + 1, j - i);
                    return true;
                }
            }
        }

        return false;
    }

    // One city moved elsewhere.
    private bool Move(ReadOnlySpan<double> costs)
    {
        int n = _cities;
        for (int i = 0; i < n; i++)
        {
            int before = _tour[(i + n - 1) % n], city = _tour[i], after = _tour[(i + 1) % n];
            double freed = costs[before * n + city] + costs[city * n + after] - costs[before * n + after];
            for (int j = 0; j < n; j++)
            {
                int a = _tour[j], b = _tour[(j + 1) % n];
                if (a == city || b == city)
                    continue;
                double sizes = Math.Abs(costs[before * n + city]) + Math.Abs(costs[city * n + after]) + Math.Abs(costs[before * n + after])
                    + Math.Abs(costs[a * n + city]) + Math.Abs(costs[city * n + b]) + Math.Abs(costs[a * n + b]);
                if (freed - (costs[a * n + city] + costs[city * n + b] - costs[a * n + b]) <= 1e-14 * sizes)
                    continue;
                if (j > i)
                    Array.Copy(_tour, i + 1, _tour, i, j - i);
                else
                    Array.Copy(_tour, j + 1, _tour, j + 2, i - j - 1);
                _tour[j > i ? j : j + 1] = city;
                return true;
            }
        }

        return false;
    }

    /// <summary>Leaves the prices of the best bound in place and returns twice their sum.</summary>
    private double RaisePrices(ReadOnlySpan<double> costs)
    {
        double upper = Length(costs, _best), bestBound = double.NegativeInfinity, scale = 2;
        int sinceBetter = 0;
        Array.Clear(_prices);
        for (int step = 0; step < PriceSteps; step++)
        {
            double bound = OneTree(costs);
            foreach (double price in _prices)
                bound -= 2 * price;
            if (bound > bestBound)
            {
                bestBound = bound;
                sinceBetter = 0;
                _prices.CopyTo(_bestPrices, 0);
            }
            else if (++sinceBetter >= 8)
            {
                scale *= 0.5;
                sinceBetter = 0;
            }

            int norm = 0;
            foreach (int degree in _degrees)
                norm += (degree - 2) * (degree - 2);
            if (norm == 0 || bestBound >= upper - _slack)
                break;
            double length = scale * (upper - bound + _slack) / norm;
            for (int i = 0; i < _cities; i++)
                _prices[i] += length * (_degrees[i] - 2);
        }

        double sum = 0;
        foreach (double price in _bestPrices)
            sum += price;
        return 2 * sum;
    }

    // The least spanning tree of the cities from 1 on, plus the two cheapest edges at city 0, in priced costs.
    private double OneTree(ReadOnlySpan<double> costs)
    {
        int n = _cities;
        Array.Clear(_degrees);
        for (int j = 1; j < n; j++)
        {
            _left[j - 1] = j;
            _nearest[j] = double.PositiveInfinity;
        }

        int count = n - 1, last = _left[--count];
        double total = 0;
        while (count > 0)
        {
            int pick = 0;
            for (int i = 0; i < count; i++)
            {
                int j = _left[i];
                double cost = costs[last * n + j] + _prices[last] + _prices[j];
                if (cost < _nearest[j])
                    (_nearest[j], _nearestTo[j]) = (cost, last);
                if (_nearest[j] < _nearest[_left[pick]])
                    pick = i;
            }

            last = _left[pick];
            total += _nearest[last];
            _degrees[last]++;
            _degrees[_nearestTo[last]]++;
            _left[pick] = _left[--count];
        }

        (int first, int second) = (1, 2);
        double Priced(ReadOnlySpan<double> all, int j) => all[j] + _prices[0] + _prices[j];
        if (Priced(costs, 2) < Priced(costs, 1))
            (first, second) = (2, 1);
        for (int j = 3; j < n; j++)
        {
            if (Priced(costs, j) < Priced(costs, first))
                (first, second) = (j, first);
            else if (Priced(costs, j) < Priced(costs, second))
                second = j;
        }

        _degrees[0] = 2;
        _degrees[first]++;
        _degrees[second]++;
        return total + Priced(costs, first) + Priced(costs, second);
    }

    private void Extend(int count, double length)
    {
        int n = _cities, last = _path[count - 1];
        if (count == n)
        {
            double closed = length + _priced[last * n];
            if (closed < _bestLength - _slack)
            {
                _bestLength = closed;
                _path.CopyTo(_best, 0);
            }

            return;
        }

        if (--_nodesLeft <= 0 || length + Remainder(last) >= _bestLength - _slack)
            return;
        Span<int> candidates = _candidates.AsSpan(count * n, n);
        int found = 0;
        for (int j = 1; j < n; j++)
        {
            // A tour and its reverse are the same: city 1 is always visited before city 2.
            if (_visited[j] || (j == 2 && !_visited[1]))
                continue;
            int place = found++;
            for (; place > 0 && _priced[last * n + candidates[place - 1]] > _priced[last * n + j]; place--)
                candidates[place] = candidates[place - 1];
            candidates[place] = j;
        }

        for (int i = 0; i < found; i++)
        {
            int next = candidates[i];
            _visited[next] = true;
            _path[count] = next;
            Extend(count + 1, length + _priced[last * n + next]);
            _visited[next] = false;
        }
    }

    // What closes the tour at least costs: a tree over the rest, and the cheapest edges from it to the path's two ends.
    private double Remainder(int last)
    {
        int n = _cities, count = 0;
        double fromLast = double.PositiveInfinity, fromStart = double.PositiveInfinity;
        for (int j = 1; j < n; j++)
        {
            if (_visited[j])
                continue;
            _left[count++] = j;
            _nearest[j] = double.PositiveInfinity;
            fromLast = Math.Min(fromLast, _priced[last * n + j]);
            fromStart = Math.Min(fromStart, _priced[j]);
        }

        double total = fromLast + fromStart;
        int at = _left[--count];
        while (count > 0)
        {
            int pick = 0;
            double least = double.PositiveInfinity;
            ReadOnlySpan<double> row = _priced.AsSpan(at * n, n);
            for (int i = 0; i < count; i++)
            {
                int j = _left[i];
                double near = Math.Min(_nearest[j], row[j]);
                _nearest[j] = near;
                if (near < least)
                    (least, pick) = (near, i);
            }

            total += least;
            at = _left[pick];
            _left[pick] = _left[--count];
        }

        return total;
    }
}
