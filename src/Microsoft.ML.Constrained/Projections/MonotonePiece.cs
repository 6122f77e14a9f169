using System;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>An order of variables: <see cref="MonotoneProjection{T}"/> in the metric's weights.</summary>
internal sealed class MonotonePiece : ClosedFormPiece
{
    private readonly MonotoneProjection<double> _projection;
    private readonly bool _increasing;

    public MonotonePiece(MonotoneConstraint constraint, ReadOnlySpan<double> weights)
        : base(constraint, weights)
    {
        _increasing = constraint.IsIncreasing;
        _projection = new(!_increasing, Weights);
    }

    public override SolverStatus Project(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z) => _projection.Project(y, z);

    public override void Adjoint(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> gradient,
        Span<double> input,
        Span<double> parameterGradient) => _projection.Adjoint(y, z, gradient, input);

    public override double Price(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, ReadOnlySpan<double> z, ReadOnlySpan<double> pull, Span<double> scratch)
    {
        // The multiplier of z₂ − z₁ ≥ 0 (with the signs exchanged for a decreasing order) is a partial sum of W(y − z).
        double sum = 0;
        double price = 0;
        for (int k = 0; k + 1 < pull.Length; k++)
        {
            sum += pull[k];
            double multiplier = _increasing ? -sum : sum;
            if (z[k] == z[k + 1] && Math.Abs(multiplier) > Math.Abs(price))
                price = multiplier;
        }

        return price;
    }
}
