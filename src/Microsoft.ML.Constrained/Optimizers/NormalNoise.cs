using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>
/// Standard normal numbers that depend on seed, step, tensor and place only, not on who asks for them in which order: each block of
/// <see cref="BlockLength"/> numbers has generators of its own (sixteen xoshiro128++ side by side, Blackman and Vigna 2021, seeded by a
/// hash), turned into normals by the method of Box and Muller in single precision. No fused multiply-adds, so that every machine draws the same numbers.
/// </summary>
internal readonly unsafe struct NormalNoise(ulong seed, ulong step, ulong tensor)
{
    /// <summary>Numbers in a block.</summary>
    public const int BlockLength = 4096;

    private const int Lanes = 16;

    private readonly ulong _key = Mix(Mix(Mix(seed) ^ step) ^ tensor);

    /// <summary>The first numbers of a block.</summary>
    /// <param name="block">Which one.</param>
    /// <param name="target">Room for a whole block.</param>
    /// <param name="count">How many are needed, up to <see cref="BlockLength"/>; up to 31 more are written.</param>
    [SkipLocalsInit]
    public void Fill(long block, float* target, int count)
    {
        uint* state = stackalloc uint[4 * Lanes];
        ulong key = Mix(_key ^ (ulong)block);
        for (int i = 0; i < 2 * Lanes; i++)
        {
            key += 0x9E3779B97F4A7C15;
            ulong word = Mix(key);
            state[2 * i] = (uint)word;
            state[(2 * i) + 1] = (uint)(word >> 32);
        }

        int width = Vector<uint>.Count;
        for (int i = 0; i < count; i += 2 * Lanes)
        {
            for (int lane = 0; lane < Lanes; lane += width)
            {
                uint* s = state + lane;
                Vector<float> length = Length(Next(s));
                Turn(Next(s), out Vector<float> cosine, out Vector<float> sine);
                Vector.Store(length * cosine, target + i + lane);
                Vector.Store(length * sine, target + i + Lanes + lane);
            }
        }
    }

    /// <summary>The numbers of a whole tensor.</summary>
    public void FillAll(Span<float> target)
    {
        float* block = stackalloc float[BlockLength];
        for (int first = 0, i = 0; first < target.Length; first += BlockLength, i++)
        {
            int count = Math.Min(BlockLength, target.Length - first);
            Fill(i, block, count);
            new ReadOnlySpan<float>(block, count).CopyTo(target[first..]);
        }
    }

    private static ulong Mix(ulong word)
    {
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9;
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
        return (word ^ (word >> 31)) + 0x9E3779B97F4A7C15;
    }

    /// <summary>32 random bits in each lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Next(uint* s)
    {
        Vector<uint> s0 = Vector.Load(s), s1 = Vector.Load(s + Lanes), s2 = Vector.Load(s + (2 * Lanes)), s3 = Vector.Load(s + (3 * Lanes));
        Vector<uint> result = Rotate(s0 + s3, 7) + s0, moved = s1 << 9;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= moved;
        s3 = Rotate(s3, 11);
        Vector.Store(s0, s);
        Vector.Store(s1, s + Lanes);
        Vector.Store(s2, s + (2 * Lanes));
        Vector.Store(s3, s + (3 * Lanes));
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Rotate(Vector<uint> value, int bits) => (value << bits) | (value >>> (32 - bits));

    /// <summary>√(−2 ln u) for u uniform in (0, 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Length(Vector<uint> random)
    {
        const int One = 0x3F800000, HalfSquareRoot = 0x3F3504F3;
        Vector<float> u = (Vector.ConvertToSingle(Vector.AsVectorInt32(random >>> 1)) + Vector.Create(0.5f)) * Vector.Create(1f / (1u << 31));

        // u = m·2^e with m between √½ and √2; ln m = 2 artanh((m − 1)/(m + 1)).
        Vector<int> bits = Vector.AsVectorInt32(u) - Vector.Create(HalfSquareRoot);
        Vector<float> exponent = Vector.ConvertToSingle(bits >> 23);
        Vector<float> m = Vector.AsVectorSingle((bits & Vector.Create(0x7FFFFF)) + Vector.Create(HalfSquareRoot));
        Vector<float> one = Vector.AsVectorSingle(Vector.Create(One)), s = (m - one) / (m + one), square = s * s;
        Vector<float> series = (square * Vector.Create(1f / 9)) + Vector.Create(1f / 7);
        series = (series * square) + Vector.Create(1f / 5);
        series = (series * square) + Vector.Create(1f / 3);
        series = (series * square) + one;
        Vector<float> logarithm = (exponent * Vector.Create(0.693147181f)) + (s * series * Vector.Create(2f));

        // Rounding may leave the logarithm of 1 a little above 0.
        return Vector.SquareRoot(Vector.Max(logarithm * Vector.Create(-2f), Vector<float>.Zero));
    }

    /// <summary>Cosine and sine of a uniform angle: two bits choose the quarter, the others an angle of at most π/4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(Vector<uint> random, out Vector<float> cosine, out Vector<float> sine)
    {
        Vector<float> a = Vector.ConvertToSingle(Vector.AsVectorInt32(random << 2)) * Vector.Create((float)(Math.PI / 4 / (1u << 31))), square = a * a;
        Vector<float> s = (square * Vector.Create(1f / 362880)) + Vector.Create(-1f / 5040);
        s = (s * square) + Vector.Create(1f / 120);
        s = (s * square) + Vector.Create(-1f / 6);
        s = (s * square * a) + a;
        Vector<float> c = (square * Vector.Create(-1f / 3628800)) + Vector.Create(1f / 40320);
        c = (c * square) + Vector.Create(-1f / 720);
        c = (c * square) + Vector.Create(1f / 24);
        c = (c * square) + Vector.Create(-0.5f);
        c = (c * square) + Vector.Create(1f);
        Vector<int> swap = Vector.AsVectorInt32(random << 1) >> 31;
        Vector<uint> sign = random & Vector.Create(0x80000000u);
        cosine = Vector.AsVectorSingle(Vector.AsVectorUInt32(Vector.ConditionalSelect(swap, s, c)) ^ sign);
        sine = Vector.AsVectorSingle(Vector.AsVectorUInt32(Vector.ConditionalSelect(swap, c, s)) ^ sign ^ (random << 1 & Vector.Create(0x80000000u)));
    }
}
