using System;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Constraints;

[TestClass]
public class ConstraintSetTests
{
    private static readonly string[] s_overXy =
        ["x >= @A", "x + y >= @A", "norm2(*) <= @A", "norm1(*) <= @A", "norminf(*) <= @A", "simplex(*) = @A"];

    private static ConstraintSet Xyz => ConstraintSet.Over("x", "y", "z");

    private static string Message(Action action) => Assert.Throws<ArgumentException>(action).Message;

    [TestMethod]
    public void Over_Names_KeepsOrder()
    {
        ConstraintSet set = ConstraintSet.Over("b", "a", "my name");
        CollectionAssert.AreEqual(new[] { "b", "a", "my name" }, set.Variables.ToArray());
        Assert.AreEqual(3, set.Dimension);
        Assert.AreEqual(2, set.IndexOf("my name"));
        Assert.AreEqual(-1, set.IndexOf("A"));
        Assert.AreEqual(0, set.Constraints.Count);
        Assert.AreEqual("", set.ToString());
    }

    [TestMethod]
    public void Over_Dimension_NamesBySlot()
    {
        CollectionAssert.AreEqual(new[] { "x0", "x1", "x2" }, ConstraintSet.Over(3).Variables.ToArray());
        Assert.AreEqual(65_536, ConstraintSet.Over(65_536).Dimension);
    }

    [TestMethod]
    public void Over_UnusableNames_Throws()
    {
        StringAssert.Contains(Message(() => ConstraintSet.Over()), "at least one variable");
        StringAssert.Contains(Message(() => ConstraintSet.Over("x", "y", "x")), "'x' is given twice, at 0 and 2");
        StringAssert.Contains(Message(() => ConstraintSet.Over("x", "")), "variable 1 is empty");
        StringAssert.Contains(Message(() => ConstraintSet.Over("x", null!)), "variable 1 is empty");
        StringAssert.Contains(Message(() => ConstraintSet.Over("a\tb")), "U+0009");
        StringAssert.Contains(Message(() => ConstraintSet.Over(new string('a', 1025))), "1025 characters");
        StringAssert.Contains(Message(() => ConstraintSet.Over(0)), "dimension is 0");
        StringAssert.Contains(Message(() => ConstraintSet.Over(65_537)), "65537");
        Assert.ThrowsExactly<ArgumentNullException>(() => ConstraintSet.Over(null!));
    }

    [TestMethod]
    public void Building_ReturnsANewSet()
    {
        ConstraintSet before = Xyz;
        ConstraintSet after = before.Nonnegative();
        Assert.AreEqual(0, before.Constraints.Count);
        Assert.AreEqual(1, after.Constraints.Count);
    }

    [TestMethod]
    public void Columns_AreInOrderOfFirstUse()
    {
        ConstraintSet set = Xyz.Bounds("x", 0, Bound.Column("C")).Linear("y + z <= @B + @C").Ball(Norm.L2, Bound.Column("A"));
        CollectionAssert.AreEqual(new[] { "C", "B", "A" }, set.Columns.ToArray());
    }

    [TestMethod]
    public void Names_WhenNotGiven_AreTheText()
    {
        ConstraintSet set = Xyz.Nonnegative().Linear("x  + y\t<= 3 # both").Linear("x + y <= 3").Linear("x + y <= 3")
            .Linear(null, Enumerable.Range(1, 3).Select(i => Math.Sqrt(i) * 1e-100).ToArray(), 0, Math.PI).Increasing().WithName("order");
        CollectionAssert.AreEqual(
            new[] { "each(*) >= 0", "x + y <= 3", "x + y <= 3 (2)", "x + y <= 3 (3)" },
            set.Constraints.Take(4).Select(c => c.Name).ToArray());
        Assert.AreEqual("order", set.Constraints[5].Name);
        Assert.AreEqual("increasing(*)", set.Constraints[5].ToString());
    }

    [TestMethod]
    public void Names_OfLongTexts_AreThePlace()
    {
        ConstraintSet set = ConstraintSet.Over(60).Nonnegative().Linear(null, Enumerable.Range(1, 60).Select(i => i + 0.5).ToArray(), 0, 1);
        Assert.AreEqual("c2", set.Constraints[1].Name);
    }

    [TestMethod]
    public void Names_Twice_Throws()
    {
        StringAssert.Contains(Message(() => Xyz.Linear("a", "x + y <= 1").Linear("a", "x + z <= 1")), "named 'a'");
        StringAssert.Contains(Message(() => Xyz.Linear("x + y <= 1").Linear("x + y <= 1", "x + z <= 1")), "named 'x + y <= 1'");
        StringAssert.Contains(Message(() => Xyz.Linear("a", "x + y <= 1").Nonnegative().WithName("a")), "named 'a'");
    }

    [TestMethod]
    public void WithName_OnAnEmptySet_Throws() => Assert.ThrowsExactly<InvalidOperationException>(() => Xyz.WithName("a"));

    [TestMethod]
    public void WithName_OfLast_KeepsEverythingElse()
    {
        ConstraintSet set = Xyz.Linear("x + y <= @B").Linear("x + z <= @C").WithName("second");
        CollectionAssert.AreEqual(new[] { "x + y <= @B", "second" }, set.Constraints.Select(c => c.Name).ToArray());
        Assert.AreEqual(4.0, set.Violation([1, 2, 3], [3, 0]));
    }

    [TestMethod]
    public void And_MergesColumnsAndDerivesNamesAnew()
    {
        ConstraintSet left = Xyz.Linear("x + y <= @A").Linear("named", "x - y <= @B");
        ConstraintSet right = Xyz.Linear("x + z <= @C - @B").Linear("x + y <= @A");
        ConstraintSet both = left.And(right);
        CollectionAssert.AreEqual(new[] { "A", "B", "C" }, both.Columns.ToArray());
        CollectionAssert.AreEqual(
            new[] { "x + y <= @A", "named", "x + z <= @C - @B", "x + y <= @A (2)" }, both.Constraints.Select(c => c.Name).ToArray());
        // x + z = 5 against C − B = 30 − 27.
        Assert.AreEqual(2.0, both.Constraints[2].Violation([1, 2, 4], [10, 27, 30]));
    }

    [TestMethod]
    public void And_OtherVariables_Throws()
    {
        StringAssert.Contains(Message(() => Xyz.And(ConstraintSet.Over("x", "z", "y").Nonnegative())), "x, z, y");
        Assert.ThrowsExactly<ArgumentNullException>(() => Xyz.And(null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => Xyz.Add((Constraint)null!));
    }

    [TestMethod]
    public void Add_ConstraintOfAnotherSet_Works()
    {
        Constraint constraint = Xyz.Linear("cap", "x + y <= @A").Constraints[0];
        ConstraintSet set = Xyz.Linear("z + y <= @B").Add(constraint);
        Assert.AreEqual(1.0, set.Constraints[1].Violation([1, 2, 0], [0, 2]));
        Assert.AreEqual(0.0, constraint.Violation([1, 2, 0], [3]));
    }

    [TestMethod]
    public void Kinds_AreToldApart()
    {
        ConstraintSet set = Xyz.Nonnegative("x").Hyperplane([1, 1, 1], 1).Simplex("x", "y").CappedSimplex(2).Ball(Norm.L1, 1)
            .Increasing().Decreasing().SecondOrderCone("x");
        CollectionAssert.AreEqual(
            new[]
            {
                ConstraintKind.Bounds, ConstraintKind.Linear, ConstraintKind.Simplex, ConstraintKind.CappedSimplex, ConstraintKind.Ball,
                ConstraintKind.Increasing, ConstraintKind.Decreasing, ConstraintKind.SecondOrderCone,
            },
            set.Constraints.Select(c => c.Kind).ToArray());
        CollectionAssert.AreEqual(new[] { 1, 2, 0 }, set.Constraints[7].Variables.ToArray());
    }

    [TestMethod]
    public void Linear_OfOneVariableWithCoefficientOne_IsABound()
    {
        ConstraintSet set = Xyz.HalfSpace([0, 1, 0], 3).Linear("y <= 3");
        Assert.AreEqual(ConstraintKind.Bounds, set.Constraints[0].Kind);
        Assert.AreEqual("y <= 3", set.Constraints[0].ToString());
        CollectionAssert.AreEqual(new[] { 1 }, set.Constraints[0].Variables.ToArray());
    }

    [TestMethod]
    public void Variables_UnknownOrTwice_Throws()
    {
        ConstraintSet set = ConstraintSet.Over("Steel", "Wood", "Glass");
        StringAssert.Contains(Message(() => set.Nonnegative("Wod")), "Did you mean 'Wood'?");
        StringAssert.Contains(Message(() => set.Simplex("steel")), "Did you mean 'Steel'?");
        StringAssert.Contains(Message(() => set.Simplex("Wood", "Wood")), "'Wood' twice");
        StringAssert.Contains(Message(() => set.Increasing("Iron")), "Variables: Steel, Wood, Glass");
        StringAssert.Contains(Message(() => set.Linear("budget", [1, 2], 0, 1, "Steel", "Q")), "Constraint 'budget'");
        StringAssert.Contains(Message(() => set.SecondOrderCone("Wood", "Wood", "Steel")), "'Wood' on both sides");
        StringAssert.Contains(Message(() => ConstraintSet.Over("t").SecondOrderCone("t")), "no variable inside");
        Assert.ThrowsExactly<ArgumentNullException>(() => set.Bounds((string)null!, 0, 1));
    }

    [TestMethod]
    public void Numbers_ThatCannotBe_Throw()
    {
        StringAssert.Contains(Message(() => Xyz.Linear("sum", [1, 2, 3, 4], 0, 1)), "Constraint 'sum' has 4 coefficients but 3 variables");
        StringAssert.Contains(Message(() => Xyz.HalfSpace([1, double.NaN, 1], 0)), "NaN at index 1");
        StringAssert.Contains(Message(() => Xyz.HalfSpace([1, 1, 1], double.NaN)), "NaN");
        StringAssert.Contains(Message(() => Xyz.Linear("c", [1, 1, 1], 2, 1)), "lower limit 2 above the upper limit 1");
        StringAssert.Contains(Message(() => Xyz.Linear("c", [1, 1, 1], Bound.Column("A") + 1, Bound.Column("A"))), "above");
        StringAssert.Contains(Message(() => Xyz.Linear("c", [1, 1, 1], double.NegativeInfinity, double.PositiveInfinity)), "neither");
        StringAssert.Contains(Message(() => Xyz.Bounds("y", double.PositiveInfinity, double.PositiveInfinity)), "bound on 'y'");
        StringAssert.Contains(Message(() => Xyz.Hyperplane([1, 1, 1], double.PositiveInfinity)), "finite");
        StringAssert.Contains(Message(() => Xyz.Bounds(0, 10 * (1e308 * Bound.Column("A")))), "'A'");
        StringAssert.Contains(Message(() => Xyz.Bounds([0, 0], [1, 1])), "2 lower and 2 upper limits but 3 variables");
        StringAssert.Contains(Message(() => Xyz.Ball(Norm.L2, -1)), "L2 ball has a radius of -1");
        StringAssert.Contains(Message(() => Xyz.Ball((Norm)9, 1)), "norm 9");
        StringAssert.Contains(Message(() => Xyz.Ball(Norm.L1, 1, [1, 2])), "2 centre values but 3 variables");
        StringAssert.Contains(Message(() => Xyz.Ball(Norm.L1, 1, [1, 2, double.PositiveInfinity])), "index 2");
        StringAssert.Contains(Message(() => Xyz.Simplex(-1)), "a sum of -1");
        StringAssert.Contains(Message(() => Xyz.CappedSimplex(4)), "a sum of 4");
        StringAssert.Contains(Message(() => Xyz.CappedSimplex(1, -2)), "a cap of -2");
        StringAssert.Contains(Message(() => Xyz.SecondOrderCone("x", double.NaN, [])), "NaN");
        Assert.ThrowsExactly<ArgumentNullException>(() => Xyz.Bounds((double[])null!, [1, 2, 3]));
    }

    [TestMethod]
    public void Linear_OfZeros_MustAgreeWithItsLimits()
    {
        ConstraintSet set = Xyz.HalfSpace([0, 0, 0], 0).Hyperplane([0, 0, 0], Bound.Column("A"));
        Assert.AreEqual(0, set.Constraints[0].Variables.Count);
        Assert.AreEqual(2.0, set.Violation([7, 8, 9], [2]));
        StringAssert.Contains(Message(() => Xyz.HalfSpace([0, 0, 0], -1)), "only zero coefficients");
        StringAssert.Contains(Message(() => Xyz.Hyperplane([0, 0, 0], 1)), "only zero coefficients");
    }

    [TestMethod]
    public void Equals_ComparesStatementsAndNames()
    {
        ConstraintSet set = Xyz.Linear("x + y <= @A").Ball(Norm.L2, 1, [1, 2, 3]);
        ConstraintSet same = Xyz.Linear("x + y <= @A").Ball(Norm.L2, 1, [1, 2, 3]);
        Assert.AreEqual(set, same);
        Assert.AreEqual(set.GetHashCode(), same.GetHashCode());
        Assert.AreNotEqual(set, same.WithName("other"));
        Assert.AreNotEqual(set, Xyz.Linear("x + y <= @A").Ball(Norm.L2, 1, [1, 2, 4]));
        Assert.AreNotEqual(set, Xyz.Linear("x + y <= @A").Ball(Norm.L1, 1, [1, 2, 3]));
        Assert.AreNotEqual(set, Xyz.Linear("x + y <= @A").Ball(Norm.L2, 2, [1, 2, 3]));
        Assert.AreNotEqual(set, ConstraintSet.Over("x", "y", "w").Linear("x + y <= @A").Ball(Norm.L2, 1, [1, 2, 3]));
        Assert.AreNotEqual(Xyz, set);
        Assert.IsFalse(set.Equals(null));
        Assert.IsFalse(set.Constraints[0].Equals(null));
        Assert.AreEqual(set.Constraints[0], same.Constraints[0]);
    }

    [TestMethod]
    public void Contains_FloatAndDouble_Agree()
    {
        Random random = new(3);
        int inside = 0;
        for (int i = 0; i < 2000; i++)
        {
            ConstraintSet set = RandomConstraintSets.Create(random, 1);
            float[] z = RandomConstraintSets.Point(random, set.Dimension).Select(v => (float)v).ToArray();
            float[] parameters = RandomConstraintSets.Point(random, set.Columns.Count).Select(v => (float)v).ToArray();
            double[] wideZ = Array.ConvertAll(z, v => (double)v), wideParameters = Array.ConvertAll(parameters, v => (double)v);
            Assert.AreEqual(set.Contains(wideZ, wideParameters), set.Contains(z, parameters));
            Assert.AreEqual(set.Violation(wideZ, wideParameters), set.Violation(z, parameters));
            double[] violations = new double[1], wideViolations = new double[1];
            set.Violations(z, parameters, violations);
            set.Violations(wideZ, wideParameters, wideViolations);
            Assert.AreEqual(wideViolations[0], violations[0]);
            Assert.AreEqual(violations[0] == 0, set.Contains(z, parameters, 0));
            inside += violations[0] == 0 ? 1 : 0;
        }

        Assert.IsTrue(inside is > 100 and < 1900, $"{inside} points inside: the sample says nothing.");
    }

    [TestMethod]
    public void Contains_ManyVariables_Works()
    {
        ConstraintSet set = ConstraintSet.Over(1000).Simplex();
        float[] z = new float[1000];
        Assert.IsFalse(set.Contains(z));
        z[999] = 1;
        Assert.IsTrue(set.Contains(z));
    }

    [TestMethod]
    public void Contains_ToleranceScalesWithTheTerms()
    {
        ConstraintSet set = ConstraintSet.Over("x", "y").Linear("1000*x - y <= 0");
        // The terms are about 1e6 each, so that the tolerance allows 2.
        Assert.IsTrue(set.Contains([1000, 1e6 - 1.5]));
        Assert.IsFalse(set.Contains([1000, 1e6 - 2.5]));
        Assert.IsFalse(set.Contains([1000, 1e6 - 1.5], default, 0));
        Assert.IsTrue(set.Contains([0, -0.9e-6]));
        Assert.IsFalse(set.Contains([0, -1.1e-6]));
        Assert.IsTrue(set.Contains([1000, 1e6], default, 0));
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    [DataRow(double.NegativeInfinity)]
    public void Contains_NotFinite_IsFalse(double value)
    {
        foreach (string text in s_overXy.Append("increasing(*)"))
        {
            ConstraintSet set = ConstraintSet.Parse(text, "x", "y");
            double[] parameters = set.Columns.Count == 0 ? [] : [1];
            Assert.IsFalse(set.Contains([value, 1], parameters), text);
            Assert.IsFalse(set.Contains([1, value], parameters), text);
            if (parameters.Length > 0)
                Assert.IsFalse(set.Contains([0.5, 0.5], [value]), text);
        }
    }

    [TestMethod]
    public void Violation_OfNaN_IsNaN()
    {
        foreach (string text in s_overXy)
        {
            ConstraintSet set = ConstraintSet.Parse(text, "x", "y").Linear("y <= 5");
            Assert.IsTrue(double.IsNaN(set.Violation([double.NaN, 1], [1])), text);
            Assert.IsTrue(double.IsNaN(set.Violation([1, 1], [double.NaN])), text);
            Assert.IsTrue(double.IsNaN(set.Constraints[0].Violation([double.NaN, 1], [1])), text);
        }
    }

    [TestMethod]
    public void Lengths_Wrong_Throw()
    {
        ConstraintSet set = Xyz.Linear("cap", "x + y <= @A");
        StringAssert.Contains(Message(() => set.Violation([1, 2], [1])), "2 values but the constraint set has 3 variables");
        StringAssert.Contains(Message(() => set.Violation([1, 2, 3])), "0 parameters but the right-hand sides use 1 columns (A)");
        StringAssert.Contains(Message(() => set.Contains([1, 2, 3], [1, 2])), "2 parameters");
        StringAssert.Contains(Message(() => set.Violation(new float[2], [1f])), "2 values");
        StringAssert.Contains(Message(() => set.Violations([1, 2, 3], [1], new double[2])), "room for 2 violations");
        StringAssert.Contains(Message(() => set.Constraints[0].Violation([1, 2, 3])), "Constraint 'cap' needs the row's values");
        StringAssert.Contains(Message(() => set.Constraints[0].Violation([1, 2])), "2 values");
        StringAssert.Contains(Message(() => set.Contains([1, 2, 3], [1], double.NaN)), "tolerance");
        StringAssert.Contains(Message(() => set.Contains([1, 2, 3], [1], -1)), "tolerance");
    }

    [TestMethod]
    public void Checks_OfRows_AllocateNothing()
    {
        ConstraintSet set = Xyz.Nonnegative().Linear("x + y <= @A").Simplex().CappedSimplex(2).Ball(Norm.L1, 1).Ball(Norm.LInfinity, 1)
            .Increasing().SecondOrderCone("x");
        float[] z = [1, 2, 3], parameters = [1];
        double[] violations = new double[set.Constraints.Count];
        void Check()
        {
            set.Contains(z, parameters);
            set.Violation(z, parameters);
            set.Violations(z, parameters, violations);
        }

        Check();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Check();
        Assert.AreEqual(0L, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Lists_CannotBeChanged()
    {
        ConstraintSet set = Xyz.Nonnegative();
        Assert.IsFalse(set.Variables is string[]);
        Assert.IsFalse(set.Constraints is Constraint[]);
        Assert.IsFalse(set.Constraints[0].Variables is int[]);
        double[] coefficients = [1, 2, 3];
        ConstraintSet linear = Xyz.HalfSpace(coefficients, 1);
        coefficients[0] = 100;
        Assert.AreEqual(5.0, linear.Violation([1, 1, 1]));
    }

    [TestMethod]
    public void Lower_FromManyThreads_IsMadeOnce()
    {
        ConstraintSet set = ConstraintSet.Over(50).Simplex().Increasing();
        ConstraintSystem[] systems = new ConstraintSystem[16];
        Parallel.For(0, systems.Length, i => systems[i] = set.Lower());
        foreach (ConstraintSystem system in systems)
            Assert.AreSame(systems[0], system);
    }

    [TestMethod]
    public void Lower_TooLargeForAMatrix_Throws()
    {
        ConstraintSet set = ConstraintSet.Over(65_536).Nonnegative();
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => set.Lower()).Message, "65536 linear rows");
    }
}
