using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Polyhedra;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>y = lower + (upper − lower) / (1 + e^(a − b)), a and b the activations of either bound.</summary>
internal sealed class IntervalTensors(IntervalBlock block, ScalarType type, Device device) : ParameterTensors
{
    private readonly Tensor _lower = tensor(block.Lower, type, device), _upper = tensor(block.Upper, type, device);
    private readonly Tensor _width = tensor(block.Upper.Zip(block.Lower, (u, l) => u - l).ToArray(), type, device);
    private readonly long _size = block.Size;

    public override IEnumerable<Tensor?> Constants => [_lower, _upper, _width];

    public override Tensor Map(Tensor activations)
    {
        Tensor pairs = activations.reshape(activations.shape[0], _size, 2);
        Tensor weight = (pairs.select(2, 1) - pairs.select(2, 0)).sigmoid();

        // Never beyond a bound, which rounding could allow.
        return ((weight * _width) + _lower).minimum(_upper);
    }
}
