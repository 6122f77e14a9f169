using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Polyhedra;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>Blocks of one inequality and equally many variables each, all at once: y = v − (w·v) w with v = [z₀ + z|μ|; ν] for each. O(1) a variable.</summary>
internal sealed class TileTensors : ParameterTensors
{
    private readonly RayActivation _kind;
    private readonly long _count, _size;
    private readonly Tensor _point, _ray, _vector;

    public TileTensors(IReadOnlyList<IndependentRows> tiles, RayActivation kind, ScalarType type, Device device)
    {
        _kind = kind;
        (_count, _size) = (tiles.Count, tiles[0].Dimension);
        _point = tensor(tiles.Select(t => t.Point[0]).ToArray(), type, device).reshape(_count, 1);
        _ray = tensor(tiles.Select(t => t.Rays[0]).ToArray(), type, device).reshape(_count, 1);
        _vector = tensor(tiles.SelectMany(t => t.Reflectors).ToArray(), type, device).reshape(_count, _size);
    }

    public override IEnumerable<Tensor?> Constants => [_point, _ray, _vector];

    public override Tensor Map(Tensor activations)
    {
        Tensor tiles = activations.reshape(activations.shape[0], _count, _size);
        Tensor first = (Ray(_kind, tiles.narrow(2, 0, 1)) * _ray) + _point;
        Tensor v = cat([first, tiles.narrow(2, 1, _size - 1)], 2);
        Tensor along = (v * _vector).sum(-1, true);
        return (v - (along * _vector)).reshape(activations.shape[0], _count * _size);
    }
}
