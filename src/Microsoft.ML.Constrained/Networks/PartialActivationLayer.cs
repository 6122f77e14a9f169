using System;
using System.IO;

namespace Microsoft.ML.Constrained.Networks;

/// <summary>An elementwise function on the last values of a row; the first ones are handed on as they are, for steps that need them later.</summary>
internal sealed unsafe class PartialActivationLayer : NetworkLayer
{
    public const byte KindNumber = 5;

    /// <param name="activation">The function.</param>
    /// <param name="kept">Values at the start of a row that stay.</param>
    /// <param name="changed">Values after them that the function is applied to.</param>
    public PartialActivationLayer(NetworkActivation activation, int kept, int changed)
    {
        if (kept < 1 || changed < 1)
            throw new ArgumentException($"There are {kept} values to keep and {changed} to change; expected at least one of each.", nameof(kept));
        (Activation, Kept, Changed) = (activation, kept, changed);
    }

    /// <summary>The function.</summary>
    public NetworkActivation Activation { get; }

    /// <summary>Values at the start of a row that stay.</summary>
    public int Kept { get; }

    /// <summary>Values after them that the function is applied to.</summary>
    public int Changed { get; }

    public override int InputCount => Kept + Changed;

    public override int OutputCount => Kept + Changed;

    public override long Work => 8L * Changed;

    public override bool IsInPlace => true;

    public override byte Kind => KindNumber;

    public override void Forward(float* input, int inputStride, float* output, int outputStride, int rows, float* scratch)
    {
        for (int r = 0; r < rows; r++)
        {
            float* row = output + (long)r * outputStride;
            if (input != output)
                new ReadOnlySpan<float>(input + (long)r * inputStride, InputCount).CopyTo(new Span<float>(row, InputCount));
            ActivationFunctions.Apply(Activation, row + Kept, Changed);
        }
    }

    public override void Write(BinaryWriter writer)
    {
        writer.Write(Kept);
        writer.Write(Changed);
        writer.Write((byte)Activation);
    }

    public static PartialActivationLayer Read(BinaryReader reader)
    {
        int kept = Network.ReadCount(reader), changed = Network.ReadCount(reader);
        var activation = (NetworkActivation)reader.ReadByte();
        if (!Enum.IsDefined(activation))
            throw new FormatException($"activation {(byte)activation} is unknown");
        return (long)kept + changed <= Network.MaxCount
            ? new PartialActivationLayer(activation, kept, changed)
            : throw new FormatException($"a row of {(long)kept + changed} values is claimed");
    }
}
