using System;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>A simplex, capped or not, whose sum and cap may change from row to row.</summary>
internal sealed class SimplexPiece : ClosedFormPiece
{
    private readonly SimplexConstraint _constraint;

    public SimplexPiece(SimplexConstraint constraint, ReadOnlySpan<double> weights)
        : base(constraint, weights) => _constraint = constraint;

    public bool IsCapped => _constraint.IsCapped;

    public double Sum(ReadOnlySpan<double> parameters) => LimitRounding.Nonnegative(_constraint.Sum.Evaluate(parameters));

    public override SolverStatus Project(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z) => IsCapped
        ? Capped(parameters).Project(y, z)
        : new SimplexProjection<double>(Sum(parameters)).Project(y, z);

    public override void Adjoint(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> gradient,
        Span<double> input,
        Span<double> parameterGradient)
    {
        double sum;
        if (IsCapped)
        {
            sum = Capped(parameters).Adjoint(y, z, gradient, input, out double cap);
            Add(_constraint.Cap, cap, parameterGradient);
        }
        else
        {
            sum = new SimplexProjection<double>(Sum(parameters)).Adjoint(y, z, gradient, input);
        }

        Add(_constraint.Sum, sum, parameterGradient);
    }

    public override double Price(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, ReadOnlySpan<double> z, ReadOnlySpan<double> pull, Span<double> scratch) => IsCapped
        ? Capped(parameters).Adjoint(y, z, pull, scratch)
        : new SimplexProjection<double>(Sum(parameters)).Adjoint(y, z, pull, scratch);

    private CappedSimplexProjection<double> Capped(ReadOnlySpan<double> parameters)
    {
        double cap = LimitRounding.Nonnegative(_constraint.Cap.Evaluate(parameters));
        return new(LimitRounding.Within(Sum(parameters), Variables.Length * cap), cap);
    }
}
