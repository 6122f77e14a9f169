using System;
using System.IO;
using Microsoft.ML.Constrained.Polyhedra;

namespace Microsoft.ML.Constrained.Networks;

/// <summary>
/// A two-dimensional convolution: at each place the window's values, gathered into a row, times the kernels. One image at a time,
/// so that its rows stay in the cache.
/// </summary>
internal sealed unsafe class ConvolutionLayer : NetworkLayer
{
    public const byte KindNumber = 3;

    private readonly ImageShape _input, _output;
    private readonly int _kernel, _stride, _padding, _window;
    private readonly float[] _weights, _bias, _paddedBias;
    private readonly PackedMatrix<float> _packed;

    /// <param name="input">Shape of the image.</param>
    /// <param name="weights">Output channels × input channels × kernel × kernel, as TorchSharp's layers hold it.</param>
    /// <param name="bias">One value for each output channel.</param>
    /// <param name="kernel">Side of the window.</param>
    /// <param name="stride">Pixels between windows.</param>
    /// <param name="padding">Zeros around the image.</param>
    public ConvolutionLayer(ImageShape input, float[] weights, float[] bias, int kernel, int stride, int padding)
    {
        (_input, _weights, _bias, _kernel, _stride, _padding) = (input, weights, bias, kernel, stride, padding);
        _output = new ImageShape(
            bias.Length, ImageShape.Places(input.Height, kernel, stride, padding), ImageShape.Places(input.Width, kernel, stride, padding));
        _window = checked(input.Channels * kernel * kernel);
        if ((long)_window * bias.Length != weights.Length || bias.Length == 0)
            throw new ArgumentException($"There are {weights.Length} weights for {bias.Length} kernels of {_window} values.", nameof(weights));
        _packed = new PackedMatrix<float>(weights, _window, bias.Length, transposed: true);
        _paddedBias = new float[_packed.PaddedColumns];
        bias.CopyTo(_paddedBias, 0);
        ScratchCount = checked(Places * (_window + _packed.PaddedColumns));
    }

    public override int InputCount => _input.Count;

    public override int OutputCount => _output.Count;

    public override long Work => 2L * Places * _window * _bias.Length;

    public override int ScratchCount { get; }

    public override byte Kind => KindNumber;

    private int Places => _output.Height * _output.Width;

    public override void Forward(float* input, int inputStride, float* output, int outputStride, int rows, float* scratch)
    {
        float* windows = scratch, results = scratch + Places * _window;
        int width = _packed.PaddedColumns;
        fixed (float* bias = _paddedBias)
        {
            for (int r = 0; r < rows; r++)
            {
                Gather(input + (long)r * inputStride, windows);
                _packed.Multiply(windows, _window, Places, bias, results, width);
                float* y = output + (long)r * outputStride;
                for (int c = 0; c < _bias.Length; c++)
                {
                    for (int p = 0; p < Places; p++)
                        *y++ = results[p * width + c];
                }
            }
        }
    }

    public override void Write(BinaryWriter writer)
    {
        _input.Write(writer);
        writer.Write(_bias.Length);
        writer.Write(_kernel);
        writer.Write(_stride);
        writer.Write(_padding);
        ParameterFile.WriteSingles(writer, _weights);
        ParameterFile.WriteSingles(writer, _bias);
    }

    public static ConvolutionLayer Read(BinaryReader reader)
    {
        ImageShape input = ImageShape.Read(reader);
        int channels = Network.ReadCount(reader), kernel = Network.ReadCount(reader), stride = Network.ReadCount(reader), padding = reader.ReadInt32();
        if (kernel > 1 << 12)
            throw new FormatException($"a kernel has a side of {kernel}");
        long window = (long)input.Channels * kernel * kernel;
        ParameterFile.CheckRemaining(reader, window, sizeof(float));
        float[] weights = ParameterFile.ReadSingles(reader, window * channels);
        float[] bias = ParameterFile.ReadSingles(reader, channels);

        // What a row needs is checked before room is made for it: windows and results of all places.
        long places = (long)ImageShape.Places(input.Height, kernel, stride, padding) * ImageShape.Places(input.Width, kernel, stride, padding);
        return places * (window + channels + 16) <= Network.MaxCount
            ? new ConvolutionLayer(input, weights, bias, kernel, stride, padding)
            : throw new FormatException("a convolution is too large");
    }

    /// <summary>The window at each place as a row, zero outside the image.</summary>
    private void Gather(float* image, float* target)
    {
        for (int row = 0; row < _output.Height; row++)
        {
            for (int column = 0; column < _output.Width; column++)
            {
                int top = row * _stride - _padding, left = column * _stride - _padding;
                for (int c = 0; c < _input.Channels; c++)
                {
                    for (int i = top; i < top + _kernel; i++)
                    {
                        float* line = image + ((long)c * _input.Height + i) * _input.Width;
                        bool inside = i >= 0 && i < _input.Height;
                        for (int j = left; j < left + _kernel; j++)
                            *target++ = inside && j >= 0 && j < _input.Width ? line[j] : 0;
                    }
                }
            }
        }
    }
}
