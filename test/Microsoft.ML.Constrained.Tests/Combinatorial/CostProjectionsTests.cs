using System;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

[TestClass]
public class CostProjectionsTests
{
    [TestMethod]
    [DataRow(CostProjection.None)]
    [DataRow(CostProjection.Mean)]
    [DataRow(CostProjection.Norm)]
    [DataRow(CostProjection.Standard)]
    public void PullBack_RandomCosts_EqualsCentralDifferences(CostProjection projection)
    {
        var random = new Random(1);
        for (int trial = 0; trial < 100; trial++)
        {
            int n = random.Next(2, 9);
            double[] normal = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5)];
            double length = Math.Sqrt(normal.Sum(a => a * a));
            normal = trial % 2 == 0 ? [.. Enumerable.Repeat(1 / Math.Sqrt(n), n)] : [.. normal.Select(a => a / length)];
            float[] costs = [.. Enumerable.Range(0, n).Select(_ => (float)(4 * random.NextDouble() - 1))];
            float[] gradient = [.. Enumerable.Range(0, n).Select(_ => (float)(random.NextDouble() - 0.5))];
            var result = new float[n];
            CostProjections.PullBack(projection, normal, costs, gradient, result);
            for (int i = 0; i < n; i++)
            {
                double[] up = Array.ConvertAll(costs, c => (double)c), down = (double[])up.Clone();
                up[i] += 1e-5;
                down[i] -= 1e-5;
                double rise = Inner(gradient, Project(projection, normal, up)) - Inner(gradient, Project(projection, normal, down));
                double expected = rise / 2e-5;
                Assert.AreEqual(expected, result[i], 2e-6 * (1 + Math.Abs(expected)));
            }

            var projected = new float[n];
            CostProjections.Apply(projection, normal, costs, projected);
            double[] reference = Project(projection, normal, Array.ConvertAll(costs, c => (double)c));
            for (int i = 0; i < n; i++)
                Assert.AreEqual(reference[i], projected[i], 1e-6 * (1 + Math.Abs(reference[i])));
        }
    }

    [TestMethod]
    public void PullBack_ZeroOrEqualCosts_StaysFinite()
    {
        double[] normal = [.. Enumerable.Repeat(0.5, 4)];
        float[] gradient = [1, 2, 3, 6], result = new float[4];
        CostProjections.PullBack(CostProjection.Norm, normal, new float[4], gradient, result);
        CollectionAssert.AreEqual(gradient, result);

        // Equal costs vanish with the mean; only the mean's part of the derivative is left.
        CostProjections.PullBack(CostProjection.Standard, normal, [7, 7, 7, 7], gradient, result);
        CollectionAssert.AreEqual(new float[] { -2, -1, 0, 3 }, result);
        CostProjections.Apply(CostProjection.Standard, normal, [0.1f, 0.1f, 0.1f, 0.1f], result);
        Assert.IsTrue(result.All(value => Math.Abs(value) < 1e-6));
    }

    [TestMethod]
    public void Apply_InPlace_EqualsOutOfPlace()
    {
        double[] normal = [.. Enumerable.Repeat(0.5, 4)];
        float[] costs = [1, 5, -2, 3], expected = new float[4];
        CostProjections.Apply(CostProjection.Standard, normal, costs, expected);
        float[] copy = (float[])costs.Clone();
        CostProjections.Apply(CostProjection.Standard, normal, copy, copy);
        CollectionAssert.AreEqual(expected, copy);
        float[] gradient = [1, 0, 0, 2], pulled = new float[4];
        CostProjections.PullBack(CostProjection.Standard, normal, costs, gradient, pulled);
        CostProjections.PullBack(CostProjection.Standard, normal, costs, gradient, gradient);
        CollectionAssert.AreEqual(pulled, gradient);
    }

    [TestMethod]
    public void Apply_MeanWithoutNormal_SaysWhatToDo() => Assert.Contains(
        "None or Norm",
        Assert.ThrowsExactly<ArgumentException>(() => CostProjections.Apply(CostProjection.Mean, [], new float[2], new float[2])).Message);

    private static double[] Project(CostProjection projection, double[] normal, double[] costs)
    {
        double[] result = (double[])costs.Clone();
        if (projection is CostProjection.Mean or CostProjection.Standard)
        {
            double along = costs.Zip(normal, (c, a) => c * a).Sum();
            result = [.. result.Select((c, i) => c - along * normal[i])];
        }

        if (projection is CostProjection.Norm or CostProjection.Standard)
        {
            double length = Math.Sqrt(result.Sum(c => c * c));
            result = [.. result.Select(c => c / length)];
        }

        return result;
    }

    private static double Inner(float[] left, double[] right) => left.Zip(right, (a, b) => a * b).Sum();
}
