using System;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Constraints;

[TestClass]
public class ConstraintTests
{
    /// <summary>Each violation worked out by hand for x = 3, y = −4, z = 1 and R = 2.</summary>
    [TestMethod]
    [DataRow("x <= 1", 2.0)]
    [DataRow("x >= 5", 2.0)]
    [DataRow("x = 3", 0.0)]
    [DataRow("each(*) >= 0", 4.0)]
    [DataRow("0 <= each(x, z) <= @R", 1.0)]
    [DataRow("bounds(x <= 1, y = -3, z >= @R)", 2.0)]
    [DataRow("2*x + y <= 1", 1.0)]
    [DataRow("x + y + z = @R", 2.0)]
    [DataRow("-1 <= x + y <= 0", 0.0)]
    [DataRow("-0.5 <= x + y <= 0", 0.5)]
    [DataRow("simplex(x, z) = 4", 0.0)]
    [DataRow("simplex(x, z) = @R", 2.0)]
    [DataRow("simplex(*) = 0", 4.0)]
    [DataRow("cappedsimplex(x, z) = 2", 2.0)]
    [DataRow("cappedsimplex(x, z, cap = @R + 1) = 4", 0.0)]
    [DataRow("norm1(*) <= @R", 6.0)]
    [DataRow("norm2(x, y) <= @R", 3.0)]
    [DataRow("norm2(x - 3, y + 4, z) <= 1", 0.0)]
    [DataRow("norminf(x - 1, y) <= 3.5", 0.5)]
    [DataRow("increasing(y, z, x)", 0.0)]
    [DataRow("increasing(x, z, y)", 5.0)]
    [DataRow("decreasing(x, y, z)", 5.0)]
    [DataRow("decreasing(x)", 0.0)]
    [DataRow("norm2(x, y) <= z", 4.0)]
    [DataRow("norm2(x, y) <= z + @R + 2", 0.0)]
    [DataRow("norm2(x, y - 1e0) <= z - 1", 5.8309518948453007)]
    public void Violation_AtAKnownPoint_IsTheHandWorkedNumber(string text, double expected)
    {
        ConstraintSet set = ConstraintSet.Parse(text, "x", "y", "z");
        double[] parameters = set.Columns.Count == 0 ? [] : [2];
        Assert.AreEqual(expected, set.Constraints[0].Violation([3, -4, 1], parameters), 1e-15);
        Assert.AreEqual(expected == 0, set.Contains([3, -4, 1], parameters));
    }

    [TestMethod]
    public void Violation_OfHugeAndTinyNorms_DoesNotOverflow()
    {
        ConstraintSet set = ConstraintSet.Over(2).Ball(Norm.L2, 0);
        Assert.AreEqual(5e200, set.Violation([3e200, 4e200]), 1e186);
        Assert.AreEqual(5e-200, set.Violation([3e-200, 4e-200]), 1e-214);
        Assert.AreEqual(0.0, set.Violation([0, 0]));
        Assert.AreEqual(double.Epsilon, set.Violation([double.Epsilon, 0]));
    }

    [TestMethod]
    public void Violation_WithMissingLimit_IgnoresIt()
    {
        ConstraintSet set = ConstraintSet.Over("x").Nonnegative();
        Assert.AreEqual(0.0, set.Violation([double.MaxValue]));
        Assert.AreEqual(double.MaxValue, set.Violation([-double.MaxValue]));
    }

    [TestMethod]
    public void Text_IsOneFormForEachStatement()
    {
        ConstraintSet set = ConstraintSet.Over("x", "y", "my z")
            .Nonnegative().Nonnegative("my z").Bounds(0, 1, "my z", "x").Bounds([0, 1, 2], [1, 1, 3])
            .Linear(null, [1, -2.5, 0], -1, Bound.Column("Max")).Hyperplane([1, 1, 1], 1).Hyperplane([1, 0, -1], Bound.Column("a b") / 2)
            .Simplex().Simplex(2, "y", "x").CappedSimplex(2).CappedSimplex(1, 0.5)
            .Ball(Norm.L1, 1).Ball(Norm.LInfinity, 1, [0, 2, -3]).Decreasing("y", "x").SecondOrderCone("y")
            .SecondOrderCone("x", -1, [1], "my z");
        string[] expected =
        [
            "each(*) >= 0", "[my z] >= 0", "0 <= each(x, [my z]) <= 1", "bounds(0 <= x <= 1, y = 1, 2 <= [my z] <= 3)",
            "-1 <= x - 2.5*y <= @Max", "sum(*) = 1", "x - [my z] = 0.5*@[a b]",
            "simplex(*) = 1", "simplex(x, y) = 2", "cappedsimplex(*) = 2", "cappedsimplex(*, cap = 0.5) = 1",
            "norm1(*) <= 1", "norminf(x, y - 2, [my z] + 3) <= 1", "decreasing(y, x)", "norm2(x, [my z]) <= y",
            "norm2([my z] - 1) <= x - 1",
        ];
        Assert.AreEqual(string.Join("\n", expected), set.ToString());
    }
}
