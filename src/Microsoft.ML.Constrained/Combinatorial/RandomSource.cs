using System;
using System.Numerics;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>
/// The noise of one layer or trainer: a generator of its own (xoshiro256**, Blackman and Vigna 2021) with a seed, and a state that can
/// be saved and restored. The same state gives the same numbers on every machine that has the same mathematical functions. Not for use
/// by several threads at once.
/// </summary>
public sealed class RandomSource
{
    /// <summary>Words of a saved state.</summary>
    public const int StateLength = 4;

    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>A generator with a seed; equal seeds give equal numbers.</summary>
    /// <param name="seed">Any number.</param>
    public RandomSource(ulong seed)
    {
        // The four words come from a second, simpler generator, so that near seeds do not give near states.
        Span<ulong> state = stackalloc ulong[StateLength];
        foreach (ref ulong word in state)
        {
            seed += 0x9E3779B97F4A7C15;
            ulong mixed = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            word = mixed ^ (mixed >> 31);
        }

        (_s0, _s1, _s2, _s3) = (state[0], state[1], state[2], state[3]);
    }

    /// <summary>The state, to go on from later.</summary>
    public ulong[] Save() => [_s0, _s1, _s2, _s3];

    /// <summary>Goes on from a saved state.</summary>
    /// <param name="state">What <see cref="Save"/> gave.</param>
    /// <exception cref="ArgumentException">The state has the wrong length or is all zeros.</exception>
    public void Restore(ReadOnlySpan<ulong> state)
    {
        if (state.Length != StateLength || (state[0] | state[1] | state[2] | state[3]) == 0)
            throw new ArgumentException($"'state' expects {StateLength} words that are not all zero, got {state.Length}.", nameof(state));
        (_s0, _s1, _s2, _s3) = (state[0], state[1], state[2], state[3]);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9, moved = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= moved;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number above 0 and below 1.</summary>
    public double NextUniform() => ((NextBits() >> 11) + 0.5) * (1.0 / (1UL << 53));

    /// <summary>
    /// A standard normal number (Marsaglia's polar method; the second of each pair is not kept, so the state is the whole state).
    /// </summary>
    public double NextGaussian()
    {
        while (true)
        {
            double x = 2 * NextUniform() - 1, y = 2 * NextUniform() - 1, square = x * x + y * y;
            if (square is < 1 and > 0)
                return x * Math.Sqrt(-2 * Math.Log(square) / square);
        }
    }

    /// <summary>A standard Gumbel number, −ln(−ln U).</summary>
    public double NextGumbel() => -Math.Log(-Math.Log(NextUniform()));

    /// <summary>A gamma number of scale 1 (Marsaglia and Tsang 2000; below shape 1 by a power of a uniform number).</summary>
    /// <param name="shape">The shape, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The shape is not positive.</exception>
    public double NextGamma(double shape)
    {
        if (!(shape > 0 && double.IsFinite(shape)))
            throw new ArgumentOutOfRangeException(nameof(shape), shape, "Expected a positive number.");
        if (shape < 1)
            return NextGamma(shape + 1) * Math.Pow(NextUniform(), 1 / shape);
        double d = shape - 1.0 / 3, c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = NextGaussian(), v = 1 + c * x;
            if (v <= 0)
                continue;
            v = v * v * v;
            if (Math.Log(NextUniform()) < 0.5 * x * x + d - d * v + d * Math.Log(v))
                return d * v;
        }
    }
}
