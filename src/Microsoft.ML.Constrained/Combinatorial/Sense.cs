namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>Whether a solver takes the decision with the least or with the greatest inner product with the costs.</summary>
public enum Sense : byte
{
    /// <summary>y(w) = argmin over the set of ⟨w, y⟩.</summary>
    Minimize = 0,

    /// <summary>y(w) = argmax over the set of ⟨w, y⟩.</summary>
    Maximize = 1,
}
