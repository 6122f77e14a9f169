using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>
/// The source's rows in a random order: a pool of rows is filled, each step shows a random one of the pool and puts the next row of the
/// source into its place.
/// Each pass starts again from the same seed. The source is shuffled too where it can and this is asked for.
/// </summary>
internal sealed class RowShufflingTransformer : IDataView
{
    internal static class Defaults
    {
        public const int PoolRows = 1000;
        public const bool PoolOnly = false;
    }

    private readonly IDataView _source;
    private readonly int _seed;
    private readonly int _poolRows;
    private readonly bool _shuffleSource;

    public RowShufflingTransformer(IDataView source, int seed, int poolRows, bool shuffleSource)
    {
        _source = source;
        _seed = seed;
        _poolRows = poolRows;
        _shuffleSource = shuffleSource;
    }

    public bool CanShuffle => true;
    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var random = rand ?? RandomUtils.Create(_seed);
        var sourceRandom = _shuffleSource ? RandomUtils.Create(random) : null;
        var input = _source.GetRowCursor(columnsNeeded, sourceRandom);
        return _poolRows == 1 ? input : new Cursor(input, _poolRows, random);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        new[] { GetRowCursor(columnsNeeded, rand) };

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly DataViewRowCursor _input;
        private readonly Random _random;
        private readonly int _poolRows;
        private readonly Pool[] _pools;
        private readonly Pool<DataViewRowId> _ids;
        // The pool's slots in a ring, from the one that has waited longest.
        private readonly List<int> _ring = new();
        private int _first;
        private int _live;
        private int _current = -1;
        private bool _started;
        private long _position = -1;
        private bool _disposed;

        public Cursor(DataViewRowCursor input, int poolRows, Random random)
        {
            _input = input;
            _poolRows = poolRows;
            _random = random;
            _pools = new Pool[input.Schema.Count];
            foreach (var column in input.Schema)
            {
                if (input.IsColumnActive(column))
                    _pools[column.Index] = Generics.Call<Pool>(typeof(Cursor), null,
                        column.Type is VectorDataViewType ? nameof(VectorPoolOf) : nameof(PoolOf),
                        column.Type is VectorDataViewType vector ? vector.ItemType.RawType : column.Type.RawType, input, column);
            }
            _ids = new Pool<DataViewRowId>(input.GetIdGetter(), static (in DataViewRowId from, ref DataViewRowId to) => to = from);
        }

        public override DataViewSchema Schema => _input.Schema;
        public override long Position => _position;
        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _input.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Contracts.CheckParam(IsColumnActive(column), nameof(column), "requested column not active.");
            if (_pools[column.Index] is not Pool<TValue> pool)
                throw Contracts.Except($"Invalid TValue in GetGetter: '{typeof(TValue)}', expected type: '{column.Type.RawType}'.");
            return (ref TValue value) => pool.Get(CheckedCurrent(), ref value);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => _ids.Get(CheckedCurrent(), ref value);

        private int CheckedCurrent() => _current >= 0
            ? _current
            : throw ActiveColumns.NotOnARow();

        public override bool MoveNext()
        {
            if (_disposed || (_started && _current < 0))
                return false;
            if (!_started)
            {
                _started = true;
                while (_ring.Count < _poolRows && _input.MoveNext())
                {
                    _ring.Add(_ring.Count);
                    Fill(_ring.Count - 1);
                }
            }
            else if (_input.MoveNext())
            {
                _ring[(_first + _live) % _ring.Count] = _current;
                Fill(_current);
            }
            if (_live == 0)
            {
                _current = -1;
                _position = -1;
                return false;
            }
            int at = (_first + _random.Next(_live)) % _ring.Count;
            _current = _ring[at];
            _ring[at] = _ring[_first];
            _first = (_first + 1) % _ring.Count;
            _live--;
            _position++;
            return true;
        }

        private void Fill(int slot)
        {
            foreach (var pool in _pools)
                pool?.Fill(slot);
            _ids.Fill(slot);
            _live++;
        }

        protected override void Dispose(bool disposing)
        {
            if (_disposed)
                return;
            if (disposing)
                _input.Dispose();
            _disposed = true;
            _current = -1;
            _position = -1;
            base.Dispose(disposing);
        }

        private static Pool PoolOf<T>(DataViewRow row, DataViewSchema.Column column) =>
            new Pool<T>(row.GetGetter<T>(column), static (in T from, ref T to) => to = from);

        private static Pool VectorPoolOf<T>(DataViewRow row, DataViewSchema.Column column) =>
            new Pool<VBuffer<T>>(row.GetGetter<VBuffer<T>>(column), static (in VBuffer<T> from, ref VBuffer<T> to) => from.CopyTo(ref to));

        private delegate void Copy<T>(in T from, ref T to);

        private abstract class Pool
        {
            public abstract void Fill(int slot);
        }

        private sealed class Pool<T> : Pool
        {
            private readonly ValueGetter<T> _getter;
            private readonly Copy<T> _copy;
            private T[] _values = new T[4];

            public Pool(ValueGetter<T> getter, Copy<T> copy)
            {
                _getter = getter;
                _copy = copy;
            }

            public override void Fill(int slot)
            {
                if (slot >= _values.Length)
                    Array.Resize(ref _values, 2 * _values.Length);
                _getter(ref _values[slot]);
            }

            public void Get(int slot, ref T value) => _copy(in _values[slot], ref value);
        }
    }
}
