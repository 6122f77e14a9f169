using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// A view with one more column: a number in [0, 1) for each row, either drawn for its place in the view or the same for all rows with an
/// equal value of the sampling key.
/// The drawn numbers follow the rows' order, so it does not shuffle.
/// </summary>
internal sealed class SplitNumbers : IDataView
{
    private const uint KeyMask = (1u << 30) - 1;

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
        var needed = _source.Schema.Where(c => active[c.Index] || (number && c.Index == _keyColumn)).ToArray();
        return new Cursor(this, _source.GetRowCursor(needed), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        new[] { GetRowCursor(columnsNeeded, rand) };

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
            var hash = Generics.Call<Func<uint?>>(typeof(SplitNumbers), null,
                type is VectorDataViewType ? nameof(HashOfVector) : nameof(HashOf),
                type is VectorDataViewType vector ? vector.ItemType.RawType : type.RawType, _input, index, _parent._seed);
            return (ref double value) => value = hash() is { } h ? ((h & KeyMask) + 0.5) / (KeyMask + 1.0) : double.NaN;
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

    // An empty text has no hash, so its row is in no set.
    private static Func<uint?> HashOf<T>(DataViewRow row, int column, uint seed)
    {
        var getter = row.GetGetter<T>(row.Schema[column]);
        T value = default;
        return () =>
        {
            getter(ref value);
            return value is ReadOnlyMemory<char> { IsEmpty: true } ? null : Hash(seed, value);
        };
    }

    private static Func<uint?> HashOfVector<T>(DataViewRow row, int column, uint seed)
    {
        var getter = row.GetGetter<VBuffer<T>>(row.Schema[column]);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            uint hash = seed;
            foreach (var item in value.DenseValues())
                hash = Hash(hash, item);
            return hash;
        };
    }

    // By the value's text: any type, the same in every process. Texts go to the same sets as upstream.
    private static uint Hash<T>(uint seed, T value)
    {
        var text = value is ReadOnlyMemory<char> memory
            ? memory.Span.Trim(' ').ToString()
            : Convert.ToString(value, CultureInfo.InvariantCulture);
        return Murmur(seed, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>MurmurHash3, the variant of 32 bits (A. Appleby, public domain).</summary>
    private static uint Murmur(uint hash, ReadOnlySpan<byte> bytes)
    {
        static uint Scrambled(uint block) => BitOperations.RotateLeft(block * 0xCC9E2D51u, 15) * 0x1B873593u;
        uint length = (uint)bytes.Length;
        for (; bytes.Length >= sizeof(uint); bytes = bytes[sizeof(uint)..])
            hash = BitOperations.RotateLeft(hash ^ Scrambled(BinaryPrimitives.ReadUInt32LittleEndian(bytes)), 13) * 5 + 0xE6546B64u;
        uint tail = 0;
        for (int i = bytes.Length; i-- > 0;)
            tail = (tail << 8) | bytes[i];
        hash ^= Scrambled(tail) ^ length;
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35u;
        return hash ^ (hash >> 16);
    }
}
