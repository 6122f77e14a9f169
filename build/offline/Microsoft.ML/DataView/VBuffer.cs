using System;
using System.Collections;
using System.Collections.Generic;

namespace Microsoft.ML.Data;

/// <summary>A vector, dense or sparse, over arrays that a caller can have refilled.</summary>
public readonly struct VBuffer<T> : IEnumerable
{
    public readonly int Length;
    private readonly int _count;
    private readonly T[] _values;
    private readonly int[] _indices;

    public VBuffer(int length, T[] values, int[] indices = null)
    {
        RefuseIf(length < 0, nameof(length));
        RefuseIf((values?.Length ?? 0) < length, nameof(values));
        (Length, _count, _values, _indices) = (length, length, values, indices);
    }

    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        RefuseIf(length < 0, nameof(length));
        RefuseIf(count < 0 || count > length, nameof(count));
        RefuseIf((values?.Length ?? 0) < count, nameof(values));
        RefuseIf(count < length && (indices?.Length ?? 0) < count, nameof(indices));
        (Length, _count, _values, _indices) = (length, count, values, indices);
    }

    private static void RefuseIf(bool wrong, string parameter)
    {
        if (wrong)
            throw new ArgumentOutOfRangeException(parameter);
    }

    public bool IsDense => _count == Length;

    public ReadOnlySpan<T> GetValues() => _values.AsSpan(0, _count);

    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    public void CopyToDense(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length, _count);
        GetValues().CopyTo(editor.Values);
        GetIndices().CopyTo(editor.Indices);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination, int sourceIndex, int length)
    {
        RefuseIf(sourceIndex < 0 || sourceIndex > Length, nameof(sourceIndex));
        RefuseIf(length < 0 || length > Length - sourceIndex, nameof(length));
        int from = sourceIndex, count = length;
        if (!IsDense)
        {
            from = FirstAtLeast(sourceIndex);
            count = FirstAtLeast(sourceIndex + length) - from;
        }
        var editor = VBufferEditor.Create(ref destination, length, count);
        _values.AsSpan(from, count).CopyTo(editor.Values);
        for (int i = 0; i < editor.Indices.Length; i++)
            editor.Indices[i] = _indices[from + i] - sourceIndex;
        destination = editor.Commit();
    }

    private int FirstAtLeast(int index)
    {
        int place = _indices.AsSpan(0, _count).BinarySearch(index);
        return place < 0 ? ~place : place;
    }

    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default)
    {
        if (destinationIndex < 0 || destinationIndex > destination.Length - Length)
            throw new ArgumentOutOfRangeException(nameof(destination), "Not large enough to hold these values.");
        var target = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(target);
            return;
        }
        target.Fill(defaultValue);
        for (int i = 0; i < _count; i++)
            target[_indices[i]] = _values[i];
    }

    public static void Copy(T[] source, int sourceIndex, ref VBuffer<T> destination, int length)
    {
        RefuseIf(sourceIndex < 0 || length < 0 || sourceIndex > (source?.Length ?? 0) - length, nameof(sourceIndex));
        var editor = VBufferEditor.Create(ref destination, length);
        source.AsSpan(sourceIndex, length).CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false)
    {
        int next = 0;
        for (int i = 0; i < _count; i++)
        {
            int index = IsDense ? i : _indices[i];
            for (; all && next < index; next++)
                yield return new(next, default);
            yield return new(index, _values[i]);
            next = index + 1;
        }
        for (; all && next < Length; next++)
            yield return new(next, default);
    }

    public IEnumerable<T> DenseValues()
    {
        foreach (var pair in Items(all: true))
            yield return pair.Value;
    }

    public T GetItemOrDefault(int index)
    {
        T item = default;
        GetItemOrDefault(index, ref item);
        return item;
    }

    public void GetItemOrDefault(int index, ref T destination)
    {
        RefuseIf((uint)index >= (uint)Length, nameof(index));
        int place = IsDense ? index : _indices.AsSpan(0, _count).BinarySearch(index);
        destination = place < 0 ? default : _values[place];
    }

    /// <summary>The underlying array, as it is: beyond the explicit values there may be more.</summary>
    public IEnumerator GetEnumerator() => (_values ?? []).GetEnumerator();

    public override string ToString() =>
        IsDense ? $"Dense vector of size {Length}" : $"Sparse vector of size {Length}, {_count} explicit values";

    internal VBufferEditor<T> GetEditor() => GetEditor(Length, _count);

    internal VBufferEditor<T> GetEditor(int newLogicalLength, int? valuesCount, int? maxValuesCapacity = null,
        bool keepOldOnResize = false, bool requireIndicesOnDense = false)
    {
        if (newLogicalLength < 0)
            throw new ArgumentOutOfRangeException(nameof(newLogicalLength), "Must be non-negative.");
        if (valuesCount < 0)
            throw new ArgumentOutOfRangeException(nameof(valuesCount), "If specified, must be non-negative.");
        if (valuesCount > newLogicalLength)
            throw new ArgumentOutOfRangeException(nameof(valuesCount), $"If specified, must be no greater than {nameof(newLogicalLength)}");
        int count = valuesCount ?? newLogicalLength;
        int most = maxValuesCapacity ?? Array.MaxLength;
        var values = Room(_values, count, most, keepOldOnResize);
        var indices = count < newLogicalLength || requireIndicesOnDense ? Room(_indices, count, most, keepOldOnResize) : _indices;
        return new VBufferEditor<T>(newLogicalLength, count, values, indices, requireIndicesOnDense, values != _values,
            indices != _indices);
    }

    private static TItem[] Room<TItem>(TItem[] array, int least, int most, bool keep)
    {
        if (least > most)
            throw new ArgumentOutOfRangeException("max", "min must not exceed max");
        int size = array?.Length ?? 0;
        if (size >= least)
            return array;
        int wanted = (int)Math.Max(least, Math.Min(size == 0 ? 4L : 2L * size, most));
        var larger = new TItem[wanted];
        if (keep && size > 0)
            array.CopyTo(larger, 0);
        return larger;
    }
}
