using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class DigitsTests : LayerTest
{
    [TestMethod]
    public void Quick_BothNetworks_LearnAndWeightsKeepTheirConstraints()
    {
        string output = SampleProcess.Run("digits", "--quick");
        StringAssert.Contains(output, "200 digits to learn from, the other 1597 to test with; 2 seed(s).");
        MatchCollection lines = Regex.Matches(output, @"^  \S.*? +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)$", RegexOptions.Multiline);
        Assert.HasCount(4, lines, output);
        foreach (Match line in lines)
            Assert.IsGreaterThan(25, Value(line.Groups[2]), "Chance is 10: " + output);
        MatchCollection residuals = Regex.Matches(output, @"over all runs: ([\d.E+-]+)");
        Assert.HasCount(2, residuals);
        foreach (Match residual in residuals)
            Assert.IsLessThan(1e-6, Value(residual.Groups[1]), output);
    }

    private static double Value(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);
}
