using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>A <c>Single</c> column, scalar or vector, that metrics read row by row into an array.</summary>
internal sealed class MetricColumn
{
    private ValueGetter<float>? _scalar;
    private ValueGetter<VBuffer<float>>? _vector;
    private VBuffer<float> _buffer;

    private MetricColumn(DataViewSchema.Column column, int width)
    {
        Column = column;
        Width = width;
        Values = new float[Math.Max(width, 1)];
    }

    public DataViewSchema.Column Column { get; }

    /// <summary>Slots of a vector; 0 for a scalar.</summary>
    public int Width { get; }

    /// <summary>The current row's values; NaN in all of them where a vector has another length than its column promises.</summary>
    public float[] Values { get; }

    /// <summary>A column that must be there.</summary>
    /// <param name="schema">The schema of the data.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="role">What messages call it.</param>
    /// <param name="width">The slots it must have: 0 for a scalar, −1 for any number or a scalar.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of another type; the message names it.</exception>
    public static MetricColumn Find(DataViewSchema schema, string name, string role, int width = -1)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentException($"The {role} column needs a non-empty name.", nameof(name));
        if (schema.GetColumnOrNull(name) is not { } column)
            throw new ArgumentOutOfRangeException("data", $"Could not find {role} column '{name}'");
        int found = column.Type == NumberDataViewType.Single ? 0
            : column.Type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single ? vector.Size : -1;

        // A vector of one value may be given as a scalar.
        if (found >= 0 && (width < 0 || found == width || (found == 0 && width == 1)))
            return new MetricColumn(column, found);
        string expected = width switch
        {
            -1 => "Single or Vector<Single> of known size",
            0 => "Single",
            _ => $"Vector<Single, {width}>",
        };
        throw new ArgumentOutOfRangeException("data", $"Schema mismatch for {role} column '{name}': expected {expected}, got {column.Type}");
    }

    /// <summary>A cursor over the columns of <paramref name="columns"/>, whose <see cref="Values"/> follow <see cref="Read"/>.</summary>
    public static DataViewRowCursor Open(IDataView data, IReadOnlyList<MetricColumn> columns)
    {
        DataViewRowCursor cursor = data.GetRowCursor(columns.Select(c => c.Column).DistinctBy(c => c.Index));
        foreach (MetricColumn column in columns)
        {
            if (column.Width == 0)
                column._scalar = cursor.GetGetter<float>(column.Column);
            else
                column._vector = cursor.GetGetter<VBuffer<float>>(column.Column);
        }

        return cursor;
    }

    /// <summary>The slots' names, the column's own name for a scalar, or numbers.</summary>
    public IReadOnlyList<string> Names() => Width == 0
        ? [Column.Name]
        : Annotate.SlotNamesOf(Column, [.. Enumerable.Range(0, Width).Select(i => Column.Name + i)]);

    /// <summary>Reads the current row; false when a value is NaN or infinite.</summary>
    public bool Read()
    {
        if (_scalar is { } scalar)
        {
            scalar(ref Values[0]);
        }
        else
        {
            _vector!(ref _buffer);
            if (_buffer.Length == Width)
                _buffer.CopyTo(Values);
            else
                Values.AsSpan().Fill(float.NaN);
        }

        bool finite = true;
        foreach (float value in Values)
            finite &= float.IsFinite(value);
        return finite;
    }
}
