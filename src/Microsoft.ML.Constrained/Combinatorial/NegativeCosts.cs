namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>What a rule does with costs that it made negative itself, before a solver that takes none.</summary>
public enum NegativeCosts : byte
{
    /// <summary>They become zero, as in the reference code of the interpolation method.</summary>
    Clamp = 0,

    /// <summary>They stay; the solver answers <see cref="SolverStatus.InvalidInput"/> and the row's gradient is zero.</summary>
    Refuse = 1,
}
