using System;
using System.Diagnostics;
using System.Linq;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Constraints;

[TestClass]
public class ConstraintParserTests
{
    private static ConstraintSet Parse(string text) => ConstraintSet.Parse(text, "x", "y", "z", "my name");

    /// <summary>The same statement in the form that the set makes of numbers.</summary>
    [TestMethod]
    [DataRow("2*x + y/4 - 3 <= z", "2*x + 0.25*y - z <= 3")]
    [DataRow("0 <= x <= @Max", "0 <= x <= @Max")]
    [DataRow("@Max >= x >= 0", "0 <= x <= @Max")]
    [DataRow("3 >= x", "x <= 3")]
    [DataRow("3 <= x + y", "x + y >= 3")]
    [DataRow("y <= 0.3 * (x + z)", "-0.3*x + y - 0.3*z <= 0")]
    [DataRow("sum(*) = 1", "sum(*) = 1")]
    [DataRow("x + y + z + [my name] = 1", "sum(*) = 1")]
    [DataRow("sum(x, 2*y, 3) == 1", "x + 2*y = -2")]
    [DataRow("-(x - -y) <= -+-2", "-x - y <= 2")]
    [DataRow("x*2*3/4 >= 1.5e-3", "1.5*x >= 0.0015")]
    [DataRow(".5*x + 5.*y <= 1E+2", "0.5*x + 5*y <= 100")]
    [DataRow("0 <= x + 3 - @a <= 2*@b", "@a - 3 <= x <= 2*@b + @a - 3")]
    [DataRow("x + @v = y", "x - y = -@v")]
    [DataRow("x - x + y - z <= 1", "y - z <= 1")]
    [DataRow("x + y ≤ 1", "x + y <= 1")]
    [DataRow("x + y ≥ \u22121", "x + y >= -1")]
    [DataRow("x +\n# nothing\ny <= 1", null)]
    [DataRow("(x +\n# a comment\ny) <= 1 # the end", "x + y <= 1")]
    [DataRow("2*(3*(x + @a)/2 - y) <= 6", "3*x - 2*y <= -3*@a + 6")]
    [DataRow("[my name] - [x] <= @[a]]b]", "-x + [my name] <= @[a]]b]")]
    [DataRow("each(x, z) <= @Max", "each(x, z) <= @Max")]
    [DataRow("1 >= Each(*)", "each(*) <= 1")]
    [DataRow("each(y) = 2", "y = 2")]
    [DataRow("3 >= each(x, y) >= 1", "1 <= each(x, y) <= 3")]
    [DataRow("bounds(x <= 1, 2 >= y >= 0)", "bounds(x <= 1, 0 <= y <= 2)")]
    [DataRow("bounds(y <= 1, x <= 1)", "each(x, y) <= 1")]
    [DataRow("simplex(y, x) = 1", "simplex(x, y) = 1")]
    [DataRow("SIMPLEX(*) = 2*@Total + 1", "simplex(*) = 2*@Total + 1")]
    [DataRow("cappedsimplex(*, cap = 1) = 2", "cappedsimplex(*) = 2")]
    [DataRow("cappedsimplex(x, y, cap = @c) = 2", "cappedsimplex(x, y, cap = @c) = 2")]
    [DataRow("increasing(z, x, y)", "increasing(z, x, y)")]
    [DataRow("decreasing(x, y, z, [my name])", "decreasing(*)")]
    [DataRow("norm2(y + 2 - 3, x) <= @R", "norm2(x, y - 1) <= @R")]
    [DataRow("2*norm1(*) - 1 <= 3", "norm1(*) <= 2")]
    [DataRow("@R >= norminf(x)", "norminf(x) <= @R")]
    [DataRow("-norm2(x) >= -3", "norm2(x) <= 3")]
    [DataRow("norm2(x, y) - z <= 1", "norm2(x, y) <= z + 1")]
    [DataRow("z - @a >= norm2(x, y)", "norm2(x, y) <= z - @a")]
    public void Parse_OfAStatement_MeansTheSameAsItsPlainForm(string text, string? expected)
    {
        if (expected is null)
        {
            Assert.ThrowsExactly<ConstraintFormatException>(() => Parse(text));
            return;
        }

        Constraint actual = Parse(text).Constraints.Single(), plain = Parse(expected).Constraints.Single();
        Assert.IsTrue(actual.StatesTheSame(plain), $"{text} became {actual.Kind}: {actual}");
        Assert.AreEqual(expected, MadeText(actual));
        Assert.AreEqual(expected, MadeText(plain));
    }

    [TestMethod]
    [DataRow("x + y < 1", 6, "expected '<='")]
    [DataRow("x + y > 1", 6, "expected '>='")]
    [DataRow("x + wood <= 1", 4, "'wood' is not a variable")]
    [DataRow("X <= 1", 0, "Did you mean 'x'?")]
    [DataRow("x + [my nam] <= 1", 4, "Did you mean 'my name'?")]
    [DataRow("x + y", 5, "expected an operator, '<=', '>=' or '=', got the end of the text")]
    [DataRow("x + <= 1", 4, "expected a number, a variable, @column or '(', got '<='")]
    [DataRow("x <=", 4, "got the end of the text")]
    [DataRow("<= 1", 0, "got '<='")]
    [DataRow("2 x <= 1", 2, "expected an operator")]
    [DataRow("x <= 1 y", 7, "before the next constraint, got 'y'")]
    [DataRow("x <= 1, y <= 2", 6, "got ','")]
    [DataRow("(x + y <= 1", 7, "expected an operator or ')', got '<='")]
    [DataRow("x + y) <= 1", 5, "got ')'")]
    [DataRow("()", 1, "got ')'")]
    [DataRow("x * y <= 1", 2, "linear in the variables")]
    [DataRow("x * @a <= 1", 2, "coefficients are numbers")]
    [DataRow("@b * @a <= x", 3, "coefficients are numbers")]
    [DataRow("1 / x <= 1", 4, "expected a number behind '/'")]
    [DataRow("x / @a <= 1", 4, "expected a number behind '/'")]
    [DataRow("x / (2 - 2) <= 1", 4, "division by zero")]
    [DataRow("x / 1e-200 / 1e-200 <= 1", 0, "index 0 of its coefficients")]
    [DataRow("1e999 <= x", 0, "too large")]
    [DataRow("x <= 1.2.3", 8, "got '.3'")]
    [DataRow("x <= 2e", 6, "got 'e'")]
    [DataRow("x <= @", 6, "expected the name of a column behind '@'")]
    [DataRow("x <= @3", 6, "expected the name of a column behind '@'")]
    [DataRow("x <= @[]", 6, "the name is empty")]
    [DataRow("[x <= 1", 0, "expected ']'")]
    [DataRow("x + [a\nb] <= 1", 4, "expected ']'")]
    [DataRow("x $ y", 2, "unexpected character '$'")]
    [DataRow("x + \ud83d\ude00 <= 1", 4, "U+D83D")]
    [DataRow("x.y <= 1", 1, "unexpected character '.'")]
    [DataRow("1 <= 2", 0, "expected a variable on at least one side")]
    [DataRow("@a <= @b", 0, "expected a variable on at least one side")]
    [DataRow("x <= y <= z", 0, "variables stand in the middle only")]
    [DataRow("1 <= y <= z", 10, "variables stand in the middle only")]
    [DataRow("0 <= x >= 1", 7, "point the same way")]
    [DataRow("0 = x = 0", 6, "point the same way")]
    [DataRow("0 <= x <= 1 <= 2", 12, "at most two relations")]
    [DataRow("2 <= x <= 1", 0, "lower limit 2 above the upper limit 1")]
    [DataRow("x - x <= -1", 0, "only zero coefficients")]
    [DataRow("sum(x, y <= 1", 9, "got '<='")]
    [DataRow("sum() <= 1", 4, "got ')'")]
    [DataRow("sum(*, x) <= 1", 5, "expected ')' behind '*'")]
    [DataRow("* <= 1", 0, "'*' means all variables only inside a function")]
    [DataRow("summ(*) <= 1", 0, "Did you mean 'sum'?")]
    [DataRow("x(y) <= 1", 0, "A product is written with '*'")]
    [DataRow("[sum](x) <= 1", 0, "'sum' is not a variable")]
    [DataRow("1 + simplex(x) = 1", 4, "begins a constraint of its own")]
    [DataRow("simplex(x)", 10, "expected '=' and the sum, got the end of the text")]
    [DataRow("simplex(x) <= 1", 11, "expected '=' and the sum, got '<='")]
    [DataRow("simplex(x, x) = 1", 11, "'x' is named twice")]
    [DataRow("simplex(x, 2*y) = 1", 11, "expected the name of a variable, got '2'")]
    [DataRow("simplex(x*y) = 1", 9, "expected ',' or ')'")]
    [DataRow("simplex() = 1", 8, "expected the name of a variable")]
    [DataRow("simplex(*, x) = 1", 11, "expected ')' behind '*'")]
    [DataRow("simplex(*) = y", 13, "expected a number or @columns")]
    [DataRow("simplex(*) = -1", 0, "a sum of -1")]
    [DataRow("simplex(*, cap = 1) = 1", 11, "expected ')' behind '*'")]
    [DataRow("cappedsimplex(cap = 1) = 1", 14, "'cap' is not a variable")]
    [DataRow("cappedsimplex(*, cap = x) = 1", 23, "expected a number or @columns")]
    [DataRow("cappedsimplex(*, 3) = 1", 17, "expected 'cap =' and a limit")]
    [DataRow("cappedsimplex(*) = 5", 0, "a sum of 5")]
    [DataRow("increasing(x, y) <= 1", 17, "before the next constraint")]
    [DataRow("bounds(x + y <= 1)", 7, "limits of one variable")]
    [DataRow("bounds(2*x <= 1)", 7, "limits of one variable")]
    [DataRow("bounds(x <= 1, x >= 0)", 15, "'x' is limited twice")]
    [DataRow("bounds(each(x) <= 1)", 7, "limits of one variable")]
    [DataRow("bounds(x)", 8, "expected an operator, '<='")]
    [DataRow("bounds()", 7, "got ')'")]
    [DataRow("2*each(x) <= 1", 2, "alone on its side")]
    [DataRow("each(x) + 1 <= 1", 0, "alone on its side")]
    [DataRow("each(x) <= y", 11, "as the limit of each")]
    [DataRow("each(x) <= 1 <= 2", 0, "in the middle of a chain")]
    [DataRow("each(x) <= each(y)", 11, "as the limit of each")]
    [DataRow("each(x) + each(y) <= 1", 10, "at most one norm or each")]
    [DataRow("norm2(x, y) >= 1", 12, "limited from above")]
    [DataRow("norm2(x, y) = 1", 12, "limited from above")]
    [DataRow("1 <= norm2(x, y)", 2, "limited from above")]
    [DataRow("-norm2(x) <= 1", 10, "limited from above")]
    [DataRow("0*norm2(x) <= 1", 11, "limited from above")]
    [DataRow("0 <= norm2(x) <= 1", 17, "expected one norm and one limit")]
    [DataRow("norm2(x) <= norm1(y)", 12, "expected one norm and one limit")]
    [DataRow("norm2(x) + norm1(y) <= 1", 11, "at most one norm or each")]
    [DataRow("norm2(x) <= y + z", 0, "one variable with coefficient 1")]
    [DataRow("norm2(x) <= 2*y", 0, "one variable with coefficient 1")]
    [DataRow("norm1(x) <= y", 0, "one variable with coefficient 1")]
    [DataRow("norm2(x, y) <= y", 0, "'y' on both sides")]
    [DataRow("norm2(2*x) <= 1", 6, "a variable minus a number")]
    [DataRow("norm2(x - @a) <= 1", 6, "a variable minus a number")]
    [DataRow("norm2(x, x) <= 1", 9, "'x' is in the norm twice")]
    [DataRow("norm2(x, 1) <= 1", 9, "a variable minus a number")]
    [DataRow("norm2(norm1(x)) <= 1", 6, "a variable minus a number")]
    [DataRow("norm2(x) <= -1", 0, "a radius of -1")]
    [DataRow("a: b: x <= 1", 3, "'b' is not a variable")]
    [DataRow("a: ", 3, "got the end of the text")]
    [DataRow("a: x <= 1; a: y <= 1", 11, "named 'a'")]
    [DataRow("x <= 1\ny <= 2\nq <= 3", 14, "line 3, column 1: 'q' is not a variable")]
    public void Parse_OfABadText_PointsAtTheCharacter(string text, int position, string message)
    {
        ConstraintFormatException error = Assert.ThrowsExactly<ConstraintFormatException>(() => Parse(text));
        Assert.AreEqual(position, error.Position, error.Message);
        Assert.AreEqual(text, error.Text);
        StringAssert.Contains(error.Message, message);
    }

    [TestMethod]
    public void Message_ShowsTheLineWithACaret()
    {
        string message = Assert.ThrowsExactly<ConstraintFormatException>(() => Parse("y <= 2\n\tx + wood <= 1\nz <= 3")).Message;
        StringAssert.Contains(message, "line 2, column 6");
        string[] lines = message.Split('\n');
        Assert.AreEqual("   x + wood <= 1", lines[1]);
        Assert.AreEqual("       ^", lines[2]);
    }

    [TestMethod]
    public void Message_OfALongLine_ShowsAWindow()
    {
        string many = string.Join(" + ", Enumerable.Repeat("x", 100));
        string text = $"{many} + wood + {many} <= 1";
        string[] lines = Assert.ThrowsExactly<ConstraintFormatException>(() => Parse(text)).Message.Split('\n');
        Assert.IsTrue(lines[1].Length < 120);
        Assert.AreEqual("wood", lines[1].Substring(lines[2].IndexOf('^'), 4));
    }

    [TestMethod]
    public void Parse_OfSeveral_KeepsOrderAndNames()
    {
        ConstraintSet set = Parse("""
            # The plan
            x + y <= 1; budget: x - y <= @b   # two on a line

            [a long name]: simplex(x,
                                   y) = 1;;
            sum: sum(*) = 1
            """);
        CollectionAssert.AreEqual(new[] { "x + y <= 1", "budget", "a long name", "sum" }, set.Constraints.Select(c => c.Name).ToArray());
        Assert.AreEqual("x + y <= 1\nbudget: x - y <= @b\n[a long name]: simplex(x, y) = 1\nsum: sum(*) = 1", set.ToString());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(" \n;; # nothing\r\n")]
    public void Parse_OfNothing_IsASetWithoutConstraints(string text) => Assert.AreEqual(0, Parse(text).Constraints.Count);

    [TestMethod]
    public void Linear_TakesOneLinearConstraint()
    {
        ConstraintSet set = ConstraintSet.Over("x", "y");
        Assert.AreEqual("a", set.Linear("a: x + y <= 1").Constraints[0].Name);
        Assert.AreEqual("b", set.Linear("b", "; x + y <= 1\n").Constraints[0].Name);
        Assert.AreEqual(2, Assert.ThrowsExactly<ConstraintFormatException>(() => set.Linear("b", "; a: x + y <= 1")).Position);
        Assert.AreEqual(7, Assert.ThrowsExactly<ConstraintFormatException>(() => set.Linear("x <= 1;y <= 1")).Position);
        Assert.AreEqual(0, Assert.ThrowsExactly<ConstraintFormatException>(() => set.Linear("")).Position);
        StringAssert.Contains(Assert.ThrowsExactly<ConstraintFormatException>(() => set.Linear("simplex(*) = 1")).Message, "kind Simplex");
        Assert.ThrowsExactly<ArgumentException>(() => set.Linear("", "x <= 1"));
        Assert.ThrowsExactly<ArgumentNullException>(() => set.Linear(null!));
    }

    [TestMethod]
    public void Add_TakesSeveralOfAnyKind()
    {
        ConstraintSet set = ConstraintSet.Over("x", "y").Nonnegative().Add("norm2(*) <= @R; x + y <= 1");
        Assert.AreEqual(3, set.Constraints.Count);
        Assert.ThrowsExactly<ConstraintFormatException>(() => set.Add(" "));
        Assert.ThrowsExactly<ArgumentNullException>(() => set.Add((string)null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => ConstraintSet.Parse(null!, "x"));
    }

    [TestMethod]
    public void Parse_KeepsTheUsersWordingForLinearConstraints()
    {
        ConstraintSet set = Parse("y   <=   0.3 * (x\t+ z)  # balance");
        Assert.AreEqual("y <= 0.3 * (x + z)", set.Constraints[0].ToString());
        Assert.AreEqual("y <= 0.3 * (x + z)", set.Constraints[0].Name);
        Assert.AreEqual(set, Parse(set.ToString()));
    }

    [TestMethod]
    public void Parse_TooLong_SaysTheLimit()
    {
        string text = "x <= 1" + new string(' ', 1_048_576);
        ConstraintFormatException error = Assert.ThrowsExactly<ConstraintFormatException>(() => Parse(text));
        StringAssert.Contains(error.Message, "at most 1048576");
        Assert.AreEqual(1, Parse(text[..1_048_576]).Constraints.Count);
    }

    [TestMethod]
    [DataRow("(", ")")]
    [DataRow("-", "")]
    [DataRow("sum(", ")")]
    public void Parse_TooDeep_PointsAtTheLimit(string open, string close)
    {
        string Nested(int depth) =>
            string.Concat(Enumerable.Repeat(open, depth)) + "x" + string.Concat(Enumerable.Repeat(close, depth)) + " <= 1";
        Assert.AreEqual(1, Parse(Nested(64)).Constraints.Count);
        ConstraintFormatException error = Assert.ThrowsExactly<ConstraintFormatException>(() => Parse(Nested(65)));
        Assert.AreEqual(64 * open.Length, error.Position);
        Assert.ThrowsExactly<ConstraintFormatException>(() => Parse(Nested(100_000)));
    }

    [TestMethod]
    public void Parse_OfCostlyTexts_IsBounded()
    {
        string[] names = ConstraintSet.Over(65_536).Variables.ToArray();
        string sums = string.Join("+", Enumerable.Repeat("sum(*)", 100_000)) + " <= 1";
        Stopwatch watch = Stopwatch.StartNew();
        ConstraintFormatException error = Assert.ThrowsExactly<ConstraintFormatException>(() => ConstraintSet.Parse(sums, names));
        StringAssert.Contains(error.Message, "too much work");
        string same = string.Concat(Enumerable.Repeat("x<=1;", 65_536));
        error = Assert.ThrowsExactly<ConstraintFormatException>(() => Parse(same + "x<=1"));
        StringAssert.Contains(error.Message, "at most 65536 constraints");
        // Not a matter of speed: without bounds this takes hours.
        Assert.IsTrue(watch.Elapsed < TimeSpan.FromMinutes(5));
    }

    /// <summary>The text that the numbers give, without the user's wording.</summary>
    private static string MadeText(Constraint constraint) => constraint is LinearConstraint linear
        ? LinearConstraint.Create(
            linear.Space, linear.Variables.ToArray(), linear.Coefficients, linear.RightHandSides[0], linear.RightHandSides[1]).ToString()
        : constraint.ToString();
}
