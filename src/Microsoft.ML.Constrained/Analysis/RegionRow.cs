namespace Microsoft.ML.Constrained.Analysis;

/// <summary>An inequality on the hull, aᵀw ≤ b, from a linear item, or from a cone that the set meets in one ray only.</summary>
internal sealed record RegionRow(LinearItem? Item, ConeItem? Cone, double[] Coefficients, double Bound);
