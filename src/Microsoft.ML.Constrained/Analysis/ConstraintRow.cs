namespace Microsoft.ML.Constrained;

/// <summary>One linear row of a constraint, or one of its two sides.</summary>
/// <param name="Constraint">The name of the constraint.</param>
/// <param name="Row">The row's place among the constraint's rows, from 0; a constraint over several variables has one for each.</param>
/// <param name="Text">The row in words, for example <c>2*Steel - Wood &lt;= 3</c>.</param>
public readonly record struct ConstraintRow(string Constraint, int Row, string Text)
{
    /// <summary>The constraint's name and the row.</summary>
    public override string ToString() => $"{Constraint}: {Text}";
}
