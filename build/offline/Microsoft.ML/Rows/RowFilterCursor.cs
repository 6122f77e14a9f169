using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A cursor over some rows of another: the values, ids and batches are the source's, the position counts the rows shown.</summary>
/// <param name="input">The source's cursor; it is disposed with this one.</param>
/// <param name="schema">The view's schema, with the source's columns or the first of them.</param>
/// <param name="active">By column index: what the caller asked for, which may be less than what the source was asked for.</param>
/// <param name="moveToNext">Moves the source to the next row to show; false at the end.</param>
internal sealed class RowFilterCursor(DataViewRowCursor input, DataViewSchema schema, bool[] active, Func<bool> moveToNext)
    : LinkedRootCursorBase(input)
{
    /// <summary>The source's columns that are active (only its first ones can be) and those that the filter reads.</summary>
    public static IEnumerable<DataViewSchema.Column> With(DataViewSchema source, bool[] active, params int[] needed) =>
        source.Where(c => (c.Index < active.Length && active[c.Index]) || needed.Contains(c.Index)).ToArray();

    public override DataViewSchema Schema => schema;

    public override bool IsColumnActive(DataViewSchema.Column column)
    {
        Contracts.CheckParam(column.Index < active.Length, nameof(column));
        return active[column.Index];
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        Contracts.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
        return Input.GetGetter<TValue>(Input.Schema[column.Index]);
    }

    protected override bool MoveNextCore() => moveToNext();
}
