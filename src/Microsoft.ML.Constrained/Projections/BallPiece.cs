using System;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>A ball, or a second-order cone (whose height is the last variable), with a radius that may change from row to row.</summary>
internal sealed class BallPiece : ClosedFormPiece
{
    private readonly BallConstraint _constraint;
    private readonly double[]? _centre;

    public BallPiece(BallConstraint constraint, ReadOnlySpan<double> weights)
        : base(constraint, weights)
    {
        _constraint = constraint;
        _centre = constraint.Centre.IndexOfAnyExcept(0.0) < 0 ? null : constraint.Centre.ToArray();
    }

    public override SolverStatus Project(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z)
    {
        double radius = Radius(parameters);
        return _constraint.NormKind switch
        {
            Norm.L1 => new L1BallProjection<double>(radius, _centre).Project(y, z),
            Norm.LInfinity => new LInfinityBallProjection<double>(radius, _centre).Project(y, z),
            _ when _constraint.Height >= 0 => new SecondOrderConeProjection<double>(radius, _centre).Project(y, z),
            _ => new L2BallProjection<double>(radius, _centre).Project(y, z),
        };
    }

    public override void Adjoint(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> gradient,
        Span<double> input,
        Span<double> parameterGradient) => Add(_constraint.Radius, Side(y, parameters, z, gradient, input), parameterGradient);

    public override double Price(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, ReadOnlySpan<double> z, ReadOnlySpan<double> pull, Span<double> scratch) =>
        Side(y, parameters, z, pull, scratch);

    private double Radius(ReadOnlySpan<double> parameters)
    {
        double radius = _constraint.Radius.Evaluate(parameters);
        return _constraint.Height >= 0 ? radius : LimitRounding.Nonnegative(radius);
    }

    private double Side(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, ReadOnlySpan<double> z, ReadOnlySpan<double> gradient, Span<double> input)
    {
        double radius = Radius(parameters);
        return _constraint.NormKind switch
        {
            Norm.L1 => new L1BallProjection<double>(radius, _centre).Adjoint(y, z, gradient, input),
            Norm.LInfinity => new LInfinityBallProjection<double>(radius, _centre).Adjoint(y, z, gradient, input),
            _ when _constraint.Height >= 0 => new SecondOrderConeProjection<double>(radius, _centre).Adjoint(y, z, gradient, input),
            _ => new L2BallProjection<double>(radius, _centre).Adjoint(y, z, gradient, input),
        };
    }
}
