using System;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class DispatchTests : LayerTest
{
    [TestMethod]
    public void Dispatch_WhatIsConstrained_KeepsEveryHour()
    {
        string output = SampleProcess.Run("dispatch", "--quick");
        StringAssert.Contains(output, "8 plants, 17 constraints on each hour");
        (double Error, double Off, double Miss, double Balance) known = Row(output, "the hour before, projected");
        (double Error, double Off, double Miss, double Balance) plain = Row(output, "network that knows nothing");
        (double Error, double Off, double Miss, double Balance) exact = Row(output, "trained through exact projection");
        (double Error, double Off, double Miss, double Balance) shares = Row(output, "shares of the demand, parameterised");
        Assert.IsGreaterThan(90, plain.Off);
        Assert.IsGreaterThan(5, plain.Miss);
        Assert.IsLessThan(plain.Error, exact.Error);
        Assert.IsLessThan(known.Error / 2, exact.Error);

        // A demand of 3,000 MW is known to 0.0002 MW in single precision.
        Assert.IsLessThan(0.002, shares.Balance);
        Assert.IsGreaterThan(1, shares.Miss);
        foreach (string name in new[] { "the hour before, projected", "trained through projection without a solve", "trained through exact projection" })
            AssertKept(Row(output, name));
        MatchCollection projected = Regex.Matches(output, @"^  the same, projected when scoring.*$", RegexOptions.Multiline);
        Assert.HasCount(2, projected);
        foreach (Match line in projected)
            AssertKept(Row(line.Value, "  the same, projected when scoring"));
    }

    private static void AssertKept((double Error, double Off, double Miss, double Balance) row)
    {
        Assert.AreEqual(0, row.Off);
        Assert.IsLessThan(0.002, row.Miss);
    }

    private static (double Error, double Off, double Miss, double Balance) Row(string output, string name)
    {
        Match match = Regex.Match(output, $@"^{name}\s+([\d.]+)\s+([\d.]+) %\s+(\S+)\s+(\S+)\s", RegexOptions.Multiline);
        Assert.IsTrue(match.Success, output);
        double Number(int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
        return (Number(1), Number(2), Number(3), Number(4));
    }
}
