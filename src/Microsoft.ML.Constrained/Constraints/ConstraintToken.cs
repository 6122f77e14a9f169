namespace Microsoft.ML.Constrained.Constraints;

/// <summary>One token of a constraint's text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Index of its first character.</param>
/// <param name="End">Index behind its last character.</param>
/// <param name="Name">The name, without brackets; null for other kinds.</param>
/// <param name="Value">The value of a number.</param>
/// <param name="IsQuoted">Whether a name stands in brackets, and so is never a function.</param>
internal readonly record struct ConstraintToken(
    ConstraintTokenKind Kind, int Start, int End, string? Name = null, double Value = 0, bool IsQuoted = false);
