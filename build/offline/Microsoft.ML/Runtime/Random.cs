using System;
using System.Numerics;

namespace Microsoft.ML;

internal static class RandomUtils
{
    public static TauswortheHybrid Create(int? seed) => seed is { } value ? Create(value) : Create(new Random());

    public static TauswortheHybrid Create(int seed) => new(new TauswortheHybrid.State((uint)seed));

    public static TauswortheHybrid Create(Random seed) => new(seed);
}

/// <summary>Three Tausworthe generators and a linear congruential one, combined by exclusive or (GPU Gems 3, chapter 37).</summary>
internal sealed class TauswortheHybrid : Random
{
    public readonly struct State
    {
        public readonly uint U1, U2, U3, U4;

        public State(uint seed)
        {
            U1 = seed;
            U2 = Murmur(U1, U1);
            U3 = Murmur(U2, U1);
            U4 = Murmur(U3, U1);
        }

        /// <summary>One block of MurmurHash3 (32 bits).</summary>
        private static uint Murmur(uint hash, uint block)
        {
            block = BitOperations.RotateLeft(block * 0xcc9e2d51u, 15) * 0x1b873593u;
            return BitOperations.RotateLeft(hash ^ block, 13) * 5 + 0xe6546b64u;
        }
    }

    private uint _a, _b, _c, _d;

    public TauswortheHybrid(State state) => (_a, _b, _c, _d) = (state.U1, state.U2, state.U3, state.U4);

    public TauswortheHybrid(Random rng)
    {
        _a = Draw(rng, 128);
        _b = Draw(rng, 128);
        _c = Draw(rng, 128);
        _d = Draw(rng, 0);
    }

    private static uint Draw(Random rng, uint least)
    {
        uint drawn;
        do
        {
            drawn = (uint)rng.Next(1 << 16) << 16;
            drawn |= (uint)rng.Next(1 << 16);
        }
        while (drawn < least);
        return drawn;
    }

    private uint Step()
    {
        _a = ((_a & ~1u) << 12) ^ (((_a << 13) ^ _a) >> 19);
        _b = ((_b & ~7u) << 4) ^ (((_b << 2) ^ _b) >> 25);
        _c = ((_c & ~15u) << 17) ^ (((_c << 3) ^ _c) >> 11);
        _d = 1664525 * _d + 1013904223;
        return _a ^ _b ^ _c ^ _d;
    }

    public override float NextSingle() => (Step() >> 9) * (1f / (1 << 23));

    public override double NextDouble() => Step() / 4294967296.0;

    protected override double Sample() => NextDouble();

    public override int Next()
    {
        uint drawn = Step();
        return (int)(drawn + (drawn & 0x80000000u));
    }

    public override int Next(int maxValue)
    {
        if (maxValue < 0)
            throw new ArgumentOutOfRangeException(nameof(maxValue), "maxValue must be non-negative");
        return (int)((ulong)Step() * (ulong)maxValue >> 32);
    }

    public override int Next(int minValue, int maxValue)
    {
        if (minValue > maxValue)
            throw new ArgumentOutOfRangeException(nameof(minValue), "minValue must be less than or equal to maxValue.");
        return (int)((long)(NextDouble() * ((long)maxValue - minValue)) + minValue);
    }

    public override void NextBytes(byte[] buffer)
    {
        for (int i = 0; i < buffer.Length; i++)
            buffer[i] = (byte)Next();
    }
}
