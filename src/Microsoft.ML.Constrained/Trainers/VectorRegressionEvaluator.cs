using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Computes <see cref="VectorRegressionMetrics"/> in one pass.</summary>
internal sealed class VectorRegressionEvaluator
{
    private readonly double[]? _levels;
    private readonly int[] _order;
    private readonly Sums[] _sums;
    private long _valid, _crossed;

    private VectorRegressionEvaluator(int slots, double[]? levels)
    {
        _levels = levels;
        _sums = new Sums[slots];
        _order = levels is null ? [] : [.. Enumerable.Range(0, slots).OrderBy(i => levels[i])];
    }

    public static VectorRegressionMetrics Evaluate(IDataView data, string labelColumnName, string scoreColumnName, IReadOnlyList<double>? quantileLevels)
    {
        Check.NotNull(data, nameof(data));
        double[]? levels = quantileLevels?.ToArray();
        foreach (double level in levels ?? [])
        {
            if (!(level is > 0 and < 1))
                throw new ArgumentOutOfRangeException(nameof(quantileLevels), level, "Quantile levels must be above 0 and below 1.");
        }

        MetricColumn score = MetricColumn.Find(data.Schema, scoreColumnName, "score");
        int slots = Math.Max(score.Width, 1);
        if (levels is not null && levels.Length != slots)
        {
            throw new ArgumentException(
                $"There are {levels.Length} quantile levels but the score column '{scoreColumnName}' has {slots} slot(s); give one level for each.",
                nameof(quantileLevels));
        }

        MetricColumn label = MetricColumn.Find(data.Schema, labelColumnName, "label", levels is null ? score.Width : 0);
        var evaluator = new VectorRegressionEvaluator(slots, levels);
        long rows = 0;
        using (DataViewRowCursor cursor = MetricColumn.Open(data, [label, score]))
        {
            for (; cursor.MoveNext(); rows++)
            {
                if (label.Read() & score.Read())
                    evaluator.Add(label.Values, score.Values);
            }
        }

        return evaluator.Finish(rows, score.Names());
    }

    private void Add(float[] labels, float[] scores)
    {
        _valid++;
        for (int i = 0; i < scores.Length; i++)
        {
            double label = labels[_levels is null ? i : 0], difference = label - scores[i];
            ref Sums sums = ref _sums[i];
            sums.Absolute += Math.Abs(difference);
            sums.Squared += difference * difference;

            // Welford's update: labels far from zero lose no digits of their spread.
            double step = label - sums.Mean;
            sums.Mean += step / _valid;
            sums.Spread += step * (label - sums.Mean);
            if (_levels is null)
                continue;
            sums.Pinball += Math.Max(_levels[i] * difference, (_levels[i] - 1) * difference);
            sums.Covered += difference <= 0 ? 1 : 0;
        }

        for (int k = 1; k < _order.Length; k++)
        {
            if (!(scores[_order[k]] < scores[_order[k - 1]]))
                continue;
            _crossed++;
            break;
        }
    }

    private VectorRegressionMetrics Finish(long rows, IReadOnlyList<string> names)
    {
        double count = _valid > 0 ? _valid : double.NaN;
        var slots = new VectorRegressionSlotMetrics[_sums.Length];
        for (int i = 0; i < slots.Length; i++)
        {
            Sums sums = _sums[i];
            slots[i] = new VectorRegressionSlotMetrics(names[i], _levels?[i])
            {
                MeanAbsoluteError = sums.Absolute / count,
                MeanSquaredError = sums.Squared / count,
                RootMeanSquaredError = Math.Sqrt(sums.Squared / count),
                RSquared = Explained(sums.Squared, sums.Spread),
                PinballLoss = _levels is null ? double.NaN : sums.Pinball / count,
                Coverage = _levels is null ? double.NaN : sums.Covered / count,
            };
        }

        double squared = slots.Average(s => s.MeanSquaredError);
        return new VectorRegressionMetrics(slots)
        {
            RowCount = rows,
            InvalidRowCount = rows - _valid,
            MeanAbsoluteError = slots.Average(s => s.MeanAbsoluteError),
            MeanSquaredError = squared,
            RootMeanSquaredError = Math.Sqrt(squared),
            RSquared = Explained(_sums.Sum(s => s.Squared), _sums.Sum(s => s.Spread)),
            PinballLoss = slots.Average(s => s.PinballLoss),
            CrossingShare = _levels is null ? double.NaN : _crossed / count,
        };
    }

    private static double Explained(double squared, double spread) => spread > 0 ? 1 - squared / spread : double.NaN;

    private struct Sums
    {
        public double Absolute, Squared, Mean, Spread, Pinball, Covered;
    }
}
