namespace Microsoft.ML.Constrained;

/// <summary>The function between the layers of a trained network.</summary>
public enum HiddenActivation
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
