using System;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class WarcraftTests : LayerTest
{
    [TestMethod]
    public void Quick_PathsAlone_TeachBothRulesTheCostsAndTheLinearControlNothing()
    {
        string picture = Path.Combine(Path.GetTempPath(), $"warcraft-{Guid.NewGuid():N}.svg");
        try
        {
            string output = SampleProcess.Run("warcraft", "--quick", "--picture", picture);
            Assert.IsLessThan(50, Number(output, @"right terrain for ([\d.]+) %", 1), "Mean colours give the terrain away.");
            foreach (string rule in new[] { "identity", "interpolation" })
            {
                string row = $@"^{rule} +[\d.]+ +([\d.]+) +([\d.]+) % +[\d.]+ % +[\d.]+ +[\d.]+ +(\d+)";
                Assert.IsLessThan(1.15, Number(output, row, 1), output);
                Assert.IsGreaterThan(20, Number(output, row, 2), output);
                Assert.AreEqual(rule == "identity" ? 2400 : 4800, Number(output, row, 3), "600 maps, 4 epochs; interpolation solves twice.");
            }

            string control = @"^identity, linear +[\d.]+ +([\d.]+) +([\d.]+) %";
            Assert.IsGreaterThan(1.3, Number(output, control, 1), output);
            Assert.IsLessThan(10, Number(output, control, 2), output);
            Assert.IsLessThan(Number(output, @"^swamp +5.3 +([\d.]+)", 1), Number(output, @"^earth +1.2 +([\d.]+)", 1), output);
            Assert.IsLessThan(Number(output, @"^rock +9.2 +([\d.]+)", 1), Number(output, @"^swamp +5.3 +([\d.]+)", 1), output);
            string drawn = File.ReadAllText(picture);
            Assert.HasCount(3, Regex.Matches(drawn, "data:image/png;base64,"));
            Assert.HasCount(4, Regex.Matches(drawn, "<polyline"));
        }
        finally
        {
            File.Delete(picture);
        }
    }

    private static double Number(string output, string pattern, int group)
    {
        Match match = Regex.Match(output, pattern, RegexOptions.Multiline);
        Assert.IsTrue(match.Success, $"Nothing matches {pattern} in{Environment.NewLine}{output}");
        return double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }
}
