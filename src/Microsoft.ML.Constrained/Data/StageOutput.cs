using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Data;

/// <summary>A column that a stage adds.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Type">A <c>Single</c>, a vector of them with known size, or a key over <see cref="uint"/>.</param>
/// <param name="Annotations">Its annotations.</param>
internal sealed record StageOutput(string Column, DataViewType Type, DataViewSchema.Annotations Annotations)
{
    public bool IsKey => Type is KeyDataViewType;

    public bool IsVector => Type is VectorDataViewType;

    /// <summary>Values a row.</summary>
    public int Count => Type is VectorDataViewType vector ? vector.Size : 1;
}
