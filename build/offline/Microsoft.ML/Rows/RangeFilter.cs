using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>
/// The rows whose Single, Double or key column lies in a range (or outside it). A key counts as the middle of its share of [0, 1]; a
/// missing key never passes.
/// </summary>
internal sealed class RangeFilter : IDataView
{
    private readonly IDataView _source;
    private readonly DataViewSchema.Column _column;
    private readonly double _min;
    private readonly double _max;
    private readonly bool _includeMax;
    private readonly bool _complement;

    /// <param name="shown">The schema that the rows are shown with: the source's, or one with only its first columns.</param>
    public RangeFilter(IDataView source, DataViewSchema.Column column, double min, double max, bool complement = false,
        bool? includeMax = null, DataViewSchema shown = null)
    {
        _source = source;
        _column = column;
        _min = min;
        _max = max;
        _complement = complement;
        _includeMax = includeMax ?? (column.Type is KeyDataViewType && max >= 1);
        Schema = shown ?? source.Schema;
    }

    public static bool IsValidRangeFilterColumnType(DataViewType type) =>
        type.Equals(NumberDataViewType.Single) || type.Equals(NumberDataViewType.Double) || type is KeyDataViewType { Count: > 0 };

    public bool CanShuffle => _source.CanShuffle;
    public DataViewSchema Schema { get; }

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        return Wrap(_source.GetRowCursor(RowFilterCursor.With(_source.Schema, active, _column.Index), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        return _source.GetRowCursorSet(RowFilterCursor.With(_source.Schema, active, _column.Index), n, rand).Select(c => Wrap(c, active))
            .ToArray();
    }

    private DataViewRowCursor Wrap(DataViewRowCursor input, bool[] active)
    {
        var value = Value(input);
        return new RowFilterCursor(input, Schema, active, () =>
        {
            while (input.MoveNext())
            {
                if (Accepts(value()))
                    return true;
            }
            return false;
        });
    }

    // Written with both comparisons so that NaN is neither inside nor outside.
    private bool Accepts(double? value) => value is { } v
        && (_complement ? v < _min || (_includeMax ? v > _max : v >= _max) : v >= _min && (_includeMax ? v <= _max : v < _max));

    private Func<double?> Value(DataViewRow row)
    {
        if (_column.Type is KeyDataViewType key)
            return Generics.Call<Func<double?>>(typeof(RangeFilter), null, nameof(KeyFraction), key.RawType, row, _column, key.Count);
        if (_column.Type.Equals(NumberDataViewType.Single))
        {
            var single = row.GetGetter<float>(row.Schema[_column.Index]);
            float f = 0;
            return () =>
            {
                single(ref f);
                return f;
            };
        }
        var wide = row.GetGetter<double>(row.Schema[_column.Index]);
        double d = 0;
        return () =>
        {
            wide(ref d);
            return d;
        };
    }

    private static Func<double?> KeyFraction<T>(DataViewRow row, DataViewSchema.Column column, ulong count)
    {
        var getter = row.GetGetter<T>(row.Schema[column.Index]);
        T value = default;
        return () =>
        {
            getter(ref value);
            ulong key = Convert.ToUInt64(value);
            return key == 0 || key > count ? null : (key - 0.5) / count;
        };
    }
}
