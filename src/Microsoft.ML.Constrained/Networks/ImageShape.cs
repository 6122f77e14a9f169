using System;
using System.IO;

namespace Microsoft.ML.Constrained.Networks;

/// <summary>An image as a vector: channel by channel, row by row, as TorchSharp lays it out.</summary>
/// <param name="Channels">Number of channels.</param>
/// <param name="Height">Rows of pixels.</param>
/// <param name="Width">Pixels a row.</param>
internal readonly record struct ImageShape(int Channels, int Height, int Width)
{
    public int Count => checked(Channels * Height * Width);

    /// <summary>Places that a window takes along one side.</summary>
    /// <exception cref="ArgumentException">The window is larger than what there is, or a number is out of range.</exception>
    public static int Places(int length, int window, int stride, int padding)
    {
        if (window < 1 || stride < 1 || padding < 0 || padding >= window || length > int.MaxValue / 4 || window > length + 2 * padding)
            throw new ArgumentException($"A window of {window} with stride {stride} and padding {padding} does not fit a side of {length}.", nameof(window));
        return (length + 2 * padding - window) / stride + 1;
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Channels);
        writer.Write(Height);
        writer.Write(Width);
    }

    public static ImageShape Read(BinaryReader reader)
    {
        var shape = new ImageShape(Network.ReadCount(reader), Network.ReadCount(reader), Network.ReadCount(reader));
        return (long)shape.Channels * shape.Height <= Network.MaxCount && (long)shape.Channels * shape.Height * shape.Width <= Network.MaxCount
            ? shape
            : throw new FormatException($"an image is claimed to be {shape}");
    }
}
