using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Constrained;

/// <summary>
/// What can be said about the set of points that satisfy a <see cref="ConstraintSet"/>; made by
/// <see cref="ConstraintSetAnalysis.Analyze"/>. All decisions are made to a tolerance of 1e-9 relative to the size of the row or norm
/// that they
/// are about: a set counts as empty when every point breaks some constraint by more than that, and an inequality as an equality when
/// the set leaves it no more room than that.
/// </summary>
public sealed class FeasibilityReport
{
    private readonly IReadOnlyList<string> _variables;
    private readonly Lazy<(IReadOnlyList<string> Constraints, IReadOnlyList<ConstraintRow> Rows)> _redundant;

    internal FeasibilityReport(
        IReadOnlyList<string> variables, Func<(IReadOnlyList<string> Constraints, IReadOnlyList<ConstraintRow> Rows)> redundant)
    {
        _variables = variables;
        _redundant = new Lazy<(IReadOnlyList<string> Constraints, IReadOnlyList<ConstraintRow> Rows)>(redundant);
    }

    /// <summary>Whether no point satisfies every constraint.</summary>
    public bool IsEmpty { get; internal init; }

    /// <summary>
    /// For an empty set, the names of constraints that no point satisfies together and of which none can be left out; empty otherwise.
    /// Fewest in number where <see cref="IsConflictSmallest"/> says so.
    /// </summary>
    public IReadOnlyList<string> Conflict { get; internal init; } = [];

    /// <summary>Whether it was proved that no conflict has fewer constraints; the search is given up after some hundred programs.</summary>
    public bool IsConflictSmallest { get; internal init; }

    /// <summary>
    /// A point with a ball of <see cref="Radius"/> around it in the set (within the affine hull, where the set has a smaller dimension than
    /// the space); empty for an empty set. A value for each variable.
    /// </summary>
    public IReadOnlyList<double> InteriorPoint { get; internal init; } = [];

    /// <summary>The radius of that ball, in the variables' units: 0 for a single point or an empty set, +∞ where nothing limits
    /// it.</summary>
    public double Radius { get; internal init; }

    /// <summary>
    /// Whether no larger ball fits. False where balls of any size fit (then <see cref="Radius"/> is that of one near the origin), and
    /// where L1 balls, second-order cones, or L2 balls over some of the variables meet equalities, for which only a lower bound is known.
    /// </summary>
    public bool IsRadiusLargest { get; internal init; }

    /// <summary>The dimension of the smallest flat that holds the set: 0 for a single point, −1 for an empty set.</summary>
    public int Dimension { get; internal init; } = -1;

    /// <summary>Whether the set lies in some ball; true for an empty set.</summary>
    public bool IsBounded { get; internal init; } = true;

    /// <summary>A direction of length 1 in which one can go on forever from any point of the set; empty for a bounded set.</summary>
    public IReadOnlyList<double> RecessionDirection { get; internal init; } = [];

    /// <summary>The names of constraints, equalities excepted, of which every row or norm holds with equality at every point of the
    /// set.</summary>
    public IReadOnlyList<string> ImpliedEqualities { get; internal init; } = [];

    /// <summary>The single rows, stated equalities excepted, that hold with equality at every point of the set.</summary>
    public IReadOnlyList<ConstraintRow> ImpliedEqualityRows { get; internal init; } = [];

    /// <summary>
    /// The names of constraints that can be left out, all together, without changing the set; the later of two alike is named. Worked out
    /// on first use. For L2 balls and cones only sufficient tests are made: one that is not named may still be redundant.
    /// </summary>
    public IReadOnlyList<string> Redundant => _redundant.Value.Constraints;

    /// <summary>The single rows' sides that can be left out, all together, without changing the set. Worked out on first use.</summary>
    public IReadOnlyList<ConstraintRow> RedundantRows => _redundant.Value.Rows;

    /// <summary>The report as a few lines of text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (IsEmpty)
        {
            text.Append("Empty: no point satisfies ").Append(Join(Conflict)).Append(Conflict.Count == 1 ? "." : " together.");
            return text.ToString();
        }

        text.Append(Dimension == 0 ? "A single point" : $"Not empty, dimension {Dimension} of {_variables.Count}");
        text.Append(IsBounded ? ", bounded" : ", unbounded").AppendLine(".");
        text.Append(Dimension == 0 ? "Point: " : "Interior point: ").Append(Describe(InteriorPoint));
        if (Dimension > 0)
            text.Append(IsRadiusLargest ? ", radius " : ", radius at least ").Append(Number(Radius));
        text.AppendLine(".");
        if (!IsBounded)
            text.Append("Unbounded along: ").Append(Describe(RecessionDirection)).AppendLine(".");
        if (ImpliedEqualityRows.Count > 0)
            text.Append("Always with equality: ").AppendJoin("; ", ImpliedEqualityRows).AppendLine(".");
        if (ImpliedEqualities.Count > 0)
            text.Append("Implied equalities: ").Append(Join(ImpliedEqualities)).AppendLine(".");
        if (Redundant.Count > 0)
            text.Append("Redundant: ").Append(Join(Redundant)).AppendLine(".");
        return text.ToString().TrimEnd();
    }

    private static string Join(IReadOnlyList<string> names)
    {
        var text = new StringBuilder();
        for (int i = 0; i < names.Count; i++)
            text.Append(i == 0 ? "" : i + 1 < names.Count ? ", " : " and ").Append('\'').Append(names[i]).Append('\'');
        return text.ToString();
    }

    private string Describe(IReadOnlyList<double> values)
    {
        const int Most = 12;
        var text = new StringBuilder();
        for (int i = 0; i < Math.Min(Most, values.Count); i++)
            text.Append(i == 0 ? "" : ", ").Append(_variables[i]).Append(" = ").Append(Number(values[i]));
        return values.Count > Most ? text.Append(", …").ToString() : text.ToString();
    }

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
