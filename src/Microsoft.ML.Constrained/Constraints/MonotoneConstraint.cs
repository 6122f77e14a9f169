using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>z₁ ≤ z₂ ≤ … or z₁ ≥ z₂ ≥ … in the stated order; row k of the lowered form compares variables k and k + 1.</summary>
internal sealed class MonotoneConstraint : Constraint
{
    // variables: Indices, each once, in the order that the values follow.
    public MonotoneConstraint(VariableSpace space, int[] variables, bool increasing, string? name = null)
        : base(space, variables, name)
    {
        IsIncreasing = increasing;
        Text = $"{(increasing ? "increasing" : "decreasing")}({space.ListText(variables)})";
    }

    public override ConstraintKind Kind => IsIncreasing ? ConstraintKind.Increasing : ConstraintKind.Decreasing;

    public bool IsIncreasing { get; }

    internal override IReadOnlyList<Bound> RightHandSides => [];

    internal override int RowCount => VariableSpan.Length - 1;

    internal override string Text { get; }

    internal override double Measure(ReadOnlySpan<double> z, ReadOnlySpan<double> parameters, double tolerance)
    {
        double worst = double.NegativeInfinity;
        for (int k = 0; k + 1 < VariableSpan.Length; k++)
        {
            double first = z[VariableSpan[k]], second = z[VariableSpan[k + 1]];
            double size = Math.Abs(first) + Math.Abs(second);
            worst = Math.Max(worst, Excess(IsIncreasing ? first - second : second - first, size, tolerance));
        }

        return worst;
    }

    internal override void Lower(SystemWriter writer)
    {
        for (int k = 0; k + 1 < VariableSpan.Length; k++)
        {
            writer.NextRow();
            writer.Coefficient(VariableSpan[k], IsIncreasing ? -1 : 1);
            writer.Coefficient(VariableSpan[k + 1], IsIncreasing ? 1 : -1);
            writer.Lower(0);
        }
    }
}
