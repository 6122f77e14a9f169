using System;
using System.Linq;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Constraints;

[TestClass]
public class ConstraintSystemTests
{
    private static ConstraintSet Xyz => ConstraintSet.Over("x", "y", "z");

    [TestMethod]
    public void Lower_OfNoConstraint_IsEmpty()
    {
        ConstraintSystem system = Xyz.Lower();
        Assert.AreEqual(0, system.RowCount);
        Assert.AreEqual(0, system.Norms.Count);
        Assert.IsTrue(system.IsPolyhedral);
    }

    [TestMethod]
    public void Lower_OfRows_WritesMatrixAndSlopes()
    {
        ConstraintSet set = Xyz.Linear("2*x - z <= 3 + 2*@B - @A").Bounds("y", Bound.Column("A"), double.PositiveInfinity)
            .Increasing("z", "x");
        ConstraintSystem system = set.Lower();
        // Columns: B, A, in the order of first use.
        CollectionAssert.AreEqual(new double[] { 2, 0, -1, 0, 1, 0, 1, 0, -1 }, system.Matrix);
        CollectionAssert.AreEqual(new[] { double.NegativeInfinity, 0, 0 }, system.Lower);
        CollectionAssert.AreEqual(new[] { 3, double.PositiveInfinity, double.PositiveInfinity }, system.Upper);
        CollectionAssert.AreEqual(new double[] { 0, 0, 0, 1, 0, 0 }, system.LowerSlope);
        CollectionAssert.AreEqual(new double[] { 2, -1, 0, 0, 0, 0 }, system.UpperSlope);
        CollectionAssert.AreEqual(new[] { 0, 1, 2 }, system.RowOwner);
        Assert.IsFalse(system.IsEquality(0));
    }

    [TestMethod]
    public void Lower_OfSimplex_PutsTheSumFirst()
    {
        ConstraintSystem system = Xyz.CappedSimplex(Bound.Column("S"), 0.5, "x", "z").Lower();
        CollectionAssert.AreEqual(new double[] { 1, 0, 1, 1, 0, 0, 0, 0, 1 }, system.Matrix);
        Assert.IsTrue(system.IsEquality(0));
        Assert.IsFalse(system.IsEquality(1));
        CollectionAssert.AreEqual(new[] { 0, 0.5, 0.5 }, system.Upper);
        CollectionAssert.AreEqual(new double[] { 0, 0, 0 }, system.Lower);
        CollectionAssert.AreEqual(new double[] { 1, 0, 0 }, system.UpperSlope);
    }

    [TestMethod]
    public void Lower_OfInfinityBall_IsRowsAroundTheCentre()
    {
        ConstraintSystem system = ConstraintSet.Over(2).Ball(Norm.LInfinity, 1 + 2 * Bound.Column("R"), [5, -5]).Lower();
        Assert.IsTrue(system.IsPolyhedral);
        CollectionAssert.AreEqual(new double[] { 4, -6 }, system.Lower);
        CollectionAssert.AreEqual(new double[] { 6, -4 }, system.Upper);
        CollectionAssert.AreEqual(new double[] { -2, -2 }, system.LowerSlope);
        CollectionAssert.AreEqual(new double[] { 2, 2 }, system.UpperSlope);
    }

    [TestMethod]
    public void Lower_OfNorms_IsBlocks()
    {
        ConstraintSet set = Xyz.Ball(Norm.L1, 2, "z", "x").SecondOrderCone("y", 1 - Bound.Column("R"), [3, 4], "z", "x");
        ConstraintSystem system = set.Lower();
        Assert.AreEqual(0, system.RowCount);
        Assert.AreEqual(2, system.Norms.Count);
        NormBlock cone = system.Norms[1];
        Assert.AreEqual(Norm.L2, cone.Norm);
        CollectionAssert.AreEqual(new[] { 0, 2 }, cone.Variables);
        CollectionAssert.AreEqual(new double[] { 4, 3 }, cone.Centre);
        Assert.AreEqual(1, cone.Height);
        Assert.AreEqual(-2.0, cone.EvaluateRadius([3]));
        Assert.AreEqual(-1, system.Norms[0].Height);
        Assert.AreEqual(1, cone.Owner);
    }

    [TestMethod]
    public void Lower_OfRandomSets_HasTheViolationsOfTheConstraints()
    {
        Random random = new(7);
        int broken = 0, kept = 0;
        for (int i = 0; i < 2000; i++)
        {
            ConstraintSet set = RandomConstraintSets.Create(random);
            ConstraintSystem system = set.Lower();
            double[] z = RandomConstraintSets.Point(random, set.Dimension);
            double[] parameters = RandomConstraintSets.Point(random, set.Columns.Count);
            double[] expected = Violations(system, set.Constraints.Count, z, parameters, out double[] sizes);
            double[] actual = new double[expected.Length];
            set.Violations(z, parameters, actual);
            for (int k = 0; k < actual.Length; k++)
            {
                Assert.AreEqual(expected[k], actual[k], 1e-14 * sizes[k], set.Constraints[k].ToString());
                Assert.AreEqual(actual[k], set.Constraints[k].Violation(z, parameters));
                _ = actual[k] > 0 ? broken++ : kept++;
            }

            Assert.AreEqual(actual.Max(), set.Violation(z, parameters));
        }

        Assert.IsTrue(broken > 1000 && kept > 1000, $"{broken} broken, {kept} kept: the sample says nothing.");
    }

    /// <summary>From the lowered form alone, straight from its definition.</summary>
    private static double[] Violations(ConstraintSystem system, int count, double[] z, double[] parameters, out double[] sizes)
    {
        double[] worst = new double[count];
        sizes = Enumerable.Repeat(1.0, count).ToArray();
        double[] lower = new double[system.RowCount], upper = new double[system.RowCount];
        system.EvaluateBounds(parameters, lower, upper);
        for (int row = 0; row < system.RowCount; row++)
        {
            double value = 0;
            int owner = system.RowOwner[row];
            for (int j = 0; j < z.Length; j++)
            {
                value += system.Row(row)[j] * z[j];
                sizes[owner] = Math.Max(sizes[owner], 10 * Math.Abs(system.Row(row)[j] * z[j]));
            }

            foreach (double limit in new[] { lower[row], upper[row] }.Where(double.IsFinite))
                sizes[owner] = Math.Max(sizes[owner], 10 * Math.Abs(limit));
            worst[owner] = Math.Max(worst[owner], Math.Max(lower[row] - value, value - upper[row]));
        }

        foreach (NormBlock block in system.Norms)
        {
            double[] parts = block.Variables.Select((v, k) => Math.Abs(z[v] - block.Centre[k])).ToArray();
            double norm = block.Norm == Norm.L1 ? parts.Sum() : Math.Sqrt(parts.Sum(p => p * p));
            double radius = block.EvaluateRadius(parameters);
            double height = block.Height < 0 ? 0 : z[block.Height];
            sizes[block.Owner] = Math.Max(1, 10 * (norm + Math.Abs(radius) + Math.Abs(height)));
            worst[block.Owner] = Math.Max(worst[block.Owner], norm - radius - height);
        }

        return worst;
    }
}
