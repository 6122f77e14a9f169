using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// A block by its generators: y = offset + c·G with a row of G for each activation; coefficients c are a softmax over each
/// segment of vertices, non-negative on rays, the activations themselves on lines.
/// </summary>
internal sealed unsafe class GeneratorBlock : ParameterBlock
{
    private readonly double[] _offset, _matrix, _paddedOffset, _zeros;
    private readonly GeneratorSegment[] _segments;
    private readonly PackedMatrix<double> _forward;
    private readonly Lazy<PackedMatrix<double>> _backward;

    /// <param name="offset">s values.</param>
    /// <param name="matrix">K × s.</param>
    /// <param name="segments">The K activations in order.</param>
    public GeneratorBlock(double[] offset, double[] matrix, GeneratorSegment[] segments)
        : base(offset.Length, matrix.Length / offset.Length)
    {
        (_offset, _matrix, _segments) = (offset, matrix, segments);
        _forward = new PackedMatrix<double>(matrix, ActivationCount, Size, transposed: false);
        _backward = new Lazy<PackedMatrix<double>>(
            () => new PackedMatrix<double>(_matrix, Size, ActivationCount, transposed: true), LazyThreadSafetyMode.ExecutionAndPublication);
        _paddedOffset = new double[_forward.PaddedColumns];
        offset.CopyTo(_paddedOffset, 0);
        _zeros = new double[ActivationCount + PackedMatrix<double>.LaneCount];
    }

    /// <summary>K × s.</summary>
    public double[] Matrix => _matrix;

    public GeneratorSegment[] Segments => _segments;

    public override int ScratchCount => ActivationCount;

    public override long Work => 2L * ActivationCount * Size + 10L * ActivationCount;

    public override int PreferredRows => ActivationCount * Size < 1024 ? 4 : 64;

    public override double[] Offset => _offset;

    public override IEnumerable<(GeneratorKind Kind, int Group, double[] Generator)> Generators
    {
        get
        {
            foreach (GeneratorSegment segment in _segments)
            {
                for (int i = segment.Start; i < segment.Start + segment.Count; i++)
                    yield return (segment.Kind, segment.Group, _matrix.AsSpan(i * Size, Size).ToArray());
            }
        }
    }

    public override void Forward(in BlockRows rows, double* activations, double* points)
    {
        var scratch = (double*)rows.Scratch;
        Coefficients(rows, activations, scratch);
        fixed (double* offset = _paddedOffset)
            _forward.Multiply(scratch, rows.ScratchStride, rows.Count, offset, points, rows.PointStride);
    }

    public override void Backward(in BlockRows rows, double* activations, double* gradients, double* result)
    {
        fixed (double* zeros = _zeros)
            _backward.Value.Multiply(gradients, rows.PointStride, rows.Count, zeros, result, rows.ActivationStride);
        var weights = (double*)rows.Scratch;
        for (int r = 0; r < rows.Count; r++)
        {
            double* a = activations + (long)r * rows.ActivationStride, d = result + (long)r * rows.ActivationStride;
            foreach (GeneratorSegment segment in _segments)
            {
                int end = segment.Start + segment.Count;
                if (segment.Kind == GeneratorKind.Ray)
                {
                    for (int i = segment.Start; i < end; i++)
                        d[i] *= ActivationKernels.RaySlope(rows.Rays, a[i]);
                }
                else if (segment.Kind == GeneratorKind.Vertex)
                {
                    // sᵢ (gᵢ − Σ sⱼ gⱼ)
                    ActivationKernels.Softmax(a + segment.Start, segment.Count, weights);
                    double mean = ActivationKernels.Dot(weights, d + segment.Start, segment.Count);
                    for (int i = segment.Start; i < end; i++)
                        d[i] = weights[i - segment.Start] * (d[i] - mean);
                }
            }
        }
    }

    public override void Write(BinaryWriter writer)
    {
        writer.Write(_segments.Length);
        foreach (GeneratorSegment segment in _segments)
        {
            writer.Write((byte)segment.Kind);
            writer.Write(segment.Group);
            writer.Write(segment.Count);
        }

        ParameterFile.WriteDoubles(writer, _offset);
        ParameterFile.WriteDoubles(writer, _matrix);
    }

    public static GeneratorBlock Read(BinaryReader reader, int size)
    {
        int count = reader.ReadInt32();
        ParameterFile.CheckRemaining(reader, count, sizeof(byte) + 2 * sizeof(int));
        var segments = new GeneratorSegment[count];
        long activations = 0;
        for (int i = 0; i < count; i++)
        {
            var kind = (GeneratorKind)reader.ReadByte();
            int group = reader.ReadInt32(), length = reader.ReadInt32();
            if (!Enum.IsDefined(kind) || group < 0 || group > size || length < 1)
                throw new FormatException($"a segment has kind {(byte)kind}, group {group} and {length} generators");
            segments[i] = new GeneratorSegment(kind, group, checked((int)activations), length);
            activations += length;
        }

        double[] offset = ParameterFile.ReadDoubles(reader, size);
        return new GeneratorBlock(offset, ParameterFile.ReadDoubles(reader, checked(activations * size)), segments);
    }

    private void Coefficients(in BlockRows rows, double* activations, double* target)
    {
        for (int r = 0; r < rows.Count; r++)
        {
            double* a = activations + (long)r * rows.ActivationStride, c = target + (long)r * rows.ScratchStride;
            foreach (GeneratorSegment segment in _segments)
            {
                int start = segment.Start, count = segment.Count;
                switch (segment.Kind)
                {
                    case GeneratorKind.Vertex:
                        ActivationKernels.Softmax(a + start, count, c + start);
                        break;
                    case GeneratorKind.Line:
                        new ReadOnlySpan<double>(a + start, count).CopyTo(new Span<double>(c + start, count));
                        break;
                    default:
                        for (int i = start; i < start + count; i++)
                            c[i] = ActivationKernels.Ray(rows.Rays, a[i]);
                        break;
                }
            }
        }
    }
}
