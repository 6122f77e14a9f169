using System;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>
/// What predicted costs are worth, to choose the best state by: the relative regret where true costs are known, else the share of
/// entries in which decisions differ from the best ones; for costs that are fitted without regard to decisions, their squared error.
/// </summary>
internal sealed class DecisionMeasure(ICombinatorialSolver solver, DecisionMethod method, int threads)
{
    private double _sum, _scale;
    private long _rows;

    /// <summary>Lower is better; 0 when every decision is best. Where every best decision costs nothing, the mean regret.</summary>
    public double Value => _sum / (_scale > 0 ? _scale : Math.Max(_rows, 1));

    public void Add(float[] costs, ReadOnlySpan<float> best, ReadOnlySpan<float> trueCosts, int rows)
    {
        int n = solver.Dimension;
        _rows += rows;
        if (method == DecisionMethod.PredictThenOptimize)
        {
            for (int i = 0; i < costs.Length; i++)
                _sum += 0.5 * ((double)costs[i] - trueCosts[i]) * ((double)costs[i] - trueCosts[i]);
            _scale += costs.Length;
            return;
        }

        var decisions = new float[costs.Length];
        var statuses = new SolverStatus[rows];
        solver.SolveBatch(costs, decisions, statuses, threads);
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> right = best.Slice(row * n, n), decision = decisions.AsSpan(row * n, n);
            bool usable = RuleHelper.IsUsable(statuses[row]);
            if (!trueCosts.IsEmpty)
            {
                ReadOnlySpan<float> c = trueCosts.Slice(row * n, n);
                double least = RuleHelper.Inner(c, right), scale = Math.Abs(least);

                // No decision at all counts as one that is twice as bad as the best.
                _sum += usable ? RuleHelper.Sign(solver) * (RuleHelper.Inner(c, decision) - least) : scale;
                _scale += scale;
                continue;
            }

            for (int i = 0; i < n; i++)
                _sum += usable ? Math.Abs((double)decision[i] - right[i]) : 1;
            _scale += n;
        }
    }
}
