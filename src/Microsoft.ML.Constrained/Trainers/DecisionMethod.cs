namespace Microsoft.ML.Constrained;

/// <summary>How costs learn from decisions.</summary>
public enum DecisionMethod : byte
{
    /// <summary><see cref="Rule"/> where a rule, a loss or a noise margin is set, and for decisions; otherwise <see cref="SpoPlus"/>.</summary>
    Auto = 0,

    /// <summary>A loss on the decisions, taken back through the solver by <see cref="DecisionFocusedOptions.Rule"/>.</summary>
    Rule = 1,

    /// <summary>The Fenchel–Young loss of the perturbed solver (Berthet et al. 2020).</summary>
    FenchelYoung = 2,

    /// <summary>The SPO+ loss (Elmachtoub and Grigas 2022). Needs true costs.</summary>
    SpoPlus = 3,

    /// <summary>
    /// Half the mean squared error of the costs, without regard to decisions: what the other methods are compared with. Needs true costs.
    /// </summary>
    PredictThenOptimize = 4,
}
