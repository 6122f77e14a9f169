namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>The kinds of <see cref="WeightConstraint"/>.</summary>
public enum WeightConstraintKind : byte
{
    /// <summary>No constraint.</summary>
    None = 0,

    /// <summary>|w| ≤ r for each weight, by a slack with w² + slack² = r².</summary>
    Circle = 1,

    /// <summary>Orthonormal columns of a tall matrix, or rows of a wide one.</summary>
    Orthogonal = 2,

    /// <summary>Rows of a given length.</summary>
    Sphere = 3,

    /// <summary>The whole tensor lies in a <see cref="ConstraintSet"/>.</summary>
    Polyhedral = 4,
}
