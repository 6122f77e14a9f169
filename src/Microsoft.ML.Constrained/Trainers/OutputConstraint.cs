namespace Microsoft.ML.Constrained;

/// <summary>How a trained network's output is brought into its set. Whatever is chosen, scores satisfy the constraints.</summary>
public enum OutputConstraint
{
    /// <summary>Exact projection, in training (with exact gradients) as in scoring.</summary>
    Projection = 0,

    /// <summary>Trained as if there were no constraints; exact projection when scoring. Quick to train, blind to what projection does.</summary>
    ProjectionWhenScoring = 1,
}
