using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// Bounds on variables, and linear rows (sums of simplexes among them) no two of which share a variable: budgets. For each row
/// z(μ) = clip(y − μ W⁻¹a, l, u), where aᵀz(μ) falls piecewise linearly in μ: the continuous quadratic knapsack (Brucker 1984), see
/// <see cref="BudgetSearch"/>. O(n) a pass over a row's variables, a few passes. The state of a row of the batch is the μ of each linear row.
/// </summary>
internal sealed class BoxRowsRoute : ProjectionRoute
{
    private readonly ConstraintSet _set;
    private readonly double[] _weights;
    private readonly double _tolerance;
    private readonly BoxLimits _limits;
    private readonly BudgetRow[] _rows;
    private readonly int[] _free;
    private readonly int _longest;

    private BoxRowsRoute(ConstraintSet set, double[] weights, double tolerance, BudgetRow[] rows, int[] free)
    {
        (_set, _weights, _tolerance, _rows, _free) = (set, weights, tolerance, rows, free);
        _limits = new BoxLimits(set);
        foreach (BudgetRow row in rows)
            _longest = Math.Max(_longest, row.Variables.Length);
    }

    public override int StateLength => _rows.Length;

    /// <summary>The route for a set, or null where it has none.</summary>
    public static BoxRowsRoute? Create(ConstraintSet set, ReadOnlySpan<double> weights, double tolerance)
    {
        double[] metric = new double[set.Dimension];
        for (int i = 0; i < metric.Length; i++)
            metric[i] = weights.IsEmpty ? 1 : weights[i];
        var used = new bool[set.Dimension];
        var rows = new List<BudgetRow>();
        for (int c = 0; c < set.Constraints.Count; c++)
        {
            Constraint constraint = set.Constraints[c];
            if (constraint is BoundsConstraint)
                continue;
            BudgetRow? row = constraint switch
            {
                LinearConstraint { VariableSpan.IsEmpty: false } linear => new BudgetRow(c, linear, metric),
                SimplexConstraint simplex => new BudgetRow(c, simplex, metric),
                _ => null,
            };
            if (row is null)
                return null;
            foreach (int variable in row.Variables)
            {
                if (used[variable])
                    return null;
                used[variable] = true;
            }

            rows.Add(row);
        }

        var free = new List<int>();
        for (int i = 0; i < used.Length; i++)
        {
            if (!used[i])
                free.Add(i);
        }

        return new BoxRowsRoute(set, metric, tolerance, [.. rows], [.. free]);
    }

    public override object CreateWorkspace() => new Workspace(_set.Dimension, _longest);

    public override SolverStatus Project(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, object workspace)
    {
        var w = (Workspace)workspace;
        if (!_limits.Fill(parameters, w.Lower, w.Upper))
            return SolverStatus.PrimalInfeasible;
        foreach (int i in _free)
            z[i] = Math.Min(Math.Max(y[i], w.Lower[i]), w.Upper[i]);
        for (int r = 0; r < _rows.Length; r++)
        {
            BudgetRow row = _rows[r];
            int n = row.Variables.Length;
            for (int k = 0; k < n; k++)
            {
                int i = row.Variables[k];
                (w.Y[k], w.Low[k], w.High[k]) = (y[i], w.Lower[i], w.Upper[i]);
            }

            if (!row.Limits(parameters, out double lower, out double upper))
                return SolverStatus.PrimalInfeasible;
            var search = new BudgetSearch(row, w.Y.AsSpan(0, n), w.Low.AsSpan(0, n), w.High.AsSpan(0, n));
            SolverStatus status = search.Solve(lower, upper, _tolerance, w.Z.AsSpan(0, n), out state[r]);
            if (status != SolverStatus.Solved)
                return status;
            for (int k = 0; k < n; k++)
                z[row.Variables[k]] = w.Z[k];
        }

        return SolverStatus.Solved;
    }

    /// <summary>Empty sets are left to the general route, which every set has.</summary>
    public override bool Closest(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, object workspace) => false;

    /// <remarks>
    /// On the variables F strictly between their bounds g − c·a with c = Σ(aᵢgᵢ/wᵢ over F)/Σ(aᵢ²/wᵢ over F) where the row binds; its level
    /// gets c, and a binding bound gᵢ − c·aᵢ.
    /// </remarks>
    public override void Adjoint(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> state,
        ReadOnlySpan<double> gradient,
        Span<double> input,
        Span<double> parameterGradient,
        object workspace)
    {
        var w = (Workspace)workspace;
        parameterGradient.Clear();
        _limits.Fill(parameters, w.Lower, w.Upper);
        Span<double> pull = w.Pull;
        gradient.CopyTo(pull);
        for (int r = 0; r < _rows.Length; r++)
        {
            BudgetRow row = _rows[r];
            if (!row.Binds(state[r], parameters))
                continue;
            double above = 0, below = 0;
            for (int k = 0; k < row.Variables.Length; k++)
            {
                int i = row.Variables[k];
                if (!w.IsFree(z, i))
                    continue;
                above += row.Slopes[k] * gradient[i];
                below += row.Slopes[k] * row.Coefficients[k];
            }

            if (below == 0)
                continue;
            double level = above / below;
            row.AddLevel(state[r], level, parameters, parameterGradient);
            for (int k = 0; k < row.Variables.Length; k++)
                pull[row.Variables[k]] -= level * row.Coefficients[k];
        }

        for (int i = 0; i < input.Length; i++)
        {
            bool free = w.IsFree(z, i);
            input[i] = free ? pull[i] : 0;
            if (!free && !parameterGradient.IsEmpty)
                _limits.Add(i, z[i], pull[i], parameters, parameterGradient);
        }
    }

    public override void Prices(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> state,
        Span<double> prices,
        object workspace)
    {
        var w = (Workspace)workspace;
        prices.Clear();
        _limits.Fill(parameters, w.Lower, w.Upper);
        for (int i = 0; i < y.Length; i++)
            w.Pull[i] = _weights[i] * (y[i] - z[i]);
        for (int r = 0; r < _rows.Length; r++)
        {
            BudgetRow row = _rows[r];
            prices[row.Owner] = state[r];
            for (int k = 0; k < row.Variables.Length; k++)
                w.Pull[row.Variables[k]] -= state[r] * row.Coefficients[k];
        }

        for (int i = 0; i < y.Length; i++)
        {
            if (!w.IsFree(z, i))
                _limits.Price(i, z[i], w.Pull[i], parameters, prices);
        }
    }

    private sealed class Workspace(int dimension, int longest)
    {
        public double[] Lower { get; } = new double[dimension];

        public double[] Upper { get; } = new double[dimension];

        public double[] Pull { get; } = new double[dimension];

        public double[] Y { get; } = new double[longest];

        public double[] Z { get; } = new double[longest];

        public double[] Low { get; } = new double[longest];

        public double[] High { get; } = new double[longest];

        public bool IsFree(ReadOnlySpan<double> z, int i) => z[i] > Lower[i] && z[i] < Upper[i];
    }
}
