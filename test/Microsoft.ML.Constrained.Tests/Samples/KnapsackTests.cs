using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class KnapsackTests : LayerTest
{
    [TestMethod]
    public void Knapsack_DecisionFocusedTraining_LosesLessWhereTheModelIsWrong()
    {
        string path = Path.Combine(Path.GetTempPath(), $"knapsack-{Guid.NewGuid():N}.zip"), output, loaded;
        try
        {
            output = SampleProcess.Run("knapsack", "--quick", "--save", path);
            loaded = SampleProcess.Run("knapsack", "--load", path);
        }
        finally
        {
            File.Delete(path);
        }

        // Columns: degree, predict then optimise, SPO+, perturbed, identity, interpolation, network, one load for all days.
        double[][] rows =
        [
            .. output.Split('\n')
                .Where(line => Regex.IsMatch(line, @"^\s+\d\s+\d+\.\d\d"))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray()),
        ];
        Assert.HasCount(2, rows);
        double[] right = rows[0], wrong = rows[1];
        CollectionAssert.AreEqual(new[] { 1.0, 6.0 }, rows.Select(r => r[0]).ToArray());

        // Where a linear model is right, the ways differ little; where it is wrong, those that look at decisions lose less than half.
        Assert.IsTrue(right[2] < right[1] + 1 && right[3] < right[1] + 1, output);
        for (int way = 2; way <= 5; way++)
            Assert.IsTrue(wrong[way] < 0.5 * wrong[1], output);
        Assert.IsTrue(rows.All(r => r[1..^1].All(x => x > 0 && x < 0.5 * r[^1])), output);
        StringAssert.Contains(output, "One morning, from the saved model");
        double earned = double.Parse(Regex.Match(output, @"earned (\d+)\s*% of that").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.IsTrue(earned is > 50 and <= 100, output);

        // Another process decides the same, without libtorch.
        StringAssert.Contains(loaded, "Native torch libraries in this process: 0.");
        string morning = Regex.Match(output, "One morning[^\n]*\n[^\n]*").Value;
        StringAssert.Contains(loaded, morning);
    }
}
