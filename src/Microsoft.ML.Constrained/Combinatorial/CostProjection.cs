namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// What a rule does to costs w before the solver. None of these changes the decision; each changes the gradient, by the transposed
/// derivative P'(w)ᵀ (Sahoo et al. 2023, section 3.2).
/// </summary>
public enum CostProjection : byte
{
    /// <summary>P(w) = w.</summary>
    None = 0,

    /// <summary>P(w) = w − ⟨a, w⟩ a with the solver's known normal direction a; for sets like k-hot vectors, minus the mean.</summary>
    Mean = 1,

    /// <summary>P(w) = w / ‖w‖.</summary>
    Norm = 2,

    /// <summary>The norm of the mean: first <see cref="Mean"/>, then <see cref="Norm"/>.</summary>
    Standard = 3,
}
