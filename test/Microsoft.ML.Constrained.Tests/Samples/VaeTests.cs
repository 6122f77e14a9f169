using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class VaeTests : LayerTest
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Quick_DecodedImages_ObeyAlways()
    {
        string picture = Path.Combine(TestContext.TestRunDirectory ?? Path.GetTempPath(), "vae.svg");
        Directory.CreateDirectory(Path.GetDirectoryName(picture)!);
        string output = SampleProcess.Run("vae", "--quick", "--picture", picture);
        Assert.IsLessThan(1e-6, Number(output, @"decoder gave after any epoch: ([\d.E+-]+)\."));
        Assert.AreEqual(0, Number(output, @"prior: constrained, (\d+) disobey"));
        Assert.IsGreaterThan(500.0, Number(output, @"; plain, (\d+) \("));

        // Both have learned; the constrained one cannot come nearer to free images than their projection.
        double floor = Number(output, @"nearer to the others than ([\d.]+)");
        double before = Number(output, @"^ +0 +[\d.]+ +([\d.]+)"), after = Number(output, @"^ +15 +[\d.]+ +([\d.]+)");
        double plain = Number(output, @"^ +15 +[\d.]+ +[\d.]+ +\S+ +[\d.]+ +([\d.]+)");
        Assert.IsLessThan(before - 0.1, after, output);
        Assert.IsGreaterThanOrEqualTo(floor, after, output);
        Assert.IsLessThan(after, plain, output);
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
