using System;
using System.Collections.Generic;
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>The rows of a view after the first few, at most so many. The order matters, so it neither shuffles nor splits.</summary>
internal sealed class SkipTakeFilter : IDataView
{
    private readonly IDataView _source;
    private readonly long _skip;
    private readonly long _take;

    public SkipTakeFilter(IDataView source, long skip, long take)
    {
        _source = source;
        _skip = skip;
        _take = take;
    }

    public bool CanShuffle => false;
    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount() => _source.GetRowCount() is { } count ? Math.Min(Math.Max(0, count - _skip), _take) : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        var input = _source.GetRowCursor(RowFilterCursor.With(_source.Schema, active));
        long toSkip = _skip, toTake = _take;
        return new RowFilterCursor(input, Schema, active, () =>
        {
            if (toTake == 0)
                return false;
            toTake--;
            for (; toSkip > 0; toSkip--)
            {
                if (!input.MoveNext())
                    return false;
            }
            return input.MoveNext();
        });
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        new[] { GetRowCursor(columnsNeeded, rand) };
}
