using System;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Computes regression metrics in one pass. Rows with a missing label or score do not count.</summary>
internal static class RegressionEvaluator
{
    public static RegressionMetrics Evaluate(IDataView data, string label, string score)
    {
        var labelColumn = EvaluationColumns.Find(data.Schema, "Label", label);
        var scoreColumn = EvaluationColumns.Find(data.Schema, "Score", score);
        if (!scoreColumn.Type.Equals(NumberDataViewType.Single))
            throw EvaluationColumns.Mismatch("score", scoreColumn, "Single");
        if (!labelColumn.Type.Equals(NumberDataViewType.Single))
            throw EvaluationColumns.Mismatch("label", labelColumn, "Single");

        double count = 0, sumAbsolute = 0, sumSquared = 0, sumLabel = 0, sumLabelSquared = 0;
        using var cursor = data.GetRowCursor(new[] { labelColumn, scoreColumn });
        var getLabel = cursor.GetGetter<float>(labelColumn);
        var getScore = cursor.GetGetter<float>(scoreColumn);
        float y = 0, z = 0;
        while (cursor.MoveNext())
        {
            getLabel(ref y);
            getScore(ref z);
            if (float.IsNaN(y) || float.IsNaN(z))
                continue;
            double error = Math.Abs((double)y - z);
            count++;
            sumAbsolute += error;
            sumSquared += error * error;
            sumLabel += y;
            sumLabelSquared += (double)y * y;
        }
        if (count == 0)
            return new RegressionMetrics(0, 0, 0, 0, 0);
        double variation = sumLabelSquared - sumLabel * sumLabel / count;
        double l2 = sumSquared / count;
        return new RegressionMetrics(sumAbsolute / count, l2, Math.Sqrt(l2), l2, variation == 0 ? double.NaN : 1 - sumSquared / variation);
    }
}
