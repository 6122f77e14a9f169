using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Polyhedra;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>y = offset + c·G. Activations of a kind that follow each other are handled at once, as are softmaxes of equal length.</summary>
internal sealed class GeneratorTensors : ParameterTensors
{
    private readonly RayActivation _kind;
    private readonly Tensor _offset, _matrix;
    private readonly List<(long Start, long Count, long Softmax, Tensor? IsRay, bool AnyRay)> _runs = [];

    public GeneratorTensors(GeneratorBlock block, RayActivation kind, ScalarType type, Device device)
    {
        _kind = kind;
        _offset = tensor(block.Offset, type, device);
        _matrix = tensor(block.Matrix, type, device).reshape(block.ActivationCount, block.Size);
        GeneratorSegment[] segments = block.Segments;
        for (int first = 0, next; first < segments.Length; first = next)
        {
            next = first + 1;
            while (next < segments.Length && Together(segments[first], segments[next]))
                next++;
            long start = segments[first].Start, count = segments[next - 1].Start + segments[next - 1].Count - start;
            bool vertices = segments[first].Kind == GeneratorKind.Vertex;
            bool[] isRay = [.. segments[first..next].SelectMany(s => Enumerable.Repeat(s.Kind == GeneratorKind.Ray, s.Count))];
            bool mixed = isRay.Distinct().Count() > 1;
            _runs.Add((start, count, vertices ? segments[first].Count : 0, mixed ? tensor(isRay, device: device) : null, isRay.Contains(true)));
        }
    }

    public override IEnumerable<Tensor?> Constants => [_offset, _matrix, .. _runs.Select(r => r.IsRay)];

    public override Tensor Map(Tensor activations)
    {
        if (_runs.Count == 0)
            return _offset.expand(activations.shape[0], _offset.shape[0]).clone();
        Tensor[] parts = [.. _runs.Select(r => Coefficients(activations.narrow(1, r.Start, r.Count), r.Softmax, r.IsRay, r.AnyRay))];
        return (parts.Length == 1 ? parts[0] : cat(parts, 1)).matmul(_matrix) + _offset;
    }

    private static bool Together(GeneratorSegment x, GeneratorSegment y) => x.Kind == GeneratorKind.Vertex || y.Kind == GeneratorKind.Vertex
        ? x.Kind == y.Kind && x.Count == y.Count
        : true;

    private Tensor Coefficients(Tensor a, long softmax, Tensor? isRay, bool anyRay)
    {
        if (softmax > 0)
            return a.reshape(a.shape[0], a.shape[1] / softmax, softmax).softmax(-1).reshape(a.shape);
        return isRay is not null ? where(isRay, Ray(_kind, a), a) : anyRay ? Ray(_kind, a) : a;
    }
}
