namespace Microsoft.ML.Constrained.Constraints;

/// <summary>A norm, or <c>each(…)</c>, inside an expression.</summary>
/// <param name="Norm">The norm; null for <c>each</c>.</param>
/// <param name="Variables">Indices of the variables inside.</param>
/// <param name="Centre">What is subtracted from each of them.</param>
/// <param name="Start">Where its text begins.</param>
internal sealed record AffineSpecial(Norm? Norm, int[] Variables, double[] Centre, int Start);
