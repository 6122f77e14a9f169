using System;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class CheckerboardTests : LayerTest
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Quick_EveryEpoch_ObeysAndComesNearTheOptimum()
    {
        string picture = Path.Combine(TestContext.TestRunDirectory ?? Path.GetTempPath(), "checkerboard.svg");
        Directory.CreateDirectory(Path.GetDirectoryName(picture)!);
        string output = SampleProcess.Run("checkerboard", "--quick", "--picture", picture);
        StringAssert.Contains(output, "1497 images to learn from, 300 others; 64 pixels, 16 tiles.");
        Assert.IsLessThan(1e-6, Number(output, @"same nearest images to ([\d.E+-]+)\."));
        Assert.IsLessThan(1e-6, Number(output, @"gave after any epoch: ([\d.E+-]+)\."));

        double optimum = Number(output, @"optimum\) +([\d.]+)"), parameterised = Number(output, @"^parameterised +([\d.]+)");
        double hidden = Number(output, @"a hidden layer +([\d.]+)"), projected = Number(output, @"exact projection +([\d.]+)");
        Assert.IsGreaterThan(0.2, optimum, output);
        foreach (double error in new[] { parameterised, hidden, projected })
            Assert.IsGreaterThanOrEqualTo(optimum, error, "No image that obeys can be nearer: " + output);
        Assert.IsLessThan(1.05 * optimum, projected, output);
        Assert.IsLessThan(1.1 * optimum, hidden, output);
        Assert.IsLessThan(1.4 * optimum, parameterised, output);

        // What the free map gives before it is projected does not obey.
        Assert.IsGreaterThan(1.0, Number(output, @"^ +40 +[\d.]+ +\S+ +[\d.]+ +\S+ +[\d.]+ +([\d.]+)"));
        StringAssert.StartsWith(File.ReadAllText(picture), "<svg");
        File.Delete(picture);
    }

    private static double Number(string output, string pattern)
    {
        Match match = Regex.Match(output, pattern, RegexOptions.Multiline);
        Assert.IsTrue(match.Success, $"No line matches '{pattern}' in: {output}");
        return double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
