using System;
using System.Collections.Immutable;
using System.Linq;

namespace Microsoft.ML.Data;

/// <summary>A vector of primitive items; a dimension of 0 is not known, and then neither is the size.</summary>
public sealed class VectorDataViewType : StructuredDataViewType
{
    public VectorDataViewType(PrimitiveDataViewType itemType, int size = 0) : base(BufferOf(itemType))
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ItemType = itemType;
        Size = size;
        Dimensions = [size];
    }

    public VectorDataViewType(PrimitiveDataViewType itemType, params int[] dimensions)
        : this(itemType, dimensions == null ? throw new ArgumentNullException(nameof(dimensions)) : dimensions.ToImmutableArray()) { }

    public VectorDataViewType(PrimitiveDataViewType itemType, ImmutableArray<int> dimensions) : base(BufferOf(itemType))
    {
        if (dimensions.Length == 0 || dimensions.Any(d => d < 0))
            throw new ArgumentOutOfRangeException(nameof(dimensions));
        ItemType = itemType;
        Dimensions = dimensions;
        int size = 1;
        foreach (int d in dimensions)
            size = checked(size * d);
        Size = size;
    }

    private static Type BufferOf(PrimitiveDataViewType itemType)
    {
        ArgumentNullException.ThrowIfNull(itemType);
        return typeof(VBuffer<>).MakeGenericType(itemType.RawType);
    }

    public ImmutableArray<int> Dimensions { get; }

    public PrimitiveDataViewType ItemType { get; }

    public int Size { get; }

    public bool IsKnownSize => Size > 0;

    public override bool Equals(DataViewType other) =>
        other is VectorDataViewType vector && vector.ItemType.Equals(ItemType) && vector.Dimensions.SequenceEqual(Dimensions);

    public override bool Equals(object other) => other is DataViewType type && Equals(type);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(ItemType);
        foreach (int d in Dimensions)
            hash.Add(d);
        return hash.ToHashCode();
    }

    public override string ToString()
    {
        if (Dimensions.Length == 1 && Size == 0)
            return $"Vector<{ItemType}>";
        return $"Vector<{ItemType}, {string.Join(", ", Dimensions.Select(d => d == 0 ? "*" : d.ToString()))}>";
    }
}
