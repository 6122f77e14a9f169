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

    /// <summary>Most weights, and most values of the windows and results of all places of an image, which scoring makes room for.</summary>
    private const long MaxScratch = 1 << 28;

    private const int MaxKernel = 1 << 12;

    private readonly int _window;
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
        (Input, _weights, _bias, Kernel, Stride, Padding) = (input, weights, bias, kernel, stride, padding);
        Output = new ImageShape(
            bias.Length, ImageShape.Places(input.Height, kernel, stride, padding), ImageShape.Places(input.Width, kernel, stride, padding));
        _window = checked(input.Channels * kernel * kernel);
        if ((long)_window * bias.Length != weights.Length || bias.Length == 0)
            throw new ArgumentException($"There are {weights.Length} weights for {bias.Length} kernels of {_window} values.", nameof(weights));
        _packed = new PackedMatrix<float>(weights, _window, bias.Length, transposed: true);
        _paddedBias = new float[_packed.PaddedColumns];
        bias.CopyTo(_paddedBias, 0);
        ScratchCount = checked(Places * (_window + _packed.PaddedColumns));
    }

    /// <summary>Shape of the image.</summary>
    public ImageShape Input { get; }

    /// <summary>Shape of the result.</summary>
    public ImageShape Output { get; }

    /// <summary>Side of the window.</summary>
    public int Kernel { get; }

    /// <summary>Pixels between windows.</summary>
    public int Stride { get; }

    /// <summary>Zeros around the image.</summary>
    public int Padding { get; }

    /// <summary>Output channels × input channels × kernel × kernel.</summary>
    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>One value for each output channel.</summary>
    public ReadOnlySpan<float> Bias => _bias;

    public override int InputCount => Input.Count;

    public override int OutputCount => Output.Count;

    public override long Work => 2L * Places * _window * _bias.Length;

    public override int ScratchCount { get; }

    public override byte Kind => KindNumber;

    private int Places => Output.Height * Output.Width;

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
        Input.Write(writer);
        writer.Write(_bias.Length);
        writer.Write(Kernel);
        writer.Write(Stride);
        writer.Write(Padding);
        ParameterFile.WriteSingles(writer, _weights);
        ParameterFile.WriteSingles(writer, _bias);
    }

    public static ConvolutionLayer Read(BinaryReader reader)
    {
        ImageShape input = ImageShape.Read(reader);
        int channels = Network.ReadCount(reader), kernel = Network.ReadCount(reader), stride = Network.ReadCount(reader), padding = reader.ReadInt32();
        CheckSize(input, channels, kernel, stride, padding);
        long window = (long)input.Channels * kernel * kernel;
        ParameterFile.CheckRemaining(reader, window, sizeof(float));
        float[] weights = ParameterFile.ReadSingles(reader, window * channels);
        return new ConvolutionLayer(input, weights, ParameterFile.ReadSingles(reader, channels), kernel, stride, padding);
    }

    /// <summary>Refuses what would take too much room: before training, so that what was trained can be saved and read.</summary>
    /// <exception cref="ArgumentException">A window does not fit, or there are too many values; the message says which.</exception>
    public static void CheckSize(ImageShape input, int channels, int kernel, int stride, int padding)
    {
        if (kernel > MaxKernel)
            throw new ArgumentException($"A window has a side of {kernel}; at most {MaxKernel} are taken.", nameof(kernel));
        long places = (long)ImageShape.Places(input.Height, kernel, stride, padding) * ImageShape.Places(input.Width, kernel, stride, padding);
        if (places * channels > Network.MaxCount)
            throw new ArgumentException($"A convolution gives {places * channels} values for an image; at most {Network.MaxCount} are taken.", nameof(channels));
        long window = (long)input.Channels * kernel * kernel;
        if (window > MaxScratch || window * channels > MaxScratch || places * (window + channels + 16) > MaxScratch)
        {
            throw new ArgumentException(
                $"A convolution of {channels} windows of {window} values at {places} places is too large: all weights, or all windows and results, may be {MaxScratch} values.",
                nameof(channels));
        }
    }

    /// <summary>The window at each place as a row, zero outside the image.</summary>
    private void Gather(float* image, float* target)
    {
        for (int row = 0; row < Output.Height; row++)
        {
            for (int column = 0; column < Output.Width; column++)
            {
                int top = row * Stride - Padding, left = column * Stride - Padding;
                for (int c = 0; c < Input.Channels; c++)
                {
                    for (int i = top; i < top + Kernel; i++)
                    {
                        float* line = image + ((long)c * Input.Height + i) * Input.Width;
                        bool inside = i >= 0 && i < Input.Height;
                        for (int j = left; j < left + Kernel; j++)
                            *target++ = inside && j >= 0 && j < Input.Width ? line[j] : 0;
                    }
                }
            }
        }
    }
}
