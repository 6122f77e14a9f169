namespace Microsoft.ML.Constrained;

/// <summary>The loss on decisions y, with the best ones y* or the true costs c, that <see cref="DecisionMethod.Rule"/> lowers.</summary>
public enum DecisionLoss : byte
{
    /// <summary><see cref="Regret"/> for true costs with a rule other than <see cref="Combinatorial.IdentityRule"/>, otherwise <see cref="Absolute"/>.</summary>
    Auto = 0,

    /// <summary>Σ|y − y*|: no gradient where a decision is right already.</summary>
    Absolute = 1,

    /// <summary>Σ y(1 − y*) + (1 − y)y* for 0/1 decisions: linear, so that right decisions are made safer still.</summary>
    Hamming = 2,

    /// <summary>
    /// ⟨c, y⟩ − ⟨c, y*⟩, with the opposite sign for a maximising solver. Needs true costs. Its gradient does not depend on y; with the
    /// identity rule, that of the costs does not either, and costs are aligned with the true ones instead.
    /// </summary>
    Regret = 3,
}
