namespace Microsoft.ML.Constrained;

/// <summary>How a trial of a search ended.</summary>
public enum TrialStatus
{
    /// <summary>It did not end: the search was stopped while it ran, or it still runs.</summary>
    NotFinished,

    /// <summary>Its model keeps the constraints on held-out rows within the budget, so its loss counts.</summary>
    Feasible,

    /// <summary>Its model breaks the constraints on more held-out rows than the budget allows.</summary>
    Infeasible,

    /// <summary>It gave no usable model or metric; the reason is in the result and in the log.</summary>
    Failed,
}
