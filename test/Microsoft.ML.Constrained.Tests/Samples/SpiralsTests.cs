using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class SpiralsTests : LayerTest
{
    [TestMethod]
    public void Quick_FiveMethods_LearnAndCirclesHold()
    {
        string picture = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".svg");
        string output = SampleProcess.Run("spirals", "--quick", "--picture", picture);
        foreach (string method in new[] { "SGD", "SGD with weight decay", "constrained SGD", "SGLD", "constrained SGLD" })
        {
            // Half the points are of either arm, and a straight line tells few apart.
            Assert.IsGreaterThan(65, Number(output, $@"^{method} +[\d.]+ +([\d.]+)"), output);
            Assert.IsGreaterThan(78, Number(output, $@"^{method} +([\d.]+)"), output);
        }

        // Beyond the radius without the constraint, and within it.
        Assert.IsGreaterThan(5.2, Number(output, @"^SGD +(?:[\d.±-]+ +){8}([\d.]+)"), output);
        foreach (string method in new[] { "constrained SGD", "constrained SGLD" })
            Assert.IsLessThan(5.01, Number(output, $@"^{method} +(?:[\d.±-]+ +){{8}}([\d.]+)"), output);
        MatchCollection residuals = Regex.Matches(output, @"r²: ([\d.E+-]+)");
        Assert.HasCount(2, residuals);
        foreach (Match residual in residuals)
            Assert.IsLessThan(1e-6, double.Parse(residual.Groups[1].Value, CultureInfo.InvariantCulture));
        string svg = File.ReadAllText(picture);
        File.Delete(picture);
        Assert.HasCount(5, Regex.Matches(svg, "<text"));
        Assert.HasCount(5 * 60, Regex.Matches(svg, "<circle"));
    }

    [TestMethod]
    public void Seeds_NotANumber_NamesTheOption()
    {
        (int code, _, string errors) = SampleProcess.Start("spirals", "--seeds", "many");
        Assert.AreNotEqual(0, code);
        StringAssert.Contains(errors, "Option '--seeds' expects a whole number above 0, not 'many'.");
    }

    private static double Number(string output, string pattern)
    {
        Match match = Regex.Match(output, pattern, RegexOptions.Multiline);
        Assert.IsTrue(match.Success, $"No line matches '{pattern}' in: {output}");
        return double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
