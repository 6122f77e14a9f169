using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace TorchSharp.Offline.Tests;

[TestClass]
public class RandomTests : TorchTest
{
    /// <summary>The Mersenne Twister (Matsumoto and Nishimura, 1998), which libtorch's CPU generator is.</summary>
    private static uint[] MersenneTwister(uint seed, int count)
    {
        var state = new uint[624];
        state[0] = seed;
        for (uint i = 1; i < 624; i++)
            state[i] = 1812433253u * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
        for (int i = 0; i < 624; i++)
        {
            uint joined = (state[i] & 0x80000000u) | (state[(i + 1) % 624] & 0x7fffffffu);
            state[i] = state[(i + 397) % 624] ^ (joined >> 1) ^ ((joined & 1) * 0x9908b0dfu);
        }
        return state.Take(count).Select(y =>
        {
            y ^= y >> 11;
            y ^= (y << 7) & 0x9d2c5680u;
            y ^= (y << 15) & 0xefc60000u;
            return y ^ (y >> 18);
        }).ToArray();
    }

    [TestMethod]
    public void Rand_OfSeededGenerator_IsTheMersenneTwister()
    {
        using var generator = new Generator(12345);
        double[] expected = MersenneTwister(12345, 10).Select(v => (v & 0xffffff) / (double)(1 << 24)).ToArray();
        AreNear(expected, Values(rand(10, generator: generator)), 0);
    }

    [TestMethod]
    public void Generators_AreIndependentOfEachOtherAndOfTheGlobalOne()
    {
        using var a = new Generator(7);
        using var b = new Generator(7);
        manual_seed(1);
        double[] first = Values(randn(5, generator: a));
        rand(100);
        AreNear(first, Values(randn(5, generator: b)), 0);
        Tensor state = a.get_state();
        double[] next = Values(zeros(3).uniform_(-1, 1, a));
        a.set_state(state);
        AreNear(next, Values(zeros(3).uniform_(-1, 1, a)), 0);
        Assert.AreEqual(7, a.initial_seed());
    }

    [TestMethod]
    public void Randperm_AndRandint_StayWithinTheirRange()
    {
        using var generator = new Generator(3);
        double[] order = Values(randperm(50, generator: generator));
        AreNear(Enumerable.Range(0, 50).Select(i => (double)i).ToArray(), order.Order().ToArray(), 0);
        Assert.IsFalse(order.SequenceEqual(order.Order()));
        double[] drawn = Values(randint(-3, 4, new long[] { 500 }, generator: generator));
        Assert.AreEqual(-3, drawn.Min());
        Assert.AreEqual(3, drawn.Max());
    }
}
