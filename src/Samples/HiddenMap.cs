using System;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>A hidden layer of ReLU units, from the sample's own generator, in front of another module.</summary>
internal sealed class HiddenMap : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> _last;

    public HiddenMap(int inputs, int units, nn.Module<Tensor, Tensor> last, Random random)
        : base(nameof(HiddenMap))
    {
        float[] values = [.. Enumerable.Range(0, units * inputs).Select(_ => (float)((2 * random.NextDouble() - 1) / Math.Sqrt(inputs)))];
        register_parameter("weight", new Parameter(tensor(values).reshape(units, inputs)));
        register_parameter("bias", new Parameter(zeros(units)));
        register_module("last", _last = last);
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor units = nn.functional.linear(input, get_parameter("weight")!, get_parameter("bias")!).relu();
        return scope.MoveToOuter(_last.call(units));
    }
}
