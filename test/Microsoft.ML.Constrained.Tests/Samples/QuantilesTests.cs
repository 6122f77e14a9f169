using System;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class QuantilesTests : LayerTest
{
    [TestMethod]
    public void Quantiles_NeverCrossAndTheModelScoresInAProcessWithoutLibtorch()
    {
        string path = Path.Combine(Path.GetTempPath(), $"quantiles-{Guid.NewGuid():N}.zip");
        try
        {
            string output = SampleProcess.Run("quantiles", "--quick", "--save", path);
            StringAssert.Contains(output, "442 patients, 9 quantiles");
            (double Rows, double Crossings, double Pinball, double Inside) free = Row(output, "free, as it comes out");
            (double Rows, double Crossings, double Pinball, double Inside) constrained = Row(output, "constrained");
            Assert.IsGreaterThan(0, free.Crossings);
            Assert.AreEqual((0, 0), (constrained.Rows, constrained.Crossings));
            Assert.AreEqual(0, Row(output, "free, projected when scoring").Crossings);

            // The quantiles of the labels alone come to about 23.6.
            Assert.IsLessThan(18, constrained.Pinball);
            Assert.IsLessThan(1.02 * free.Pinball, constrained.Pinball);
            Assert.AreEqual(80, constrained.Inside, 12);

            string loaded = SampleProcess.Run("quantiles", "--load", path);
            Assert.AreEqual(Checksum(output), Checksum(loaded));
            StringAssert.Contains(loaded, "Native torch libraries in this process: 0.");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Checksum(string output) => Regex.Match(output, @"Checksum of the \w+ model's scores: (\S+)\.\s").Groups[1].Value is { Length: > 0 } found
        ? found
        : throw new AssertFailedException("There is no checksum in:" + Environment.NewLine + output);

    private static (double Rows, double Crossings, double Pinball, double Inside) Row(string output, string name)
    {
        Match match = Regex.Match(output, $@"^{name}\s+([\d.]+) %\s+(\d+)\s+([\d.]+)\s+([\d.]+) %", RegexOptions.Multiline);
        Assert.IsTrue(match.Success, output);
        double Number(int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
        return (Number(1), Number(2), Number(3), Number(4));
    }
}
