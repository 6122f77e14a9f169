using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>
/// 0 ≤ zᵢ (≤ cap(θ)), Σzᵢ = s(θ): the simplex and, with a cap, the capped simplex.
/// In the lowered form the row of the sum comes first, then one unit row for each variable.
/// </summary>
internal sealed class SimplexConstraint : Constraint
{
    private readonly Bound[] _sides;

    // variables: Indices, each once; sorted here.
    // sum: s.
    // cap: The largest value of a variable; null for the plain simplex.
    public SimplexConstraint(VariableSpace space, int[] variables, Bound sum, Bound? cap = null, string? name = null)
        : base(space, variables.Order().ToArray(), name)
    {
        string label = Label(name, cap is null ? "simplex" : "capped simplex");
        CheckNonnegative(sum, label, "a sum of");
        IsCapped = cap is not null;
        _sides = [sum];
        if (cap is { } limit)
        {
            CheckNonnegative(limit, label, "a cap of");
            _sides = [sum, limit];
            // 3·0.3 is less than 0.9 by rounding.
            double room = limit.Constant * variables.Length;
            if (sum.IsConstant && limit.IsConstant && sum.Constant > room + (1e-9 * Math.Max(1, room)))
            {
                throw new ArgumentException(
                    $"{label} asks {variables.Length} variables of at most {limit} each for a sum of {sum}, so that no point satisfies " +
                    "it. Lower the sum or raise the cap.");
            }
        }

        Text = MakeText();
    }

    public override ConstraintKind Kind => IsCapped ? ConstraintKind.CappedSimplex : ConstraintKind.Simplex;

    public bool IsCapped { get; }

    /// <summary>s.</summary>
    public ref readonly ResolvedBound Sum => ref Resolved(0);

    /// <summary>The cap; only where <see cref="IsCapped"/>.</summary>
    public ref readonly ResolvedBound Cap => ref Resolved(1);

    internal override IReadOnlyList<Bound> RightHandSides => _sides;

    internal override int RowCount => 1 + VariableSpan.Length;

    internal override string Text { get; }

    internal override double Measure(ReadOnlySpan<double> z, ReadOnlySpan<double> parameters, double tolerance)
    {
        double cap = IsCapped ? Cap.Evaluate(parameters) : double.PositiveInfinity;
        double target = Sum.Evaluate(parameters);
        double sum = 0, size = 0, worst = double.NegativeInfinity;
        foreach (int variable in VariableSpan)
        {
            double value = z[variable];
            sum += value;
            size += Math.Abs(value);
            worst = Math.Max(worst, Excess(-value, Math.Abs(value), tolerance));
            worst = Math.Max(worst, BoundsConstraint.Side(value - cap, cap, Math.Abs(value), tolerance));
        }

        return Math.Max(worst, Excess(Math.Abs(sum - target), Math.Max(Math.Abs(target), size), tolerance));
    }

    internal override void Lower(SystemWriter writer)
    {
        writer.NextRow();
        foreach (int variable in VariableSpan)
            writer.Coefficient(variable, 1);
        writer.Lower(Sum);
        writer.Upper(Sum);
        foreach (int variable in VariableSpan)
        {
            writer.NextRow();
            writer.Coefficient(variable, 1);
            writer.Lower(0);
            if (IsCapped)
                writer.Upper(Cap);
        }
    }

    private string MakeText()
    {
        string list = Space.ListText(VariableSpan);
        if (!IsCapped)
            return $"simplex({list}) = {_sides[0]}";
        return _sides[1] == 1 ? $"cappedsimplex({list}) = {_sides[0]}" : $"cappedsimplex({list}, cap = {_sides[1]}) = {_sides[0]}";
    }
}
