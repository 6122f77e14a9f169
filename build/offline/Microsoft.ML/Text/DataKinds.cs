using System;
using System.Globalization;
using System.Numerics;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal delegate bool TextParser<TItem>(ReadOnlyMemory<char> text, out TItem value);

/// <summary>Types of values in text files, and how each is read.</summary>
internal static class DataKinds
{
    public static PrimitiveDataViewType TypeOf(DataKind kind) => kind switch
    {
        DataKind.SByte => NumberDataViewType.SByte,
        DataKind.Byte => NumberDataViewType.Byte,
        DataKind.Int16 => NumberDataViewType.Int16,
        DataKind.UInt16 => NumberDataViewType.UInt16,
        DataKind.Int32 => NumberDataViewType.Int32,
        DataKind.UInt32 => NumberDataViewType.UInt32,
        DataKind.Int64 => NumberDataViewType.Int64,
        DataKind.UInt64 => NumberDataViewType.UInt64,
        DataKind.Single => NumberDataViewType.Single,
        DataKind.Double => NumberDataViewType.Double,
        DataKind.String => TextDataViewType.Instance,
        DataKind.Boolean => BooleanDataViewType.Instance,
        DataKind.TimeSpan => TimeSpanDataViewType.Instance,
        DataKind.DateTime => DateTimeDataViewType.Instance,
        DataKind.DateTimeOffset => DateTimeOffsetDataViewType.Instance,
        _ => throw Contracts.ExceptParam(nameof(kind), $"Unknown kind of data: {kind}"),
    };

    public static DataKind? OrNull(Type type)
    {
        var column = PrimitiveTypes.OrNull(type);
        foreach (var kind in Enum.GetValues<DataKind>())
            if (column != null && TypeOf(kind).Equals(column))
                return kind;
        return null;
    }

    /// <summary>The short name that a saved text file gives to the kind.</summary>
    public static string ShortName(PrimitiveDataViewType type) => OrNull(type.RawType) switch
    {
        DataKind.SByte => "I1",
        DataKind.Byte => "U1",
        DataKind.Int16 => "I2",
        DataKind.UInt16 => "U2",
        DataKind.Int32 => "I4",
        DataKind.UInt32 => "U4",
        DataKind.Int64 => "I8",
        DataKind.UInt64 => "U8",
        DataKind.Single => "R4",
        DataKind.Double => "R8",
        DataKind.String => "TX",
        DataKind.Boolean => "BL",
        DataKind.TimeSpan => "TS",
        DataKind.DateTime => "DT",
        DataKind.DateTimeOffset => "DZ",
        _ => throw Contracts.Except($"Type {type} cannot be saved as text"),
    };

    /// <summary>A <see cref="TextParser{TItem}"/> of the type's raw type.</summary>
    public static Delegate ParserOf(PrimitiveDataViewType type)
    {
        if (type is KeyDataViewType key)
            return Generics.Call<Delegate>(typeof(DataKinds), null, nameof(Key), key.RawType, key.Count);
        if (type is TextDataViewType)
            return (TextParser<ReadOnlyMemory<char>>)((ReadOnlyMemory<char> text, out ReadOnlyMemory<char> value) =>
            {
                value = text;
                return true;
            });
        if (type is BooleanDataViewType)
            return (TextParser<bool>)Bool;
        if (type is NumberDataViewType)
        {
            bool real = type.RawType == typeof(float) || type.RawType == typeof(double);
            return Generics.Call<Delegate>(typeof(DataKinds), null, real ? nameof(Real) : nameof(Integer), type.RawType);
        }
        return Generics.Call<Delegate>(typeof(DataKinds), null, nameof(Other), type.RawType);
    }

    // What is no number is missing.
    private static Delegate Real<TItem>() where TItem : IFloatingPointIeee754<TItem> =>
        (TextParser<TItem>)((ReadOnlyMemory<char> text, out TItem value) =>
    {
        if (!TItem.TryParse(text.Span.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            value = TItem.NaN;
        return true;
    });

    private static Delegate Integer<TItem>() where TItem : IBinaryInteger<TItem> =>
        (TextParser<TItem>)((ReadOnlyMemory<char> text, out TItem value) =>
        TItem.TryParse(text.Span.Trim(), NumberStyles.Integer, CultureInfo.InvariantCulture, out value));

    private static Delegate Other<TItem>() where TItem : ISpanParsable<TItem> =>
        (TextParser<TItem>)((ReadOnlyMemory<char> text, out TItem value) =>
        TItem.TryParse(text.Span.Trim(), CultureInfo.InvariantCulture, out value));

    // Text counts categories from 0; what is none of them is missing.
    private static Delegate Key<TItem>(ulong count) where TItem : IBinaryInteger<TItem> =>
        (TextParser<TItem>)((ReadOnlyMemory<char> text, out TItem value) =>
    {
        value = ulong.TryParse(text.Span.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong category) && category < count
            ? TItem.CreateTruncating(category + 1) : TItem.Zero;
        return true;
    });

    private static bool Bool(ReadOnlyMemory<char> text, out bool value)
    {
        string word = text.Span.Trim().ToString().ToLowerInvariant();
        value = word is "true" or "t" or "yes" or "y" or "1" or "+1" or "+";
        return value || word is "" or "false" or "f" or "no" or "n" or "0" or "-1" or "-";
    }
}
