using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>The tightest bounds of each variable, whichever constraints they come from, and whose they are.</summary>
internal sealed class BoxLimits
{
    private static readonly ResolvedBound s_zero = new(0, new Dictionary<string, int>());
    private static readonly ResolvedBound s_infinity = new(double.PositiveInfinity, new Dictionary<string, int>());
    private readonly List<Limit>[] _limits;
    private readonly double[] _lower, _upper;
    private readonly bool _constant = true;

    public BoxLimits(ConstraintSet set)
    {
        _limits = new List<Limit>[set.Dimension];
        for (int i = 0; i < _limits.Length; i++)
            _limits[i] = [];
        for (int c = 0; c < set.Constraints.Count; c++)
        {
            switch (set.Constraints[c])
            {
                case BoundsConstraint bounds:
                    for (int k = 0; k < bounds.VariableSpan.Length; k++)
                        _limits[bounds.VariableSpan[k]].Add(new Limit(c, bounds.LowerBound(k), bounds.UpperBound(k)));
                    break;
                case SimplexConstraint simplex:
                    foreach (int variable in simplex.VariableSpan)
                        _limits[variable].Add(new Limit(c, s_zero, simplex.IsCapped ? simplex.Cap : s_infinity) { IsOfSimplex = true });
                    break;
            }
        }

        (_lower, _upper) = (new double[set.Dimension], new double[set.Dimension]);
        foreach (List<Limit> limits in _limits)
            _constant &= limits.TrueForAll(l => l.Lower.IsConstant && l.Upper.IsConstant);
        if (_constant)
            Evaluate([], _lower, _upper);
    }

    /// <summary>The bounds for a row; false where two contradict each other.</summary>
    public bool Fill(ReadOnlySpan<double> parameters, double[] lower, double[] upper)
    {
        if (_constant)
        {
            _lower.CopyTo(lower, 0);
            _upper.CopyTo(upper, 0);
        }
        else
        {
            Evaluate(parameters, lower, upper);
        }

        for (int i = 0; i < lower.Length; i++)
        {
            if (!LimitRounding.Settle(ref lower[i], ref upper[i]))
                return false;
        }

        return true;
    }

    /// <summary>Adds the gradient of variable i's bound at <paramref name="value"/> to those of its columns.</summary>
    public void Add(int i, double value, double gradient, ReadOnlySpan<double> parameters, Span<double> parameterGradient)
    {
        if (At(i, value, parameters, out bool isUpper) is { } limit)
            ClosedFormPiece.Add(isUpper ? limit.Upper : limit.Lower, gradient, parameterGradient);
    }

    /// <summary>Gives a bound's multiplier to the constraint that it comes from; of several, the one of largest magnitude stands. Simplexes report their sum's.</summary>
    public void Price(int i, double value, double multiplier, ReadOnlySpan<double> parameters, Span<double> prices)
    {
        if (At(i, value, parameters, out _) is { IsOfSimplex: false } limit && Math.Abs(multiplier) > Math.Abs(prices[limit.Owner]))
            prices[limit.Owner] = multiplier;
    }

    /// <summary>Whose bound of variable i is at a value: the first that is there, or else, as rounding may have moved it, the nearest.</summary>
    private Limit? At(int i, double value, ReadOnlySpan<double> parameters, out bool isUpper)
    {
        Limit? nearest = null;
        double least = double.PositiveInfinity;
        isUpper = false;
        foreach (Limit limit in _limits[i])
        {
            double above = Math.Abs(limit.Upper.Evaluate(parameters) - value), below = Math.Abs(limit.Lower.Evaluate(parameters) - value);
            if (Math.Min(above, below) < least)
                (nearest, least, isUpper) = (limit, Math.Min(above, below), above <= below);
        }

        return nearest;
    }

    private void Evaluate(ReadOnlySpan<double> parameters, double[] lower, double[] upper)
    {
        for (int i = 0; i < lower.Length; i++)
        {
            (double least, double most) = (double.NegativeInfinity, double.PositiveInfinity);
            foreach (Limit limit in _limits[i])
            {
                least = Math.Max(least, limit.Lower.Evaluate(parameters));
                most = Math.Min(most, limit.Upper.Evaluate(parameters));
            }

            (lower[i], upper[i]) = (least, most);
        }
    }

    private readonly record struct Limit(int Owner, ResolvedBound Lower, ResolvedBound Upper)
    {
        public bool IsOfSimplex { get; init; }
    }
}
