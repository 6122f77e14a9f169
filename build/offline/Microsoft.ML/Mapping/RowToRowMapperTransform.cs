using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Where each output column of a mapper comes from: an input column, or (as a complement) an added one.</summary>
internal sealed class MappedColumns
{
    private readonly int[] _sources;

    public MappedColumns(DataViewSchema input, DataViewSchema.DetachedColumn[] added)
    {
        var sources = Enumerable.Range(0, input.Count).ToList();
        for (int i = 0; i < added.Length; i++)
        {
            // Right behind the column that it hides, else at the end.
            int hidden = sources.FindLastIndex(s => (s >= 0 ? input[s].Name : added[~s].Name) == added[i].Name);
            sources.Insert(hidden < 0 ? sources.Count : hidden + 1, ~i);
        }
        _sources = sources.ToArray();
        Added = new int[added.Length];
        var builder = new DataViewSchema.Builder();
        for (int i = 0; i < _sources.Length; i++)
        {
            var column = _sources[i] >= 0 ? new DataViewSchema.DetachedColumn(input[_sources[i]]) : added[~_sources[i]];
            builder.AddColumn(column.Name, column.Type, column.Annotations);
            if (_sources[i] < 0)
                Added[~_sources[i]] = i;
        }
        Schema = builder.ToSchema();
    }

    public DataViewSchema Schema { get; }

    /// <summary>The place of each added column.</summary>
    public int[] Added { get; }

    public bool IsInput(int column, out int source)
    {
        source = _sources[column] >= 0 ? _sources[column] : ~_sources[column];
        return _sources[column] >= 0;
    }
}

/// <summary>A view through a row mapper; also its row-to-row mapper.</summary>
internal sealed class RowToRowMapperTransform : IDataView, IRowToRowMapper
{
    private readonly IDataView _input;
    private readonly IRowMapper _mapper;
    private readonly MappedColumns _columns;

    public RowToRowMapperTransform(IHostEnvironment env, IDataView input, IRowMapper mapper, Func<DataViewSchema, IRowMapper> mapperFactory)
    {
        _input = input;
        _mapper = mapper;
        _columns = new MappedColumns(input.Schema, mapper.GetOutputColumns());
    }

    public static DataViewSchema GetOutputSchema(DataViewSchema inputSchema, IRowMapper mapper) =>
        new MappedColumns(inputSchema, mapper.GetOutputColumns()).Schema;

    public bool CanShuffle => _input.CanShuffle;

    public DataViewSchema Schema => _columns.Schema;

    public DataViewSchema InputSchema => _input.Schema;

    public DataViewSchema OutputSchema => _columns.Schema;

    public long? GetRowCount() => _input.GetRowCount();

    private IEnumerable<DataViewSchema.Column> Needed(bool[] active)
    {
        var needed = new bool[InputSchema.Count];
        for (int i = 0; i < active.Length; i++)
            if (active[i] && _columns.IsInput(i, out int source))
                needed[source] = true;
        var dependencies = _mapper.GetDependencies(i => active[_columns.Added[i]]);
        return InputSchema.Where(c => needed[c.Index] || dependencies(c.Index)).ToArray();
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        Needed(ActiveColumns.Of(dependingColumns, OutputSchema));

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        var cursor = _input.GetRowCursor(Needed(active), rand);
        return new Cursor(cursor, new Getters(this, cursor, active));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        return Array.ConvertAll(_input.GetRowCursorSet(Needed(active), n, rand), c =>
            (DataViewRowCursor)new Cursor(c, new Getters(this, c, active)));
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckParam(ReferenceEquals(input.Schema, InputSchema), nameof(input),
            "Schema of input row must be the same as the schema the mapper is bound to");
        return new Row(input, new Getters(this, input, ActiveColumns.Of(activeColumns, OutputSchema)));
    }

    /// <summary>The getters of a row's active columns.</summary>
    private sealed class Getters
    {
        private readonly RowToRowMapperTransform _view;
        private readonly DataViewRow _input;
        private readonly bool[] _active;
        private readonly Delegate[] _added;
        public readonly Action Disposer;

        public Getters(RowToRowMapperTransform view, DataViewRow input, bool[] active)
        {
            _view = view;
            _input = input;
            _active = active;
            _added = view._mapper.CreateGetters(input, i => active[view._columns.Added[i]], out Disposer);
        }

        public DataViewSchema Schema => _view.Schema;

        public bool IsActive(DataViewSchema.Column column)
        {
            Contracts.CheckParam(column.Index < _active.Length, nameof(column));
            return _active[column.Index];
        }

        public ValueGetter<TValue> Get<TValue>(DataViewSchema.Column column)
        {
            Contracts.CheckParam(IsActive(column), nameof(column), "requested column not active");
            return _view._columns.IsInput(column.Index, out int source)
                ? _input.GetGetter<TValue>(_view.InputSchema[source])
                : ActiveColumns.Checked<TValue>(_added[source], column);
        }
    }

    private sealed class Cursor(DataViewRowCursor input, Getters getters) : DataViewRowCursor
    {
        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => getters.Schema;

        public override bool MoveNext() => input.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => getters.Get<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            getters.Disposer?.Invoke();
            input.Dispose();
        }
    }

    private sealed class Row(DataViewRow input, Getters getters) : DataViewRow
    {
        public override long Position => input.Position;

        public override long Batch => input.Batch;

        public override DataViewSchema Schema => getters.Schema;

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => getters.Get<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            getters.Disposer?.Invoke();
            input.Dispose();
        }
    }
}
