using System;
using System.IO;
using System.Numerics;
using Microsoft.ML.Constrained.Polyhedra;

namespace Microsoft.ML.Constrained.Networks;

/// <summary>yᵢ = factorᵢ xᵢ + shiftᵢ: normalisation of inputs, undoing it on outputs, a batch norm after training.</summary>
internal sealed unsafe class ScalingLayer : NetworkLayer
{
    public const byte KindNumber = 2;

    private readonly float[] _factor, _shift;
    private readonly int _count;

    public ScalingLayer(float[] factor, float[] shift)
    {
        if (factor.Length != shift.Length || factor.Length == 0)
            throw new ArgumentException($"There are {factor.Length} factors and {shift.Length} shifts.", nameof(factor));
        _count = factor.Length;

        // Padded to whole registers.
        int padded = (_count + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        (_factor, _shift) = (new float[padded], new float[padded]);
        factor.CopyTo(_factor, 0);
        shift.CopyTo(_shift, 0);
    }

    /// <summary>The factors.</summary>
    public ReadOnlySpan<float> Factor => _factor.AsSpan(0, _count);

    /// <summary>The shifts.</summary>
    public ReadOnlySpan<float> Shift => _shift.AsSpan(0, _count);

    public override int InputCount => _count;

    public override int OutputCount => _count;

    public override long Work => _count;

    public override bool IsInPlace => true;

    public override byte Kind => KindNumber;

    public override void Forward(float* input, int inputStride, float* output, int outputStride, int rows, float* scratch)
    {
        fixed (float* factor = _factor, shift = _shift)
        {
            for (int r = 0; r < rows; r++)
            {
                float* x = input + (long)r * inputStride, y = output + (long)r * outputStride;
                for (int i = 0; i < _count; i += Vector<float>.Count)
                    PanelLane<float>.Fused(Vector.Load(x + i), Vector.Load(factor + i), Vector.Load(shift + i)).Store(y + i);
            }
        }
    }

    public override void Write(BinaryWriter writer)
    {
        writer.Write(_count);
        ParameterFile.WriteSingles(writer, _factor.AsSpan(0, _count));
        ParameterFile.WriteSingles(writer, _shift.AsSpan(0, _count));
    }

    public static ScalingLayer Read(BinaryReader reader)
    {
        int count = Network.ReadCount(reader);
        float[] factor = ParameterFile.ReadSingles(reader, count);
        return new ScalingLayer(factor, ParameterFile.ReadSingles(reader, count));
    }
}
