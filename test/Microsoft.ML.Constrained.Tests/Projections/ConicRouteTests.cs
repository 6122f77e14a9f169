using System;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

/// <summary>Sets with balls among other constraints: the closest points of empty ones, rows of any length, prices.</summary>
[TestClass]
public sealed class ConicRouteTests
{
    [TestMethod]
    public void Project_ContradictoryLimitsOfOneRow_MeetInTheMiddle()
    {
        // 2 ≤ v0 ≤ 1: equal violations at 1.5, and v1 = 3 may stay.
        Row row = Solve("@a <= v0 <= @b; norm2(*) <= 5", [3, 3], [2, 1]);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, row.Status);
        AreClose([1.5, 3], row.Z, 1e-4);

        // |v| ≤ −1: as far beyond either side at 0.
        row = Solve("norminf(*) <= @r; norm2(*) <= 5", [3, 3], [-1]);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, row.Status);
        AreClose([0, 0], row.Z, 1e-4);

        // Nothing moves a row without coefficients; the rest of the set is kept.
        row = Solve("0*v0 = @a; norm2(*) <= 5; v0 + v1 <= 8", [3, 12], [1]);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, row.Status);
        Assert.AreEqual(5, Length(row.Z), 1e-3);
        Assert.AreEqual(12.0 / 3, row.Z[1] / row.Z[0], 1e-2);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("; v0 + v1 <= 1000000000")]
    [DataRow("; v0 + v1 <= 1000000; v0 - v1 >= -1e12")]
    public void Project_ClosestPointBesideALooseLimit_IsWhereItIsWithoutIt(string loose)
    {
        // v1 = −1 and a disc of radius 0.54 around (2, 3): the gap of 4 − 0.54 is shared equally, above one another.
        Row row = Solve("v1 = -1; norm2(v0 - 2, v1 - 3) <= @r" + loose, [-1.456, 1.819], [0.54]);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, row.Status);
        AreClose([2, -1 + (0.5 * (4 - 0.54))], row.Z, 1e-3);
    }

    [TestMethod]
    [DataRow(1.0, 1.0)]
    [DataRow(1e6, 1.0)]
    [DataRow(1.0, 1e6)]
    [DataRow(1e6, 1e6)]
    public void Project_ClosestPoint_DependsOnNeitherMetricNorDistance(double weight, double far)
    {
        Row row = Solve("v0 >= 5; norm2(v0, v1) <= 1", [far, 0], [], new() { Weights = [weight, weight] });
        Assert.AreEqual(SolverStatus.PrimalInfeasible, row.Status);
        Assert.AreEqual(3, row.Z[0], 1e-3);
    }

    [TestMethod]
    public void Project_RandomEmptySets_GiveAPointThatNoNeighbourViolatesLess()
    {
        var random = new Random(31);
        int empty = 0;
        for (int trial = 0; trial < 300; trial++)
        {
            int n = 2 + random.Next(3);
            double[] Normals(double size) => [.. Enumerable.Range(0, n).Select(_ => size * ClosedForms.Normal(random))];
            double[] a = Normals(1), c = Normals(2), d = Normals(1), y = Normals(Math.Pow(10, random.Next(3)));
            double level = 3 * ClosedForms.Normal(random), second = 3 * ClosedForms.Normal(random), radius = 0.1 + random.NextDouble();
            var norm = trial % 2 == 0 ? Norm.L1 : Norm.L2;
            ConstraintSet set = ConstraintSet.Over(n).Ball(norm, radius, c)
                .Linear(null, a, double.NegativeInfinity, level).Linear(null, d, second, trial % 5 == 0 ? second : 1e6);
            Row row = Solve(new Projector(set), y, []);
            if (row.Status == SolverStatus.Solved)
                continue;
            Assert.AreEqual(SolverStatus.PrimalInfeasible, row.Status, $"trial {trial}");
            empty++;

            double Violation(double[] z)
            {
                double[] offset = [.. z.Zip(c, (p, q) => p - q)];
                double ball = norm == Norm.L2 ? Length(offset) : offset.Sum(Math.Abs) / Math.Sqrt(n);
                ball = Math.Max(ball - (norm == Norm.L2 ? radius : radius / Math.Sqrt(n)), 0);
                double first = Math.Max(Dot(a, z) - level, 0) / Length(a);
                double other = (trial % 5 == 0 ? Math.Abs(Dot(d, z) - second) : Math.Max(second - Dot(d, z), 0)) / Length(d);
                return (ball * ball) + (first * first) + (other * other);
            }

            double least = Violation(row.Z);
            for (int k = 0; k < 200; k++)
            {
                double[] direction = Normals(Math.Pow(10, -random.Next(5)));
                double change = Violation([.. row.Z.Zip(direction, (p, q) => p + q)]) - least;
                Assert.IsGreaterThanOrEqualTo(-1e-4 * Math.Max(1, least), change, $"trial {trial}: {set}");
            }
        }

        Assert.IsGreaterThan(100, empty);
    }

    [TestMethod]
    [DataRow(1e-6)]
    [DataRow(1.0)]
    [DataRow(1e6)]
    public void Vjp_RowsOfAnyLength_IsTheSame(double size)
    {
        // −2x + y ≥ 3 from (3, ½): the foot is (3, ½) + 1.7·(−2, 1) = (−0.4, 2.2), inside the ball; J = I − aa'/a'a.
        ConstraintSet set = ConstraintSet.Over("x", "y").Linear("row", [-2 * size, size], 3 * size, double.PositiveInfinity).Ball(Norm.L2, 3);
        var projector = new Projector(set);
        var tape = new ProjectionTape();
        var diagnostics = new ProjectionDiagnostics();
        var z = new double[2];
        projector.Project([3, 0.5], [], z, new SolverStatus[1], diagnostics, tape);
        var input = new double[2];
        projector.Vjp(tape, [1, 0], input);
        AreClose([-0.4, 2.2], z, 1e-8);
        AreClose([0.2, 0.4], input, 1e-8);
        Assert.AreEqual(-1.7 / size, diagnostics.ShadowPrices[0], 1e-8 / size);
        Assert.AreEqual(0, diagnostics.ShadowPrices[1], 1e-8);
    }

    [TestMethod]
    public void ShadowPrices_AfterAnExchange_AreTheDerivativeOfTheObjective()
    {
        const string Text = "norminf(v0 - 1, v1 - 1) <= @c0; decreasing(*); increasing(*); norm2(v1) <= v0 + 5";
        double[] y = [-1.16077, 2.80358];
        double Objective(double radius)
        {
            Row row = Solve(Text, y, [radius]);
            Assert.AreEqual(SolverStatus.Solved, row.Status);
            return 0.5 * row.Z.Zip(y, (p, q) => (p - q) * (p - q)).Sum();
        }

        // v0 = v1 = t with |t − 1| ≤ r: two equal constraints hold t down, and the price is of both together.
        const double R = 0.0502365, H = 1e-5;
        Row there = Solve(Text, y, [R]);
        Assert.AreEqual((Objective(R - H) - Objective(R + H)) / (2 * H), there.Prices[0], 1e-5);
        Assert.AreEqual(0.2567, there.Prices[0], 1e-4);
    }

    [TestMethod]
    [DataRow("norm1(*) <= @r", 4.0)]
    [DataRow("norm2(*) <= @r", 5.0)]
    [DataRow("simplex(*) = @r", 4.0)]
    [DataRow("cappedsimplex(*) = @r", 4.0)]
    [DataRow("cappedsimplex(*, cap = 1) = 1 + @r", 3.0)]
    [DataRow("simplex(*) = @r; v0 <= 5", 4.0)]
    [DataRow("norm1(*) <= @r; v0 <= 5", 4.0)]
    [DataRow("norm2(*) <= @r; v0 <= 5", 5.0)]
    [DataRow("norm1(*) <= @r; norm2(v0) <= 5", 4.0)]
    [DataRow("norm1(v0, v1, v2) <= @r; v2 + v0 <= 5", 4.0)]
    public void ShadowPrices_OfNoRoomAtAll_AreTheDerivativeToMore(string text, double expected)
    {
        double[] y = text.Contains("v2", StringComparison.Ordinal) ? [3, 4, 1] : [3, 4];
        double Objective(double room)
        {
            Row row = Solve(text, y, [room]);
            Assert.AreEqual(SolverStatus.Solved, row.Status);
            return 0.5 * row.Z.Zip(y, (p, q) => (p - q) * (p - q)).Sum();
        }

        const double H = 1e-4;
        Assert.AreEqual((Objective(0) - Objective(H)) / H, Solve(text, y, [0]).Prices[0], 1e-3);
        Assert.AreEqual(expected, Solve(text, y, [0]).Prices[0], 1e-7);
    }

    [TestMethod]
    [DataRow("norm1(*) <= @r; v0 <= 5")]
    [DataRow("norm2(*) <= @r; v0 <= 5")]
    [DataRow("norm2(*) <= @r; norm1(v0, v1) <= 3; v0 <= 5")]
    public void Project_RadiusAroundZero_IsTheCentreOrSaysThatThereIsNoPoint(string text)
    {
        foreach (double radius in new[] { -1, -1e-3, -1e-6, -1e-8 })
        {
            Row row = Solve(text, [3, 4], [radius]);
            Assert.AreEqual(SolverStatus.PrimalInfeasible, row.Status, $"{radius}");
            AreClose([0, 0], row.Z, 2e-3);
        }

        foreach (double radius in new[] { 0, 1e-12, 1e-9, 1e-6 })
        {
            Row row = Solve(text, [3, 4], [radius]);
            Assert.AreEqual(SolverStatus.Solved, row.Status, $"{radius}");
            AreClose([0, 0], row.Z, 2e-8 + radius);
            Assert.AreEqual(radius == 0 && text[4] == '1' ? 4 : radius == 0 ? 5 : row.Prices[0], row.Prices[0], 1e-6);
        }
    }

    [TestMethod]
    [DataRow("norm1(v0, v1) <= @r")]
    [DataRow("norm2(v0, v1) <= @r")]
    [DataRow("norm1(v0, v1) <= @r; v0 + v2 <= 5")]
    [DataRow("norm2(v0, v1) <= @r; v0 + v2 <= 5")]
    public void Vjp_CentreOfABallOfRadius0_DoesNotMove(string text)
    {
        var projector = new Projector(ConstraintSet.Parse(text, "v0", "v1", "v2"));
        var tape = new ProjectionTape();
        double[] z = new double[3], input = new double[3], radius = new double[1];
        projector.Project([0, 0, 2], [0], z, new SolverStatus[1], null, tape);
        projector.Vjp(tape, [3, 4, 5], input, radius);
        CollectionAssert.AreEqual(new double[] { 0, 0, 2 }, z);
        AreClose([0, 0, 5], input, 1e-12);
        Assert.AreEqual(0, radius[0], 1e-12);
    }

    [TestMethod]
    [DataRow("norm2(v0, v1) <= 1; v0 = 1", 5.0, 5.0, 1.0, 0.0)]
    [DataRow("norm2(v0, v1) <= 1; v0 = 1", -3.0, 0.2, 1.0, 0.0)]
    [DataRow("norm2(v0, v1) <= 1; v0 >= 1", -3.0, 20.0, 1.0, 0.0)]
    [DataRow("norm2(v0, v1) <= 1; norm2(v0 - 2, v1) <= 1", 5.0, 5.0, 1.0, 0.0)]
    public void Project_SetOfOnePoint_IsThatPoint(string text, double y0, double y1, double z0, double z1)
    {
        Row row = Solve(text, [y0, y1], []);
        Assert.AreEqual(SolverStatus.Solved, row.Status, string.Join(" ", row.Z));
        AreClose([z0, z1], row.Z, 3e-5 * Length([y0, y1]));
    }

    internal static Row Solve(string text, double[] y, double[] parameters, ProjectorOptions? options = null) =>
        Solve(new Projector(ConstraintSet.Parse(text, [.. y.Select((_, i) => $"v{i}")]), options), y, parameters);

    internal static Row Solve(Projector projector, double[] y, double[] parameters)
    {
        var z = new double[y.Length];
        var status = new SolverStatus[1];
        var diagnostics = new ProjectionDiagnostics();
        projector.Project(y, parameters, z, status, diagnostics);
        return new Row(z, status[0], diagnostics.ShadowPrices.ToArray());
    }

    internal static void AreClose(double[] expected, double[] actual, double tolerance)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], tolerance, string.Join(" ", actual));
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (p, q) => p * q).Sum();

    private static double Length(double[] a) => Math.Sqrt(Dot(a, a));

    internal sealed record Row(double[] Z, SolverStatus Status, double[] Prices);
}
