using System.Collections.Generic;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>Some blocks of a parameterisation in tensor operations; the constants of one device and type.</summary>
internal abstract class ParameterTensors
{
    /// <summary>The number of activations.</summary>
    public required long Activations { get; init; }

    /// <summary>What has to be disposed.</summary>
    public abstract IEnumerable<Tensor?> Constants { get; }

    /// <summary>rows × variables from rows × activations.</summary>
    public abstract Tensor Map(Tensor activations);

    /// <summary>Coefficients of rays.</summary>
    protected static Tensor Ray(RayActivation kind, Tensor activations) =>
        kind == RayActivation.Absolute ? activations.abs() : Softplus(activations);

    private static Tensor Softplus(Tensor activations)
    {
        // Beyond this it is its argument, to the last bit.
        const double Linear = 40;
        return nn.functional.softplus(activations, 1, Linear);
    }
}
