using System;
using System.Linq;
using Microsoft.ML.Constrained.Polyhedra;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Polyhedra;

[TestClass]
public sealed class HalfspaceReductionTests
{
    [TestMethod]
    public void Reduce_KeepsTheTightestOfParallelRows()
    {
        HalfspaceSet reduced = HalfspaceReduction.Reduce(new HalfspaceSet(2)
            .AddInequality([1, 3], 4)
            .AddInequality([2, 6], 6)
            .AddInequality([1.0 / 3, 1], 2)
            .AddInequality([0, 0], 5)
            .AddInequality([-1, -3], 9))!;
        Assert.HasCount(3, reduced.Inequalities); // 1/3 is rounded, so the third direction is another one
        Assert.AreEqual(6, reduced.Inequalities[0].Offset);
        Assert.AreEqual(2, reduced.Inequalities[0].Normal[0]);
    }

    [TestMethod]
    public void Reduce_ComparesOffsetsOfAllSizes()
    {
        HalfspaceSet reduced = HalfspaceReduction.Reduce(new HalfspaceSet(1)
            .AddInequality([1e-200], 3e-200)
            .AddInequality([1e200], 2e200)
            .AddInequality([-8], 16)
            .AddInequality([-1e-300], 1e-300))!;
        Assert.HasCount(2, reduced.Inequalities);
        Assert.AreEqual(2e200, reduced.Inequalities[0].Offset);
        Assert.AreEqual(1e-300, reduced.Inequalities[1].Offset);
    }

    [TestMethod]
    public void Reduce_DropsRowsThatTheBoundsImply()
    {
        var set = new HalfspaceSet(ConstraintSet.Over(3).Bounds(0, 1));
        HalfspaceSet reduced = HalfspaceReduction.Reduce(set
            .AddInequality([1, 1, 1], 3.5)
            .AddInequality([1, -1, 2], 3.1)
            .AddInequality([1, 1, 1], 2.5)
            .AddInequality([1, 2, 3], 6))!; // touches a corner: kept, to be safe from rounding
        Assert.HasCount(8, reduced.Inequalities);
    }

    [TestMethod]
    public void Reduce_OfAnObviouslyEmptySet_IsNull()
    {
        Assert.IsNull(HalfspaceReduction.Reduce(new HalfspaceSet(1).AddInequality([0], -1)));
        Assert.IsNull(HalfspaceReduction.Reduce(new HalfspaceSet(1).AddEquality([0], 1)));
        Assert.IsNull(HalfspaceReduction.Reduce(new HalfspaceSet(2).AddInequality([2, 0], 2).AddInequality([-1, 0], -3)));
        Assert.IsNotNull(HalfspaceReduction.Reduce(new HalfspaceSet(2).AddInequality([2, 0], 2).AddInequality([-1, 0], -1)));
    }

    [TestMethod]
    public void Reduce_OfRandomSets_LeavesTheSetAlone()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 300; trial++)
        {
            int n = 1 + random.Next(3);
            var set = new HalfspaceSet(n);
            for (int i = random.Next(12); i > 0; i--)
            {
                double[] normal = [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(-1, 2))];
                set.AddInequality(normal, random.Next(-1, 4));
            }

            HalfspaceSet? reduced = HalfspaceReduction.Reduce(set);
            for (int sample = 0; sample < 100; sample++)
            {
                double[] point = [.. Enumerable.Range(0, n).Select(_ => random.Next(-9, 10) * 0.5)];
                Assert.AreEqual(Holds(set, point), reduced is not null && Holds(reduced, point), $"trial {trial}");
            }
        }
    }

    private static bool Holds(HalfspaceSet set, double[] point) =>
        set.Inequalities.All(r => r.Normal.Zip(point, (a, b) => a * b).Sum() <= r.Offset);
}
