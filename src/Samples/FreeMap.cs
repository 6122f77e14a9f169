using System;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>A linear map of as many outputs as inputs, from the sample's own generator.</summary>
internal sealed class FreeMap : nn.Module<Tensor, Tensor>
{
    public FreeMap(int size, int seed)
        : base(nameof(FreeMap))
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, size * size).Select(_ => (float)((2 * random.NextDouble() - 1) / Math.Sqrt(size)))];
        register_parameter("weight", new Parameter(tensor(values).reshape(size, size)));
        register_parameter("bias", new Parameter(zeros(size)));
    }

    public override Tensor forward(Tensor input) => nn.functional.linear(input, get_parameter("weight")!, get_parameter("bias")!);
}
