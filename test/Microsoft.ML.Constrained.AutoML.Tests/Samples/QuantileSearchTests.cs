using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class QuantileSearchTests : TorchTest
{
    [TestMethod]
    public void Quick_SixTrials_PrintsWhatItFoundAndTheModelPredictsTheSameElsewhere()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string model = Path.Combine(folder, "model.zip"), history = Path.Combine(folder, "history.csv");
            string output = SampleProcess.Run("automl", "--quick", "--save", model, "--history", history);
            Assert.HasCount(6, Regex.Matches(output, @"^Trial \d+: loss [\d.]+; best [\d.]+ \(trial \d+\); \d+ ms; e1\.Layers=", RegexOptions.Multiline));
            StringAssert.Contains(output, "6 trials: 6 feasible, 0 infeasible, 0 failed. Best: trial");
            StringAssert.Contains(output, "quantiles cross in 0 of 111 rows of the patients set aside.");

            // The leaders in order, and the first of them the best that was reported.
            double[] leaders = [.. Regex.Matches(output, @"^ +[1-5] +\d+ +([\d.]+) +0 ", RegexOptions.Multiline).Select(m => Number(m.Groups[1].Value))];
            Assert.HasCount(5, leaders);
            CollectionAssert.AreEqual(leaders.Order().ToArray(), leaders);
            double best = Number(Regex.Match(output, @"Best: trial \d+, loss ([\d.]+)").Groups[1].Value);
            Assert.AreEqual(best, leaders[0], 6e-4);
            Assert.IsLessThan(21, best, "The quantiles of all patients, the same for each, come to 21.2.");

            string[] quantiles = [.. Regex.Matches(output, @"Q\d\d (-?\d+)").Select(m => m.Groups[1].Value)];
            Assert.HasCount(5, quantiles);
            CollectionAssert.AreEqual(quantiles.Select(Number).Order().ToArray(), quantiles.Select(Number).ToArray());
            Assert.HasCount(7, File.ReadAllLines(history));

            string saved = Regex.Match(output, @"saved model's scores: ([\d.E+-]+)\.\r?$", RegexOptions.Multiline).Groups[1].Value;
            Assert.AreNotEqual("", saved, output);
            StringAssert.Contains(SampleProcess.Run("automl", "--load", model), $"loaded model's scores: {saved}.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Trials_NotANumber_NamesTheOption()
    {
        (int code, _, string errors) = SampleProcess.Start("automl", "--trials", "many");
        Assert.AreNotEqual(0, code);
        StringAssert.Contains(errors, "Option '--trials' expects a whole number above 0, not 'many'.");
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
