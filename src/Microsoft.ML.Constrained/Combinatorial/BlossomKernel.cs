using System;
using System.Numerics;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// Perfect matching of greatest total weight on a general graph of up to 64 vertices, by Edmonds' primal-dual method (1965).
/// </summary>
/// <remarks>
/// Maximise Σ w[e] x[e]. Dual: y[v] free, z[B] ≥ 0 for odd sets B, slack(u, v) = y[u] + y[v] + Σ z[B ∋ u, v] − 2 w(u, v) ≥ 0; matched
/// edges and those inside blossoms have slack 0. Each stage grows alternating trees from all unmatched vertices at once: outer blossoms
/// at even distance are labelled S, at odd distance T. A dual step makes an S–free edge tight (grow), an S–S edge (shrink, or augment
/// between two trees), or a T blossom's z zero (expand). Weights are even integers, so that every step is one too and all is exact.
/// </remarks>
internal sealed partial class BlossomKernel
{
    /// <summary>The most vertices: sets of them are the bits of one word.</summary>
    public const int MaxVertices = 64;

    /// <summary>Stands for a missing edge; far below any weight, and sums of a few such numbers do not overflow.</summary>
    public const long Missing = -(1L << 59);

    private const byte Unlabelled = 0;
    private const byte Even = 1;
    private const byte Odd = 2;

    private readonly int _vertices;
    private readonly long[] _weights;
    private readonly long[] _potentials;
    private readonly long[] _blossomDuals;
    private readonly int[] _mates;
    private readonly int[] _outer;
    private readonly int[] _bases;
    private readonly ulong[] _members;
    private readonly byte[] _labels;

    // The edge by which a T blossom hangs in its tree: from a vertex of its S parent to a vertex of its own.
    private readonly int[] _entryFrom;
    private readonly int[] _entryTo;
    private readonly int[] _unused;
    private int _unusedCount;

    public BlossomKernel(int vertices)
    {
        _vertices = vertices;
        _weights = new long[vertices * vertices];
        _potentials = new long[vertices];
        _blossomDuals = new long[2 * vertices];
        _mates = new int[vertices];
        _outer = new int[vertices];
        _bases = new int[2 * vertices];
        _members = new ulong[2 * vertices];
        _labels = new byte[2 * vertices];
        _entryFrom = new int[2 * vertices];
        _entryTo = new int[2 * vertices];
        _unused = new int[vertices];
        _cycles = new Cycle[vertices];
        for (int b = 0; b < vertices; b++)
            _cycles[b] = new Cycle(vertices);
        _pathUp = new int[2 * vertices];
        _otherPathUp = new int[2 * vertices];
    }

    /// <summary>The symmetric weights, even numbers or <see cref="Missing"/>, to be filled by the caller.</summary>
    public Span<long> Weights => _weights;

    /// <summary>After <see cref="Solve"/>: each vertex's partner.</summary>
    public ReadOnlySpan<int> Mates => _mates;

    /// <summary>Solves.</summary>
    /// <returns>False when the graph has no perfect matching.</returns>
    public bool Solve()
    {
        if (!Reset())
            return false;
        int left = _vertices - MatchTightEdges();
        for (; left > 0; left -= 2)
        {
            if (!RunStage())
                return false;
        }

        return true;
    }

    // False when a vertex has no edge at all.
    private bool Reset()
    {
        Array.Fill(_mates, -1);
        Array.Clear(_blossomDuals);
        _unusedCount = 0;
        for (int b = 2 * _vertices - 1; b >= _vertices; b--)
        {
            _unused[_unusedCount++] = b;
            _members[b] = 0;
        }

        for (int v = 0; v < _vertices; v++)
        {
            (_outer[v], _bases[v], _members[v]) = (v, v, 1UL << v);
            long best = Missing;
            for (int u = 0; u < _vertices; u++)
                best = u == v ? best : Math.Max(best, _weights[v * _vertices + u]);
            _potentials[v] = best;
            if (best == Missing)
                return false;
        }

        return true;
    }

    private int MatchTightEdges()
    {
        int matched = 0;
        for (int v = 0; v < _vertices; v++)
        {
            for (int u = v + 1; u < _vertices && _mates[v] < 0; u++)
            {
                if (_mates[u] < 0 && Slack(v, u) == 0)
                {
                    (_mates[v], _mates[u]) = (u, v);
                    matched += 2;
                }
            }
        }

        return matched;
    }

    // Valid between different outer blossoms: no z counts there.
    private long Slack(int u, int v) => _potentials[u] + _potentials[v] - 2 * _weights[u * _vertices + v];

    private bool RunStage()
    {
        Array.Clear(_labels);
        for (int v = 0; v < _vertices; v++)
        {
            if (_mates[v] < 0)
                _labels[_outer[v]] = Even;
        }

        while (true)
        {
            Step step = FindStep();
            if (step.Length >= -Missing / 2)
                return false;
            MovePotentials(step.Length);
            switch (step.Kind)
            {
                case StepKind.Grow:
                    Grow(step.From, step.To);
                    break;
                case StepKind.Expand:
                    Expand(step.From);
                    break;
                default:
                    if (ShrinkOrAugment(step.From, step.To))
                        return true;
                    break;
            }
        }
    }

    private Step FindStep()
    {
        ulong even = 0, free = 0;
        for (int v = 0; v < _vertices; v++)
        {
            byte label = _labels[_outer[v]];
            even |= label == Even ? 1UL << v : 0;
            free |= label == Unlabelled ? 1UL << v : 0;
        }

        var best = new Step(StepKind.Join, long.MaxValue, 0, 0);
        for (ulong rest = even; rest != 0; rest &= rest - 1)
        {
            int u = BitOperations.TrailingZeroCount(rest);
            ReadOnlySpan<long> row = _weights.AsSpan(u * _vertices, _vertices);
            ulong later = even & ~_members[_outer[u]] & ~((2UL << u) - 1);
            for (; later != 0; later &= later - 1)
            {
                int v = BitOperations.TrailingZeroCount(later);
                long half = (_potentials[u] + _potentials[v] - 2 * row[v]) / 2;
                if (half < best.Length)
                    best = new Step(StepKind.Join, half, u, v);
            }

            for (ulong other = free; other != 0; other &= other - 1)
            {
                int v = BitOperations.TrailingZeroCount(other);
                long slack = _potentials[u] + _potentials[v] - 2 * row[v];
                if (slack < best.Length)
                    best = new Step(StepKind.Grow, slack, u, v);
            }
        }

        for (int b = _vertices; b < 2 * _vertices; b++)
        {
            if (IsOuter(b) && _labels[b] == Odd && _blossomDuals[b] / 2 < best.Length)
                best = new Step(StepKind.Expand, _blossomDuals[b] / 2, b, 0);
        }

        return best;
    }

    private bool IsOuter(int blossom) => _members[blossom] != 0 && _outer[BitOperations.TrailingZeroCount(_members[blossom])] == blossom;

    private void MovePotentials(long length)
    {
        if (length == 0)
            return;
        for (int v = 0; v < _vertices; v++)
        {
            byte label = _labels[_outer[v]];
            _potentials[v] += label == Even ? -length : label == Odd ? length : 0;
        }

        for (int b = _vertices; b < 2 * _vertices; b++)
        {
            if (IsOuter(b))
                _blossomDuals[b] += _labels[b] == Even ? 2 * length : _labels[b] == Odd ? -2 * length : 0;
        }
    }

    private void Grow(int from, int to)
    {
        int blossom = _outer[to];
        _labels[blossom] = Odd;
        (_entryFrom[blossom], _entryTo[blossom]) = (from, to);
        _labels[_outer[_mates[_bases[blossom]]]] = Even;
    }

    private enum StepKind
    {
        Join,
        Grow,
        Expand,
    }

    private readonly record struct Step(StepKind Kind, long Length, int From, int To);
}
