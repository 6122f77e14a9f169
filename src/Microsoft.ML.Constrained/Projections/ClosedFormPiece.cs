using System;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>One constraint with a closed form, over variables that no other constraint speaks of. Its rows hold those variables only.</summary>
internal abstract class ClosedFormPiece
{
    protected ClosedFormPiece(Constraint constraint, ReadOnlySpan<double> weights)
    {
        Variables = constraint.VariableSpan.ToArray();
        Weights = new double[Variables.Length];
        for (int k = 0; k < Variables.Length; k++)
            Weights[k] = weights.IsEmpty ? 1 : weights[Variables[k]];
    }

    public int[] Variables { get; }

    protected double[] Weights { get; }

    /// <summary>The piece for a constraint, or null where there is no closed form in this metric.</summary>
    public static ClosedFormPiece? Create(Constraint constraint, ReadOnlySpan<double> weights)
    {
        bool even = true;
        ReadOnlySpan<int> variables = constraint.VariableSpan;
        for (int k = 1; k < variables.Length && !weights.IsEmpty; k++)
            even &= weights[variables[k]] == weights[variables[0]];
        return constraint switch
        {
            BoundsConstraint bounds => new BoundsPiece(bounds, weights),
            MonotoneConstraint order => new MonotonePiece(order, weights),
            SimplexConstraint simplex when even => new SimplexPiece(simplex, weights),
            BallConstraint ball when even || ball.NormKind == Norm.LInfinity => new BallPiece(ball, weights),
            LinearConstraint linear when even && !linear.VariableSpan.IsEmpty => new LinearPiece(linear, weights),
            _ => null,
        };
    }

    public abstract SolverStatus Project(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z);

    /// <summary>∂loss/∂y into <paramref name="input"/>; ∂loss/∂θ added to <paramref name="parameterGradient"/> unless that is empty.</summary>
    public abstract void Adjoint(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> gradient,
        Span<double> input,
        Span<double> parameterGradient);

    /// <summary>The shadow price; <paramref name="pull"/> holds W(y − z), <paramref name="scratch"/> is free to use.</summary>
    public abstract double Price(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, ReadOnlySpan<double> z, ReadOnlySpan<double> pull, Span<double> scratch);

    /// <summary>W(y − z).</summary>
    public void Pull(ReadOnlySpan<double> y, ReadOnlySpan<double> z, Span<double> pull)
    {
        for (int k = 0; k < Weights.Length; k++)
            pull[k] = Weights[k] * (y[k] - z[k]);
    }

    /// <summary>Adds the gradient of a bound to those of its columns.</summary>
    internal static void Add(in ResolvedBound bound, double gradient, Span<double> parameterGradient)
    {
        for (int i = 0; i < bound.Indices.Length && !parameterGradient.IsEmpty; i++)
            parameterGradient[bound.Indices[i]] += gradient * bound.Slopes[i];
    }
}
