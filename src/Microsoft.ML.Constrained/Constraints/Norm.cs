namespace Microsoft.ML.Constrained;

/// <summary>The norm that a ball is measured in.</summary>
public enum Norm : byte
{
    /// <summary>Sum of absolute values.</summary>
    L1 = 1,

    /// <summary>Euclidean length.</summary>
    L2 = 2,

    /// <summary>Largest absolute value.</summary>
    LInfinity = 3,
}
