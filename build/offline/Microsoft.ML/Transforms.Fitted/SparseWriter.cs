using System;
using System.Collections.Generic;
using Microsoft.ML.Data;

namespace Microsoft.ML.Internal.Utilities;

/// <summary>
/// Collects the values of a vector in the order of their slots; the result is dense when at least half of them are not the default.
/// </summary>
internal sealed class SparseWriter<T>
{
    private readonly List<(int Slot, T Value)> _items = new();
    private int _length;

    public void Reset(int length)
    {
        _length = length;
        _items.Clear();
    }

    public void Add(int slot, T value)
    {
        if (!EqualityComparer<T>.Default.Equals(value, default))
            _items.Add((slot, value));
    }

    public void Get(ref VBuffer<T> destination)
    {
        bool dense = _items.Count > 0 && _items.Count >= _length / 2;
        var editor = VBufferEditor.Create(ref destination, _length, dense ? _length : _items.Count);
        if (dense)
            editor.Values.Clear();
        for (int i = 0; i < _items.Count; i++)
        {
            editor.Values[dense ? _items[i].Slot : i] = _items[i].Value;
            if (!dense)
                editor.Indices[i] = _items[i].Slot;
        }
        destination = editor.Commit();
    }
}
