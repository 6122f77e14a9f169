namespace Microsoft.ML.Constrained.Trainers;

/// <summary>A convolution, its function, and pooling.</summary>
/// <param name="Channels">Channels out.</param>
/// <param name="Kernel">Side of the window.</param>
/// <param name="Stride">Pixels between windows.</param>
/// <param name="Padding">Zeros around the image.</param>
/// <param name="Pool">Side of the squares of which the largest value is kept; 1 for all values.</param>
internal readonly record struct ConvolutionBlock(int Channels, int Kernel, int Stride = 1, int Padding = 0, int Pool = 1);
