using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// A heap of items 0 … capacity − 1 with four children a node and keys that may be lowered. Items of equal key leave it in ascending
/// order of their number, so that whatever is built on it breaks ties in one way.
/// </summary>
internal sealed class MinHeap(int capacity)
{
    private readonly int[] _items = new int[capacity];
    private readonly double[] _keys = new double[capacity];
    private readonly int[] _places = NewPlaces(capacity);

    public int Count { get; private set; }

    /// <summary>Removes every item.</summary>
    public void Clear()
    {
        for (int i = 0; i < Count; i++)
            _places[_items[i]] = -1;
        Count = 0;
    }

    /// <summary>Adds an item, or lowers the key of one that is inside.</summary>
    public void Push(int item, double key)
    {
        int place = _places[item];
        if (place < 0)
            place = Count++;
        while (place > 0)
        {
            int parent = (place - 1) >> 2;
            if (!Before(key, item, _keys[parent], _items[parent]))
                break;
            Put(place, _items[parent], _keys[parent]);
            place = parent;
        }

        Put(place, item, key);
    }

    /// <summary>Removes the item with the least key, and among those the least number.</summary>
    public int Pop(out double key)
    {
        int top = _items[0];
        key = _keys[0];
        _places[top] = -1;
        Count--;
        if (Count > 0)
            Sink(_items[Count], _keys[Count]);
        return top;
    }

    private void Sink(int item, double key)
    {
        int place = 0;
        while (true)
        {
            int child = 4 * place + 1;
            if (child >= Count)
                break;
            int last = Math.Min(child + 4, Count);
            int best = child;
            for (int other = child + 1; other < last; other++)
            {
                if (Before(_keys[other], _items[other], _keys[best], _items[best]))
                    best = other;
            }

            if (!Before(_keys[best], _items[best], key, item))
                break;
            Put(place, _items[best], _keys[best]);
            place = best;
        }

        Put(place, item, key);
    }

    private void Put(int place, int item, double key)
    {
        _items[place] = item;
        _keys[place] = key;
        _places[item] = place;
    }

    private static bool Before(double key, int item, double otherKey, int otherItem) =>
        key < otherKey || (key == otherKey && item < otherItem);

    private static int[] NewPlaces(int capacity)
    {
        var places = new int[capacity];
        Array.Fill(places, -1);
        return places;
    }
}
