using System;
using System.IO;

namespace Microsoft.ML.Constrained.Networks;

/// <summary>An elementwise function.</summary>
internal sealed unsafe class ActivationLayer(NetworkActivation activation, int count) : NetworkLayer
{
    public const byte KindNumber = 1;

    /// <summary>The function.</summary>
    public NetworkActivation Activation => activation;

    public override int InputCount => count;

    public override int OutputCount => count;

    public override long Work => 8L * count;

    public override bool IsInPlace => true;

    public override byte Kind => KindNumber;

    public override void Forward(float* input, int inputStride, float* output, int outputStride, int rows, float* scratch)
    {
        for (int r = 0; r < rows; r++)
        {
            float* row = output + (long)r * outputStride;
            if (input != output)
                new ReadOnlySpan<float>(input + (long)r * inputStride, count).CopyTo(new Span<float>(row, count));
            ActivationFunctions.Apply(activation, row, count);
        }
    }

    public override void Write(BinaryWriter writer)
    {
        writer.Write(count);
        writer.Write((byte)activation);
    }

    public static ActivationLayer Read(BinaryReader reader)
    {
        int count = Network.ReadCount(reader);
        var activation = (NetworkActivation)reader.ReadByte();
        return Enum.IsDefined(activation) ? new ActivationLayer(activation, count) : throw new FormatException($"activation {(byte)activation} is unknown");
    }
}
