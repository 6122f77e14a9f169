using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Networks;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Says that a row's features are an image, channel by channel, row by row, and which convolutions come before the hidden layers. What
/// ML.NET's <c>ExtractPixels</c> gives with <c>interleavePixelColors: false</c> is in this order.
/// </summary>
public sealed class ImageFeatureOptions
{
    /// <summary>Channels of the image, 1 to 16,384; default 3.</summary>
    public int Channels { get; set; } = 3;

    /// <summary>Rows of pixels, 1 to 16,384. Required.</summary>
    public int Height { get; set; }

    /// <summary>Pixels a row, 1 to 16,384. Required.</summary>
    public int Width { get; set; }

    /// <summary>The convolutions, in order, 1 to 64; default one of the default size.</summary>
    public IReadOnlyList<ConvolutionOptions> Convolutions { get; set; } = [new ConvolutionOptions()];

    /// <summary>
    /// Whether each place of the last convolution gives one cost, in row-major order, by the same weights: the hidden layers are then
    /// applied at each place by itself, and the places must be as many as the solver has costs. It suits grids whose cells look alike
    /// wherever they are. Default false: all places go through the hidden layers together.
    /// </summary>
    public bool CostPerPlace { get; set; }

    internal ImageShape Shape => new(Channels, Height, Width);

    internal ImageFeatureOptions Copy()
    {
        var copy = (ImageFeatureOptions)MemberwiseClone();
        copy.Convolutions = [.. Check.NotNull(Convolutions, nameof(Convolutions)).Select(c => Check.NotNull(c, nameof(Convolutions)).Copy())];
        return copy;
    }

    /// <summary>The shape that leaves the last convolution, after everything was checked.</summary>
    /// <exception cref="ArgumentException">A number is out of range or a window does not fit; the message names it.</exception>
    internal ImageShape Validate()
    {
        foreach ((int value, string name) in new[] { (Channels, nameof(Channels)), (Height, nameof(Height)), (Width, nameof(Width)) })
        {
            if (value is < 1 or > 1 << 14)
                throw new ArgumentOutOfRangeException(name, value, $"'{name}' of the image must be from 1 to {1 << 14}.");
        }

        if ((long)Channels * Height * Width > Network.MaxCount)
            throw new ArgumentException($"An image of {Channels} × {Height} × {Width} has too many values; at most {Network.MaxCount} are taken.");
        if (Convolutions.Count is < 1 or > 64)
            throw new ArgumentException($"'{nameof(Convolutions)}' must hold 1 to 64 convolutions, not {Convolutions.Count}.", nameof(Convolutions));
        ImageShape shape = Shape;
        for (int i = 0; i < Convolutions.Count; i++)
        {
            ConvolutionOptions c = Convolutions[i];
            if (c.Channels is < 1 or > 1 << 16 || c.Pool < 1)
                throw new ArgumentException($"Convolution {i} has {c.Channels} channels and a pool of {c.Pool}; expected 1 to 65536 and at least 1.", nameof(Convolutions));
            try
            {
                ConvolutionLayer.CheckSize(shape, c.Channels, c.Kernel, c.Stride, c.Padding);
                shape = new ImageShape(
                    c.Channels,
                    ImageShape.Places(ImageShape.Places(shape.Height, c.Kernel, c.Stride, c.Padding), c.Pool, c.Pool, 0),
                    ImageShape.Places(ImageShape.Places(shape.Width, c.Kernel, c.Stride, c.Padding), c.Pool, c.Pool, 0));
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException($"Convolution {i}: {e.Message}", nameof(Convolutions), e);
            }
        }

        return shape;
    }
}
