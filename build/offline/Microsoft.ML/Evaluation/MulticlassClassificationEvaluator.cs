using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// Computes multiclass metrics in one pass. The class taken is the first with the largest score (the predicted label must be there but is
/// not read);
/// rows with a missing, negative or fractional label or a score that is not finite do not count.
/// </summary>
internal static class MulticlassClassificationEvaluator
{
    private const float SmallestProbability = 1e-15f;

    public static MulticlassClassificationMetrics Evaluate(IDataView data, string label, string score, string predictedLabel, int topK)
    {
        var labelColumn = EvaluationColumns.Find(data.Schema, "Label", label);
        var scoreColumn = EvaluationColumns.Find(data.Schema, "Score", score);
        EvaluationColumns.Find(data.Schema, "PredictedLabel", predictedLabel);
        if (scoreColumn.Type is not VectorDataViewType { Size: >= 2 } vector || !vector.ItemType.Equals(NumberDataViewType.Single))
            throw EvaluationColumns.Mismatch("score", scoreColumn, "vector of two or more items of type Single");
        if (!labelColumn.Type.Equals(NumberDataViewType.Single) && labelColumn.Type is not KeyDataViewType)
            throw EvaluationColumns.Mismatch("label", labelColumn, "Single or Key");

        var counters = new Counters(vector.Size);
        using (var cursor = data.GetRowCursor(new[] { labelColumn, scoreColumn }))
        {
            var getLabel = EvaluationColumns.Label(cursor, labelColumn);
            var getScore = cursor.GetGetter<VBuffer<float>>(scoreColumn);
            float y = 0;
            VBuffer<float> buffer = default;
            var scores = new float[vector.Size];
            while (cursor.MoveNext())
            {
                getLabel(ref y);
                if (float.IsNaN(y) || y < 0 || y != (int)y)
                    continue;
                getScore(ref buffer);
                Contracts.Check(buffer.Length == scores.Length, $"A row has {buffer.Length} scores where {scores.Length} were expected");
                buffer.CopyTo(scores);
                if (scores.All(float.IsFinite))
                    counters.Add((int)y, scores);
            }
        }
        return counters.Metrics(topK, ClassNames(scoreColumn, vector.Size));
    }

    private static IReadOnlyList<ReadOnlyMemory<char>> ClassNames(DataViewSchema.Column score, int count)
    {
        if (!score.HasSlotNames())
            return Enumerable.Range(0, count).Select(i => i.ToString().AsMemory()).ToArray();
        VBuffer<ReadOnlyMemory<char>> names = default;
        score.GetSlotNames(ref names);
        return names.DenseValues().ToArray();
    }

    private sealed class Counters
    {
        private readonly double[] _classCounts;
        private readonly double[] _classLosses;
        private readonly double[] _rankCounts;
        private readonly double[][] _confusion;
        private double _count;
        private double _correct;
        private double _loss;

        public Counters(int classes)
        {
            _classCounts = new double[classes];
            _classLosses = new double[classes];
            _rankCounts = new double[classes + 1];
            _confusion = Enumerable.Range(0, classes).Select(_ => new double[classes]).ToArray();
        }

        public void Add(int label, float[] scores)
        {
            bool known = label < scores.Length;
            float own = known ? scores[label] : 0;
            double loss = -Math.Log(Math.Min(1, Math.Max(SmallestProbability, own)));
            int rank = 0, best = 0;
            for (int i = 0; i < scores.Length; i++)
            {
                if (scores[i] > own || (scores[i] == own && i < label))
                    rank++;
                if (scores[i] > scores[best])
                    best = i;
            }
            _count++;
            _loss += loss;
            _rankCounts[rank]++;
            if (!known)
                return;
            _classCounts[label]++;
            _classLosses[label] += loss;
            _confusion[label][best]++;
            if (rank == 0)
                _correct++;
        }

        public MulticlassClassificationMetrics Metrics(int topK, IReadOnlyList<ReadOnlyMemory<char>> names)
        {
            double logLoss = _count > 0 ? _loss / _count : 0;
            double entropy = _classCounts.Where(c => c > 0).Sum(c => c * Math.Log(c / _count)) / -_count;
            var recalls = _classCounts.Select((c, i) => (Count: c, Correct: _confusion[i][i])).Where(c => c.Count > 0)
                .Select(c => c.Correct / c.Count).ToArray();
            var perClass = _classCounts.Select((c, i) => c > 0 ? _classLosses[i] / c : 0).ToArray();
            double sum = 0;
            var top = topK > 0 ? _rankCounts.Take(topK).Select(c => sum += c / _count).ToArray() : null;
            return new MulticlassClassificationMetrics(_count > 0 ? _correct / _count : 0, recalls.Length > 0 ? recalls.Average() : 0,
                logLoss,
                (entropy - logLoss) / entropy, topK, top, perClass, new ConfusionMatrix(_confusion, names, isBinary: false));
        }
    }
}
