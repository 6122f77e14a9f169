using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class DvaeTests : LayerTest
{
    [TestMethod]
    public void Quick_Projections_StandardIsBestAndNoneIsWorst()
    {
        string picture = Path.Combine(Path.GetTempPath(), $"dvae-{Guid.NewGuid():N}.svg");
        try
        {
            string output = SampleProcess.Run("dvae", "--quick", "--picture", picture);
            var losses = new Dictionary<string, double>();
            foreach (Match row in Regex.Matches(output, @"^(None|Mean|Norm|Standard) +0 +[\d.]+ +([\d.]+) +([\d.]+)", RegexOptions.Multiline))
            {
                losses.Add(row.Groups[1].Value, double.Parse(row.Groups[2].Value, CultureInfo.InvariantCulture));
                losses.Add("unseen " + row.Groups[1].Value, double.Parse(row.Groups[3].Value, CultureInfo.InvariantCulture));
            }

            Assert.HasCount(8, losses, output);
            foreach (string part in new[] { "", "unseen " })
            {
                foreach (string other in new[] { "None", "Mean", "Norm" })
                    Assert.IsLessThan(losses[part + other], losses[part + "Standard"], output);
                Assert.IsLessThan(losses[part + "None"], losses[part + "Mean"], output);
                Assert.IsLessThan(losses[part + "None"], losses[part + "Norm"], output);
            }

            Assert.HasCount(4, Regex.Matches(File.ReadAllText(picture), "<polyline"));
        }
        finally
        {
            File.Delete(picture);
        }
    }
}
