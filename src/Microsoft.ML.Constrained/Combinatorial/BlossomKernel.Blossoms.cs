using System;
using System.Numerics;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <content>Shrinking, expanding, and changing the matching inside blossoms.</content>
internal sealed partial class BlossomKernel
{
    private readonly Cycle[] _cycles;
    private readonly int[] _pathUp;
    private readonly int[] _otherPathUp;

    /// <summary>Handles a tight edge between two S vertices; true when it joined two trees and the matching grew.</summary>
    private bool ShrinkOrAugment(int u, int v)
    {
        int count = PathToRoot(_outer[u], _pathUp), otherCount = PathToRoot(_outer[v], _otherPathUp);
        if (_pathUp[count - 1] != _otherPathUp[otherCount - 1])
        {
            Rematch(u, v);
            Rematch(v, u);
            return true;
        }

        // The last node that both ways to the root share becomes the blossom's base.
        while (count > 1 && otherCount > 1 && _pathUp[count - 2] == _otherPathUp[otherCount - 2])
        {
            count--;
            otherCount--;
        }

        Shrink(u, v, count - 1, otherCount - 1);
        return false;
    }

    private int PathToRoot(int node, int[] path)
    {
        int count = 0;
        path[count++] = node;
        while (_mates[_bases[node]] >= 0)
        {
            int odd = _outer[_mates[_bases[node]]];
            path[count++] = odd;
            node = _outer[_entryFrom[odd]];
            path[count++] = node;
        }

        return count;
    }

    /// <summary>The edge from a tree node to its parent: its own end and the parent's.</summary>
    private (int Own, int Parent) EdgeUp(int node) => _labels[node] == Odd
        ? (_entryTo[node], _entryFrom[node])
        : (_bases[node], _mates[_bases[node]]);

    private void Shrink(int u, int v, int above, int otherAbove)
    {
        int blossom = _unused[--_unusedCount];
        Cycle cycle = _cycles[blossom - _vertices];
        int shared = _pathUp[above];
        cycle.Count = 0;
        int child = shared;
        for (int i = above - 1; i >= 0; i--)
        {
            (int own, int parent) = EdgeUp(_pathUp[i]);
            cycle.Add(child, parent, own);
            child = _pathUp[i];
        }

        cycle.Add(child, u, v);
        for (int i = 0; i < otherAbove; i++)
        {
            (int own, int parent) = EdgeUp(_otherPathUp[i]);
            cycle.Add(_otherPathUp[i], own, parent);
        }

        _members[blossom] = 0;
        for (int i = 0; i < cycle.Count; i++)
            _members[blossom] |= _members[cycle.Children[i]];
        SetOuter(blossom);
        _bases[blossom] = _bases[shared];
        _labels[blossom] = Even;
        _blossomDuals[blossom] = 0;
    }

    private void SetOuter(int blossom)
    {
        for (ulong rest = _members[blossom]; rest != 0; rest &= rest - 1)
            _outer[BitOperations.TrailingZeroCount(rest)] = blossom;
    }

    // From an S vertex up to the root: the vertex takes its new partner, and what was matched above moves one place up.
    private void Rematch(int vertex, int partner)
    {
        while (true)
        {
            int node = _outer[vertex];
            int former = _mates[_bases[node]];
            MakeBase(node, vertex);
            _mates[vertex] = partner;
            if (former < 0)
                return;
            int odd = _outer[former];
            (int from, int to) = (_entryFrom[odd], _entryTo[odd]);
            MakeBase(odd, to);
            _mates[to] = from;
            (vertex, partner) = (from, to);
        }
    }

    /// <summary>Changes the matching inside a blossom so that the given vertex is the one matched outside.</summary>
    private void MakeBase(int blossom, int vertex)
    {
        if (blossom < _vertices || _bases[blossom] == vertex)
            return;
        Cycle cycle = _cycles[blossom - _vertices];
        int entry = IndexOfChild(cycle, vertex);
        MakeBase(cycle.Children[entry], vertex);

        // Of the two ways round, the one with an even number of children is rematched in pairs.
        int first = entry % 2 == 0 ? 0 : entry + 1, last = entry % 2 == 0 ? entry : cycle.Count;
        for (int i = first; i < last; i += 2)
        {
            (int from, int to) = (cycle.From[i], cycle.To[i]);
            MakeBase(cycle.Children[i], from);
            MakeBase(cycle.Children[(i + 1) % cycle.Count], to);
            (_mates[from], _mates[to]) = (to, from);
        }

        cycle.Rotate(entry);
        _bases[blossom] = vertex;
    }

    // A T blossom whose dual reached zero: the even way from the entry to the base stays in the tree, the other children leave it.
    private void Expand(int blossom)
    {
        Cycle cycle = _cycles[blossom - _vertices];
        (int from, int to) = (_entryFrom[blossom], _entryTo[blossom]);
        int count = cycle.Count, at = IndexOfChild(cycle, to);
        for (int i = 0; i < count; i++)
        {
            SetOuter(cycle.Children[i]);
            _labels[cycle.Children[i]] = Unlabelled;
        }

        bool down = at % 2 == 0;
        while (true)
        {
            int child = cycle.Children[at];
            _labels[child] = Odd;
            (_entryFrom[child], _entryTo[child]) = (from, to);
            if (at == 0)
                break;
            int even = down ? at - 1 : at + 1;
            _labels[cycle.Children[even]] = Even;
            int edge = down ? even - 1 : even;
            (from, to) = down ? (cycle.To[edge], cycle.From[edge]) : (cycle.From[edge], cycle.To[edge]);
            at = down ? even - 1 : (even + 1) % count;
        }

        _members[blossom] = 0;
        _labels[blossom] = Unlabelled;
        _unused[_unusedCount++] = blossom;
    }

    private int IndexOfChild(Cycle cycle, int vertex)
    {
        int index = 0;
        while ((_members[cycle.Children[index]] >> vertex & 1) == 0)
            index++;
        return index;
    }

    /// <summary>
    /// The odd cycle of a blossom: its children from the one with the base on, and the edge from each child to the next. After the
    /// first, children are matched in pairs: 1 with 2, 3 with 4 and so on.
    /// </summary>
    private sealed class Cycle(int capacity)
    {
        private readonly int[] _spare = new int[capacity];

        public int Count { get; set; }

        public int[] Children { get; } = new int[capacity];

        public int[] From { get; } = new int[capacity];

        public int[] To { get; } = new int[capacity];

        public void Add(int child, int from, int to)
        {
            Children[Count] = child;
            From[Count] = from;
            To[Count++] = to;
        }

        /// <summary>Makes the given child the first one.</summary>
        public void Rotate(int first)
        {
            RotateArray(Children, first);
            RotateArray(From, first);
            RotateArray(To, first);
        }

        private void RotateArray(int[] values, int first)
        {
            Array.Copy(values, first, _spare, 0, Count - first);
            Array.Copy(values, 0, _spare, Count - first, first);
            Array.Copy(_spare, values, Count);
        }
    }
}
