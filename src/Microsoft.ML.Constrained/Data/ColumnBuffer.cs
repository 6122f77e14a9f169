using System;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Data;

/// <summary>Keeps one passed-through column of the rows that were read ahead, whatever its type.</summary>
internal abstract class ColumnBuffer
{
    /// <summary>Makes room for more rows. What was held is lost.</summary>
    public abstract void Reserve(int capacity);

    /// <summary>Keeps the source's current value in <paramref name="slot"/>.</summary>
    public abstract void Read(int slot);

    /// <summary>A getter of the value in the slot that <paramref name="slot"/> names.</summary>
    public abstract Delegate CreateGetter(Func<int> slot);

    public static ColumnBuffer Create(DataViewRow source, DataViewSchema.Column column)
    {
        Type raw = column.Type.RawType;
        Type type = raw.IsGenericType && raw.GetGenericTypeDefinition() == typeof(VBuffer<>)
            ? typeof(VectorBuffer<>).MakeGenericType(raw.GetGenericArguments())
            : typeof(ValueBuffer<>).MakeGenericType(raw);
        return (ColumnBuffer)Activator.CreateInstance(type, source, column)!;
    }

    private sealed class ValueBuffer<T>(DataViewRow source, DataViewSchema.Column column) : ColumnBuffer
    {
        private readonly ValueGetter<T> _getter = source.GetGetter<T>(column);
        private T[] _values = [];

        public override void Reserve(int capacity) => _values = new T[capacity];

        public override void Read(int slot) => _getter(ref _values[slot]);

        public override Delegate CreateGetter(Func<int> slot)
        {
            ValueGetter<T> getter = (ref T value) => value = _values[slot()];
            return getter;
        }
    }

    private sealed class VectorBuffer<T>(DataViewRow source, DataViewSchema.Column column) : ColumnBuffer
    {
        private readonly ValueGetter<VBuffer<T>> _getter = source.GetGetter<VBuffer<T>>(column);
        private VBuffer<T>[] _values = [];

        public override void Reserve(int capacity) => _values = new VBuffer<T>[capacity];

        public override void Read(int slot) => _getter(ref _values[slot]);

        public override Delegate CreateGetter(Func<int> slot)
        {
            ValueGetter<VBuffer<T>> getter = (ref VBuffer<T> value) => _values[slot()].CopyTo(ref value);
            return getter;
        }
    }
}
