using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A column of a text file: its type and which source columns make it up.</summary>
internal sealed class TextColumn
{
    private readonly (int Min, int Lim)[] _segments;
    private readonly PrimitiveDataViewType _itemType;

    public TextColumn(TextLoader.Column column, int sourceColumns)
    {
        Contracts.CheckUserArg(!string.IsNullOrWhiteSpace(column.Name), nameof(column.Name), "Name cannot be null or white space");
        Contracts.CheckUserArg(column.Source is { Length: > 0 }, nameof(column.Source), "There must be a source column");
        Name = column.Name;
        _segments = Array.ConvertAll(column.Source, r => (r.Min, Limit(r, sourceColumns)));
        _itemType = DataKinds.TypeOf(column.DataKind);
        if (column.KeyCount is { } key)
        {
            Contracts.CheckUserArg(KeyDataViewType.IsValidDataType(_itemType.RawType), nameof(column.KeyCount), "Bad item type for Key");
            _itemType = new KeyDataViewType(_itemType.RawType, key.Count ??
                Convert.ToUInt64(_itemType.RawType.GetField("MaxValue").GetValue(null)));
        }
        int size = _segments.Sum(s => s.Lim - s.Min);
        Type = size == 1 && !column.Source[0].ForceVector ? _itemType : new VectorDataViewType(_itemType, size);
    }

    private static int Limit(TextLoader.Range range, int sourceColumns)
    {
        Contracts.CheckUserArg(range.Min >= 0, nameof(range.Min), "Must be non-negative");
        if (range.AutoEnd)
        {
            Contracts.CheckUserArg(sourceColumns > 0, nameof(TextLoader.Column.Source),
                "Can't determine the number of source columns without valid data");
            Contracts.CheckUserArg(range.Min < sourceColumns, nameof(range.Min), "Column has no source columns");
            return sourceColumns;
        }
        int max = range.Max ?? range.Min;
        Contracts.CheckUserArg(max >= range.Min, nameof(range.Max), "Must be greater than or equal to min");
        return max + 1;
    }

    public string Name { get; }

    public DataViewType Type { get; }

    /// <summary>Slot names of a vector, where there is a header.</summary>
    public DataViewSchema.Annotations Annotations(List<ReadOnlyMemory<char>> header)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        if (header.Count > 0 && Type is VectorDataViewType vector)
        {
            var names = _segments.SelectMany(s => Enumerable.Range(s.Min, s.Lim - s.Min))
                .Select(i => i < header.Count ? header[i].Trim() : ReadOnlyMemory<char>.Empty).ToArray();
            builder.Add(AnnotationUtils.Kinds.SlotNames, AnnotationUtils.GetNamesType(vector.Size),
                (ref VBuffer<ReadOnlyMemory<char>> value) =>
                value = new VBuffer<ReadOnlyMemory<char>>(names.Length, names.ToArray()));
        }
        return builder.ToAnnotations();
    }

    /// <summary>The slots that a source column fills.</summary>
    public IEnumerable<int> SlotsOf(int source)
    {
        int start = 0;
        foreach (var (min, lim) in _segments)
        {
            if (source >= min && source < lim)
                yield return start + source - min;
            start += lim - min;
        }
    }

    public ColumnParser MakeParser(int rows, bool missingIsNaN) =>
        Generics.Call<ColumnParser>(typeof(TextColumn), this, nameof(Parser), _itemType.RawType, rows, missingIsNaN);

    private ColumnParser Parser<TItem>(int rows, bool missingIsNaN)
    {
        object missing = null;
        if (missingIsNaN && typeof(TItem) == typeof(float))
            missing = float.NaN;
        if (missingIsNaN && typeof(TItem) == typeof(double))
            missing = double.NaN;
        return new ColumnParser<TItem>(this, (TextParser<TItem>)DataKinds.ParserOf(_itemType), rows, missing != null,
            missing is TItem nan ? nan : default);
    }
}

/// <summary>Parses one column of some rows and keeps the values.</summary>
internal abstract class ColumnParser
{
    public abstract string Name { get; }

    public abstract void Start(int row);

    /// <summary>False when the text cannot be parsed.</summary>
    public abstract bool Take(int source, ReadOnlyMemory<char> field);

    public abstract void Finish();

    public abstract Delegate MakeGetter(Func<int> row);
}

internal sealed class ColumnParser<TItem>(TextColumn column, TextParser<TItem> parse, int rows, bool fillsMissing, TItem missing)
    : ColumnParser
{
    private readonly bool _isVector = column.Type is VectorDataViewType;
    private readonly TItem[] _scalars = new TItem[rows];
    private readonly VBuffer<TItem>[] _vectors = new VBuffer<TItem>[rows];
    private readonly SortedDictionary<int, TItem> _items = [];
    private int _row;

    public override string Name => column.Name;

    public override void Start(int row)
    {
        _row = row;
        _items.Clear();
    }

    public override bool Take(int source, ReadOnlyMemory<char> field)
    {
        foreach (int slot in column.SlotsOf(source))
        {
            if (!parse(field, out var item))
                return false;
            _items[slot] = item;
        }
        return true;
    }

    // A vector is sparse when no more than half of its slots were there.
    public override void Finish()
    {
        if (!_isVector)
        {
            _scalars[_row] = _items.TryGetValue(0, out var value) ? value : missing;
            return;
        }
        int size = ((VectorDataViewType)column.Type).Size;
        bool sparse = _items.Count <= size / 2 && !fillsMissing;
        var editor = VBufferEditor.Create(ref _vectors[_row], size, sparse ? _items.Count : size);
        if (!sparse)
            editor.Values.Fill(missing);
        int n = 0;
        foreach (var (slot, item) in _items)
        {
            editor.Values[sparse ? n : slot] = item;
            if (sparse)
                editor.Indices[n++] = slot;
        }
        _vectors[_row] = editor.Commit();
    }

    public override Delegate MakeGetter(Func<int> row)
    {
        int Row()
        {
            int at = row();
            return at >= 0 ? at : throw ActiveColumns.NotOnARow();
        }
        return _isVector
            ? (ValueGetter<VBuffer<TItem>>)((ref VBuffer<TItem> value) => _vectors[Row()].CopyTo(ref value))
            : (ValueGetter<TItem>)((ref TItem value) => value = _scalars[Row()]);
    }
}
