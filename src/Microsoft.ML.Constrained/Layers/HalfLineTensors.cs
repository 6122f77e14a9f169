using System.Collections.Generic;
using Microsoft.ML.Constrained.Polyhedra;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>y = bound ± ray(a).</summary>
internal sealed class HalfLineTensors(HalfLineBlock block, RayActivation rays, ScalarType type, Device device) : ParameterTensors
{
    private readonly Tensor _bounds = tensor(block.Offset, type, device), _signs = tensor(block.Signs, type, device);

    public override IEnumerable<Tensor?> Constants => [_bounds, _signs];

    public override Tensor Map(Tensor activations) => (Ray(rays, activations) * _signs) + _bounds;
}
