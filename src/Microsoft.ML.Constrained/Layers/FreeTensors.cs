using System.Collections.Generic;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>Variables that are their activations.</summary>
internal sealed class FreeTensors : ParameterTensors
{
    public override IEnumerable<Tensor?> Constants => [];

    public override Tensor Map(Tensor activations) => activations;
}
