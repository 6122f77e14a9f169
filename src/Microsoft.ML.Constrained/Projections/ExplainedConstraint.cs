namespace Microsoft.ML.Constrained;

/// <summary>One constraint's part in a <see cref="ProjectionExplanation"/>.</summary>
/// <param name="Name">Its name in the set.</param>
/// <param name="Kind">What it states.</param>
/// <param name="ViolationBefore">By how much the row as given breaks it, in the constraint's own units; 0 when it holds.</param>
/// <param name="IsBinding">Whether it holds with equality at the projected row, in any of its inequalities.</param>
/// <param name="ShadowPrice">As in <see cref="ProjectionDiagnostics.ShadowPrices"/>.</param>
public sealed record ExplainedConstraint(string Name, ConstraintKind Kind, double ViolationBefore, bool IsBinding, double ShadowPrice);
