using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Polyhedra;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>A <see cref="PolyhedralParameterization"/> in tensor operations, for one device and type.</summary>
internal sealed class ParameterizationTensors
{
    private readonly ParameterTensors[] _parts;
    private readonly Tensor? _positions;
    private readonly long _dimension;

    public ParameterizationTensors(PolyhedralParameterization map, ScalarType type, Device device)
    {
        _dimension = map.Dimension;
        _parts = [.. Parts(map, type, device)];
        if (map.Order.IsIdentity)
            return;
        var positions = new long[_dimension];
        for (int i = 0; i < positions.Length; i++)
            positions[map.Order.Variables[i]] = i;
        _positions = tensor(positions, device: device).unsqueeze(0);
    }

    public IEnumerable<Tensor?> Constants => _parts.SelectMany(p => p.Constants).Append(_positions);

    /// <summary>rows × dimension from rows × activations.</summary>
    public Tensor Map(Tensor activations)
    {
        var points = new List<Tensor>();
        long start = 0;
        foreach (ParameterTensors part in _parts)
        {
            points.Add(part.Map(activations.narrow(1, start, part.Activations)));
            start += part.Activations;
        }

        Tensor all = points.Count == 1 ? points[0] : cat(points, 1);

        // The gradient of a gather is much faster than that of an index_select.
        return _positions is null ? all : all.gather(1, _positions.expand(all.shape[0], _dimension));
    }

    private static IEnumerable<ParameterTensors> Parts(PolyhedralParameterization map, ScalarType type, Device device)
    {
        RayActivation rays = map.RayActivation;
        IReadOnlyList<ParameterBlock> blocks = map.Blocks;
        for (int i = 0; i < blocks.Count; i++)
        {
            long activations = blocks[i].ActivationCount;
            if (IsTile(blocks[i]))
            {
                var tiles = new List<IndependentRows>();
                for (int first = i; i < blocks.Count && IsTile(blocks[i]) && blocks[i].Size == blocks[first].Size; i++)
                    tiles.Add(((ReflectorBlock)blocks[i]).Rows);
                i--;
                yield return new TileTensors(tiles, rays, type, device) { Activations = activations * tiles.Count };
                continue;
            }

            yield return blocks[i] switch
            {
                FreeBlock => new FreeTensors { Activations = activations },
                HalfLineBlock halfLine => new HalfLineTensors(halfLine, rays, type, device) { Activations = activations },
                IntervalBlock interval => new IntervalTensors(interval, type, device) { Activations = activations },
                ReflectorBlock reflector => new ReflectorTensors(reflector.Rows, rays, type, device) { Activations = activations },
                _ => new GeneratorTensors((GeneratorBlock)blocks[i], rays, type, device) { Activations = activations },
            };
        }
    }

    private static bool IsTile(ParameterBlock block) => block is ReflectorBlock { Rows: { Count: 1, Equalities: 0 } };
}
