using System;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class PortfolioTests
{
    [TestMethod]
    public void Portfolio_KeepsBudgetCapsAndTurnoverInEveryMonth()
    {
        string output = SampleProcess.Run("portfolio");
        StringAssert.Contains(output, "Solved: 12 of 12 months.");
        double[] caps = [0.6, 0.6, 0.25, 0.3, 1];
        double[][] rows =
        [
            .. output.Split('\n')
                .Where(line => Regex.IsMatch(line, @"^\s+\d+\s+0\.\d{3}"))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(9).Select(v => double.Parse(v, CultureInfo.InvariantCulture)).ToArray()),
        ];
        Assert.HasCount(12, rows);
        for (int i = 0; i < rows.Length; i++)
        {
            double[] weights = rows[i][2..7];
            Assert.AreEqual(1, weights.Sum(), 3e-3, $"month {i + 1}");
            Assert.IsTrue(rows[i][1] <= (i % 3 == 2 ? 0.1 : 0.6) + 1e-3, $"month {i + 1}");
            for (int j = 0; j < weights.Length; j++)
                Assert.IsTrue(weights[j] >= 0 && weights[j] <= caps[j] + 1e-3, $"month {i + 1}, asset {j}");
        }

        // Where little may be traded, trading has a price.
        Assert.IsTrue(output.Split('\n').Where(line => Regex.IsMatch(line, @"^\s+\d+\s+0\.100 ")).All(line => line.Contains("turnover", StringComparison.Ordinal)));
    }
}
