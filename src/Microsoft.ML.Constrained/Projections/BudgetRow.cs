using System;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>lower(θ) ≤ aᵀz ≤ upper(θ) over some of the variables, and how they move with its multiplier: −W⁻¹a.</summary>
internal sealed class BudgetRow
{
    private readonly Constraint _constraint;
    private readonly double _length;

    public BudgetRow(int owner, LinearConstraint constraint, ReadOnlySpan<double> weights)
        : this(owner, constraint, constraint.Coefficients.ToArray(), weights)
    {
    }

    public BudgetRow(int owner, SimplexConstraint constraint, ReadOnlySpan<double> weights)
        : this(owner, constraint, Ones(constraint.VariableSpan.Length), weights)
    {
    }

    private BudgetRow(int owner, Constraint constraint, double[] coefficients, ReadOnlySpan<double> weights)
    {
        (Owner, _constraint, Coefficients) = (owner, constraint, coefficients);
        Variables = constraint.VariableSpan.ToArray();
        _length = SpanKernels.Norm(coefficients);
        Slopes = new double[coefficients.Length];
        for (int k = 0; k < Slopes.Length; k++)
            Slopes[k] = coefficients[k] / weights[Variables[k]];
    }

    /// <summary>Which constraint of the set it is.</summary>
    public int Owner { get; }

    public int[] Variables { get; }

    /// <summary>a, for each of <see cref="Variables"/>.</summary>
    public double[] Coefficients { get; }

    /// <summary>W⁻¹a.</summary>
    public double[] Slopes { get; }

    /// <summary>The limits of the sum. False where they contradict each other.</summary>
    public bool Limits(ReadOnlySpan<double> parameters, out double lower, out double upper)
    {
        lower = Lower(parameters);
        upper = Upper(parameters);
        return LimitRounding.Settle(ref lower, ref upper, _length);
    }

    private double Lower(ReadOnlySpan<double> parameters) =>
        _constraint is SimplexConstraint simplex ? simplex.Sum.Evaluate(parameters) : ((LinearConstraint)_constraint).LowerBound.Evaluate(parameters);

    private double Upper(ReadOnlySpan<double> parameters) =>
        _constraint is SimplexConstraint simplex ? simplex.Sum.Evaluate(parameters) : ((LinearConstraint)_constraint).UpperBound.Evaluate(parameters);

    /// <summary>Whether a row with this multiplier is on its level: an equality always is.</summary>
    public bool Binds(double multiplier, ReadOnlySpan<double> parameters) => multiplier != 0 || Lower(parameters) >= Upper(parameters);

    /// <summary>Adds the gradient of the level that binds to those of its columns.</summary>
    public void AddLevel(double multiplier, double gradient, ReadOnlySpan<double> parameters, Span<double> parameterGradient)
    {
        if (_constraint is SimplexConstraint simplex)
            ClosedFormPiece.Add(simplex.Sum, gradient, parameterGradient);
        else if (multiplier > 0 || Lower(parameters) >= Upper(parameters))
            ClosedFormPiece.Add(((LinearConstraint)_constraint).UpperBound, gradient, parameterGradient);
        else
            ClosedFormPiece.Add(((LinearConstraint)_constraint).LowerBound, gradient, parameterGradient);
    }

    private static double[] Ones(int count)
    {
        var ones = new double[count];
        ones.AsSpan().Fill(1);
        return ones;
    }
}
