using System;
using System.Globalization;
using System.Threading;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Constraints;

[TestClass]
public class BoundTests
{
    private static Bound A => Bound.Column("A");

    private static Bound B => Bound.Column("my column");

    [TestMethod]
    public void Default_IsZero()
    {
        Bound bound = default;
        Assert.AreEqual((Bound)0, bound);
        Assert.AreEqual("0", bound.ToString());
        Assert.AreEqual(0, bound.Columns.Count);
        Assert.AreEqual(0.0, bound.Coefficient("A"));
    }

    [TestMethod]
    public void Arithmetic_OnColumns_MatchesValues()
    {
        Bound bound = (2 * A - B / 4 + 3 - (-A) * 0.5) / 2 - 1;
        // A = 10, B = 8: (20 − 2 + 3 + 5) / 2 − 1 = 12.
        Assert.AreEqual(12.0, bound.Evaluate(name => name == "A" ? 10 : 8));
        Assert.AreEqual(1.25, bound.Coefficient("A"));
        Assert.AreEqual(-0.125, bound.Coefficient("my column"));
        Assert.AreEqual(0.5, bound.Constant);
    }

    [TestMethod]
    public void Arithmetic_ThatCancels_DropsTheColumn()
    {
        Bound bound = A + 1 - A;
        Assert.IsTrue(bound.IsConstant);
        Assert.AreEqual((Bound)1, bound);
        Assert.IsTrue((0 * A).IsConstant);
    }

    [TestMethod]
    public void Equals_InAnotherOrder_IsTrueWithEqualHash()
    {
        Assert.IsTrue(A + B == B + A);
        Assert.AreEqual((A + B).GetHashCode(), (B + A).GetHashCode());
        Assert.IsTrue(A + B != A + 2 * B);
        Assert.IsTrue(A != B);
        Assert.IsTrue(A != A + 1);
        Assert.IsFalse(A.Equals("A"));
    }

    [TestMethod]
    public void ToString_OfTerms_ReadsLikeTheTextForm()
    {
        Assert.AreEqual("@A - 2.5*@[my column] - 3", (A - 2.5 * B - 3).ToString());
        Assert.AreEqual("-@A", (-A).ToString());
        Assert.AreEqual("0", (-0.0 * A + -0.0).ToString());
        Assert.AreEqual("1E+20", ((Bound)1e20).ToString());
    }

    [TestMethod]
    public void ToString_UnderGermanCulture_HasPoints()
    {
        CultureInfo before = Thread.CurrentThread.CurrentCulture;
        try
        {
            Thread.CurrentThread.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.AreEqual("1.5*@A - 0.25", (1.5 * A - 0.25).ToString());
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(" ")]
    [DataRow("a\nb")]
    [DataRow("a\u0000")]
    public void Column_OfAnUnusableName_Throws(string name) => Assert.ThrowsExactly<ArgumentException>(() => Bound.Column(name));

    [TestMethod]
    public void Column_OfHalfASurrogatePair_Throws() =>
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Bound.Column("a" + (char)0xD83D)).Message, "index 1");
}
