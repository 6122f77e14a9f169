namespace Microsoft.ML.Constrained;

/// <summary>What the labels of decision-focused training are.</summary>
public enum DecisionLabel : byte
{
    /// <summary>The best decisions; the costs that make them best are unknown.</summary>
    Decisions = 0,

    /// <summary>The true costs, whose best decisions the solver finds before training.</summary>
    Costs = 1,
}
