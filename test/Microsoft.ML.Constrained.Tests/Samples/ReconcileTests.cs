using System;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class ReconcileTests
{
    [TestMethod]
    public void Reconcile_RepairsTheSpoiledPanelsAndItsModelOpensInASecondProcess()
    {
        string path = Path.Combine(Path.GetTempPath(), $"reconcile-{Guid.NewGuid():N}.zip");
        try
        {
            string output = SampleProcess.Run("reconcile", "--save", path);
            StringAssert.Contains(output, "442 panels of real data.");
            StringAssert.Contains(output, "Spoiled 60 cells");
            StringAssert.Contains(output, "Not solved: 0.");
            Match errors = Match(output, @"^all\s+60\s+([\d.]+)\s+([\d.]+)");
            Assert.IsTrue(Number(errors, 2) < 0.25 * Number(errors, 1), errors.Value);
            Match violation = Match(output, @"Largest violation: ([\d.]+) mg/dl before, ([\d.E+-]+) after");
            Assert.IsTrue(Number(violation, 1) > 100, violation.Value);
            Assert.IsTrue(Number(violation, 2) < 4e-4, violation.Value); // 1e-6 of the largest sum, which is below 400
            Match(output, @"^sum\s+\d+\s+[\d.]+");
            Match(output, "Saved, loaded and used on one row: LDL .* total ");

            string scored = SampleProcess.Run("score", path);
            StringAssert.Contains(scored, "442 rows scored, 442 solved");
            StringAssert.Contains(scored, "Native torch libraries in this process: 0.");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void UnknownSample_NamesThoseThatAre()
    {
        (int code, _, string errors) = SampleProcess.Start("nonsense");
        Assert.AreEqual(2, code);
        StringAssert.Contains(errors, "There is no sample 'nonsense'; there are:");
        StringAssert.Contains(errors, "reconcile");
    }

    private static Match Match(string text, string pattern)
    {
        Match match = Regex.Match(text, pattern, RegexOptions.Multiline);
        Assert.IsTrue(match.Success, $"No line matches '{pattern}' in:{Environment.NewLine}{text}");
        return match;
    }

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
}
