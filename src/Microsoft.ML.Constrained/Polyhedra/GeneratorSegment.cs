namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>Activations of one kind that follow each other; a segment of vertices is one softmax, and its group has no others.</summary>
internal readonly record struct GeneratorSegment(GeneratorKind Kind, int Group, int Start, int Count);
