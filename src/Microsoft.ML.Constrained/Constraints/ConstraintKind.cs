namespace Microsoft.ML.Constrained;

/// <summary>What a <see cref="Constraint"/> states. Values are written to saved models and never change their meaning.</summary>
public enum ConstraintKind : byte
{
    /// <summary><c>lower ≤ zᵢ ≤ upper</c> for each of the variables, each with limits of its own; non-negativity is one of these.</summary>
    Bounds = 1,

    /// <summary><c>lower ≤ aᵀz ≤ upper</c>: an inequality, an equality (hyperplane) or a two-sided limit.</summary>
    Linear = 2,

    /// <summary><c>z ≥ 0, Σz = s</c>.</summary>
    Simplex = 3,

    /// <summary><c>0 ≤ z ≤ cap, Σz = s</c>; with cap 1 and a whole s, the convex hull of the choices of s out of n.</summary>
    CappedSimplex = 4,

    /// <summary><c>‖z − c‖ ≤ r</c> in one of the norms of <see cref="Norm"/>.</summary>
    Ball = 5,

    /// <summary><c>z₁ ≤ z₂ ≤ …</c> in the stated order of the variables.</summary>
    Increasing = 6,

    /// <summary><c>z₁ ≥ z₂ ≥ …</c> in the stated order of the variables.</summary>
    Decreasing = 7,

    /// <summary><c>‖z − c‖₂ ≤ t + r</c>, where t is another variable.</summary>
    SecondOrderCone = 8,
}
