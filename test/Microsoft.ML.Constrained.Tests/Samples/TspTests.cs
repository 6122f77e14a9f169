using System;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class TspTests : LayerTest
{
    [TestMethod]
    public void Quick_NoiseMargin_KeepsTheDistancesApartAndTheToursRight()
    {
        string output = SampleProcess.Run("tsp", "--quick");
        MatchCollection rows = Regex.Matches(
            output, @"^ +(\d\.\d) +0 +([\d.]+) % +([\d.]+) % +([\d.]+) +[\d.]+ +[\d.]+ +(\d+)", RegexOptions.Multiline);
        Assert.HasCount(2, rows, output);
        Assert.AreEqual(0, Number(rows[0], 1));
        Assert.AreEqual(0.5, Number(rows[1], 1));

        // There are twelve tours: chance is 8 %.
        Assert.IsGreaterThan(90, Number(rows[1], 3), output);
        Assert.IsGreaterThan(Number(rows[0], 3) + 10, Number(rows[1], 3), output);
        Assert.IsGreaterThan(2 * Number(rows[0], 4), Number(rows[1], 4), "Without a margin the distances collapse." + output);
        Assert.AreEqual(25_000, Number(rows[1], 5), "3000 examples, 8 epochs, once 1000 to test with, and no call backward.");
    }

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
}
