using System;
using System.Linq;

namespace Microsoft.ML.Data;

/// <summary>From .NET types to the primitive types of columns and back.</summary>
internal static class PrimitiveTypes
{
    private static readonly PrimitiveDataViewType[] s_all =
    [
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16, NumberDataViewType.Int32,
        NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64, NumberDataViewType.Single,
        NumberDataViewType.Double,
        TextDataViewType.Instance, BooleanDataViewType.Instance, DateTimeDataViewType.Instance, DateTimeOffsetDataViewType.Instance,
        TimeSpanDataViewType.Instance, RowIdDataViewType.Instance,
    ];

    /// <summary>Null when there is none. String stands for text.</summary>
    public static PrimitiveDataViewType OrNull(Type type) =>
        type == typeof(string) ? TextDataViewType.Instance : s_all.FirstOrDefault(t => t.RawType == type);

    /// <summary>By the name that a binary data view has for it: the raw type's, but for text.</summary>
    public static PrimitiveDataViewType OrNull(string name) =>
        name == "TextSpan" ? TextDataViewType.Instance : s_all.FirstOrDefault(t => t is not TextDataViewType && t.RawType.Name == name);

    public static PrimitiveDataViewType Of(Type type) =>
        OrNull(type) ?? throw new ArgumentOutOfRangeException(nameof(type), $"No column type for {type}");

    /// <summary>The type of a scalar, or of a vector's items.</summary>
    public static DataViewType ItemOf(DataViewType type) => type is VectorDataViewType vector ? vector.ItemType : type;
}
