namespace Microsoft.ML.Constrained.Analysis;

/// <summary>A cone on the hull: s(w) = C w + k with s₀ ≥ ‖s₁‖; C is row-major.</summary>
internal sealed record RegionCone(ConeItem Item, double[] Coefficients, double[] Constants);
