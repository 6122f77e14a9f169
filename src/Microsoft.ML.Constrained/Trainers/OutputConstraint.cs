namespace Microsoft.ML.Constrained;

/// <summary>How a trained network's output is brought into its set. Whatever is chosen, scores satisfy the constraints.</summary>
public enum OutputConstraint
{
    /// <summary>Exact projection, in training (with exact gradients) as in scoring.</summary>
    Projection = 0,

    /// <summary>Trained as if there were no constraints; exact projection when scoring. Quick to train, blind to what projection does.</summary>
    ProjectionWhenScoring = 1,

    /// <summary>Projection without a solve in training (see <c>DifferentiableProjectionLayer</c>); exact projection when scoring.</summary>
    DifferentiableProjection = 2,

    /// <summary>
    /// The network's outputs are coefficients of the set's vertices and rays (see <see cref="PolyhedralParameterization"/>), so that
    /// nothing is projected, in training or later. For linear constraints whose right-hand sides refer to no columns.
    /// </summary>
    Parameterization = 3,
}
