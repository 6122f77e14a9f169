namespace Microsoft.ML.Constrained.Networks;

/// <summary>An elementwise function between the layers of a network. The numbers are stored in saved models.</summary>
internal enum NetworkActivation : byte
{
    /// <summary>max(x, 0).</summary>
    ReLU = 0,

    /// <summary>tanh x.</summary>
    Tanh = 1,

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Sigmoid = 2,

    /// <summary>log(1 + eˣ).</summary>
    Softplus = 3,

    /// <summary>x / (1 + e⁻ˣ).</summary>
    SiLU = 4,
}
