using System;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.QuadraticPrograms;

[TestClass]
public class TwoSidedProgramTests
{
    [TestMethod]
    public void Constructor_EveryKindOfRow_GivesTheRightRows()
    {
        // An equality, a range, an upper bound, a lower bound, and no bound at all.
        double inf = double.PositiveInfinity;
        var rows = new TwoSidedProgram([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 2, [1, -1, -inf, 2, -inf], [1, 3, 4, inf, inf]);
        CollectionAssert.AreEqual(new double[] { 1, 2 }, rows.A.ToArray());
        CollectionAssert.AreEqual(new double[] { 1 }, rows.B.ToArray());
        CollectionAssert.AreEqual(new double[] { 3, 4, -3, -4, 5, 6, -7, -8 }, rows.G.ToArray());
        CollectionAssert.AreEqual(new double[] { 3, 1, 4, -2 }, rows.H.ToArray());
        CollectionAssert.AreEqual(new double[] { 9, 10 - 20, 30, -40, 0 }, rows.RowMultipliers([10, 20, 30, 40], [9]));
    }

    [TestMethod]
    public void Constructor_LengthsThatDoNotMatch_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new TwoSidedProgram([1, 2, 3], 2, [0], [1]));
        Assert.ThrowsExactly<ArgumentException>(() => new TwoSidedProgram([1, 2], 2, [0, 0], [1]));
    }
}
