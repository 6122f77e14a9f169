using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>The rows with no missing value in the named columns: no NaN, no key 0, in no slot.</summary>
internal sealed class NAFilter : IDataView
{
    private readonly IDataView _source;
    private readonly int[] _columns;

    public NAFilter(IDataView source, params string[] columns)
    {
        _source = source;
        _columns = new int[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            if (source.Schema.GetColumnOrNull(columns[i]) is not { } column)
                throw Contracts.ExceptUserArg("Columns", $"Source column '{columns[i]}' not found");
            if (_columns.Take(i).Contains(column.Index))
                throw Contracts.ExceptUserArg("Columns", $"Source column '{columns[i]}' specified multiple times");
            var item = Item(column.Type);
            if (!item.Equals(NumberDataViewType.Single) && !item.Equals(NumberDataViewType.Double) && item is not KeyDataViewType)
                throw Contracts.ExceptUserArg("Columns",
                    $"Column '{columns[i]}' has type {column.Type} which does not support missing values, so we cannot filter on them");
            _columns[i] = column.Index;
        }
    }

    private static DataViewType Item(DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    public bool CanShuffle => _source.CanShuffle;
    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        return Wrap(_source.GetRowCursor(RowFilterCursor.With(_source.Schema, active, _columns), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        return _source.GetRowCursorSet(RowFilterCursor.With(_source.Schema, active, _columns), n, rand).Select(c => Wrap(c, active))
            .ToArray();
    }

    private DataViewRowCursor Wrap(DataViewRowCursor input, bool[] active)
    {
        var missing = _columns.Select(c => Generics.Call<Func<bool>>(typeof(NAFilter), null,
            Schema[c].Type is VectorDataViewType ? nameof(AnyMissing) : nameof(Missing), Item(Schema[c].Type).RawType, input, c)).ToArray();
        return new RowFilterCursor(input, Schema, active, () =>
        {
            while (input.MoveNext())
            {
                if (!missing.Any(m => m()))
                    return true;
            }
            return false;
        });
    }

    private static Func<bool> Missing<T>(DataViewRow row, int column)
    {
        var getter = row.GetGetter<T>(row.Schema[column]);
        var isMissing = MissingValues.Test<T>(row.Schema[column].Type);
        T value = default;
        return () =>
        {
            getter(ref value);
            return isMissing(value);
        };
    }

    private static Func<bool> AnyMissing<T>(DataViewRow row, int column)
    {
        var getter = row.GetGetter<VBuffer<T>>(row.Schema[column]);
        var type = (VectorDataViewType)row.Schema[column].Type;
        var isMissing = MissingValues.Test<T>(type.ItemType);
        bool zeroIsMissing = isMissing(default);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            if (zeroIsMissing && !value.IsDense)
                return true;
            foreach (var item in value.GetValues())
            {
                if (isMissing(item))
                    return true;
            }
            return false;
        };
    }
}
