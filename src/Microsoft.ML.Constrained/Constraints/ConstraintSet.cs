using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained;

/// <summary>
/// What must be true of a vector of named variables: an intersection of named constraints, whose right-hand sides may depend on
/// columns of the row.
/// <code>
/// var limits = ConstraintSet.Over("Steel", "Wood", "Glass")
///     .Nonnegative()
///     .Linear("Steel + Wood + Glass &lt;= @Capacity")
///     .Linear("balance", "Glass &lt;= 0.3 * (Steel + Wood)");
/// </code>
/// A set is immutable and may be used from any number of threads; each method returns a new set. It states and checks;
/// whether any point satisfies it, and which one is nearest, is the business of the analysis and of the projections.
/// </summary>
public sealed partial class ConstraintSet : IEquatable<ConstraintSet>
{
    /// <summary>The tolerance of <c>Contains</c> where none is given.</summary>
    public const double DefaultTolerance = 1e-6;

    private const int StackLength = 128;

    private readonly VariableSpace _space;
    private readonly Constraint[] _constraints;
    private readonly string[] _columns;
    private ConstraintSystem? _system;

    internal ConstraintSet(VariableSpace space, Constraint[] constraints, string[] columns)
    {
        _space = space;
        _constraints = constraints;
        _columns = columns;
        Constraints = Array.AsReadOnly(constraints);
        Columns = Array.AsReadOnly(columns);
    }

    /// <summary>The names of the variables, in the order of the vector's slots.</summary>
    public IReadOnlyList<string> Variables => _space.Names;

    /// <summary>The number of variables.</summary>
    public int Dimension => _space.Count;

    /// <summary>The constraints, in the order in which they were stated.</summary>
    public IReadOnlyList<Constraint> Constraints { get; }

    /// <summary>The names of the row's <see cref="float"/> columns that right-hand sides refer to, in the order of first use.</summary>
    public IReadOnlyList<string> Columns { get; }

    internal VariableSpace Space => _space;

    /// <summary>The index of a variable, or −1 where there is none of that name.</summary>
    /// <param name="variable">A name; upper and lower case differ.</param>
    public int IndexOf(string variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        return _space.IndexOf(variable);
    }

    /// <summary>The largest violation of any constraint, each in its own units; 0 when all hold.</summary>
    /// <param name="z">The point: a value for each of <see cref="Variables"/>.</param>
    /// <param name="parameters">The row's values of <see cref="Columns"/>.</param>
    /// <returns>At least 0; NaN where a constraint has one.</returns>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public double Violation(ReadOnlySpan<double> z, ReadOnlySpan<double> parameters = default)
    {
        CheckLengths(z.Length, parameters.Length);
        double worst = 0;
        foreach (Constraint constraint in _constraints)
            worst = Math.Max(worst, constraint.Measure(z, parameters, 0));
        return worst;
    }

    /// <inheritdoc cref="Violation(ReadOnlySpan{double}, ReadOnlySpan{double})"/>
    public double Violation(ReadOnlySpan<float> z, ReadOnlySpan<float> parameters = default)
    {
        CheckLengths(z.Length, parameters.Length);
        double[]? rented = null;
        int length = z.Length + parameters.Length;
        Span<double> row = length <= StackLength ? stackalloc double[StackLength] : rented = ArrayPool<double>.Shared.Rent(length);
        Widen(z, parameters, row);
        double result = Violation(row[..z.Length], row[z.Length..length]);
        Return(rented);
        return result;
    }

    /// <summary>The violation of each constraint, in the constraint's own units; 0 where it holds.</summary>
    /// <param name="z">The point: a value for each of <see cref="Variables"/>.</param>
    /// <param name="parameters">The row's values of <see cref="Columns"/>.</param>
    /// <param name="violations">Receives a value for each of <see cref="Constraints"/>.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public void Violations(ReadOnlySpan<double> z, ReadOnlySpan<double> parameters, Span<double> violations)
    {
        CheckLengths(z.Length, parameters.Length);
        if (violations.Length != _constraints.Length)
        {
            throw new ArgumentException(
                $"There is room for {violations.Length} violations but the set has {_constraints.Length} constraints. Give one place " +
                "for each.",
                nameof(violations));
        }

        for (int i = 0; i < _constraints.Length; i++)
            violations[i] = Math.Max(0, _constraints[i].Measure(z, parameters, 0));
    }

    /// <inheritdoc cref="Violations(ReadOnlySpan{double}, ReadOnlySpan{double}, Span{double})"/>
    public void Violations(ReadOnlySpan<float> z, ReadOnlySpan<float> parameters, Span<double> violations)
    {
        CheckLengths(z.Length, parameters.Length);
        double[]? rented = null;
        int length = z.Length + parameters.Length;
        Span<double> row = length <= StackLength ? stackalloc double[StackLength] : rented = ArrayPool<double>.Shared.Rent(length);
        Widen(z, parameters, row);
        Violations(row[..z.Length], row[z.Length..length], violations);
        Return(rented);
    }

    /// <summary>
    /// Whether the point satisfies every constraint: each inequality <c>aᵀz ≤ b</c> to <c>tolerance · max(1, |b|, Σ|aᵢzᵢ|)</c>,
    /// each norm with the norms of the point and of the centre in place of the sum.
    /// </summary>
    /// <param name="z">The point: a value for each of <see cref="Variables"/>.</param>
    /// <param name="parameters">The row's values of <see cref="Columns"/>.</param>
    /// <param name="tolerance">At least 0; 0 asks for an exact answer in floating point.</param>
    /// <returns>False also where any value is NaN or infinite.</returns>
    /// <exception cref="ArgumentException">A length is wrong, or the tolerance is negative or NaN.</exception>
    public bool Contains(ReadOnlySpan<double> z, ReadOnlySpan<double> parameters = default, double tolerance = DefaultTolerance)
    {
        CheckLengths(z.Length, parameters.Length);
        if (!(tolerance >= 0))
        {
            throw new ArgumentException(
                $"The tolerance is {NameText.Number(tolerance)}. Give a number that is at least 0.", nameof(tolerance));
        }

        if (!AllFinite(z) || !AllFinite(parameters))
            return false;
        foreach (Constraint constraint in _constraints)
        {
            if (!(constraint.Measure(z, parameters, tolerance) <= 0))
                return false;
        }

        return true;
    }

    /// <inheritdoc cref="Contains(ReadOnlySpan{double}, ReadOnlySpan{double}, double)"/>
    public bool Contains(ReadOnlySpan<float> z, ReadOnlySpan<float> parameters = default, double tolerance = DefaultTolerance)
    {
        CheckLengths(z.Length, parameters.Length);
        double[]? rented = null;
        int length = z.Length + parameters.Length;
        Span<double> row = length <= StackLength ? stackalloc double[StackLength] : rented = ArrayPool<double>.Shared.Rent(length);
        Widen(z, parameters, row);
        bool result = Contains(row[..z.Length], row[z.Length..length], tolerance);
        Return(rented);
        return result;
    }

    /// <summary>
    /// The whole set as text, a line for each constraint; <see cref="Parse(string, string[])"/> reads it back to an equal set
    /// (up to its limit on length).
    /// </summary>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (Constraint constraint in _constraints)
        {
            if (text.Length > 0)
                text.Append('\n');
            if (!constraint.HasAutomaticName)
                text.Append(NameText.Quote(constraint.Name)).Append(": ");
            text.Append(constraint.Text);
        }

        return text.ToString();
    }

    /// <summary>Whether both have the same variables and columns, and the same constraints under the same names in the same
    /// order.</summary>
    /// <param name="other">Another set.</param>
    public bool Equals(ConstraintSet? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && _space.Equals(other._space) && _columns.AsSpan().SequenceEqual(other._columns) &&
         _constraints.AsSpan().SequenceEqual(other._constraints));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConstraintSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(_space);
        foreach (Constraint constraint in _constraints)
            hash.Add(constraint);
        return hash.ToHashCode();
    }

    /// <summary>The set as linear rows and norm blocks, in the order of the constraints; made once.</summary>
    /// <exception cref="InvalidOperationException">The rows do not fit into an array.</exception>
    internal ConstraintSystem Lower()
    {
        if (Volatile.Read(ref _system) is { } known)
            return known;
        long rows = 0;
        foreach (Constraint constraint in _constraints)
            rows += constraint.RowCount;
        if (rows * Math.Max(Dimension, _columns.Length) > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"The constraint set comes to {rows} linear rows in {Dimension} variables; as a dense matrix that is more than " +
                $"{Array.MaxLength} numbers. State fewer constraints, or split the variables into sets that do not share any.");
        }

        SystemWriter writer = new(Dimension, _columns.Length, (int)rows);
        for (int i = 0; i < _constraints.Length; i++)
        {
            writer.Owner = i;
            _constraints[i].Lower(writer);
        }

        ConstraintSystem made = writer.Finish();
        return Interlocked.CompareExchange(ref _system, made, null) ?? made;
    }

    private void CheckLengths(int variables, int parameters)
    {
        if (variables != Dimension)
        {
            throw new ArgumentException(
                $"The point has {variables} values but the constraint set has {Dimension} variables. Give one for each.", "z");
        }

        if (parameters != _columns.Length)
        {
            string names = _columns.Length == 0 ? "" : $" ({string.Join(", ", _columns)})";
            throw new ArgumentException(
                $"There are {parameters} parameters but the right-hand sides use {_columns.Length} columns{names}. Give one for each, " +
                "in that order.",
                "parameters");
        }
    }

    private static bool AllFinite(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
        {
            if (!double.IsFinite(value))
                return false;
        }

        return true;
    }

    private static void Widen(ReadOnlySpan<float> z, ReadOnlySpan<float> parameters, Span<double> row)
    {
        for (int i = 0; i < z.Length; i++)
            row[i] = z[i];
        for (int i = 0; i < parameters.Length; i++)
            row[z.Length + i] = parameters[i];
    }

    private static void Return(double[]? rented)
    {
        if (rented is not null)
            ArrayPool<double>.Shared.Return(rented);
    }
}
