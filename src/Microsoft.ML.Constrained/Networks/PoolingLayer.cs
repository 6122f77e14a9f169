using System;
using System.IO;

namespace Microsoft.ML.Constrained.Networks;

/// <summary>The largest value, or the mean, of each window of each channel.</summary>
internal sealed unsafe class PoolingLayer : NetworkLayer
{
    public const byte KindNumber = 4;

    private readonly ImageShape _output;

    public PoolingLayer(ImageShape input, int kernel, int stride, bool mean)
    {
        (Input, Kernel, Stride, IsMean) = (input, kernel, stride, mean);
        _output = new ImageShape(
            input.Channels, ImageShape.Places(input.Height, kernel, stride, 0), ImageShape.Places(input.Width, kernel, stride, 0));
    }

    /// <summary>Shape of the image.</summary>
    public ImageShape Input { get; }

    /// <summary>Side of the window.</summary>
    public int Kernel { get; }

    /// <summary>Pixels between windows.</summary>
    public int Stride { get; }

    /// <summary>Whether the mean is taken, not the largest value.</summary>
    public bool IsMean { get; }

    public override int InputCount => Input.Count;

    public override int OutputCount => _output.Count;

    public override long Work => (long)OutputCount * Kernel * Kernel;

    public override byte Kind => KindNumber;

    public override void Forward(float* input, int inputStride, float* output, int outputStride, int rows, float* scratch)
    {
        for (int r = 0; r < rows; r++)
        {
            float* y = output + (long)r * outputStride;
            for (int c = 0; c < Input.Channels; c++)
            {
                float* channel = input + (long)r * inputStride + (long)c * Input.Height * Input.Width;
                for (int row = 0; row < _output.Height; row++)
                {
                    for (int column = 0; column < _output.Width; column++)
                        *y++ = Window(channel + row * Stride * Input.Width + column * Stride);
                }
            }
        }
    }

    public override void Write(BinaryWriter writer)
    {
        Input.Write(writer);
        writer.Write(Kernel);
        writer.Write(Stride);
        writer.Write(IsMean);
    }

    public static PoolingLayer Read(BinaryReader reader)
    {
        ImageShape input = ImageShape.Read(reader);
        int kernel = Network.ReadCount(reader), stride = Network.ReadCount(reader);
        return new PoolingLayer(input, kernel, stride, reader.ReadBoolean());
    }

    private float Window(float* corner)
    {
        float largest = float.NegativeInfinity, sum = 0;
        for (int i = 0; i < Kernel; i++)
        {
            for (int j = 0; j < Kernel; j++)
            {
                float value = corner[i * Input.Width + j];
                sum += value;
                largest = Math.Max(largest, value);
            }
        }

        return IsMean ? sum / (Kernel * Kernel) : largest;
    }
}
