using System;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>Bounds on single variables: <see cref="BoxProjection{T}"/>, whose bounds may change from row to row.</summary>
internal sealed class BoundsPiece : ClosedFormPiece
{
    private readonly BoundsConstraint _constraint;
    private readonly BoxProjection<double>? _box;

    public BoundsPiece(BoundsConstraint constraint, ReadOnlySpan<double> weights)
        : base(constraint, weights)
    {
        _constraint = constraint;
        int n = Variables.Length;
        bool constant = true;
        var lower = new double[n];
        var upper = new double[n];
        for (int k = 0; k < n; k++)
        {
            constant &= constraint.LowerBound(k).IsConstant && constraint.UpperBound(k).IsConstant;
            lower[k] = constraint.LowerBound(k).Constant;
            upper[k] = constraint.UpperBound(k).Constant;
        }

        if (!constant)
            return;
        _box = new(lower, upper);
        if (Array.TrueForAll(lower, IsSingle) && Array.TrueForAll(upper, IsSingle))
            Single = new BoxProjection<float>(Array.ConvertAll(lower, v => (float)v), Array.ConvertAll(upper, v => (float)v));
    }

    /// <summary>The box in single precision, where its bounds are constant and within its range.</summary>
    public BoxProjection<float>? Single { get; }

    public override SolverStatus Project(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z)
    {
        if (_box is { } box)
            return box.Project(y, z);
        bool empty = false;
        for (int k = 0; k < y.Length; k++)
        {
            double lower = _constraint.LowerBound(k).Evaluate(parameters);
            double upper = _constraint.UpperBound(k).Evaluate(parameters);
            empty |= !LimitRounding.Settle(ref lower, ref upper);
            z[k] = Math.Min(Math.Max(y[k], lower), upper);
        }

        return empty ? SolverStatus.PrimalInfeasible : SolverStatus.Solved;
    }

    public override void Adjoint(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> gradient,
        Span<double> input,
        Span<double> parameterGradient)
    {
        for (int k = 0; k < y.Length; k++)
        {
            ref readonly ResolvedBound lower = ref _constraint.LowerBound(k);
            ref readonly ResolvedBound upper = ref _constraint.UpperBound(k);
            double low = lower.Evaluate(parameters);
            double high = upper.Evaluate(parameters);
            double g = gradient[k];
            input[k] = y[k] > low && y[k] < high ? g : 0;
            if (y[k] < low)
                Add(lower, g, parameterGradient);
            else if (y[k] > high)
                Add(upper, g, parameterGradient);
        }
    }

    public override double Price(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, ReadOnlySpan<double> z, ReadOnlySpan<double> pull, Span<double> scratch)
    {
        double price = 0;
        foreach (double value in pull)
        {
            if (Math.Abs(value) > Math.Abs(price))
                price = value;
        }

        return price;
    }

    private static bool IsSingle(double limit) => double.IsInfinity(limit) || float.IsFinite((float)limit);
}
