using System;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>
/// The loss of a batch of predicted costs, and its gradient: what decision-focused training lowers. Draws from a generator of its own;
/// for one thread at a time.
/// </summary>
internal sealed class DecisionObjective
{
    private readonly ICombinatorialSolver _solver;
    private readonly DecisionMethod _method;
    private readonly DecisionLoss _loss;
    private readonly BackwardRule _rule;
    private readonly FenchelYoungLoss _fenchelYoung;
    private readonly SpoPlusLoss _spoPlus;
    private readonly double _margin;
    private readonly int _threads;
    private readonly RandomSource _random;
    private readonly RuleContext _context = new();
    private float[] _changed = [], _decisions = [], _slopes = [], _losses = [];
    private SolverStatus[] _statuses = [];

    public DecisionObjective(DecisionFocusedOptions options, ulong seed)
    {
        _solver = options.Solver!;
        _method = options.UsedMethod;
        _loss = options.UsedLoss;
        _rule = options.UsedRule;
        _fenchelYoung = new FenchelYoungLoss(options.Sigma, options.Samples, options.NegativeCosts);
        _spoPlus = new SpoPlusLoss(options.NegativeCosts);
        _margin = options.NoiseMargin;
        _threads = options.Threads;
        _random = new RandomSource(seed);
    }

    /// <summary>The mean loss over the rows. A row that could not be solved adds nothing to it, nor to the gradient.</summary>
    /// <param name="costs">Predicted costs, rows × dimension.</param>
    /// <param name="best">The best decisions in the same layout.</param>
    /// <param name="trueCosts">The true costs in the same layout; empty where they are unknown.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="gradient">Receives the gradient of the mean loss with respect to the costs.</param>
    public double Evaluate(ReadOnlySpan<float> costs, ReadOnlySpan<float> best, ReadOnlySpan<float> trueCosts, int rows, Span<float> gradient)
    {
        if (_statuses.Length < rows)
        {
            (_statuses, _losses) = (new SolverStatus[rows], new float[rows]);
            (_changed, _decisions, _slopes) = (new float[costs.Length], new float[costs.Length], new float[costs.Length]);
        }

        Span<SolverStatus> statuses = _statuses.AsSpan(0, rows);
        Span<float> losses = _losses.AsSpan(0, rows);
        switch (_method)
        {
            case DecisionMethod.FenchelYoung:
                _fenchelYoung.Evaluate(_solver, costs, best, losses, gradient, statuses, _context, _random, _threads);
                break;
            case DecisionMethod.SpoPlus:
                _spoPlus.Evaluate(_solver, costs, trueCosts, best, losses, gradient, statuses, _context, _threads);
                break;
            case DecisionMethod.PredictThenOptimize:
                SquaredError(costs, trueCosts, losses, gradient);
                break;
            default:
                ThroughRule(costs, best, trueCosts, losses, gradient);
                break;
        }

        double sum = 0;
        foreach (float loss in losses)
            sum += loss;
        float share = 1f / rows;
        foreach (ref float value in gradient)
            value *= share;
        return sum / rows;
    }

    private static void SquaredError(ReadOnlySpan<float> costs, ReadOnlySpan<float> trueCosts, Span<float> losses, Span<float> gradient)
    {
        int n = costs.Length / losses.Length;
        for (int row = 0; row < losses.Length; row++)
        {
            double sum = 0;
            for (int i = row * n; i < (row + 1) * n; i++)
            {
                gradient[i] = (costs[i] - trueCosts[i]) / n;
                sum += 0.5 * gradient[i] * (costs[i] - trueCosts[i]);
            }

            losses[row] = (float)sum;
        }
    }

    private void ThroughRule(
        ReadOnlySpan<float> costs, ReadOnlySpan<float> best, ReadOnlySpan<float> trueCosts, Span<float> losses, Span<float> gradient)
    {
        int rows = losses.Length, n = _solver.Dimension;
        Span<float> changed = _changed.AsSpan(0, costs.Length), decisions = _decisions.AsSpan(0, costs.Length), slopes = _slopes.AsSpan(0, costs.Length);
        Span<SolverStatus> statuses = _statuses.AsSpan(0, rows);
        CostMargin.AddNoise(costs, _margin, _random, changed);
        if (_margin > 0)
            RuleHelper.ClampCosts(_solver, NegativeCosts.Clamp, changed, costs, n, n);
        _rule.Forward(_solver, changed, decisions, statuses, _context, _random, _threads);
        int sign = RuleHelper.Sign(_solver);
        for (int row = 0; row < rows; row++)
        {
            double sum = 0;
            for (int i = row * n; i < (row + 1) * n; i++)
                sum += LossOf(decisions[i], best[i], _loss == DecisionLoss.Regret ? sign * trueCosts[i] : 0, out slopes[i]);
            losses[row] = RuleHelper.IsUsable(statuses[row]) ? (float)sum : 0;
        }

        // Rules such as the interpolation depend on the size of what comes in: each row's own gradient, not its share of the mean.
        _rule.Backward(_solver, slopes, gradient, _context, _threads);
    }

    /// <summary>One entry's part of a row's loss, and its slope.</summary>
    private double LossOf(float decision, float best, float signedCost, out float slope)
    {
        switch (_loss)
        {
            case DecisionLoss.Regret:
                slope = signedCost;
                return (double)signedCost * (decision - best);
            case DecisionLoss.Hamming:
                slope = 1 - 2 * best;
                return decision * (1.0 - best) + (1.0 - decision) * best;
            default:
                slope = Math.Sign(decision - best);
                return Math.Abs((double)decision - best);
        }
    }
}
