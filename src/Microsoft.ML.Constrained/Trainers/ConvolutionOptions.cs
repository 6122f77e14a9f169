namespace Microsoft.ML.Constrained;

/// <summary>
/// A convolution of a cost model, followed by its function and pooling. It may give at most 4,194,304 values for an image, and have at
/// most 268,435,456 weights, and values of its windows and results at all places together.
/// </summary>
public sealed class ConvolutionOptions
{
    /// <summary>Channels out, 1 to 65,536; default 16.</summary>
    public int Channels { get; set; } = 16;

    /// <summary>Side of the window in pixels, 1 to 4,096; default 3.</summary>
    public int Kernel { get; set; } = 3;

    /// <summary>Pixels between windows, at least 1; default 1.</summary>
    public int Stride { get; set; } = 1;

    /// <summary>Zeros around the image, from 0 and below <see cref="Kernel"/>; default 0.</summary>
    public int Padding { get; set; }

    /// <summary>Side of the squares of which the largest value is kept, at least 1; default 1: all values are kept.</summary>
    public int Pool { get; set; } = 1;

    internal ConvolutionOptions Copy() => (ConvolutionOptions)MemberwiseClone();
}
