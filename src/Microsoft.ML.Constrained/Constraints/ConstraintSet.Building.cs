using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained;

// How a set is stated: one method a kind of constraint, each of which returns a new set.
public sealed partial class ConstraintSet
{
    /// <summary>A set without constraints over the named variables.</summary>
    /// <param name="variables">Their names, in the order of the vector's slots; at least one, all different.</param>
    /// <exception cref="ArgumentException">No name, a name twice, or one that is empty or holds control characters.</exception>
    public static ConstraintSet Over(params string[] variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        return new ConstraintSet(new VariableSpace(variables), [], []);
    }

    /// <summary>A set without constraints over the variables x0, x1, ….</summary>
    /// <param name="dimension">How many; at least one.</param>
    /// <exception cref="ArgumentException">Less than one, or more than 65,536.</exception>
    public static ConstraintSet Over(int dimension)
    {
        if (dimension is < 1 or > ConstraintLimits.Variables)
        {
            throw new ArgumentException(
                $"The dimension is {dimension}. Give a number from 1 to {ConstraintLimits.Variables}.", nameof(dimension));
        }

        return Over(Enumerable.Range(0, dimension).Select(i => FormattableString.Invariant($"x{i}")).ToArray());
    }

    /// <summary><c>z ≥ 0</c>.</summary>
    /// <param name="variables">The variables; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable, or one twice.</exception>
    public ConstraintSet Nonnegative(params string[] variables) => Bounds(0, double.PositiveInfinity, variables);

    /// <summary><c>lower ≤ zᵢ ≤ upper</c> for each of the variables.</summary>
    /// <param name="lower">The lower limit; negative infinity for none.</param>
    /// <param name="upper">The upper limit; positive infinity for none.</param>
    /// <param name="variables">The variables; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable or one twice, NaN, no limit at all, or the lower above the upper
    /// one.</exception>
    public ConstraintSet Bounds(Bound lower, Bound upper, params string[] variables)
    {
        int[] indices = _space.Resolve(variables, "A bound");
        return Add(new BoundsConstraint(
            _space, indices, Enumerable.Repeat(lower, indices.Length).ToArray(), Enumerable.Repeat(upper, indices.Length).ToArray()));
    }

    /// <summary><c>lower ≤ z ≤ upper</c> for one variable.</summary>
    /// <param name="variable">The variable.</param>
    /// <param name="lower">The lower limit; negative infinity for none.</param>
    /// <param name="upper">The upper limit; positive infinity for none.</param>
    /// <exception cref="ArgumentException">An unknown variable, NaN, no limit at all, or the lower above the upper one.</exception>
    public ConstraintSet Bounds(string variable, Bound lower, Bound upper) =>
        Add(new BoundsConstraint(_space, [_space.Resolve(variable, "A bound")], [lower], [upper]));

    /// <summary><c>lowerᵢ ≤ zᵢ ≤ upperᵢ</c>, each variable with limits of its own.</summary>
    /// <param name="lower">The lower limits, one for each variable; negative infinity for none.</param>
    /// <param name="upper">The upper limits, one for each variable; positive infinity for none.</param>
    /// <param name="variables">The variables in the order of the limits; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable or one twice, a wrong number of limits, NaN, a variable without any limit,
    /// or a lower above its upper limit.</exception>
    public ConstraintSet Bounds(IReadOnlyList<Bound> lower, IReadOnlyList<Bound> upper, params string[] variables)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        return Add(new BoundsConstraint(_space, _space.Resolve(variables, "A bound"), lower, upper));
    }

    /// <summary><c>lowerᵢ ≤ zᵢ ≤ upperᵢ</c> with numbers for limits.</summary>
    /// <inheritdoc cref="Bounds(IReadOnlyList{Bound}, IReadOnlyList{Bound}, string[])"/>
    public ConstraintSet Bounds(double[] lower, double[] upper, params string[] variables)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        return Bounds(Array.ConvertAll(lower, v => (Bound)v), Array.ConvertAll(upper, v => (Bound)v), variables);
    }

    /// <summary><c>lower ≤ aᵀz ≤ upper</c>; equal limits make an equality.</summary>
    /// <param name="name">The constraint's name; null derives one from its text.</param>
    /// <param name="coefficients">a, one number for each variable; all zero is allowed where the limits allow 0.</param>
    /// <param name="lower">The lower limit; negative infinity for none.</param>
    /// <param name="upper">The upper limit; positive infinity for none.</param>
    /// <param name="variables">The variables in the order of the coefficients; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable or one twice, a wrong number of coefficients, NaN or an infinity,
    /// no limit at all, the lower above the upper one, or a name that the set has already.</exception>
    public ConstraintSet Linear(string? name, ReadOnlySpan<double> coefficients, Bound lower, Bound upper, params string[] variables)
    {
        int[] indices = _space.Resolve(variables, name is null ? "The linear constraint" : $"Constraint '{name}'");
        return Add(LinearConstraint.Create(_space, indices, coefficients, lower, upper, name));
    }

    /// <summary><c>aᵀz = value</c>.</summary>
    /// <param name="coefficients">a, one number for each variable.</param>
    /// <param name="value">The right-hand side.</param>
    /// <param name="variables">The variables in the order of the coefficients; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable or one twice, a wrong number of coefficients, NaN or an
    /// infinity.</exception>
    public ConstraintSet Hyperplane(ReadOnlySpan<double> coefficients, Bound value, params string[] variables) =>
        Linear(null, coefficients, value, value, variables);

    /// <summary><c>aᵀz ≤ upper</c>.</summary>
    /// <param name="coefficients">a, one number for each variable.</param>
    /// <param name="upper">The right-hand side.</param>
    /// <param name="variables">The variables in the order of the coefficients; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable or one twice, a wrong number of coefficients, NaN or an
    /// infinity.</exception>
    public ConstraintSet HalfSpace(ReadOnlySpan<double> coefficients, Bound upper, params string[] variables) =>
        Linear(null, coefficients, double.NegativeInfinity, upper, variables);

    /// <summary><c>z ≥ 0, Σz = 1</c>: the variables are probabilities or shares.</summary>
    /// <param name="variables">The variables; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable, or one twice.</exception>
    public ConstraintSet Simplex(params string[] variables) => Simplex(1, variables);

    /// <summary><c>z ≥ 0, Σz = sum</c>.</summary>
    /// <param name="sum">The sum; a number is at least 0.</param>
    /// <param name="variables">The variables; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable or one twice, NaN, an infinity or a negative sum.</exception>
    public ConstraintSet Simplex(Bound sum, params string[] variables) =>
        Add(new SimplexConstraint(_space, _space.Resolve(variables, "A simplex"), sum));

    /// <summary><c>0 ≤ z ≤ 1, Σz = sum</c>: for a whole number k, the hull of all choices of k of the variables.</summary>
    /// <param name="sum">The sum; a number lies between 0 and the number of variables.</param>
    /// <param name="variables">The variables; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable or one twice, NaN, an infinity, or a sum that cannot be reached.</exception>
    public ConstraintSet CappedSimplex(Bound sum, params string[] variables) => CappedSimplex(sum, 1, variables);

    /// <summary><c>0 ≤ z ≤ cap, Σz = sum</c>.</summary>
    /// <param name="sum">The sum; a number lies between 0 and cap times the number of variables.</param>
    /// <param name="cap">The largest value of each variable; a number is at least 0.</param>
    /// <param name="variables">The variables; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable or one twice, NaN, an infinity, or a sum that cannot be reached.</exception>
    public ConstraintSet CappedSimplex(Bound sum, Bound cap, params string[] variables) =>
        Add(new SimplexConstraint(_space, _space.Resolve(variables, "A capped simplex"), sum, cap));

    /// <summary><c>‖z‖ ≤ radius</c>.</summary>
    /// <param name="norm">The norm.</param>
    /// <param name="radius">The radius; a number is at least 0.</param>
    /// <param name="variables">The variables; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable or one twice, NaN, an infinity or a negative radius.</exception>
    public ConstraintSet Ball(Norm norm, Bound radius, params string[] variables) =>
        Ball(norm, radius, (ReadOnlySpan<double>)[], variables);

    /// <summary><c>‖z − centre‖ ≤ radius</c>.</summary>
    /// <param name="norm">The norm.</param>
    /// <param name="radius">The radius; a number is at least 0.</param>
    /// <param name="centre">The centre, one number for each variable; empty for the origin.</param>
    /// <param name="variables">The variables in the order of the centre; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable or one twice, a wrong number of values, NaN, an infinity or a negative
    /// radius.</exception>
    public ConstraintSet Ball(Norm norm, Bound radius, ReadOnlySpan<double> centre, params string[] variables) =>
        Add(BallConstraint.Ball(_space, norm, _space.Resolve(variables, "A ball"), centre, radius));

    /// <summary><c>z₁ ≤ z₂ ≤ …</c>.</summary>
    /// <param name="variables">The variables in the order that their values follow; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable, or one twice.</exception>
    public ConstraintSet Increasing(params string[] variables) =>
        Add(new MonotoneConstraint(_space, _space.Resolve(variables, "An increasing order"), increasing: true));

    /// <summary><c>z₁ ≥ z₂ ≥ …</c>.</summary>
    /// <param name="variables">The variables in the order that their values follow; all where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable, or one twice.</exception>
    public ConstraintSet Decreasing(params string[] variables) =>
        Add(new MonotoneConstraint(_space, _space.Resolve(variables, "A decreasing order"), increasing: false));

    /// <summary><c>‖z‖₂ ≤ height</c>, where the height is a variable.</summary>
    /// <param name="height">The variable on the right.</param>
    /// <param name="variables">The variables inside the norm; all others where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable, one twice, the height inside the norm, or nothing inside the
    /// norm.</exception>
    public ConstraintSet SecondOrderCone(string height, params string[] variables) => SecondOrderCone(height, 0, [], variables);

    /// <summary><c>‖z − centre‖₂ ≤ height + offset</c>, where the height is a variable.</summary>
    /// <param name="height">The variable on the right.</param>
    /// <param name="offset">What is added to it.</param>
    /// <param name="centre">The centre, one number for each variable inside the norm; empty for the origin.</param>
    /// <param name="variables">The variables inside the norm in the order of the centre; all but the height where none is named.</param>
    /// <exception cref="ArgumentException">An unknown variable, one twice, the height inside the norm, nothing inside the norm,
    /// a wrong number of values, NaN or an infinity.</exception>
    public ConstraintSet SecondOrderCone(string height, Bound offset, ReadOnlySpan<double> centre, params string[] variables)
    {
        int top = _space.Resolve(height, "A second-order cone");
        int[] inside = _space.Resolve(variables, "A second-order cone");
        if (variables is null || variables.Length == 0)
            inside = inside.Where(i => i != top).ToArray();
        return Add(BallConstraint.Cone(_space, inside, centre, top, offset));
    }

    /// <summary>One more constraint, taken from another set over the same variables.</summary>
    /// <param name="constraint">The constraint. A name that was derived from its text is derived anew.</param>
    /// <exception cref="ArgumentException">It is over other variables, or the set has its name already.</exception>
    public ConstraintSet Add(Constraint constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        ConstraintSetBuilder builder = new(_space, _constraints, _columns);
        builder.Add(constraint);
        return builder.Build();
    }

    /// <summary>The intersection: the constraints of this set, then those of the other one.</summary>
    /// <param name="other">A set over the same variables.</param>
    /// <exception cref="ArgumentException">It is over other variables, or a given name occurs in both.</exception>
    public ConstraintSet And(ConstraintSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ConstraintSetBuilder builder = new(_space, _constraints, _columns);
        foreach (Constraint constraint in other._constraints)
            builder.Add(constraint);
        return builder.Build();
    }

    /// <summary>Gives the constraint that was stated last another name: <c>.Nonnegative().WithName("physical")</c>.</summary>
    /// <param name="name">The name; one that no other constraint of the set has.</param>
    /// <exception cref="InvalidOperationException">The set has no constraint yet.</exception>
    /// <exception cref="ArgumentException">The name is empty, holds control characters, or is taken.</exception>
    public ConstraintSet WithName(string name)
    {
        if (_constraints.Length == 0)
            throw new InvalidOperationException($"There is no constraint to name '{name}'. State one first.");
        NameText.Check(name, "a constraint");
        ConstraintSetBuilder builder = new(_space, _constraints[..^1], _columns);
        builder.Add(_constraints[^1].Named(name), name);
        return builder.Build();
    }
}
