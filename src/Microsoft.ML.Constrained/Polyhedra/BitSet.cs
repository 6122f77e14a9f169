using System.Numerics;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>A set of row numbers.</summary>
internal sealed class BitSet(int length)
{
    private readonly ulong[] _words = new ulong[(length + 63) >> 6];

    private BitSet(ulong[] words)
        : this(0) => _words = words;

    public void Set(int index) => _words[index >> 6] |= 1UL << (index & 63);

    public bool Contains(int index) => (_words[index >> 6] >> (index & 63) & 1) != 0;

    public BitSet And(BitSet other)
    {
        var words = new ulong[_words.Length];
        for (int i = 0; i < words.Length; i++)
            words[i] = _words[i] & other._words[i];
        return new BitSet(words);
    }

    public static int CommonCount(BitSet first, BitSet second)
    {
        int count = 0;
        for (int i = 0; i < first._words.Length; i++)
            count += BitOperations.PopCount(first._words[i] & second._words[i]);
        return count;
    }

    /// <summary>Whether every number that is in both sets is in this one.</summary>
    public bool ContainsCommon(BitSet first, BitSet second)
    {
        for (int i = 0; i < _words.Length; i++)
        {
            if ((first._words[i] & second._words[i] & ~_words[i]) != 0)
                return false;
        }

        return true;
    }
}
