using System;
using System.IO;
using Microsoft.ML.Constrained.Polyhedra;

namespace Microsoft.ML.Constrained.Networks;

/// <summary>y = W x + c.</summary>
internal sealed unsafe class DenseLayer : NetworkLayer
{
    public const byte KindNumber = 0;

    private readonly float[] _weights, _bias, _paddedBias;
    private readonly PackedMatrix<float> _packed;

    /// <param name="weights">W, outputs × inputs, row-major, as TorchSharp's linear layers hold it.</param>
    /// <param name="bias">c, one value for each output.</param>
    /// <param name="inputCount">Columns of W.</param>
    public DenseLayer(float[] weights, float[] bias, int inputCount)
    {
        if ((long)bias.Length * inputCount != weights.Length || bias.Length == 0 || inputCount < 1)
            throw new ArgumentException($"There are {weights.Length} weights for {inputCount} inputs and {bias.Length} outputs.", nameof(weights));
        (_weights, _bias, InputCount) = (weights, bias, inputCount);
        _packed = new PackedMatrix<float>(weights, inputCount, bias.Length, transposed: true);
        _paddedBias = new float[_packed.PaddedColumns];
        bias.CopyTo(_paddedBias, 0);
    }

    /// <summary>W, outputs × inputs, row-major.</summary>
    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>c.</summary>
    public ReadOnlySpan<float> Bias => _bias;

    public override int InputCount { get; }

    public override int OutputCount => _bias.Length;

    public override long Work => 2L * InputCount * OutputCount;

    public override byte Kind => KindNumber;

    public override void Forward(float* input, int inputStride, float* output, int outputStride, int rows, float* scratch)
    {
        fixed (float* bias = _paddedBias)
            _packed.Multiply(input, inputStride, rows, bias, output, outputStride);
    }

    public override void Write(BinaryWriter writer)
    {
        writer.Write(InputCount);
        writer.Write(OutputCount);
        ParameterFile.WriteSingles(writer, _weights);
        ParameterFile.WriteSingles(writer, _bias);
    }

    public static DenseLayer Read(BinaryReader reader)
    {
        int inputs = Network.ReadCount(reader), outputs = Network.ReadCount(reader);
        float[] weights = ParameterFile.ReadSingles(reader, (long)inputs * outputs);
        return new DenseLayer(weights, ParameterFile.ReadSingles(reader, outputs), inputs);
    }
}
