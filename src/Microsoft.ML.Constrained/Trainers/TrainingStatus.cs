namespace Microsoft.ML.Constrained;

/// <summary>Whether the kept state of a trained model kept its constraints on the validation rows.</summary>
public enum TrainingStatus
{
    /// <summary>Nothing was trained.</summary>
    NotTrained = 0,

    /// <summary>The best of the states that kept the constraints on the validation rows.</summary>
    Feasible = 1,

    /// <summary>No state kept them; this is the last one.</summary>
    NotFeasible = 2,
}
