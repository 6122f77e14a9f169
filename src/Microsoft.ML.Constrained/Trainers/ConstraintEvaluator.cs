using System;
using System.Linq;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Computes <see cref="ConstraintMetrics"/> in one pass.</summary>
internal sealed class ConstraintEvaluator
{
    private readonly ConstraintSet _set;
    private readonly double _tolerance;
    private readonly double[] _point, _largest, _sum;
    private readonly long[] _violated;
    private long _rows, _invalid, _violatedRows, _worstRow = -1;
    private double _worst;

    private ConstraintEvaluator(ConstraintSet set, double tolerance)
    {
        _set = set;
        _tolerance = tolerance;
        _point = new double[set.Dimension];
        int count = set.Constraints.Count;
        (_largest, _sum, _violated) = (new double[count], new double[count], new long[count]);
    }

    public static ConstraintMetrics Evaluate(IDataView data, ConstraintSet constraints, string columnName, string? afterColumnName, double tolerance)
    {
        Check.NotNull(data, nameof(data));
        Check.NotNull(constraints, nameof(constraints));
        if (!(tolerance >= 0 && double.IsFinite(tolerance)))
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, $"'{nameof(tolerance)}' must be a finite number that is not negative.");
        MetricColumn before = MetricColumn.Find(data.Schema, columnName, "input", constraints.Dimension);
        MetricColumn? after = afterColumnName is null ? null : MetricColumn.Find(data.Schema, afterColumnName, "input", constraints.Dimension);
        MetricColumn[] sides = [.. constraints.Columns.Select(c => MetricColumn.Find(data.Schema, c, "right-hand side", 0))];
        var first = new ConstraintEvaluator(constraints, tolerance);
        ConstraintEvaluator? second = after is null ? null : new ConstraintEvaluator(constraints, tolerance);
        var parameters = new double[sides.Length];
        using (DataViewRowCursor cursor = MetricColumn.Open(data, after is null ? [before, .. sides] : [before, after, .. sides]))
        {
            while (cursor.MoveNext())
            {
                bool valid = true;
                for (int i = 0; i < sides.Length; i++)
                {
                    valid &= sides[i].Read();
                    parameters[i] = sides[i].Values[0];
                }

                first.Add(before.Values, before.Read() && valid, parameters);
                second?.Add(after!.Values, after.Read() && valid, parameters);
            }
        }

        return new ConstraintMetrics(tolerance, first.Finish(columnName), second?.Finish(afterColumnName!));
    }

    private void Add(float[] values, bool valid, double[] parameters)
    {
        long row = _rows++;
        if (!valid)
        {
            _invalid++;
            return;
        }

        for (int i = 0; i < values.Length; i++)
            _point[i] = values[i];
        bool violated = false;
        for (int i = 0; i < _violated.Length; i++)
        {
            Constraint constraint = _set.Constraints[i];
            double violation = Math.Max(0, constraint.Measure(_point, parameters, 0));
            _sum[i] += violation;
            _largest[i] = Math.Max(_largest[i], violation);
            if (violation > _worst)
                (_worst, _worstRow) = (violation, row);
            if (!(constraint.Measure(_point, parameters, _tolerance) > 0))
                continue;
            _violated[i]++;
            violated = true;
        }

        _violatedRows += violated ? 1 : 0;
    }

    private ConstraintColumnMetrics Finish(string columnName)
    {
        double count = _rows > _invalid ? _rows - _invalid : double.NaN;
        return new ConstraintColumnMetrics(
            columnName,
            [.. _set.Constraints.Select((constraint, i) => new ConstraintViolationMetrics(constraint.Name)
            {
                ViolatedRowCount = _violated[i],
                ViolatedShare = _violated[i] / count,
                LargestViolation = _largest[i],
                MeanViolation = _sum[i] / count,
            })])
        {
            RowCount = _rows,
            InvalidRowCount = _invalid,
            ViolatedRowCount = _violatedRows,
            ViolatedShare = _violatedRows / count,
            LargestViolation = _worst,
            LargestViolationRow = _worstRow,
        };
    }
}
