using System;
using System.Collections;
using System.Collections.Generic;

namespace Microsoft.ML.Internal.Utilities;

/// <summary>A string with its number in a pool.</summary>
internal sealed class NormStr
{
    public readonly ReadOnlyMemory<char> Value;
    public readonly int Id;

    private NormStr(string value, int id) => (Value, Id) = (value.AsMemory(), id);

    public sealed class Pool : IEnumerable<NormStr>
    {
        private readonly Dictionary<string, NormStr> _byText = [];
        private readonly List<NormStr> _items = [];

        public int Count => _items.Count;

        public NormStr Add(string str)
        {
            if (!_byText.TryGetValue(str, out var item))
            {
                item = new NormStr(str, _items.Count);
                _items.Add(item);
                _byText.Add(str, item);
            }
            return item;
        }

        public NormStr Add(ReadOnlyMemory<char> str) => Add(str.ToString());

        public IEnumerator<NormStr> GetEnumerator() => _items.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
