namespace Microsoft.ML.Constrained;

/// <summary>What one activation of a <see cref="PolyhedralParameterization"/> stands for.</summary>
/// <param name="Kind">Vertex, ray or line.</param>
/// <param name="Group">
/// The number of the block of variables that it moves. The vertices of one group share a softmax; those of different groups do not.
/// </param>
public readonly record struct PolyhedralActivation(GeneratorKind Kind, int Group);
