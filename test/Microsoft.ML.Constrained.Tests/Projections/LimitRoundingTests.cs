using System;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

/// <summary>Limits that contradict each other by rounding only, whatever the way a set is projected onto.</summary>
[TestClass]
public sealed class LimitRoundingTests
{
    [TestMethod]
    public void CappedSimplex_FullByRounding_IsItsOnePoint()
    {
        // 3·0.3 is 0.8999999999999999.
        var projector = new Projector(ConstraintSet.Over(3).CappedSimplex(0.9, 0.3));
        AssertSolved(projector, [5, -1, 0], [], [0.3, 0.3, 0.3]);
        projector = new Projector(ConstraintSet.Over(3).CappedSimplex(Bound.Column("S"), Bound.Column("C")));
        AssertSolved(projector, [5, -1, 0], [0.9, 0.3], [0.3, 0.3, 0.3]);
        Assert.ThrowsExactly<ArgumentException>(() => ConstraintSet.Over(3).CappedSimplex(0.9001, 0.3));
        Assert.AreEqual(SolverStatus.PrimalInfeasible, ConicRouteTests.Solve(projector, [5, -1, 0], [0.9001, 0.3]).Status);
    }

    [TestMethod]
    [DataRow("@p + @q <= v0 + v1 <= @r", ProjectionMethod.ClosedForm)]
    [DataRow("@p + @q <= v0 + v1 <= @r; each(*) >= -100", ProjectionMethod.ClosedForm)]
    [DataRow("@p + @q <= v0 + v1 <= @r; v0 - v1 >= -100", ProjectionMethod.Polyhedral)]
    [DataRow("@p + @q <= v0 + v1 <= @r; norm2(*) <= 100", ProjectionMethod.Conic)]
    public void RowMadeOfColumns_ContradictoryByRounding_IsAnEquality(string text, ProjectionMethod method)
    {
        // 0.1 + 0.2 is more than 0.3: the foot of (1, 2) on v0 + v1 = 0.3.
        var projector = new Projector(ConstraintSet.Parse(text, "v0", "v1"));
        Assert.AreEqual(method, projector.Method);
        AssertSolved(projector, [1, 2], [0.1, 0.2, 0.3], [-0.35, 0.65]);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, ConicRouteTests.Solve(projector, [1, 2], [0.1, 0.2, 0.299]).Status);
        Assert.AreEqual(1.35, Math.Abs(ConicRouteTests.Solve(projector, [1, 2], [0.1, 0.2, 0.3]).Prices[0]), 1e-6);
    }

    [TestMethod]
    [DataRow("@p + @q <= v0 <= @r")]
    [DataRow("@p + @q <= v0 <= @r; v0 + v1 <= 10")]
    [DataRow("@p + @q <= v0 <= @r; v0 + v1 <= 10; v1 - v0 <= 10")]
    [DataRow("@p + @q <= v0 <= @r; norm2(*) <= 100")]
    public void BoundMadeOfColumns_ContradictoryByRounding_IsAnEquality(string text)
    {
        var projector = new Projector(ConstraintSet.Parse(text, "v0", "v1"));
        AssertSolved(projector, [1, 2], [0.1, 0.2, 0.3], [0.3, 2]);

        // Its gradient goes to a column, as where both limits are the same to the bit.
        var gradient = new double[3];
        var tape = new ProjectionTape();
        projector.Project([1, 2], [0.1, 0.2, 0.3], new double[2], new SolverStatus[1], null, tape);
        projector.Vjp(tape, [1, 0], new double[2], gradient);
        Assert.AreEqual(1, gradient.Max(), 1e-6);
    }

    [TestMethod]
    [DataRow("simplex(*) = @p - @q - @r")]
    [DataRow("cappedsimplex(*) = @p - @q - @r")]
    [DataRow("simplex(*) = @p - @q - @r; v0 <= 5")]
    [DataRow("norm1(*) <= @p - @q - @r")]
    [DataRow("norm2(*) <= @p - @q - @r")]
    [DataRow("norminf(*) <= @p - @q - @r")]
    public void SumOrRadius_NegativeByRounding_IsZero(string text)
    {
        var projector = new Projector(ConstraintSet.Parse(text, "v0", "v1"));
        Assert.IsLessThan(0, 0.3 - 0.1 - 0.2);
        AssertSolved(projector, [1, 2], [0.3, 0.1, 0.2], [0, 0]);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, ConicRouteTests.Solve(projector, [1, 2], [0.3, 0.1, 0.201]).Status);
    }

    [TestMethod]
    public void AlmostParallelEqualities_LeaveTheirPointAsUncertainAsTheyAre()
    {
        ConstraintSet set = ConstraintSet.Over(2)
            .Linear(null, [0.07761751344902966, -0.11390899398529311], -0.13378607531988812, -0.13378607531988812)
            .Linear(null, [0.077617524776563, -0.11390901002797048], -0.13378609446962592, -0.13378609446962592)
            .Linear(null, [-0.40371759632438814, 0.752642757204716], double.NegativeInfinity, 0.7992164026521834);
        double[] inside = [-0.776690005882102, 0.6452636071221642];
        Assert.IsTrue(set.Contains(inside, [], 1e-12));
        AssertSolved(new Projector(set), [3, 1], [], inside, 1e-5);
    }

    [TestMethod]
    public void AlmostParallelEqualities_AroundAPoint_AreNotCalledInfeasible()
    {
        // Feasible by construction, at a point where every row holds with equality.
        var random = new Random(81);
        for (int trial = 0; trial < 400; trial++)
        {
            int n = 2 + random.Next(3);
            double[] Normals() => [.. Enumerable.Range(0, n).Select(_ => ClosedForms.Normal(random))];
            double[] inside = Normals(), first = Normals(), apart = Normals(), row = Normals();
            double angle = Math.Pow(10, -4 - (4.5 * random.NextDouble()));
            double[] second = [.. first.Zip(apart, (p, q) => p + (angle * q))];

            // Closer than 1e-9 they count as parallel.
            double along = first.Zip(apart, (p, q) => p * q).Sum(), length = first.Sum(v => v * v);
            if (angle * Math.Sqrt(Math.Max(apart.Sum(v => v * v) - (along * along / length), 0) / length) < 2e-9)
                continue;
            double At(double[] a) => a.Zip(inside, (p, q) => p * q).Sum();
            ConstraintSet set = ConstraintSet.Over(n)
                .Linear(null, first, At(first), At(first)).Linear(null, second, At(second), At(second)).Linear(null, row, double.NegativeInfinity, At(row));
            ConicRouteTests.Row found = ConicRouteTests.Solve(new Projector(set), Normals(), []);
            Assert.AreEqual(SolverStatus.Solved, found.Status, $"trial {trial}, {angle}");
            Assert.IsTrue(set.Contains(found.Z, [], 1e-6), $"trial {trial}, {angle}");
        }
    }

    private static void AssertSolved(Projector projector, double[] y, double[] parameters, double[] expected, double tolerance = 1e-8)
    {
        ConicRouteTests.Row row = ConicRouteTests.Solve(projector, y, parameters);
        Assert.AreEqual(SolverStatus.Solved, row.Status, $"{projector.Method}");
        ConicRouteTests.AreClose(expected, row.Z, tolerance);
    }
}
