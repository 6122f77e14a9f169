using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class ClassConstraintsTests
{
    private static readonly string[] s_classes = ["A", "B", "C", "D"];

    [TestMethod]
    public void Create_EveryKindInAnotherOrder_MeasuresTheSame()
    {
        string[] order = ["C", "A", "D", "B"];
        ConstraintSet stated = ConstraintSet.Over(order)
            .Linear("rate", "A + 2 * C <= @Cap + 0.1").Linear("B <= D").Bounds(0.1, 0.9).Bounds([0, 0.1, double.NegativeInfinity, 0.2], [1, 0.8, 0.5, 0.9], "C", "A", "D", "B")
            .Increasing("D", "A", "C").Decreasing("B", "C").Simplex(0.5, "A", "B").CappedSimplex(0.6, 0.4, "C", "D")
            .Ball(Norm.L1, 0.4, [0.1, 0.3], "D", "C").Ball(Norm.L2, Bound.Column("Radius")).SecondOrderCone("C", 0.1, [0.2, 0.1], "B", "A").WithName("cone");
        ConstraintSet restated = ClassConstraints.Create("Label", s_classes, stated, null);
        CollectionAssert.AreEqual(s_classes, restated.Variables.ToArray());
        CollectionAssert.AreEqual(stated.Columns.ToArray(), restated.Columns.ToArray());
        CollectionAssert.AreEqual(stated.Constraints.Select(c => c.Name).Append("probabilities").ToArray(), restated.Constraints.Select(c => c.Name).ToArray());
        var random = new Random(1);
        double[] expected = new double[stated.Constraints.Count], found = new double[stated.Constraints.Count + 1];
        for (int k = 0; k < 200; k++)
        {
            double[] z = [.. s_classes.Select(_ => random.NextDouble())], parameters = [random.NextDouble(), random.NextDouble()];
            stated.Violations([.. order.Select(v => z[Array.IndexOf(s_classes, v)])], parameters, expected);
            restated.Violations(z, parameters, found);
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], found[i], 1e-15, stated.Constraints[i].Name);
        }
    }

    [TestMethod]
    public void Create_Groups_StandForTheirClassesTogether()
    {
        var groups = new Dictionary<string, string[]> { ["AB"] = ["A", "B"], ["All but D"] = ["C", "AB", "A"] };
        ConstraintSet stated = ConstraintSet.Over("AB", "D", "C", "B", "A", "All but D")
            .Linear("AB <= 0.3 + 2 * D").Bounds(0.1, 0.6, "AB", "C").WithName("both").Increasing("D", "AB", "All but D").WithName("order").Decreasing("A", "AB");
        ConstraintSet set = ClassConstraints.Create("Label", s_classes, stated, groups);
        CollectionAssert.AreEqual(
            new[] { "AB <= 0.3 + 2 * D", "both (AB)", "both (C)", "order (AB)", "order (All but D)", "A >= AB", "probabilities" },
            set.Constraints.Select((c, i) => i == 5 ? "A >= AB" : c.Name).ToArray());
        var random = new Random(2);
        double[] found = new double[set.Constraints.Count];
        for (int k = 0; k < 200; k++)
        {
            double[] z = [.. s_classes.Select(_ => random.NextDouble())];
            double a = z[0], ab = a + z[1], c = z[2], d = z[3], abc = ab + c;
            set.Violations(z, [], found);
            double[] expected =
            [
                Math.Max(0, ab - 0.3 - (2 * d)), Outside(ab), Outside(c), Math.Max(0, d - ab), Math.Max(0, ab - abc), Math.Max(0, ab - a), Math.Abs(abc + d - 1),
            ];
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], found[i], 1e-14, set.Constraints[i].Name);
        }

        static double Outside(double value) => Math.Max(0, Math.Max(0.1 - value, value - 0.6));
    }

    [TestMethod]
    public void Create_Nothing_IsTheSimplex()
    {
        ConstraintSet simplex = ConstraintSet.Over(s_classes).Simplex().WithName("probabilities");
        Assert.AreEqual(simplex, ClassConstraints.Create("Label", s_classes, null, null));
        Assert.AreEqual(ConstraintSet.Over(s_classes).Simplex().WithName("mine"), ClassConstraints.Create("Label", s_classes, ConstraintSet.Over("D", "C", "B", "A").Simplex().WithName("mine"), null));
        ConstraintSet taken = ClassConstraints.Create("Label", s_classes, ConstraintSet.Over(s_classes).Linear("probabilities", "A <= 0.5"), null);
        Assert.HasCount(2, taken.Constraints);
    }

    [TestMethod]
    public void Create_NothingAndAnyText_IsTheSimplex()
    {
        // Ordinary classes of text that no constraint could name.
        ConstraintSet set = ClassConstraints.Create("Label", ["plain", "two\tcolumns", "a\nline", " "], null, null);
        Assert.AreEqual(ConstraintSet.Over(4).Simplex().WithName("probabilities"), set);
    }

    [TestMethod]
    public void Create_WrongNames_AreNamed()
    {
        void Fails(string part, ConstraintSet? set, Dictionary<string, string[]>? groups = null, string[]? classes = null)
        {
            string message = Assert.ThrowsExactly<InvalidOperationException>(() => ClassConstraints.Create("Kind", classes ?? s_classes, set, groups)).Message;
            StringAssert.Contains(message, part);
        }

        ConstraintSet all = ConstraintSet.Over("A", "B", "C", "D", "G");
        Fails("'E', 'a', which are no class of label column 'Kind'. Its classes are 'A', 'B', 'C', 'D'", ConstraintSet.Over("A", "B", "C", "D", "E", "a"));
        Fails("no variable for 'B', 'D' of label column 'Kind'", ConstraintSet.Over("A", "C"));
        Fails("'H', which are no class of label column 'Kind' and no group", ConstraintSet.Over("A", "B", "C", "D", "H"), new() { ["G"] = ["A"] });
        Fails("'X', which is neither a class nor a group", all, new() { ["G"] = ["A", "X"] });
        Fails("Group 'A' has the name of a class", all, new() { ["A"] = ["B"] });
        Fails("G > H > G", all, new() { ["G"] = ["A", "H"], ["H"] = ["G"] });
        Fails("names the group 'G'", all.Ball(Norm.L2, 1), new() { ["G"] = ["A", "B"] });
        Fails("cannot be named in constraints", ConstraintSet.Over("A", "B"), null, ["A", ""]);
        Fails("cannot be named in constraints", null, null, ["A", "A"]);
    }
}
