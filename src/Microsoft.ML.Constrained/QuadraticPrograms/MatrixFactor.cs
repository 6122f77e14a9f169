namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// What depends on the matrices alone: Q = LLᵀ, the rows W = C·L⁻ᵀ for C = [A; G], and R = WWᵀ = C·Q⁻¹·Cᵀ.
/// </summary>
internal unsafe struct MatrixFactor
{
    /// <summary>L in panels.</summary>
    public double* Triangle;

    /// <summary>The inverses of L's diagonal blocks.</summary>
    public double* Inverses;

    /// <summary>W in panels.</summary>
    public double* Rows;

    /// <summary>R, row-major, of padded order.</summary>
    public double* Gram;
}
