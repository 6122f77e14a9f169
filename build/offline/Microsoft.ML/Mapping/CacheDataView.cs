using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// Holds columns in memory from the first pass that asks for them on. Such a pass reads all the columns that it lacks (and, the first time,
/// those asked for at construction) before its cursor starts.
/// </summary>
internal sealed class CacheDataView : IDataView
{
    private const int BlockSize = 64;
    private readonly IDataView _input;
    private readonly IList[] _columns;
    private readonly bool[] _prefetch;
    private readonly object _lock = new();
    private long _rows = -1;

    public CacheDataView(IDataView input, string[] columnsToPrefetch)
    {
        Contracts.CheckValue(input, nameof(input));
        _input = input;
        _columns = new IList[input.Schema.Count];
        _prefetch = new bool[_columns.Length];
        foreach (string name in columnsToPrefetch ?? [])
            _prefetch[(input.Schema.GetColumnOrNull(name) ??
                throw Contracts.ExceptSchemaMismatch(nameof(columnsToPrefetch), "prefetch", name)).Index] = true;
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema => _input.Schema;

    public long? GetRowCount() => _rows >= 0 ? _rows : _input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        return new Cursor(this, active, Fill(active), rand, 0, 1);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        var columns = Fill(active);
        return rand != null || n <= 1 ? [new Cursor(this, active, columns, rand, 0, 1)]
            : Enumerable.Range(0, n).Select(i => (DataViewRowCursor)new Cursor(this, active, columns, null, i, n)).ToArray();
    }

    private IList[] Fill(bool[] active)
    {
        lock (_lock)
        {
            var lacking = Schema.Where(c => (active[c.Index] || _prefetch[c.Index]) && _columns[c.Index] == null).ToArray();
            if (lacking.Length == 0 && _rows >= 0)
                return _columns;
            using var cursor = _input.GetRowCursor(lacking);
            var adders = Array.ConvertAll(lacking, c =>
                Generics.Call<(IList, Action)>(typeof(CacheDataView), null, nameof(Adder), c.Type.RawType, cursor, c));
            long rows = 0;
            for (; cursor.MoveNext(); rows++)
                foreach (var (_, add) in adders)
                    add();
            for (int i = 0; i < lacking.Length; i++)
                _columns[lacking[i].Index] = adders[i].Item1;
            _rows = rows;
            return _columns;
        }
    }

    private static (IList, Action) Adder<TValue>(DataViewRow row, DataViewSchema.Column column)
    {
        var values = new List<TValue>();
        var getter = row.GetGetter<TValue>(column);
        return (values, () =>
        {
            TValue value = default;
            getter(ref value);
            values.Add(value);
        });
    }

    /// <summary>Rows in order, shuffled, or every <paramref name="cursors"/>-th block of rows.</summary>
    private sealed class Cursor(CacheDataView view, bool[] active, IList[] columns, Random rand, int first, int cursors) : RootCursorBase
    {
        private readonly int[] _order = rand == null ? null : Shuffled((int)view._rows, rand);
        private long _next;
        private long _row = -1;

        private static int[] Shuffled(int count, Random rand)
        {
            var order = Enumerable.Range(0, count).ToArray();
            rand.Shuffle(order);
            return order;
        }

        public override DataViewSchema Schema => view.Schema;

        public override long Batch => cursors == 1 || _row < 0 ? 0 : _row / BlockSize;

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            Contracts.CheckParam(column.Index < active.Length, nameof(column));
            return active[column.Index];
        }

        protected override bool MoveNextCore()
        {
            long place = (_next / BlockSize * cursors + first) * BlockSize + _next % BlockSize;
            _next++;
            _row = place < view._rows ? _order?[place] ?? place : -1;
            return _row >= 0;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
            id = IsGood ? new DataViewRowId((ulong)_row, 0) : throw ActiveColumns.NotOnARow();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => ActiveColumns.Checked<TValue>(
            IsColumnActive(column)
                ? Generics.Call<Delegate>(typeof(Cursor), this, nameof(Getter), column.Type.RawType, column.Index)
                : null, column);

        private Delegate Getter<TValue>(int column)
        {
            var values = (List<TValue>)columns[column];
            if (MemberAccess.IsBuffer(typeof(TValue)))
                return Generics.Call<Delegate>(typeof(Cursor), this, nameof(Buffers), typeof(TValue).GetGenericArguments()[0], values);
            return (ValueGetter<TValue>)((ref TValue value) => value = IsGood ? values[(int)_row] : throw ActiveColumns.NotOnARow());
        }

        private Delegate Buffers<TItem>(List<VBuffer<TItem>> values) => (ValueGetter<VBuffer<TItem>>)((ref VBuffer<TItem> value) =>
        {
            if (!IsGood)
                throw ActiveColumns.NotOnARow();
            values[(int)_row].CopyTo(ref value);
        });
    }
}
