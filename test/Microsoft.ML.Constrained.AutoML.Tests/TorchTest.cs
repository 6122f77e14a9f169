using System;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests;

/// <summary>Tests that train networks are inconclusive without libtorch.</summary>
public abstract class TorchTest
{
    private static readonly Lazy<string?> s_missing = new(() =>
    {
        try
        {
            using Tensor probe = zeros(1);
            return null;
        }
        catch (Exception e)
        {
            return "libtorch is needed and cannot be loaded: " + e.GetBaseException().Message;
        }
    });

    [TestInitialize]
    public void Require() => RequireLibtorch();

    internal static void RequireLibtorch()
    {
        if (s_missing.Value is { } reason)
            Assert.Inconclusive(reason);
    }
}
