using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A sequence of objects as a view; enumerated anew by every cursor.</summary>
internal sealed class EnumerableView<TRow> : IDataView where TRow : class
{
    private readonly IEnumerable<TRow> _data;
    private readonly InternalSchemaDefinition _definition;

    public EnumerableView(IEnumerable<TRow> data, SchemaDefinition definition)
    {
        Contracts.CheckValue(data, nameof(data));
        _data = data;
        _definition = definition == null
            ? InternalSchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read)
            : InternalSchemaDefinition.Create(typeof(TRow), definition);
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(_definition.DetachedColumns());
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => (_data as IList<TRow>)?.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        new Cursor(this, ActiveColumns.Of(columnsNeeded, Schema));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursorBase
    {
        private readonly EnumerableView<TRow> _view;
        private readonly bool[] _active;
        private readonly Delegate[] _getters;
        private readonly IEnumerator<TRow> _rows;
        private TRow _current;

        public Cursor(EnumerableView<TRow> view, bool[] active)
        {
            _view = view;
            _active = active;
            _rows = view._data.GetEnumerator();
            _getters = RowSource.MakeGetters(view._definition, () => _current, i => active[i]);
        }

        public override DataViewSchema Schema => _view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            Contracts.CheckParam(column.Index < _active.Length, nameof(column));
            return _active[column.Index];
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            ActiveColumns.Checked<TValue>(IsColumnActive(column) ? _getters[column.Index] : null, column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
            id = IsGood ? new DataViewRowId((ulong)Position, 0) : throw ActiveColumns.NotOnARow();

        protected override bool MoveNextCore()
        {
            if (!_rows.MoveNext())
            {
                _current = null;
                return false;
            }
            _current = _rows.Current;
            Contracts.Check(_current != null, "Encountered null when iterating over data, this is not supported.");
            return true;
        }

        // Upstream leaves the enumerator undisposed, so code that relies on its disposal would be wrong there.
        protected override void Dispose(bool disposing)
        {
            _current = null;
            base.Dispose(disposing);
        }
    }
}
