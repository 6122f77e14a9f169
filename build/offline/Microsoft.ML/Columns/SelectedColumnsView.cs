using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Some columns of a view, by their indices there; also the row-to-row mapper that selects them.</summary>
internal sealed class SelectedColumnsView : IDataView, IRowToRowMapper
{
    private readonly IDataView _input;
    private readonly int[] _sources;

    public SelectedColumnsView(IDataView input, int[] sources)
    {
        _input = input;
        _sources = sources;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(sources.Select(i => input.Schema[i]));
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => _input.CanShuffle;

    public DataViewSchema Schema { get; }

    public DataViewSchema InputSchema => _input.Schema;

    public DataViewSchema OutputSchema => Schema;

    public long? GetRowCount() => _input.GetRowCount();

    private DataViewSchema.Column[] Needed(bool[] active) =>
        Enumerable.Range(0, active.Length).Where(i => active[i]).Select(i => _sources[i]).Distinct().Select(i => InputSchema[i]).ToArray();

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        Needed(ActiveColumns.Of(dependingColumns, Schema));

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        return new Cursor(this, _input.GetRowCursor(Needed(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        return Array.ConvertAll(_input.GetRowCursorSet(Needed(active), n, rand), c => (DataViewRowCursor)new Cursor(this, c, active));
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        return new Cursor(this, input, ActiveColumns.Of(activeColumns, Schema));
    }

    /// <summary>A cursor, or (over a row that is none) just a row.</summary>
    private sealed class Cursor(SelectedColumnsView view, DataViewRow input, bool[] active) : DataViewRowCursor
    {
        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => view.Schema;

        public override bool MoveNext() => ((DataViewRowCursor)input).MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            Contracts.CheckParam(column.Index < active.Length, nameof(column));
            return active[column.Index];
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Contracts.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
            return input.GetGetter<TValue>(view.InputSchema[view._sources[column.Index]]);
        }

        protected override void Dispose(bool disposing) => input.Dispose();
    }
}
