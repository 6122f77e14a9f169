using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class DenoiseTests : LayerTest
{
    [TestMethod]
    public void Quick_ThreeMethods_ErrorsInThePapersOrder()
    {
        string output = SampleProcess.Run("denoise", "--quick");
        StringAssert.Contains(output, "4000 signals to learn from, 500 others to test with.");

        // The taut string and the layer's dual are two ways to the same minimum.
        Assert.IsLessThan(1e-5, Number(output, @"differs from total variation by at most ([\d.E+-]+)\."));

        // Normal noise with deviation 10, over 50,000 samples.
        double noise = Error(output, "the noise itself"), network = Error(output, "fully connected");
        double variation = Error(output, "total variation"), tuned = Error(output, "tuned total variation");
        Assert.AreEqual(100, noise, 3, output);
        Assert.IsLessThan(network, variation, output);
        Assert.IsLessThan(variation - 0.1, tuned, output);
        Assert.IsLessThan(18, variation, output);
        Assert.IsGreaterThan(12, tuned, "Better than any method could be: " + output);
    }

    [TestMethod]
    public void Epochs_NotANumber_NamesTheOption()
    {
        (int code, _, string errors) = SampleProcess.Start("denoise", "--epochs", "many");
        Assert.AreNotEqual(0, code);
        StringAssert.Contains(errors, "Option '--epochs' expects a whole number, not 'many'.");
    }

    private static double Error(string output, string method) => Number(output, $@"^{method} +[\d.]+ +([\d.]+)");

    private static double Number(string output, string pattern)
    {
        Match match = Regex.Match(output, pattern, RegexOptions.Multiline);
        Assert.IsTrue(match.Success, $"No line matches '{pattern}' in: {output}");
        return double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
