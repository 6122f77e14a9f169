namespace Microsoft.ML.Constrained;

/// <summary>How a trained network's output is brought into its set. Whatever is chosen, scores satisfy the constraints.</summary>
public enum OutputConstraint
{
    /// <summary>
    /// Exact projection, in training (with exact gradients and <see cref="ConstrainedRegressionOptions.ProjectionPenalty"/>) as in scoring.
    /// </summary>
    Projection = 0,

    /// <summary>Trained as if there were no constraints; exact projection when scoring. Quick to train, blind to what projection does.</summary>
    ProjectionWhenScoring = 1,

    /// <summary>
    /// Projection without an inner solve (see <c>DifferentiableProjectionLayer</c>) with
    /// <see cref="ConstrainedRegressionOptions.ProjectionPenalty"/>, followed by an exact one when scoring. For linear constraints.
    /// </summary>
    DifferentiableProjection = 2,

    /// <summary>
    /// The network gives the coefficients of the set's vertices, rays and lines (see <c>PolyhedralParameterization</c>), so that every
    /// output is in the set and nothing is projected. For linear constraints without columns and with few vertices.
    /// </summary>
    Parameterization = 3,
}
