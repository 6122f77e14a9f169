using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>The values of a column in the order of their keys. Missing values (NaN, key 0, empty text) have no key.</summary>
internal abstract class TermMap
{
    private protected TermMap(PrimitiveDataViewType itemType) => ItemType = itemType;

    public PrimitiveDataViewType ItemType { get; }

    public abstract int Count { get; }

    /// <summary>A key type has at least one value, also when nothing was seen.</summary>
    public KeyDataViewType OutputType => new(typeof(uint), Math.Max(Count, 1));

    /// <summary>A map over the column's items, in the order of the rows or of the values, with at most so many keys.</summary>
    public static TermMap Train(IDataView data, DataViewSchema.Column column, bool sorted, int most)
    {
        var item = (PrimitiveDataViewType)((column.Type as VectorDataViewType)?.ItemType ?? column.Type);
        return Generics.Call<TermMap>(typeof(TermMap), null, nameof(TrainCore), item.RawType, data, column, item, sorted, most);
    }

    private static TermMap TrainCore<T>(IDataView data, DataViewSchema.Column column, PrimitiveDataViewType item, bool sorted, int most)
    {
        var map = new TermMap<T>(item);
        using var cursor = data.GetRowCursor(new[] { column });
        if (column.Type is not VectorDataViewType)
        {
            var getter = cursor.GetGetter<T>(column);
            T value = default;
            while (map.Count < most && cursor.MoveNext())
            {
                getter(ref value);
                map.Add(Owned(value));
            }
        }
        else
        {
            var getter = cursor.GetGetter<VBuffer<T>>(column);
            VBuffer<T> row = default;
            while (map.Count < most && cursor.MoveNext())
            {
                getter(ref row);
                foreach (var value in row.DenseValues())
                {
                    if (map.Count < most)
                        map.Add(Owned(value));
                }
            }
        }
        return sorted ? map.Sorted() : map;
    }

    // A text value may be a part of a buffer that the next row refills.
    private static T Owned<T>(T value) => value is ReadOnlyMemory<char> text ? (T)(object)text.ToString().AsMemory() : value;

    /// <summary>The getter of the keys for one row.</summary>
    public abstract Delegate Getter(DataViewRow row, DataViewSchema.Column column);

    /// <summary>Adds the values, or those that an input of keys stands for, as the annotation KeyValues.</summary>
    public abstract void AddKeyValues(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input, bool asText);

    // *** Binary format ***
    // byte: 0 for text, then int: number of texts, int[]: their ids; or 255 (not upstream's way, which needs its codecs),
    // then byte: the item type's place in Types; ulong: count of a key type, else 0; int: number of values; the values
    public abstract void Save(ModelSaveContext ctx);

    public abstract void WriteText(TextWriter writer);

    private protected const byte TextKind = 0;
    private protected const byte OwnKind = byte.MaxValue;

    private protected static readonly PrimitiveDataViewType[] Types =
    {
        TextDataViewType.Instance, BooleanDataViewType.Instance,
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16,
        NumberDataViewType.Int32, NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64,
        NumberDataViewType.Single, NumberDataViewType.Double,
        DateTimeDataViewType.Instance, DateTimeOffsetDataViewType.Instance, TimeSpanDataViewType.Instance,
    };

    /// <summary>Whether items of the type (of the numbers, for keys) can have keys.</summary>
    public static bool CanMap(DataViewType itemType) => Array.Exists(Types, t => t.RawType == itemType.RawType);

    public static TermMap Load(ModelLoadContext ctx)
    {
        var reader = ctx.Reader;
        byte kind = reader.ReadByte();
        Contracts.CheckDecode(kind is TextKind or OwnKind);
        if (kind == TextKind)
            return LoadTexts(ctx);
        int place = reader.ReadByte();
        ulong keys = reader.ReadUInt64();
        Contracts.CheckDecode(place < Types.Length && (keys == 0 || KeyDataViewType.IsValidDataType(Types[place].RawType)));
        var type = keys == 0 ? Types[place] : new KeyDataViewType(Types[place].RawType, keys);
        return Generics.Call<TermMap>(typeof(TermMap), null, nameof(LoadCore), type.RawType, reader, type);
    }

    private static TermMap<ReadOnlyMemory<char>> LoadTexts(ModelLoadContext ctx)
    {
        var map = new TermMap<ReadOnlyMemory<char>>(TextDataViewType.Instance);
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count >= 0);
        for (int i = 0; i < count; i++)
            Contracts.CheckDecode(map.Add(ctx.LoadNonEmptyString().AsMemory()));
        return map;
    }

    private static TermMap LoadCore<T>(BinaryReader reader, PrimitiveDataViewType type)
    {
        var map = new TermMap<T>(type);
        int count = reader.ReadInt32();
        Contracts.CheckDecode(count >= 0);
        for (int i = 0; i < count; i++)
            Contracts.CheckDecode(map.Add((T)Read(reader, typeof(T))));
        return map;
    }

    private static object Read(BinaryReader reader, Type type) =>
        type == typeof(DateTimeOffset) ? new DateTimeOffset(reader.ReadInt64(), new TimeSpan(reader.ReadInt64()))
        : type == typeof(TimeSpan) ? new TimeSpan(reader.ReadInt64())
        : type == typeof(DateTime) ? new DateTime(reader.ReadInt64())
        : type == typeof(float) ? reader.ReadSingle()
        : type == typeof(double) ? reader.ReadDouble()
        : type == typeof(bool) ? reader.ReadInt64() != 0
        : type == typeof(ulong) ? (ulong)reader.ReadInt64()
        : Convert.ChangeType(reader.ReadInt64(), type, CultureInfo.InvariantCulture);

    private protected static void Write(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case DateTimeOffset offset: writer.Write(offset.Ticks); writer.Write(offset.Offset.Ticks); break;
            case TimeSpan span: writer.Write(span.Ticks); break;
            case DateTime time: writer.Write(time.Ticks); break;
            case float single: writer.Write(single); break;
            case double wide: writer.Write(wide); break;
            case ulong large: writer.Write((long)large); break;
            default: writer.Write(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
        }
    }
}

internal sealed class TermMap<T> : TermMap
{
    private readonly List<T> _terms = new();
    private readonly Dictionary<T, uint> _keys;
    private readonly Func<T, bool> _isMissing;

    public TermMap(PrimitiveDataViewType itemType) : base(itemType)
    {
        _keys = new Dictionary<T, uint>(
            typeof(T) == typeof(ReadOnlyMemory<char>) ? (IEqualityComparer<T>)(object)TextOrder.Instance : EqualityComparer<T>.Default);
        _isMissing = typeof(T) == typeof(ReadOnlyMemory<char>)
            ? (Func<T, bool>)(object)(Func<ReadOnlyMemory<char>, bool>)(text => text.IsEmpty)
            : MissingValues.Test<T>(itemType);
    }

    public override int Count => _terms.Count;

    public bool Add(T value)
    {
        if (_isMissing(value) || !_keys.TryAdd(value, (uint)_terms.Count + 1))
            return false;
        _terms.Add(value);
        return true;
    }

    public TermMap<T> Sorted()
    {
        var sorted = new TermMap<T>(ItemType);
        var order = typeof(T) == typeof(ReadOnlyMemory<char>) ? (IComparer<T>)(object)TextOrder.Instance : Comparer<T>.Default;
        foreach (var term in _terms.Order(order))
            sorted.Add(term);
        return sorted;
    }

    private uint Key(T value) => _isMissing(value) ? 0 : _keys.GetValueOrDefault(value);

    public override Delegate Getter(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType vector)
        {
            var getScalar = row.GetGetter<T>(column);
            T scalar = default;
            return (ValueGetter<uint>)((ref uint key) =>
            {
                getScalar(ref scalar);
                key = Key(scalar);
            });
        }
        var getter = row.GetGetter<VBuffer<T>>(column);
        var writer = new SparseWriter<uint>();
        VBuffer<T> source = default;
        bool keepsZeros = Key(default) == 0;
        return (ValueGetter<VBuffer<uint>>)((ref VBuffer<uint> keys) =>
        {
            getter(ref source);
            Contracts.Check(!vector.IsKnownSize || source.Length == vector.Size,
                $"Column '{column.Name}': expected {vector.Size} slots, but got {source.Length}");
            writer.Reset(source.Length);
            foreach (var (slot, value) in source.Items(all: !keepsZeros))
                writer.Add(slot, Key(value));
            writer.Get(ref keys);
        });
    }

    public override void AddKeyValues(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input, bool asText)
    {
        if (Count == 0)
            return;
        if (ItemType is KeyDataViewType key
            && input.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues)?.Type is VectorDataViewType values
            && values.Size == (int)key.Count)
            Generics.Call<object>(typeof(TermMap<T>), this, nameof(AddNamed), values.ItemType.RawType, builder, input, values.ItemType,
                asText);
        else
            Add(builder, ItemType, () => _terms, asText);
    }

    private object AddNamed<TName>(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input, PrimitiveDataViewType type,
        bool asText)
    {
        Add(builder, type, () =>
        {
            VBuffer<TName> names = default;
            input.GetKeyValues(ref names);
            return _terms.Select(t => names.GetItemOrDefault((int)Convert.ToUInt64(t, CultureInfo.InvariantCulture) - 1)).ToList();
        }, asText);
        return null;
    }

    private static void Add<TValue>(DataViewSchema.Annotations.Builder builder, PrimitiveDataViewType type, Func<List<TValue>> terms,
        bool asText)
    {
        int count = terms().Count;
        if (asText && type is not TextDataViewType)
        {
            builder.Add(AnnotationUtils.Kinds.KeyValues, AnnotationUtils.GetNamesType(count), (ref VBuffer<ReadOnlyMemory<char>> names) =>
                Fill(terms().ConvertAll(t => Convert.ToString(t, CultureInfo.InvariantCulture).AsMemory()), ref names));
        }
        else
            builder.Add(AnnotationUtils.Kinds.KeyValues, new VectorDataViewType(type, count), (ref VBuffer<TValue> values) =>
                Fill(terms(), ref values));
    }

    private static void Fill<TValue>(List<TValue> from, ref VBuffer<TValue> to)
    {
        var editor = VBufferEditor.Create(ref to, from.Count);
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(from).CopyTo(editor.Values);
        to = editor.Commit();
    }

    public override void Save(ModelSaveContext ctx)
    {
        var writer = ctx.Writer;
        writer.Write(ItemType is TextDataViewType ? TextKind : OwnKind);
        if (ItemType is not TextDataViewType)
        {
            writer.Write((byte)Array.FindIndex(Types, t => t.RawType == ItemType.RawType));
            writer.Write(ItemType is KeyDataViewType key ? key.Count : 0);
        }
        writer.Write(_terms.Count);
        foreach (var term in _terms)
        {
            if (term is ReadOnlyMemory<char> text)
                ctx.SaveNonEmptyString(text);
            else
                Write(writer, term);
        }
    }

    public override void WriteText(TextWriter writer)
    {
        writer.WriteLine($"# Number of terms = {Count}");
        for (int i = 0; i < _terms.Count; i++)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{i}\t{_terms[i]}"));
    }
}

/// <summary>Texts by their characters.</summary>
internal sealed class TextOrder : IEqualityComparer<ReadOnlyMemory<char>>, IComparer<ReadOnlyMemory<char>>
{
    public static readonly TextOrder Instance = new();

    public bool Equals(ReadOnlyMemory<char> a, ReadOnlyMemory<char> b) => a.Span.SequenceEqual(b.Span);

    public int GetHashCode(ReadOnlyMemory<char> text) => string.GetHashCode(text.Span);

    public int Compare(ReadOnlyMemory<char> a, ReadOnlyMemory<char> b) => a.Span.SequenceCompareTo(b.Span);
}
