using System.Collections;
using System.Collections.Generic;

namespace TorchSharp.Utils;

/// <summary>A dictionary that remembers the order of insertion.</summary>
public class OrderedDict<TKey, TValue> : IEnumerable<(TKey, TValue)>
{
    private readonly Dictionary<TKey, int> _places = new();
    private readonly List<(TKey Key, TValue Value)> _items = new();

    public int Count => _items.Count;

    public (TKey, TValue) this[int index]
    {
        get => _items[index];
        set
        {
            _places.Remove(_items[index].Key);
            _places[value.Item1] = index;
            _items[index] = value;
        }
    }

    public TValue this[TKey key]
    {
        get => _items[_places[key]].Value;
        set
        {
            if (_places.TryGetValue(key, out int place))
                _items[place] = (key, value);
            else
                Add(key, value);
        }
    }

    public void Add(TKey key, TValue value)
    {
        _places.Add(key, _items.Count);
        _items.Add((key, value));
    }

    public bool ContainsKey(TKey key) => _places.ContainsKey(key);

    public bool TryGetValue(TKey key, out TValue value)
    {
        bool found = _places.TryGetValue(key, out int place);
        value = found ? _items[place].Value : default;
        return found;
    }

    public bool Remove(TKey key)
    {
        if (!_places.Remove(key, out int place))
            return false;
        _items.RemoveAt(place);
        for (int i = place; i < _items.Count; i++)
            _places[_items[i].Key] = i;
        return true;
    }

    public void Clear()
    {
        _places.Clear();
        _items.Clear();
    }

    public IEnumerable<TKey> keys()
    {
        foreach (var (key, _) in _items)
            yield return key;
    }

    public IEnumerable<TValue> values()
    {
        foreach (var (_, value) in _items)
            yield return value;
    }

    public IEnumerator<(TKey, TValue)> GetEnumerator()
    {
        foreach (var item in _items)
            yield return item;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
