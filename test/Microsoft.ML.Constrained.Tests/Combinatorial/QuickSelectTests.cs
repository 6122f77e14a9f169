using System;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

[TestClass]
public class QuickSelectTests
{
    [TestMethod]
    public void TryFind_RandomAndTiedValues_EqualsSort()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 500; trial++)
        {
            double[] values = SolverContract.Costs(random, random.Next(1, 400), false, trial), sorted = (double[])values.Clone();
            Array.Sort(sorted);
            int place = random.Next(values.Length);
            Assert.IsTrue(QuickSelect.TryFind(values, place, out double found));
            Assert.AreEqual(sorted[place], found);
            Array.Sort(values);
            CollectionAssert.AreEqual(sorted, values);
        }
    }

    [TestMethod]
    public void TryFind_OrgansAndStairs_IsRightOrGivesUp()
    {
        Func<int, double>[] shapes = [i => i, i => -i, i => Math.Abs(i - 5000), i => i % 7, i => i * 7919 % 10007];
        foreach (Func<int, double> shape in shapes)
        {
            var values = new double[10_000];
            for (int i = 0; i < values.Length; i++)
                values[i] = shape(i);
            double[] sorted = (double[])values.Clone();
            Array.Sort(sorted);
            foreach (int place in new[] { 0, 1, 5000, 9998, 9999 })
            {
                double[] copy = (double[])values.Clone();
                if (QuickSelect.TryFind(copy, place, out double found))
                    Assert.AreEqual(sorted[place], found);
                Array.Sort(copy);
                CollectionAssert.AreEqual(sorted, copy);
            }
        }
    }
}
