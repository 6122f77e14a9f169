using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>lowerᵢ(θ) ≤ zᵢ ≤ upperᵢ(θ). Row k of the lowered form is the unit row of variable k of the constraint.</summary>
internal sealed class BoundsConstraint : Constraint
{
    private readonly Bound[] _sides;

    // variables: Indices, each once; sorted here together with the limits.
    // lower: One for each variable.
    // upper: One for each variable.
    public BoundsConstraint(
        VariableSpace space, int[] variables, IReadOnlyList<Bound> lower, IReadOnlyList<Bound> upper, string? name = null)
        : base(space, variables.Order().ToArray(), name)
    {
        if (lower.Count != variables.Length || upper.Count != variables.Length)
        {
            throw new ArgumentException(
                $"{Label(name, "bounds")} has {lower.Count} lower and {upper.Count} upper limits but {variables.Length} variables. Give " +
                "one for each variable.");
        }

        int[] order = Enumerable.Range(0, variables.Length).ToArray();
        Array.Sort(variables.ToArray(), order);
        for (int k = 0; k < order.Length; k++)
        {
            CheckRange(lower[order[k]], upper[order[k]], Label(name, $"bound on '{space.Names[VariableSpan[k]]}'"));
            IsUniform &= lower[k] == lower[0] && upper[k] == upper[0];
        }

        _sides = new Bound[IsUniform ? 2 : 2 * order.Length];
        for (int k = 0; k < _sides.Length / 2; k++)
        {
            _sides[2 * k] = lower[order[k]];
            _sides[2 * k + 1] = upper[order[k]];
        }

        Text = MakeText();
    }

    public override ConstraintKind Kind => ConstraintKind.Bounds;

    /// <summary>Whether all variables have the same limits, which are then kept only once.</summary>
    public bool IsUniform { get; } = true;

    internal override IReadOnlyList<Bound> RightHandSides => _sides;

    internal override int RowCount => VariableSpan.Length;

    internal override string Text { get; }

    /// <summary>The lower limit of variable k of the constraint; −∞ where there is none.</summary>
    public ref readonly ResolvedBound LowerBound(int k) => ref Resolved(IsUniform ? 0 : 2 * k);

    /// <summary>The upper limit of variable k of the constraint; +∞ where there is none.</summary>
    public ref readonly ResolvedBound UpperBound(int k) => ref Resolved(IsUniform ? 1 : 2 * k + 1);

    internal override double Measure(ReadOnlySpan<double> z, ReadOnlySpan<double> parameters, double tolerance)
    {
        double worst = double.NegativeInfinity;
        for (int k = 0; k < VariableSpan.Length; k++)
        {
            double value = z[VariableSpan[k]];
            double lower = LowerBound(k).Evaluate(parameters), upper = UpperBound(k).Evaluate(parameters);
            double size = Math.Abs(value);
            worst = Math.Max(worst, Side(lower - value, lower, size, tolerance));
            worst = Math.Max(worst, Side(value - upper, upper, size, tolerance));
        }

        return worst;
    }

    /// <summary>One side of a range; a limit at infinity is never broken and does not enter the scale.</summary>
    internal static double Side(double violation, double limit, double size, double tolerance) =>
        double.IsNegativeInfinity(violation) ? violation : Excess(violation, Math.Max(Math.Abs(limit), size), tolerance);

    internal override void Lower(SystemWriter writer)
    {
        for (int k = 0; k < VariableSpan.Length; k++)
        {
            writer.NextRow();
            writer.Coefficient(VariableSpan[k], 1);
            writer.Lower(LowerBound(k));
            writer.Upper(UpperBound(k));
        }
    }

    private string MakeText()
    {
        if (IsUniform)
        {
            string subject = VariableSpan.Length == 1 ? Space.Quoted(VariableSpan[0]) : $"each({Space.ListText(VariableSpan)})";
            return LinearConstraint.RangeText(subject, _sides[0], _sides[1]);
        }

        string[] ranges = new string[VariableSpan.Length];
        for (int k = 0; k < ranges.Length; k++)
            ranges[k] = LinearConstraint.RangeText(Space.Quoted(VariableSpan[k]), _sides[2 * k], _sides[2 * k + 1]);
        return $"bounds({string.Join(", ", ranges)})";
    }
}
