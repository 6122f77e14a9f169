using System;
using System.IO;

namespace Microsoft.ML.Constrained.Networks;

/// <summary>The largest value, or the mean, of each window of each channel.</summary>
internal sealed unsafe class PoolingLayer : NetworkLayer
{
    public const byte KindNumber = 4;

    private readonly ImageShape _input, _output;
    private readonly int _kernel, _stride;
    private readonly bool _mean;

    public PoolingLayer(ImageShape input, int kernel, int stride, bool mean)
    {
        (_input, _kernel, _stride, _mean) = (input, kernel, stride, mean);
        _output = new ImageShape(
            input.Channels, ImageShape.Places(input.Height, kernel, stride, 0), ImageShape.Places(input.Width, kernel, stride, 0));
    }

    public override int InputCount => _input.Count;

    public override int OutputCount => _output.Count;

    public override long Work => (long)OutputCount * _kernel * _kernel;

    public override byte Kind => KindNumber;

    public override void Forward(float* input, int inputStride, float* output, int outputStride, int rows, float* scratch)
    {
        for (int r = 0; r < rows; r++)
        {
            float* y = output + (long)r * outputStride;
            for (int c = 0; c < _input.Channels; c++)
            {
                float* channel = input + (long)r * inputStride + (long)c * _input.Height * _input.Width;
                for (int row = 0; row < _output.Height; row++)
                {
                    for (int column = 0; column < _output.Width; column++)
                        *y++ = Window(channel + row * _stride * _input.Width + column * _stride);
                }
            }
        }
    }

    public override void Write(BinaryWriter writer)
    {
        _input.Write(writer);
        writer.Write(_kernel);
        writer.Write(_stride);
        writer.Write(_mean);
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
        for (int i = 0; i < _kernel; i++)
        {
            for (int j = 0; j < _kernel; j++)
            {
                float value = corner[i * _input.Width + j];
                sum += value;
                largest = Math.Max(largest, value);
            }
        }

        return _mean ? sum / (_kernel * _kernel) : largest;
    }
}
