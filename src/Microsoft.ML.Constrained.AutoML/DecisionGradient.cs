namespace Microsoft.ML.Constrained;

/// <summary>What a search over <see cref="DecisionFocusedTrainer"/> may take for the solver's derivative.</summary>
public enum DecisionGradient
{
    /// <summary>The identity, with costs normalised first (Sahoo et al. 2023).</summary>
    Identity = 0,

    /// <summary>Interpolation with λ (Vlastelica et al. 2020).</summary>
    Interpolation = 1,

    /// <summary>The Fenchel–Young loss of the perturbed solver (Berthet et al. 2020), with noise of the deviation σ.</summary>
    FenchelYoung = 2,

    /// <summary>The SPO+ loss (Elmachtoub and Grigas 2022). Needs true costs.</summary>
    SpoPlus = 3,
}
