using System;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

[assembly: DoNotParallelize]

namespace TorchSharp.Offline.Tests;

/// <summary>A test that needs libtorch: without it the test is inconclusive and says why.</summary>
[TestClass]
public abstract class TorchTest
{
    private static readonly Lazy<string> s_missing = new(() =>
    {
        try
        {
            get_num_threads();
            return null;
        }
        catch (DllNotFoundException e)
        {
            return e.Message;
        }
    });

    [TestInitialize]
    public void RequireLibtorch()
    {
        if (s_missing.Value is not null)
            Assert.Inconclusive(s_missing.Value);
    }

    /// <summary>Numbers with nothing special about them, between -1 and 1, the same everywhere.</summary>
    protected static double[] Numbers(int count, int seed = 1)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => 2 * random.NextDouble() - 1).ToArray();
    }

    protected static Tensor Some(params long[] shape) => tensor(Numbers((int)shape.Aggregate(1L, (a, b) => a * b), shape.Length + 3), shape);

    protected static double[] Values(Tensor t) => t.detach().to(float64).data<double>().ToArray();

    protected static void AreNear(double[] expected, double[] actual, double tolerance = 1e-12)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])), $"element {i}");
    }
}
