using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>Variables that no constraint mentions: each is its activation.</summary>
internal sealed unsafe class FreeBlock(int size) : ParameterBlock(size, size)
{
    public override long Work => Size;

    public override double[] Offset => new double[Size];

    public override IEnumerable<(GeneratorKind Kind, int Group, double[] Generator)> Generators =>
        Enumerable.Range(0, Size).Select(i => (GeneratorKind.Line, 0, HalfLineBlock.Unit(Size, i, 1)));

    public override void Forward(in BlockRows rows, double* activations, double* points)
    {
        for (int r = 0; r < rows.Count; r++)
            Copy(activations + (long)r * rows.ActivationStride, points + (long)r * rows.PointStride);
    }

    public override void Backward(in BlockRows rows, double* activations, double* gradients, double* result)
    {
        for (int r = 0; r < rows.Count; r++)
            Copy(gradients + (long)r * rows.PointStride, result + (long)r * rows.ActivationStride);
    }

    public override void Write(BinaryWriter writer)
    {
    }

    private void Copy(double* source, double* target) => new ReadOnlySpan<double>(source, Size).CopyTo(new Span<double>(target, Size));
}
