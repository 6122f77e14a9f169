namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>The shape of what a <see cref="ParameterBlock"/> works on.</summary>
/// <param name="Count">Rows.</param>
/// <param name="ActivationStride">Distance between rows of activations and of gradients by them.</param>
/// <param name="PointStride">Distance between rows of points and of gradients by them.</param>
/// <param name="Scratch">Scratch space.</param>
/// <param name="ScratchStride">Distance between rows of scratch space.</param>
/// <param name="Rays">How coefficients of rays are made non-negative.</param>
internal readonly unsafe record struct BlockRows(
    int Count, int ActivationStride, int PointStride, nint Scratch, int ScratchStride, RayActivation Rays);
