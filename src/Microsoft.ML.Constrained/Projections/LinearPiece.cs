using System;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>One linear constraint: a hyperplane, a half-space or the slab between two parallel ones, at levels that may change from row to row.</summary>
internal sealed class LinearPiece : ClosedFormPiece
{
    private readonly LinearConstraint _constraint;
    private readonly HyperplaneProjection<double> _plane;
    private readonly double _length;

    public LinearPiece(LinearConstraint constraint, ReadOnlySpan<double> weights)
        : base(constraint, weights)
    {
        _constraint = constraint;
        _plane = new(constraint.Coefficients, 0);
        _length = SpanKernels.Norm(constraint.Coefficients);
    }

    public override SolverStatus Project(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z)
    {
        if (!Limits(parameters, out double lower, out double upper))
            return SolverStatus.PrimalInfeasible;
        int side = Side(y, lower, upper);
        if (side != 0)
            return _plane.At(side > 0 ? upper : lower).Project(y, z);
        y.CopyTo(z);
        return SolverStatus.Solved;
    }

    public override void Adjoint(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> gradient,
        Span<double> input,
        Span<double> parameterGradient)
    {
        Limits(parameters, out double lower, out double upper);
        int side = Side(y, lower, upper);
        if (side == 0)
        {
            gradient.CopyTo(input);
            return;
        }

        double level = _plane.Adjoint(y, z, gradient, input);
        if (side > 0)
            Add(_constraint.UpperBound, level, parameterGradient);
        else
            Add(_constraint.LowerBound, level, parameterGradient);
    }

    public override double Price(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, ReadOnlySpan<double> z, ReadOnlySpan<double> pull, Span<double> scratch)
    {
        Limits(parameters, out double lower, out double upper);
        return Side(y, lower, upper) == 0 ? 0 : _plane.Adjoint(y, z, pull, scratch);
    }

    /// <summary>False where they contradict each other.</summary>
    private bool Limits(ReadOnlySpan<double> parameters, out double lower, out double upper)
    {
        lower = _constraint.LowerBound.Evaluate(parameters);
        upper = _constraint.UpperBound.Evaluate(parameters);
        return LimitRounding.Settle(ref lower, ref upper, _length);
    }

    /// <summary>Which plane the point is projected onto: 1 the upper, −1 the lower, 0 none. In an equality the upper, always.</summary>
    private int Side(ReadOnlySpan<double> y, double lower, double upper)
    {
        if (lower == upper)
            return 1;
        if (_plane.At(upper).SignedDistance(y) > 0)
            return 1;
        return _plane.At(lower).SignedDistance(y) < 0 ? -1 : 0;
    }
}
