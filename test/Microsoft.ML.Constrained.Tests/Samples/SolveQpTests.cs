using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Samples;

[TestClass]
public sealed class SolveQpTests
{
    // The projection of (1, 0.5) onto the unit simplex with its gradient, the same with bounds as rows, an empty set, and a free fall.
    private const string Problems = """
        {"problems":[
          {"Q":[[1,0],[0,1]],"p":[-1,-0.5],"G":[[-1,0],[0,-1]],"h":[0,0],"A":[[1,1]],"b":[1],"c":[1,0]},
          {"P":{"row":[0,1],"col":[0,1],"val":[1,1]},"q":[-1,-0.5],"r":2,
           "A":{"row":[0,0,1,2],"col":[0,1,0,1],"val":[1,1,1,1]},"l":[1,0,0],"u":[1,null,null]},
          {"Q":[[1]],"p":[0],"G":[[1],[-1]],"h":[0,-1]},
          {"Q":[[0]],"p":[1],"G":[[1]],"h":[0]}
        ]}
        """;

    [TestMethod]
    public void SolveQp_OfBothForms_WritesSolutionsStatusesAndGradients()
    {
        string folder = Directory.CreateTempSubdirectory("solve-qp").FullName;
        try
        {
            string input = Path.Combine(folder, "in.json"), output = Path.Combine(folder, "out.json");
            File.WriteAllText(input, Problems);
            SampleProcess.Run("solve-qp", input, output);
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(output));
            JsonElement[] solved = [.. document.RootElement.GetProperty("problems").EnumerateArray()];
            CollectionAssert.AreEqual(
                new[] { "Solved", "Solved", "PrimalInfeasible", "DualInfeasible" }, solved.Select(s => s.GetProperty("status").GetString()).ToArray());
            for (int i = 0; i < 2; i++)
            {
                double[] z = Numbers(solved[i], "z");
                Assert.AreEqual(0.75, z[0], 1e-8);
                Assert.AreEqual(0.25, z[1], 1e-8);
            }

            // ½·(0.75² + 0.25²) − 0.75 − 0.125 = −0.5625
            Assert.AreEqual(-0.5625, solved[0].GetProperty("objective").GetDouble(), 1e-8);
            Assert.AreEqual(1.4375, solved[1].GetProperty("objective").GetDouble(), 1e-8);

            // dz₀/dp = −(½, −½), dz₀/db = ½.
            double[] dp = Numbers(solved[0], "dp");
            Assert.AreEqual(-0.5, dp[0], 1e-8);
            Assert.AreEqual(0.5, dp[1], 1e-8);
            Assert.AreEqual(0.5, Numbers(solved[0], "db")[0], 1e-8);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double[] Numbers(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];
}
