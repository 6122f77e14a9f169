using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// A view with one more column: a number in [0, 1) for each row, either drawn for its place in the view or the same for all rows with an equal value of the sampling key.
/// The drawn numbers follow the rows' order, so it does not shuffle.
/// </summary>
internal sealed class SplitNumbers : IDataView
{
    private const int KeyBits = 30;

    private readonly IDataView _source;
    private readonly int? _keyColumn;
    private readonly uint _seed;

    public SplitNumbers(IDataView source, string name, string keyColumn, uint seed)
    {
        _source = source;
        _seed = seed;
        _keyColumn = keyColumn == null ? null : source.Schema[keyColumn].Index;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(source.Schema);
        builder.AddColumn(name, NumberDataViewType.Double);
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;
    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = ActiveColumns.Of(columnsNeeded, Schema);
        bool number = active[^1];
        return new Cursor(this, _source.GetRowCursor(_source.Schema.Where(c => active[c.Index] || (number && c.Index == _keyColumn)).ToArray()), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) => new[] { GetRowCursor(columnsNeeded, rand) };

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly SplitNumbers _parent;
        private readonly DataViewRowCursor _input;
        private readonly bool[] _active;
        private bool _disposed;

        public Cursor(SplitNumbers parent, DataViewRowCursor input, bool[] active)
        {
            _parent = parent;
            _input = input;
            _active = active;
        }

        public override DataViewSchema Schema => _parent.Schema;
        public override long Position => _input.Position;
        public override long Batch => _input.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override bool MoveNext() => _input.MoveNext();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Contracts.CheckParam(IsColumnActive(column), nameof(column), "requested column not active.");
            if (column.Index < _input.Schema.Count)
                return _input.GetGetter<TValue>(_input.Schema[column.Index]);
            if (Number() is not ValueGetter<TValue> getter)
                throw Contracts.Except($"Invalid TValue in GetGetter: '{typeof(TValue)}', expected type: '{typeof(double)}'.");
            return getter;
        }

        private ValueGetter<double> Number()
        {
            if (_parent._keyColumn is not { } index)
                return Drawn(RandomUtils.Create((int)_parent._seed));
            var type = _input.Schema[index].Type;
            var hash = Generics.Call<Func<ulong>>(typeof(SplitNumbers), null, type is VectorDataViewType ? nameof(HashOfVector) : nameof(HashOf),
                type is VectorDataViewType vector ? vector.ItemType.RawType : type.RawType, _input, index, (ulong)_parent._seed);
            return (ref double value) => value = ((hash() >> (64 - KeyBits)) + 0.5) / (1UL << KeyBits);
        }

        // One number for each place in the view, whether it is read or not.
        private ValueGetter<double> Drawn(TauswortheHybrid random)
        {
            long last = -1;
            double number = 0;
            return (ref double value) =>
            {
                for (; last < _input.Position; last++)
                    number = random.NextSingle();
                value = number;
            };
        }

        protected override void Dispose(bool disposing)
        {
            if (_disposed)
                return;
            if (disposing)
                _input.Dispose();
            _disposed = true;
            base.Dispose(disposing);
        }
    }

    private static Func<ulong> HashOf<T>(DataViewRow row, int column, ulong seed)
    {
        var getter = row.GetGetter<T>(row.Schema[column]);
        T value = default;
        return () =>
        {
            getter(ref value);
            return Hash(seed, value);
        };
    }

    private static Func<ulong> HashOfVector<T>(DataViewRow row, int column, ulong seed)
    {
        var getter = row.GetGetter<VBuffer<T>>(row.Schema[column]);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            ulong hash = Mix(seed, (ulong)value.Length);
            foreach (var item in value.DenseValues())
                hash = Hash(hash, item);
            return hash;
        };
    }

    // By the value's text: any type, the same in every process.
    private static ulong Hash<T>(ulong seed, T value)
    {
        ulong hash = seed;
        var text = value is ReadOnlyMemory<char> memory ? memory.Span : Convert.ToString(value, CultureInfo.InvariantCulture).AsSpan();
        foreach (char c in text)
            hash = Mix(hash, c);
        return Mix(hash, (ulong)text.Length);
    }

    /// <summary>SplitMix64's output function over a weighted sum: well spread bits for a seed and a counter.</summary>
    private static ulong Mix(ulong seed, ulong value)
    {
        ulong z = (seed + 1) * 0x9E3779B97F4A7C15UL + value * 0xD1B54A32D192ED03UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
