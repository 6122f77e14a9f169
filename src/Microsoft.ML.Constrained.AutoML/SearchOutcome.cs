namespace Microsoft.ML.Constrained;

/// <summary>What a search came to.</summary>
public enum SearchOutcome
{
    /// <summary>It has not run.</summary>
    NotRun,

    /// <summary>It found a model that keeps the constraints on held-out rows within the budget.</summary>
    Feasible,

    /// <summary>Every model it found breaks the constraints on more held-out rows than the budget allows; the best is the one that does so least.</summary>
    Infeasible,

    /// <summary>Every trial failed; the reasons are in the history.</summary>
    AllFailed,

    /// <summary>It was stopped, by its token or its time limit, before any trial had ended.</summary>
    Stopped,
}
