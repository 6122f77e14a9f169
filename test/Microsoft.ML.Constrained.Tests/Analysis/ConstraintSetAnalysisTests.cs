using System;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Analysis;

[TestClass]
public sealed class ConstraintSetAnalysisTests
{
    [TestMethod]
    public void Analyze_Box_CentreRadiusAndNothingElse()
    {
        FeasibilityReport report = Over("x", "y").Linear("0 <= x <= 2").Linear("-1 <= y <= 5").Analyze();
        Assert.IsFalse(report.IsEmpty);
        Assert.AreEqual(2, report.Dimension);
        Assert.IsTrue(report.IsBounded);
        Assert.AreEqual(1, report.Radius, 1e-8);
        Assert.IsTrue(report.IsRadiusLargest);
        Assert.AreEqual(1, report.InteriorPoint[0], 1e-7);
        Assert.IsEmpty(report.Redundant);
        Assert.IsEmpty(report.ImpliedEqualities);
        Assert.IsEmpty(report.Conflict);
    }

    [TestMethod]
    public void Analyze_Contradiction_NamesTheSmallestConflict()
    {
        // a, b, c conflict only together; d and e by themselves.
        FeasibilityReport report = Over("x", "y")
            .Linear("a", "x + y <= 1").Linear("b", "x >= 1").Linear("c", "y >= 1")
            .Linear("d", "x - y <= -5").Linear("e", "x - y >= 5").Linear("f", "x <= 100").Analyze();
        Assert.IsTrue(report.IsEmpty);
        CollectionAssert.AreEqual(new[] { "d", "e" }, report.Conflict.ToArray());
        Assert.IsTrue(report.IsConflictSmallest);
        Assert.AreEqual("Empty: no point satisfies 'd' and 'e' together.", report.ToString());
        Assert.AreEqual(-1, report.Dimension);
        Assert.IsEmpty(report.InteriorPoint);
    }

    [TestMethod]
    public void Analyze_ThreeWayContradiction_AllThreeNamed()
    {
        ConstraintSet set = Over("x", "y").Linear("f", "x <= 9").Linear("a", "x + y <= 1").Linear("b", "x >= 1").Linear("c", "y >= 1");
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, set.Analyze().Conflict.ToArray());
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, set.FindConflict().ToArray());
        Assert.IsEmpty(set.And(Over("x", "y")).FindConflict().Except(["a", "b", "c"]).ToArray());
    }

    [TestMethod]
    public void Analyze_InconsistentEqualities_Named()
    {
        FeasibilityReport report = Over("x", "y", "z")
            .Linear("one", "x + y = 1").Linear("two", "y + z = 1").Linear("three", "x - z = 0.5")
            .Linear("four", "x + y + z <= 10").Analyze();
        Assert.IsTrue(report.IsEmpty);
        CollectionAssert.AreEqual(new[] { "one", "two", "three" }, report.Conflict.ToArray());
    }

    [TestMethod]
    [DataRow(1e-6)]
    [DataRow(1.0)]
    [DataRow(1e6)]
    public void Analyze_BallTouchesHalfSpace_SinglePoint(double unit)
    {
        ConstraintSet ball = Over("x", "y").Ball(Norm.L2, unit, [0.0, 0.0]).WithName("ball");
        FeasibilityReport touching = ball.Linear("side", [0.6, 0.8], unit, double.PositiveInfinity).Analyze();
        Assert.IsFalse(touching.IsEmpty, touching.ToString());
        Assert.AreEqual(0, touching.Dimension);
        Assert.AreEqual(0.6 * unit, touching.InteriorPoint[0], 1e-7 * unit);
        Assert.AreEqual(0.8 * unit, touching.InteriorPoint[1], 1e-7 * unit);
        CollectionAssert.AreEqual(new[] { "ball", "side" }, touching.ImpliedEqualities.ToArray());

        Assert.AreEqual(2, ball.Linear("side", [0.6, 0.8], (1 - 1e-6) * unit, double.PositiveInfinity).Analyze().Dimension);
        FeasibilityReport apart = ball.Linear("side", [0.6, 0.8], (1 + 1e-6) * unit, double.PositiveInfinity).Analyze();
        CollectionAssert.AreEqual(new[] { "ball", "side" }, apart.Conflict.ToArray());
    }

    [TestMethod]
    public void Analyze_TwoBallsTouch_SinglePoint()
    {
        FeasibilityReport report = Over("x", "y", "z")
            .Ball(Norm.L2, 1.0, [0.0, 0, 0]).WithName("a").Ball(Norm.L2, 2.0, [3.0, 0, 0]).WithName("b").Analyze();
        Assert.AreEqual(0, report.Dimension, report.ToString());
        Assert.AreEqual(1, report.InteriorPoint[0], 1e-7);
        Assert.AreEqual(0, report.InteriorPoint[1], 1e-7);
    }

    [TestMethod]
    public void Analyze_BallOfRadiusZero_SinglePoint()
    {
        foreach (Norm norm in new[] { Norm.L1, Norm.L2, Norm.LInfinity })
        {
            FeasibilityReport report = Over("x", "y").Ball(norm, 0.0, [3.0, -4]).WithName("ball").Analyze();
            Assert.IsFalse(report.IsEmpty, norm.ToString());
            Assert.AreEqual(0, report.Dimension, norm.ToString());
            Assert.AreEqual(3, report.InteriorPoint[0], 1e-7);
            Assert.AreEqual(-4, report.InteriorPoint[1], 1e-7);
        }
    }

    [TestMethod]
    public void Analyze_Balls_RadiusInTheEuclideanSense()
    {
        Assert.AreEqual(2, Over("x", "y", "z").Ball(Norm.L2, 2.0, [1.0, 2, 3]).WithName("b").Analyze().Radius, 1e-7);
        Assert.AreEqual(2 / Math.Sqrt(3), Over("x", "y", "z").Ball(Norm.L1, 2.0, [1.0, 2, 3]).WithName("b").Analyze().Radius, 1e-7);
        Assert.AreEqual(2, Over("x", "y", "z").Ball(Norm.LInfinity, 2.0, [1.0, 2, 3]).WithName("b").Analyze().Radius, 1e-7);
    }

    [TestMethod]
    public void Analyze_Simplex_InRadiusWithinItsPlane()
    {
        // The simplex of n corners has the in-radius 1/√(n(n−1)).
        for (int n = 2; n <= 8; n++)
        {
            FeasibilityReport report = ConstraintSet.Over(n).Simplex().Analyze();
            Assert.AreEqual(n - 1, report.Dimension);
            Assert.IsTrue(report.IsBounded);
            Assert.AreEqual(1 / Math.Sqrt(n * (n - 1.0)), report.Radius, 1e-7);
            foreach (double value in report.InteriorPoint)
                Assert.AreEqual(1.0 / n, value, 1e-6);
            Assert.IsEmpty(report.ImpliedEqualities);
        }
    }

    [TestMethod]
    public void Analyze_PlaneThroughBall_RadiusOfTheSection()
    {
        // The plane x + y + z = 1 is 1/√3 away from the centre of the unit ball.
        FeasibilityReport report = Over("x", "y", "z").Ball(Norm.L2, 1.0, [0.0, 0, 0]).WithName("b").Linear("x + y + z = 1").Analyze();
        Assert.AreEqual(2, report.Dimension);
        Assert.AreEqual(Math.Sqrt(1 - 1.0 / 3), report.Radius, 1e-6);
        Assert.IsTrue(report.IsRadiusLargest);
    }

    [TestMethod]
    public void Analyze_SecondOrderCone_UnboundedWithDirectionInside()
    {
        FeasibilityReport report = Over("x", "y", "h").Linear("free", "x <= 7").SecondOrderCone("h", "x", "y").WithName("cone").Analyze();
        Assert.IsFalse(report.IsBounded);
        double[] d = report.RecessionDirection.ToArray();
        Assert.IsGreaterThanOrEqualTo(Math.Sqrt(d[0] * d[0] + d[1] * d[1]) - 1e-7, d[2]);
        Assert.IsLessThanOrEqualTo(1e-7, d[0]);
        Assert.AreEqual(3, report.Dimension);
        Assert.IsFalse(report.IsRadiusLargest);
        Assert.IsGreaterThan(0.0, report.Radius);
    }

    [TestMethod]
    public void Analyze_ConeCutAtItsApexOrAlongARay_FacesAreFound()
    {
        ConstraintSet cone = Over("x", "y", "h").SecondOrderCone("h", "x", "y").WithName("cone");
        FeasibilityReport apex = cone.Linear("cut", "h <= 0").Analyze();
        Assert.AreEqual(0, apex.Dimension, apex.ToString());
        Assert.AreEqual(0, apex.InteriorPoint.Max(Math.Abs), 1e-7);

        FeasibilityReport ray = cone.Linear("cut", "h <= x").Analyze();
        Assert.AreEqual(1, ray.Dimension, ray.ToString());
        Assert.IsFalse(ray.IsBounded);
        Assert.AreEqual(Math.Sqrt(0.5), ray.RecessionDirection[0], 1e-6);
        Assert.AreEqual(0, ray.RecessionDirection[1], 1e-6);
        Assert.AreEqual(Math.Sqrt(0.5), ray.RecessionDirection[2], 1e-6);

        FeasibilityReport segment = cone.Linear("cut", "h <= x").Linear("top", "x <= 2").Analyze();
        Assert.AreEqual(1, segment.Dimension, segment.ToString());
        Assert.IsTrue(segment.IsBounded);
        Assert.AreEqual(Math.Sqrt(2), segment.Radius, 1e-6);
        Assert.AreEqual(1, segment.InteriorPoint[0], 1e-6);
    }

    [TestMethod]
    public void Analyze_PlaneTangentToCone_TheRay()
    {
        // h <= u'v with a unit vector u leaves the ray of (u, 1); two rays' planes leave the apex.
        var random = new Random(8);
        for (int trial = 0; trial < 60; trial++)
        {
            int n = 2 + random.Next(4);
            double[] u = Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5).ToArray();
            double norm = Math.Sqrt(u.Sum(v => v * v));
            string[] inside = Enumerable.Range(0, n).Select(i => $"v{i}").ToArray();
            ConstraintSet set = ConstraintSet.Over([.. inside, "h"]).SecondOrderCone("h", inside)
                .Linear("plane", [.. u.Select(v => -v / norm), 1], double.NegativeInfinity, 0);
            FeasibilityReport report = set.Analyze();
            Assert.AreEqual(1, report.Dimension, $"trial {trial} n {n} {report}");
            Assert.IsFalse(report.IsBounded);
            for (int i = 0; i < n; i++)
                Assert.AreEqual(u[i] / norm, report.RecessionDirection[i] / report.RecessionDirection[n], 1e-6);
            double[] other = [.. u.Select(v => v / norm), 1];
            Assert.AreEqual(0, set.Linear("other", other, double.NegativeInfinity, 0).Analyze().Dimension);
        }
    }

    [TestMethod]
    [DataRow(1e-6)]
    [DataRow(1.0)]
    [DataRow(1e6)]
    public void Analyze_OpposedInequalities_ImpliedEqualities(double unit)
    {
        FeasibilityReport report = Over("x", "y")
            .Linear("up", [1, 1], double.NegativeInfinity, unit).Linear("down", [1, 1], unit, double.PositiveInfinity)
            .Linear("x >= 0").Linear("y >= 0").Analyze();
        Assert.AreEqual(1, report.Dimension);
        CollectionAssert.AreEqual(new[] { "up", "down" }, report.ImpliedEqualities.ToArray());
        Assert.AreEqual(unit / Math.Sqrt(2), report.Radius, 1e-6 * unit);
        Assert.AreEqual(unit / 2, report.InteriorPoint[0], 1e-6 * unit);
        Assert.IsEmpty(report.Redundant);
    }

    [TestMethod]
    public void Analyze_HalfLinesMeetInAPoint_SinglePoint()
    {
        FeasibilityReport report = Over("x").Linear("a", "x <= 0").Linear("b", "x >= 0").Linear("c", "x >= -1").Analyze();
        Assert.AreEqual(0, report.Dimension);
        Assert.AreEqual(0.0, report.Radius);
        Assert.AreEqual(0, report.InteriorPoint[0], 1e-9);
        CollectionAssert.AreEqual(new[] { "a", "b" }, report.ImpliedEqualities.ToArray());
        CollectionAssert.AreEqual(new[] { "c" }, report.Redundant.ToArray());
    }

    [TestMethod]
    public void Analyze_RoundingDust_IsNotAContradiction()
    {
        // 0.1 + 0.2 is more than 0.3 in floating point.
        FeasibilityReport report = Over("x", "y").Linear("x >= 0.1").Linear("y >= 0.2").Linear("x + y <= 0.3").Analyze();
        Assert.IsFalse(report.IsEmpty);
        Assert.AreEqual(0, report.Dimension);
    }

    [TestMethod]
    public void Analyze_ThinSet_StillHasAnInterior()
    {
        FeasibilityReport report = Over("x", "y").Linear("0.3 <= x <= 0.3000001").Linear("0 <= y <= 1000000").Analyze();
        Assert.AreEqual(2, report.Dimension);
        Assert.AreEqual(0.5e-7, report.Radius, 1e-12);
        FeasibilityReport gap = Over("x").Linear("a", "x <= 0.3").Linear("b", "x >= 0.3000001").Analyze();
        CollectionAssert.AreEqual(new[] { "a", "b" }, gap.Conflict.ToArray());
    }

    [TestMethod]
    public void Analyze_MixedUnits_EachVariableInItsOwn()
    {
        FeasibilityReport report = Over("mega", "micro").Linear("0 <= mega <= 1000000").Linear("0.000001 <= micro <= 0.000002")
            .Linear("tie", "mega + 1e12 * micro <= 2500000").Analyze();
        Assert.AreEqual(2, report.Dimension);
        Assert.IsTrue(report.IsBounded);
        Assert.IsGreaterThan(0.1e-6, report.Radius);
        Assert.IsLessThan(0.51e-6, report.Radius);
    }

    [TestMethod]
    public void Analyze_RedundantAndDuplicates_LaterOnesNamed()
    {
        FeasibilityReport report = Over("x", "y")
            .Linear("sum", "x + y <= 1").Linear("box", "0 <= x <= 5").Linear("y", "y >= 0").Linear("again", "2*x + 2*y <= 2")
            .Linear("far", "x - y <= 3").Linear("touch", "x <= 1").Analyze();
        CollectionAssert.AreEqual(new[] { "again", "far", "touch" }, report.Redundant.ToArray());
        CollectionAssert.Contains(report.RedundantRows.Select(r => r.ToString()).ToArray(), "box: x <= 5");
        StringAssert.Contains(report.ToString(), "Redundant: 'again', 'far' and 'touch'.");
    }

    [TestMethod]
    public void Analyze_RedundantNorms_FoundWhereThereIsATest()
    {
        ConstraintSet box = Over("x", "y").Linear("-1 <= x <= 1").Linear("-1 <= y <= 1");
        CollectionAssert.AreEqual(new[] { "big" }, box.Ball(Norm.L2, 1.5, [0.0, 0]).WithName("big").Analyze().Redundant.ToArray());
        Assert.IsEmpty(box.Ball(Norm.L2, 1.4, [0.0, 0]).WithName("small").Analyze().Redundant);
        CollectionAssert.AreEqual(new[] { "big" }, box.Ball(Norm.L1, 2.1, [0.0, 0]).WithName("big").Analyze().Redundant.ToArray());
        Assert.IsEmpty(box.Ball(Norm.L1, 1.9, [0.0, 0]).WithName("small").Analyze().Redundant);
        CollectionAssert.AreEqual(new[] { "outer" },
            Over("x", "y").Ball(Norm.L2, 1.0, [0.5, 0]).WithName("inner")
                .Ball(Norm.L2, 1.5, [0.0, 0]).WithName("outer").Analyze().Redundant.ToArray());

        // A row outside a ball, and a box around one.
        ConstraintSet ball = Over("x", "y").Ball(Norm.L2, 1.0, [0.0, 0]).WithName("ball");
        CollectionAssert.AreEqual(new[] { "row" }, ball.Linear("row", "x + y <= 1.5").Analyze().Redundant.ToArray());
        Assert.IsEmpty(ball.Linear("row", "x + y <= 1.4").Analyze().Redundant);
    }

    [TestMethod]
    public void Analyze_Unbounded_LineHalfLineAndStrip()
    {
        FeasibilityReport free = Over("x", "y").Linear("x >= 0").Analyze();
        Assert.IsFalse(free.IsBounded);
        Assert.IsFalse(free.IsRadiusLargest);

        FeasibilityReport strip = Over("x", "y").Linear("0 <= x <= 4").Linear("y >= 0").Analyze();
        Assert.IsFalse(strip.IsBounded);
        Assert.AreEqual(2, strip.Radius, 1e-6);
        Assert.IsTrue(strip.IsRadiusLargest);
        Assert.AreEqual(0, strip.RecessionDirection[0], 1e-7);
        Assert.AreEqual(1, strip.RecessionDirection[1], 1e-7);
        Assert.IsLessThan(10, strip.InteriorPoint[1]);

        FeasibilityReport everything = ConstraintSet.Over(3).Analyze();
        Assert.AreEqual(3, everything.Dimension);
        Assert.IsTrue(double.IsPositiveInfinity(everything.Radius));
        Assert.IsFalse(everything.IsBounded);
    }

    [TestMethod]
    public void Analyze_Parameters_NeededNamedAndUsed()
    {
        ConstraintSet set = Over("x", "y").Nonnegative().Linear("limit", "x + y <= @Capacity").Linear("least", "x >= @Floor");
        ArgumentException missing = Assert.Throws<ArgumentException>(() => set.Analyze());
        StringAssert.Contains(missing.Message, "'Capacity', 'Floor'");
        Assert.Throws<ArgumentException>(() => set.Analyze([1, double.NaN]));
        Assert.AreEqual(2, set.Analyze([4, 1]).Dimension);
        Assert.AreEqual(0, set.Analyze([1, 1]).Dimension);
        CollectionAssert.AreEqual(new[] { "limit", "least" }, set.Analyze([1, 2]).Conflict.ToArray()[^2..]);
    }

    [TestMethod]
    public void Analyze_NegativeRadiusFromTheRow_OwnConflict()
    {
        foreach (Norm norm in new[] { Norm.L1, Norm.L2 })
        {
            FeasibilityReport report = Over("x", "y").Linear("x >= 0").Linear("y >= 5")
                .Ball(norm, Bound.Column("R"), [0.0, 0]).WithName("ball").Analyze([-1]);
            CollectionAssert.AreEqual(new[] { "ball" }, report.Conflict.ToArray(), norm.ToString());
        }
    }

    [TestMethod]
    public void Analyze_MonotoneWithEqualEnds_AllEqual()
    {
        FeasibilityReport report = ConstraintSet.Over(4).Increasing().Linear("x0 >= 1").Linear("x3 <= 1").Analyze();
        Assert.AreEqual(0, report.Dimension);
        foreach (double value in report.InteriorPoint)
            Assert.AreEqual(1, value, 1e-8);
        Assert.HasCount(3, report.ImpliedEqualities);
        Assert.HasCount(5, report.ImpliedEqualityRows);
    }

    [TestMethod]
    public void ToString_Interior_ReadsAsText()
    {
        string text = Over("x", "y").Linear("0 <= x <= 2").Linear("0 <= y <= 2").Analyze().ToString();
        StringAssert.StartsWith(text, "Not empty, dimension 2 of 2, bounded.");
        StringAssert.Contains(text, "Interior point: x = 1, y = 1, radius 1.");
    }

    private static ConstraintSet Over(params string[] names) => ConstraintSet.Over(names);
}
