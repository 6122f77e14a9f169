namespace Microsoft.ML.Constrained;

/// <summary>What an activation of a <see cref="PolyhedralParameterization"/> multiplies.</summary>
public enum GeneratorKind : byte
{
    /// <summary>A vertex; the weights of one group's vertices are a softmax, so that they are positive and sum to one.</summary>
    Vertex = 0,

    /// <summary>A ray, whose coefficient is made non-negative.</summary>
    Ray = 1,

    /// <summary>A line, whose coefficient is the activation itself.</summary>
    Line = 2,
}
