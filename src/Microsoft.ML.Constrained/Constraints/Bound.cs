using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained;

/// <summary>
/// The right-hand side of a constraint: a number, or a number plus multiples of <see cref="float"/> columns of the row,
/// such as <c>0.5 * Bound.Column("Capacity") + 3</c>.
/// </summary>
/// <remarks>
/// As the lower or the upper limit of a range, negative or positive infinity says that there is no limit.
/// Two bounds are equal when their constants and the coefficients of their columns are.
/// </remarks>
public readonly struct Bound : IEquatable<Bound>
{
    private readonly double _constant;
    private readonly string[]? _columns;
    private readonly double[]? _coefficients;

    private Bound(double constant, string[]? columns, double[]? coefficients)
    {
        // Adding zero turns −0 into 0, so that equal bounds have equal texts.
        _constant = constant + 0.0;
        _columns = columns is { Length: > 0 } ? columns : null;
        _coefficients = _columns is null ? null : coefficients;
    }

    /// <summary>The part that does not depend on the row.</summary>
    public double Constant => _constant;

    /// <summary>The columns that the value depends on, in the order in which they were stated; none for a number.</summary>
    public IReadOnlyList<string> Columns => Array.AsReadOnly(_columns ?? []);

    /// <summary>Whether the value is the same for every row.</summary>
    public bool IsConstant => _columns is null;

    internal ReadOnlySpan<string> ColumnSpan => _columns;

    internal ReadOnlySpan<double> Coefficients => _coefficients;

    /// <summary>The row's own value of a column.</summary>
    /// <param name="name">The name of a <see cref="float"/> column.</param>
    /// <exception cref="ArgumentException">The name is empty, too long or holds control characters.</exception>
    public static Bound Column(string name) => new(0, [NameText.Check(name, "a column")], [1]);

    /// <summary>The factor that the column is multiplied by; 0 for a column that does not occur.</summary>
    /// <param name="column">The name of a column.</param>
    public double Coefficient(string column)
    {
        int index = _columns is null ? -1 : Array.IndexOf(_columns, column);
        return index < 0 ? 0 : _coefficients![index];
    }

    /// <summary>The value for a row.</summary>
    /// <param name="value">Gives the row's value of a column.</param>
    public double Evaluate(Func<string, double> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        double result = _constant;
        for (int i = 0; i < ColumnSpan.Length; i++)
            result += _coefficients![i] * value(_columns![i]);
        return result;
    }

    /// <summary>A number as a bound.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator Bound(double value) => new(value, null, null);

    /// <summary>The sum.</summary>
    /// <param name="left">A bound.</param>
    /// <param name="right">What is added.</param>
    public static Bound operator +(Bound left, Bound right) => Combine(left, right, 1);

    /// <summary>The difference.</summary>
    /// <param name="left">A bound.</param>
    /// <param name="right">What is taken off.</param>
    public static Bound operator -(Bound left, Bound right) => Combine(left, right, -1);

    /// <summary>The negative.</summary>
    /// <param name="bound">A bound.</param>
    public static Bound operator -(Bound bound) => bound * -1;

    /// <summary>The multiple.</summary>
    /// <param name="factor">A number.</param>
    /// <param name="bound">A bound.</param>
    public static Bound operator *(double factor, Bound bound) => bound * factor;

    /// <summary>The multiple.</summary>
    /// <param name="bound">A bound.</param>
    /// <param name="factor">A number.</param>
    public static Bound operator *(Bound bound, double factor) => Map(bound, c => c * factor);

    /// <summary>The quotient.</summary>
    /// <param name="bound">A bound.</param>
    /// <param name="divisor">What it is divided by, not 0.</param>
    public static Bound operator /(Bound bound, double divisor) => Map(bound, c => c / divisor);

    /// <summary>Whether constants and coefficients are the same.</summary>
    public static bool operator ==(Bound left, Bound right) => left.Equals(right);

    /// <summary>Whether constants or coefficients differ.</summary>
    public static bool operator !=(Bound left, Bound right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Bound other)
    {
        if (!_constant.Equals(other._constant) || ColumnSpan.Length != other.ColumnSpan.Length)
            return false;
        for (int i = 0; i < ColumnSpan.Length; i++)
        {
            if (!_coefficients![i].Equals(other.Coefficient(_columns![i])))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Bound other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = _constant.GetHashCode();
        for (int i = 0; i < ColumnSpan.Length; i++)
            hash ^= HashCode.Combine(string.GetHashCode(_columns![i], StringComparison.Ordinal), _coefficients![i]);
        return hash;
    }

    /// <summary>The bound as it stands in a constraint's text: <c>0.5*@Capacity + 3</c>.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        for (int i = 0; i < ColumnSpan.Length; i++)
            NameText.AppendTerm(text, _coefficients![i], "@" + NameText.Quote(_columns![i]));
        if (text.Length == 0)
            return NameText.Number(_constant);
        if (_constant != 0)
            text.Append(_constant < 0 ? " - " : " + ").Append(NameText.Number(Math.Abs(_constant)));
        return text.ToString();
    }

    private static Bound Combine(Bound left, Bound right, double sign)
    {
        List<string> columns = left.ColumnSpan.ToArray().ToList();
        List<double> coefficients = left.Coefficients.ToArray().ToList();
        for (int i = 0; i < right.ColumnSpan.Length; i++)
        {
            int index = columns.IndexOf(right._columns![i]);
            if (index < 0)
            {
                columns.Add(right._columns[i]);
                coefficients.Add(sign * right._coefficients![i]);
            }
            else
            {
                coefficients[index] += sign * right._coefficients![i];
            }
        }

        return WithoutZeros(left._constant + sign * right._constant, columns, coefficients);
    }

    private static Bound Map(Bound bound, Func<double, double> change) =>
        WithoutZeros(change(bound._constant), bound.ColumnSpan.ToArray(), bound.Coefficients.ToArray().Select(change).ToList());

    private static Bound WithoutZeros(double constant, IReadOnlyList<string> columns, List<double> coefficients)
    {
        int[] kept = Enumerable.Range(0, columns.Count).Where(i => coefficients[i] != 0).ToArray();
        return new Bound(constant, kept.Select(i => columns[i]).ToArray(), kept.Select(i => coefficients[i]).ToArray());
    }

    /// <summary>A bound from its parts, as they were saved.</summary>
    internal static Bound FromParts(double constant, string[] columns, double[] coefficients) =>
        WithoutZeros(constant, columns, coefficients.ToList());
}
