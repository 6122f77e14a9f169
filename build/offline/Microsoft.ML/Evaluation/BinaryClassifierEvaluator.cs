using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// Computes the metrics of two classes in one pass: a score above 0 means positive, losses are in bits.
/// Rows with a missing label or a score that is not finite do not count.
/// </summary>
internal sealed class BinaryClassifierEvaluator
{
    private readonly List<(float Score, bool Positive)> _rows = new();
    private double _loss;
    private double _lossPositives;
    private double _lossNegatives;

    public static BinaryClassificationMetrics EvaluateNonCalibrated(IDataView data, string label, string score, string predictedLabel)
    {
        var evaluator = new BinaryClassifierEvaluator();
        return evaluator.Scores(evaluator.Read(data, label, score, null, predictedLabel));
    }

    public static CalibratedBinaryClassificationMetrics Evaluate(IDataView data, string label, string score, string probability,
        string predictedLabel)
    {
        var evaluator = new BinaryClassifierEvaluator();
        var metrics = evaluator.Scores(evaluator.Read(data, label, score, probability, predictedLabel));
        double positives = evaluator._rows.Count(r => r.Positive);
        double count = evaluator._lossPositives + evaluator._lossNegatives;
        double loss = double.IsNaN(evaluator._loss) ? double.NaN : count > 0 ? evaluator._loss / count : 0;
        double prior = Entropy(evaluator._lossPositives / count);
        return new CalibratedBinaryClassificationMetrics(metrics, loss, count == 0 ? 0 : (prior - evaluator._loss / count) / prior,
            Entropy(positives / evaluator._rows.Count));
    }

    /// <summary>Reads the rows; gives the class names, the positive one first.</summary>
    private ReadOnlyMemory<char>[] Read(IDataView data, string label, string score, string probability, string predictedLabel)
    {
        var labelColumn = EvaluationColumns.Find(data.Schema, "Label", label);
        var scoreColumn = EvaluationColumns.Find(data.Schema, "Score", score);
        var columns = new List<DataViewSchema.Column> { labelColumn, scoreColumn };
        if (probability != null)
            columns.Add(EvaluationColumns.Find(data.Schema, "Probability", probability));
        EvaluationColumns.Find(data.Schema, "PredictedLabel", predictedLabel);
        if (!scoreColumn.Type.Equals(NumberDataViewType.Single))
            throw EvaluationColumns.Mismatch("score", scoreColumn, "Single");
        var type = labelColumn.Type;
        if (!type.Equals(NumberDataViewType.Single) && !type.Equals(NumberDataViewType.Double) && type is not BooleanDataViewType
            && type is not KeyDataViewType { Count: 2 })
            throw EvaluationColumns.Mismatch("label", labelColumn, "Single, Double, Boolean, or a Key with cardinality 2");
        if (probability != null && !columns[2].Type.Equals(NumberDataViewType.Single))
            throw EvaluationColumns.Mismatch("probability", columns[2], "Single");

        using var cursor = data.GetRowCursor(columns);
        var getLabel = EvaluationColumns.Label(cursor, labelColumn);
        var getScore = cursor.GetGetter<float>(scoreColumn);
        var getProbability = probability == null ? null : cursor.GetGetter<float>(columns[2]);
        float y = 0, z = 0, p = 0;
        while (cursor.MoveNext())
        {
            getLabel(ref y);
            getScore(ref z);
            if (!float.IsFinite(z) || float.IsNaN(y))
                continue;
            _rows.Add((z, y > 0));
            if (getProbability == null)
                continue;
            getProbability(ref p);
            _loss += -Math.Log(y > 0 ? p : 1.0 - p, 2);
            if (float.IsNaN(p))
                continue;
            _lossPositives += y > 0 ? 1 : 0;
            _lossNegatives += y > 0 ? 0 : 1;
        }
        return ClassNames(labelColumn);
    }

    private static ReadOnlyMemory<char>[] ClassNames(DataViewSchema.Column label)
    {
        if (label.Type is KeyDataViewType
            && label.Annotations.Schema.GetColumnOrNull("KeyValues")?.Type is VectorDataViewType { Size: 2 } names
            && names.ItemType is TextDataViewType)
        {
            VBuffer<ReadOnlyMemory<char>> values = default;
            label.GetKeyValues(ref values);
            return values.DenseValues().ToArray();
        }
        return new[] { "positive".AsMemory(), "negative".AsMemory() };
    }

    private BinaryClassificationMetrics Scores(ReadOnlyMemory<char>[] names)
    {
        double Count(bool positive, bool taken) => _rows.Count(r => r.Positive == positive && r.Score > 0 == taken);
        double truePositive = Count(true, true), falseNegative = Count(true, false), falsePositive = Count(false, true),
            trueNegative = Count(false, false);
        var confusion = new ConfusionMatrix(new[] { new[] { truePositive, falseNegative }, new[] { falsePositive, trueNegative } }, names,
            isBinary: true);
        double precision = confusion.PerClassPrecision[0], recall = confusion.PerClassRecall[0];
        return new BinaryClassificationMetrics(AreaUnderRoc(), (truePositive + trueNegative) / _rows.Count, precision, recall,
            confusion.PerClassPrecision[1], confusion.PerClassRecall[1],
            precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall),
            AreaUnderPrecisionRecall(), confusion);
    }

    /// <summary>
    /// The share of pairs of a positive and a negative row in which the positive one has the larger score; equal scores count half.
    /// </summary>
    private double AreaUnderRoc()
    {
        double positives = _rows.Count(r => r.Positive), negatives = _rows.Count - positives;
        Contracts.CheckParam(positives > 0, "PosSample", "AUC is not defined when there is no positive class in the data");
        Contracts.CheckParam(negatives > 0, "NegSample", "AUC is not defined when there is no negative class in the data");
        double above = 0, pairs = 0;
        foreach (var group in _rows.GroupBy(r => r.Score).OrderByDescending(g => g.Key))
        {
            double groupPositives = group.Count(r => r.Positive), groupNegatives = group.Count() - groupPositives;
            pairs += groupNegatives * (above + groupPositives / 2);
            above += groupPositives;
        }
        return pairs / (positives * negatives);
    }

    /// <summary>
    /// Trapezoids under the precision over the recall, from the lower precision at each recall
    /// (Boyd, Eng, Page: Area under the precision-recall curve, ECML PKDD 2013, lower trapezoid estimator).
    /// </summary>
    private double AreaUnderPrecisionRecall()
    {
        double positives = _rows.Count(r => r.Positive), truePositives = 0, seen = 0, area = 0, last = 1;
        foreach (var row in _rows.OrderByDescending(r => r.Score))
        {
            seen++;
            truePositives += row.Positive ? 1 : 0;
            double precision = truePositives / seen;
            if (row.Positive)
                area += (last + precision) / 2 / positives;
            last = precision;
        }
        return area;
    }

    private static double Entropy(double share) =>
        double.IsNaN(share) ? double.NaN
        : share is > 0 and < 1 ? -(share * Math.Log(share, 2) + (1 - share) * Math.Log(1 - share, 2))
        : 0;
}
