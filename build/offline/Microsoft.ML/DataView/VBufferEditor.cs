using System;

namespace Microsoft.ML.Data;

/// <summary>Writes into a vector's own arrays, which are replaced only when they are too short.</summary>
public static class VBufferEditor
{
    public static VBufferEditor<T> CreateFromBuffer<T>(ref VBuffer<T> destination) => destination.GetEditor();

    public static VBufferEditor<T> Create<T>(ref VBuffer<T> destination, int newLogicalLength, int? valuesCount = null,
        int? maxValuesCapacity = null, bool keepOldOnResize = false, bool requireIndicesOnDense = false) =>
        destination.GetEditor(newLogicalLength, valuesCount, maxValuesCapacity, keepOldOnResize, requireIndicesOnDense);
}

public readonly ref struct VBufferEditor<T>
{
    private readonly int _length;
    private readonly T[] _values;
    private readonly int[] _indices;
    public readonly Span<T> Values;
    public readonly Span<int> Indices;

    internal VBufferEditor(int logicalLength, int physicalValuesCount, T[] values, int[] indices, bool requireIndicesOnDense,
        bool createdNewValues, bool createdNewIndices)
    {
        _length = logicalLength;
        _values = values;
        _indices = indices;
        Values = values.AsSpan(0, physicalValuesCount);
        Indices = physicalValuesCount < logicalLength || requireIndicesOnDense ? indices.AsSpan(0, physicalValuesCount) : default;
        CreatedNewValues = createdNewValues;
        CreatedNewIndices = createdNewIndices;
    }

    public bool CreatedNewValues { get; }

    public bool CreatedNewIndices { get; }

    public VBuffer<T> Commit() => new(_length, Values.Length, _values, _indices);

    public VBuffer<T> CommitTruncated(int physicalValuesCount)
    {
        if (physicalValuesCount > Values.Length)
            throw new ArgumentOutOfRangeException(nameof(physicalValuesCount), $"Updating {nameof(physicalValuesCount)} during " +
                $"{nameof(CommitTruncated)} cannot be greater than the original {nameof(physicalValuesCount)} value used in Create.");
        return new(_length, physicalValuesCount, _values, _indices);
    }
}
