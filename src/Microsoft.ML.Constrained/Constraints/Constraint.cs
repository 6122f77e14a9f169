using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained;

/// <summary>
/// One constraint of a <see cref="ConstraintSet"/>: which variables it speaks of, and how far a point is from keeping it.
/// Immutable. Made by the methods of <see cref="ConstraintSet"/>; there are no kinds beyond <see cref="ConstraintKind"/>.
/// </summary>
public abstract class Constraint : IEquatable<Constraint>
{
    private readonly int[] _variables;
    private ResolvedBound[] _resolved = [];

    private protected Constraint(VariableSpace space, int[] variables, string? name)
    {
        Space = space;
        _variables = variables;
        Variables = Array.AsReadOnly(variables);
        HasAutomaticName = name is null;
        Name = name is null ? "" : NameText.Check(name, "a constraint");
    }

    /// <summary>The name by which diagnostics speak of the constraint; unique in its set.</summary>
    public string Name { get; private set; }

    /// <summary>What the constraint states.</summary>
    public abstract ConstraintKind Kind { get; }

    /// <summary>
    /// Indices of the variables that the constraint speaks of: ascending, but in the stated order for
    /// <see cref="ConstraintKind.Increasing"/> and <see cref="ConstraintKind.Decreasing"/>; the height of a
    /// <see cref="ConstraintKind.SecondOrderCone"/> comes last.
    /// </summary>
    public IReadOnlyList<int> Variables { get; }

    /// <summary>Whether the name was derived from the text rather than given.</summary>
    internal bool HasAutomaticName { get; private set; }

    internal VariableSpace Space { get; }

    internal ReadOnlySpan<int> VariableSpan => _variables;

    /// <summary>The bounds that may depend on the row, in an order of the kind's own. The set's columns follow it.</summary>
    internal abstract IReadOnlyList<Bound> RightHandSides { get; }

    /// <summary>How many linear rows the constraint is reduced to.</summary>
    internal abstract int RowCount { get; }

    /// <summary>
    /// By how much the point breaks the constraint, in the constraint's own units (those of its right-hand side); 0 when it holds.
    /// Where the constraint is several inequalities, the largest of their violations.
    /// </summary>
    /// <param name="z">The point: a value for each variable of the set.</param>
    /// <param name="parameters">The row's values of the columns of the set that this constraint belongs to, in the order of
    /// <see cref="ConstraintSet.Columns"/>; empty where there are none.</param>
    /// <returns>At least 0; NaN where the point or a right-hand side is NaN.</returns>
    /// <exception cref="ArgumentException">The length of <paramref name="z"/> is not the number of variables, or too few parameters were
    /// given.</exception>
    public double Violation(ReadOnlySpan<double> z, ReadOnlySpan<double> parameters = default)
    {
        if (z.Length != Space.Count)
        {
            throw new ArgumentException(
                $"Constraint '{Name}': the point has {z.Length} values but there are {Space.Count} variables. Give one for each.", nameof(z));
        }

        foreach (ref readonly ResolvedBound bound in _resolved.AsSpan())
        {
            if (!bound.IsConstant && bound.Indices[^1] >= parameters.Length)
            {
                throw new ArgumentException(
                    $"Constraint '{Name}' needs the row's values of its columns; {parameters.Length} parameters were given. " +
                    $"Give one for each of {nameof(ConstraintSet)}.{nameof(ConstraintSet.Columns)}, in that order.",
                    nameof(parameters));
            }
        }

        return Math.Max(0, Measure(z, parameters, 0));
    }

    /// <summary>The constraint's text form, without its name; <see cref="ConstraintSet.Parse(string, string[])"/> reads it.</summary>
    public sealed override string ToString() => Text;

    /// <summary>Whether both have the same name, kind, variables and numbers.</summary>
    /// <param name="other">Another constraint.</param>
    public bool Equals(Constraint? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && Kind == other.Kind && Name == other.Name && HasAutomaticName == other.HasAutomaticName &&
         StatesTheSame(other));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Constraint);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Kind);
        hash.Add(Name, StringComparer.Ordinal);
        foreach (int variable in _variables)
            hash.Add(variable);
        return hash.ToHashCode();
    }

    internal abstract string Text { get; }

    /// <summary>
    /// The largest of (violation − tolerance · scale) over the constraint's inequalities, where scale is max(1, |b|, Σ|aᵢzᵢ|).
    /// Negative inside; NaN where the point or a right-hand side is.
    /// </summary>
    internal abstract double Measure(ReadOnlySpan<double> z, ReadOnlySpan<double> parameters, double tolerance);

    /// <summary>Writes <see cref="RowCount"/> rows and any norm blocks.</summary>
    internal abstract void Lower(SystemWriter writer);

    /// <summary>Whether the statements agree, names aside.</summary>
    internal bool StatesTheSame(Constraint other)
    {
        if (Kind != other.Kind || !Space.Equals(other.Space) || !VariableSpan.SequenceEqual(other.VariableSpan) || !SameNumbers(other))
            return false;
        IReadOnlyList<Bound> mine = RightHandSides, theirs = other.RightHandSides;
        for (int i = 0; i < mine.Count; i++)
        {
            if (mine[i] != theirs[i])
                return false;
        }

        return mine.Count == theirs.Count;
    }

    /// <summary>Whether the numbers other than right-hand sides agree; the kind and the variables do.</summary>
    private protected virtual bool SameNumbers(Constraint other) => true;

    /// <summary>The same constraint as part of a set: under its final name, with its columns as indices into the set's.</summary>
    internal Constraint Attach(string name, bool automatic, IReadOnlyDictionary<string, int> columns)
    {
        Constraint copy = (Constraint)MemberwiseClone();
        copy.Name = name;
        copy.HasAutomaticName = automatic;
        IReadOnlyList<Bound> sides = RightHandSides;
        copy._resolved = new ResolvedBound[sides.Count];
        for (int i = 0; i < sides.Count; i++)
            copy._resolved[i] = new ResolvedBound(sides[i], columns);
        return copy;
    }

    /// <summary>The same constraint under a name that was given rather than derived.</summary>
    internal Constraint Named(string name)
    {
        Constraint copy = (Constraint)MemberwiseClone();
        copy.Name = name;
        copy.HasAutomaticName = false;
        return copy;
    }

    /// <summary>The right-hand side of that index, with its columns resolved.</summary>
    internal ref readonly ResolvedBound Resolved(int index) => ref _resolved[index];

    /// <summary>How an error message speaks of a constraint that may not have its name yet.</summary>
    private protected static string Label(string? name, string kind) => name is null ? $"The {kind}" : $"Constraint '{name}'";

    private protected static double Excess(double violation, double scale, double tolerance) =>
        tolerance == 0 ? violation : violation - tolerance * Math.Max(1, scale);

    /// <exception cref="ArgumentException">A part of the bound is NaN or infinite.</exception>
    private protected static void CheckFinite(Bound bound, string label, string what)
    {
        if (!double.IsFinite(bound.Constant))
            throw new ArgumentException($"{label} has {what} {NameText.Number(bound.Constant)}. Give a finite number.");
        for (int i = 0; i < bound.ColumnSpan.Length; i++)
        {
            if (!double.IsFinite(bound.Coefficients[i]))
            {
                throw new ArgumentException(
                    $"{label} multiplies the column '{bound.ColumnSpan[i]}' by {NameText.Number(bound.Coefficients[i])} in {what}. Give " +
                    "a finite number.");
            }
        }
    }

    /// <exception cref="ArgumentException">The bound is not finite, or a negative number.</exception>
    private protected static void CheckNonnegative(Bound bound, string label, string what)
    {
        CheckFinite(bound, label, what);
        if (bound.IsConstant && bound.Constant < 0)
            throw new ArgumentException($"{label} has {what} {bound}, so that no point satisfies it. Give a number that is at least 0.");
    }

    /// <exception cref="ArgumentException">Not a range: NaN, a limit at the wrong infinity, no limit at all, or lower above
    /// upper.</exception>
    private protected static void CheckRange(Bound lower, Bound upper, string label)
    {
        bool hasLower = !(lower.IsConstant && double.IsNegativeInfinity(lower.Constant));
        bool hasUpper = !(upper.IsConstant && double.IsPositiveInfinity(upper.Constant));
        if (!hasLower && !hasUpper)
            throw new ArgumentException($"{label} has neither a lower nor an upper limit. Give one of them, or leave the constraint out.");
        if (hasLower)
            CheckFinite(lower, label, "a lower limit of");
        if (hasUpper)
            CheckFinite(upper, label, "an upper limit of");
        if (!hasLower || !hasUpper)
            return;
        Bound gap = upper - lower;
        if (gap.IsConstant && gap.Constant < 0)
        {
            throw new ArgumentException(
                $"{label} has the lower limit {lower} above the upper limit {upper}. Exchange them or correct one.");
        }
    }

    private protected static double[] CheckNumbers(ReadOnlySpan<double> values, int expected, string label, string what)
    {
        if (values.Length != expected)
            throw new ArgumentException($"{label} has {values.Length} {what} but {expected} variables. Give one for each variable.");
        double[] copy = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
                throw new ArgumentException($"{label} has {NameText.Number(values[i])} at index {i} of its {what}. Give finite numbers.");
            copy[i] = values[i] + 0.0;
        }

        return copy;
    }
}
