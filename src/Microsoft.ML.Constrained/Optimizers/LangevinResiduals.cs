namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>How far constrained weights are from their constraints, in double precision.</summary>
/// <param name="Position">
/// The largest of: |w² + slack² − r²| / max(1, r²) over circles; an element of |WᵀW − I| over orthogonal matrices; ||w|/ρ − 1| over
/// rows of spheres; a violation over polyhedral sets. 0 without constraints.
/// </param>
/// <param name="Momentum">
/// How far momenta are from tangent: the largest element of |WᵀP + PᵀW|, and of |w·p|/ρ over spheres. Circles store an angular velocity,
/// which is always tangent.
/// </param>
public readonly record struct LangevinResiduals(double Position, double Momentum);
