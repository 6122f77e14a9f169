using System;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Computes <see cref="DecisionMetrics"/> in one pass.</summary>
internal sealed class DecisionEvaluator
{
    private readonly ICombinatorialSolver _solver;
    private readonly bool _hasCosts;
    private long _valid, _optimal, _exact;
    private double _regret, _scale, _reached, _best, _difference;

    private DecisionEvaluator(ICombinatorialSolver solver, bool hasCosts)
    {
        _solver = solver;
        _hasCosts = hasCosts;
    }

    public static DecisionMetrics Evaluate(
        IDataView data, ICombinatorialSolver solver, string? trueCostColumnName, string decisionColumnName, string? bestDecisionColumnName)
    {
        Check.NotNull(data, nameof(data));
        Check.NotNull(solver, nameof(solver));
        if (trueCostColumnName is null && bestDecisionColumnName is null)
            throw new ArgumentException("Name the column with the true costs, the one with the best decisions, or both.", nameof(trueCostColumnName));
        int n = solver.Dimension;
        MetricColumn decision = MetricColumn.Find(data.Schema, decisionColumnName, "decision", n);
        MetricColumn? costs = trueCostColumnName is null ? null : MetricColumn.Find(data.Schema, trueCostColumnName, "true cost", n);
        MetricColumn? known = bestDecisionColumnName is null ? null : MetricColumn.Find(data.Schema, bestDecisionColumnName, "best decision", n);
        MetricColumn[] columns = [decision];
        if (costs is not null)
            columns = [.. columns, costs];
        if (known is not null)
            columns = [.. columns, known];
        var evaluator = new DecisionEvaluator(solver, costs is not null);
        var best = new float[n];
        long rows = 0;
        using (DataViewRowCursor cursor = MetricColumn.Open(data, columns))
        {
            for (; cursor.MoveNext(); rows++)
            {
                bool valid = true;
                foreach (MetricColumn column in columns)
                    valid &= column.Read();
                if (!valid || (known is null && !RuleHelper.IsUsable(solver.Solve(costs!.Values, best))))
                    continue;
                evaluator.Add(decision.Values, costs?.Values ?? [], known?.Values ?? best);
            }
        }

        return evaluator.Finish(rows);
    }

    private void Add(ReadOnlySpan<float> decision, ReadOnlySpan<float> costs, ReadOnlySpan<float> best)
    {
        _valid++;
        bool equal = true;
        for (int i = 0; i < decision.Length; i++)
        {
            double difference = Math.Abs((double)decision[i] - best[i]);
            _difference += difference;
            equal &= difference <= 1e-4;
        }

        _exact += equal ? 1 : 0;
        if (!_hasCosts)
            return;
        double reached = RuleHelper.Inner(costs, decision), least = RuleHelper.Inner(costs, best);
        double regret = RuleHelper.Sign(_solver) * (reached - least);
        _regret += regret;
        _scale += Math.Abs(least);
        _reached += reached;
        _best += least;
        _optimal += regret <= 1e-6 * Math.Max(1, Math.Abs(least)) ? 1 : 0;
    }

    private DecisionMetrics Finish(long rows)
    {
        double count = _valid > 0 ? _valid : double.NaN, known = _hasCosts ? count : double.NaN;
        return new DecisionMetrics
        {
            RowCount = rows,
            InvalidRowCount = rows - _valid,
            MeanRegret = _regret / known,
            RelativeRegret = _scale > 0 ? _regret / _scale : double.NaN,
            CostRatio = _best != 0 ? _reached / _best : double.NaN,
            OptimalShare = _optimal / known,
            ExactMatchShare = _exact / count,
            HammingShare = _difference / (count * _solver.Dimension),
        };
    }
}
