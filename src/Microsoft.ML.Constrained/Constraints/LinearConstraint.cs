using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>lower(θ) ≤ aᵀz ≤ upper(θ); only the coefficients that are not zero are kept. One row in the lowered form.</summary>
internal sealed class LinearConstraint : Constraint
{
    private readonly double[] _coefficients;
    private readonly Bound[] _sides;
    private readonly string? _source;

    private LinearConstraint(
        VariableSpace space, int[] variables, double[] coefficients, Bound lower, Bound upper, string? name, string? source)
        : base(space, variables, name)
    {
        _coefficients = coefficients;
        _sides = [lower, upper];
        _source = source;
        Text = source ?? MakeText();
    }

    public override ConstraintKind Kind => ConstraintKind.Linear;

    /// <summary>The coefficient of each of <see cref="Constraint.Variables"/>.</summary>
    public ReadOnlySpan<double> Coefficients => _coefficients;

    /// <summary>The lower limit; −∞ where there is none.</summary>
    public ref readonly ResolvedBound LowerBound => ref Resolved(0);

    /// <summary>The upper limit; +∞ where there is none.</summary>
    public ref readonly ResolvedBound UpperBound => ref Resolved(1);

    /// <summary>Whether this is a hyperplane for every row.</summary>
    public bool IsEquality => _sides[0] == _sides[1];

    /// <summary>The text as the user wrote it, or null.</summary>
    internal string? Source => _source;

    internal override IReadOnlyList<Bound> RightHandSides => _sides;

    internal override int RowCount => 1;

    internal override string Text { get; }

    /// <summary>The constraint, or a bound where it speaks of one variable with coefficient 1: the same set has one form only.</summary>
    // variables: Indices, each once, in any order.
    // source: The user's own text for it; null has it made from the numbers.
    public static Constraint Create(
        VariableSpace space, int[] variables, ReadOnlySpan<double> coefficients, Bound lower, Bound upper,
        string? name = null, string? source = null)
    {
        string label = Label(name, "linear constraint");
        double[] checkedCoefficients = CheckNumbers(coefficients, variables.Length, label, "coefficients");
        CheckRange(lower, upper, label);
        int[] kept = Enumerable.Range(0, variables.Length).Where(i => checkedCoefficients[i] != 0).OrderBy(i => variables[i]).ToArray();
        if (kept.Length == 0)
            CheckZeroRow(lower, upper, label);
        int[] keptVariables = kept.Select(i => variables[i]).ToArray();
        double[] keptCoefficients = kept.Select(i => checkedCoefficients[i]).ToArray();
        return kept.Length == 1 && keptCoefficients[0] == 1
            ? new BoundsConstraint(space, keptVariables, [lower], [upper], name)
            : new LinearConstraint(space, keptVariables, keptCoefficients, lower, upper, name, source);
    }

    internal override double Measure(ReadOnlySpan<double> z, ReadOnlySpan<double> parameters, double tolerance)
    {
        double sum = 0, size = 0;
        for (int k = 0; k < _coefficients.Length; k++)
        {
            double term = _coefficients[k] * z[VariableSpan[k]];
            sum += term;
            size += Math.Abs(term);
        }

        double lower = LowerBound.Evaluate(parameters), upper = UpperBound.Evaluate(parameters);
        return Math.Max(
            BoundsConstraint.Side(lower - sum, lower, size, tolerance),
            BoundsConstraint.Side(sum - upper, upper, size, tolerance));
    }

    internal override void Lower(SystemWriter writer)
    {
        writer.NextRow();
        for (int k = 0; k < _coefficients.Length; k++)
            writer.Coefficient(VariableSpan[k], _coefficients[k]);
        writer.Lower(LowerBound);
        writer.Upper(UpperBound);
    }

    private protected override bool SameNumbers(Constraint other) =>
        _coefficients.AsSpan().SequenceEqual(((LinearConstraint)other)._coefficients);

    /// <summary><c>lower &lt;= subject &lt;= upper</c>, or less where a limit is missing or both are the same.</summary>
    internal static string RangeText(string subject, Bound lower, Bound upper)
    {
        if (lower == upper)
            return $"{subject} = {upper}";
        if (double.IsNegativeInfinity(lower.Constant))
            return $"{subject} <= {upper}";
        return double.IsPositiveInfinity(upper.Constant) ? $"{subject} >= {lower}" : $"{lower} <= {subject} <= {upper}";
    }

    private string MakeText()
    {
        if (_coefficients.Length == 0)
            return RangeText("0*" + Space.Quoted(0), _sides[0], _sides[1]);
        if (_coefficients.Length > 1 && Array.TrueForAll(_coefficients, c => c == 1) && Space.IsAll(VariableSpan))
            return RangeText("sum(*)", _sides[0], _sides[1]);
        StringBuilder text = new();
        for (int k = 0; k < _coefficients.Length; k++)
            NameText.AppendTerm(text, _coefficients[k], Space.Quoted(VariableSpan[k]));
        return RangeText(text.ToString(), _sides[0], _sides[1]);
    }

    private static void CheckZeroRow(Bound lower, Bound upper, string label)
    {
        if ((lower.IsConstant && lower.Constant > 0) || (upper.IsConstant && upper.Constant < 0))
        {
            throw new ArgumentException(
                $"{label} has only zero coefficients but asks for {RangeText("0", lower, upper)}, so that no point satisfies it. " +
                "Correct a coefficient or the limit.");
        }
    }
}
