using System;
using System.Linq;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

/// <summary>
/// Wu, Wang and Huang, "Frugal Optimization for Cost-related Hyperparameters" (AAAI 2021): from the start point of the space, steps
/// along random directions and their opposites. With one search at a time, as here, costs decide nothing.
/// </summary>
internal sealed class CostFrugalTuner : ITuner
{
    private readonly SearchSpace.SearchSpace _space;
    private readonly Random _random;
    private readonly double[] _low;
    private readonly double[] _high;
    private LocalSearch _search;

    public CostFrugalTuner(SearchSpace.SearchSpace space, int? seed)
    {
        _space = space;
        _random = seed is { } value ? new Random(value) : new Random();
        _low = Coordinates(space.SampleFromFeatureSpace(space.Default));
        _high = [.. _low];
    }

    public Parameter Propose(TrialSettings settings) => _space.SampleFromFeatureSpace(_search == null
        ? _low.Zip(_high, (low, high) => low + (_random.NextDouble() * (high - low))).ToArray()
        : _search.Next(_random));

    public void Update(TrialResult result)
    {
        double[] point = Coordinates(result.TrialSettings.Parameter);
        if (_search != null)
        {
            _search.Tell(point, result.Loss);
            if (_search.IsConverged)
                _search = null;
            return;
        }

        _search = new LocalSearch(_space.Count, point, result.Loss);
        for (int i = 0; i < point.Length; i++)
        {
            _low[i] = Math.Min(_low[i], point[i]);
            _high[i] = Math.Max(_high[i], point[i]);
        }
    }

    private double[] Coordinates(Parameter parameter) => _space.MappingToFeatureSpace(parameter);

    /// <summary>The paper's FLOW² about one start.</summary>
    private sealed class LocalSearch(int dimension, double[] start, double loss)
    {
        private const double Speed = 1.5, SmallestStep = 0.0001;
        private readonly double _largestStep = Math.Sqrt(dimension);
        private double[] _best = start;
        private double _bestLoss = loss;
        private double[] _tried;
        private double _step = 0.1 * Math.Sqrt(dimension);
        private int _allowed = 2 * dimension;

        public bool IsConverged => _step < SmallestStep;

        public double[] Next(Random random)
        {
            _allowed--;
            double[] move = _tried?.Select(x => -x).ToArray();
            _tried = move == null ? Direction(random) : null;
            return _best.Zip(move ?? _tried, (x, d) => x + d < 0 ? 0 : x + d > 1 ? 0.99999999 : x + d).ToArray();
        }

        public void Tell(double[] point, double loss)
        {
            if (loss < _bestLoss)
            {
                (_best, _bestLoss, _tried) = (point, loss, null);
                _step = Math.Min(_step * Speed, _largestStep);
                _allowed = 2 * dimension;
            }
            else if (_allowed == 0)
            {
                _allowed = 2;
                _step /= Speed;
            }
        }

        private double[] Direction(Random random)
        {
            double[] normal = [.. _best.Select(_ => Normal(random))];
            double length = Math.Sqrt(normal.Sum(x => x * x));
            return [.. normal.Select(x => x * (_step / length))];
        }

        private static double Normal(Random random)
        {
            double u = 1 - random.NextDouble(), v = 1 - random.NextDouble();
            return Math.Sqrt(-2 * Math.Log(u)) * Math.Sin(2 * Math.PI * v);
        }
    }
}
