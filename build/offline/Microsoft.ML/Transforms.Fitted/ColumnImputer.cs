using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using ReplacementMode = Microsoft.ML.Transforms.MissingValueReplacingEstimator.ReplacementMode;

namespace Microsoft.ML.Transforms;

/// <summary>
/// Finds what missing values of a column are replaced with: one value, or one for each slot. Zeros that sparse vectors leave out count.
/// </summary>
internal static class ColumnImputer
{
    public static T[] Fit<T>(IDataView data, DataViewSchema.Column column, ReplacementMode mode, bool bySlot)
        where T : struct, IFloatingPointIeee754<T>
    {
        var vector = column.Type as VectorDataViewType;
        var slots = new Slot<T>[vector is { IsKnownSize: true } && bySlot ? vector.Size : 1];
        for (int i = 0; i < slots.Length; i++)
            slots[i] = new Slot<T>(mode == ReplacementMode.Mode);
        if (mode == ReplacementMode.DefaultValue)
            return new T[slots.Length];
        using var cursor = data.GetRowCursor(new[] { column });
        if (vector == null)
        {
            var getter = cursor.GetGetter<T>(column);
            T value = default;
            while (cursor.MoveNext())
            {
                getter(ref value);
                slots[0].Add(value);
            }
        }
        else
        {
            var getter = cursor.GetGetter<VBuffer<T>>(column);
            VBuffer<T> row = default;
            while (cursor.MoveNext())
            {
                getter(ref row);
                Contracts.Check(slots.Length == 1 || row.Length == slots.Length,
                    $"Column '{column.Name}': expected {slots.Length} slots, but got {row.Length}");
                foreach (var (slot, value) in row.Items(all: true))
                    slots[slots.Length == 1 ? 0 : slot].Add(value);
            }
        }
        return Array.ConvertAll(slots, s => s.Get(mode));
    }

    private sealed class Slot<T> where T : struct, IFloatingPointIeee754<T>
    {
        private readonly Dictionary<T, long> _frequencies;
        private double _sum;
        private long _count;
        private T _least = T.PositiveInfinity;
        private T _greatest = T.NegativeInfinity;

        public Slot(bool countsValues) => _frequencies = countsValues ? new() : null;

        public void Add(T value)
        {
            if (T.IsNaN(value))
                return;
            _count++;
            _sum += double.CreateChecked(value);
            _least = T.Min(_least, value);
            _greatest = T.Max(_greatest, value);
            if (_frequencies != null)
                _frequencies[value] = _frequencies.GetValueOrDefault(value) + 1;
        }

        public T Get(ReplacementMode mode) => _count == 0 ? T.Zero : mode switch
        {
            ReplacementMode.Mean => T.CreateChecked(_sum / _count),
            ReplacementMode.Minimum => _least,
            ReplacementMode.Maximum => _greatest,
            ReplacementMode.Mode => _frequencies.MaxBy(f => f.Value).Key,
            _ => throw Contracts.Except($"Internal error, undefined ReplacementKind '{mode}' assigned in NAReplaceTransform."),
        };
    }
}
