using System;
using System.Linq;
using Microsoft.ML.Constrained.Projections;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

[TestClass]
public sealed class PolyhedralProjectorTests
{
    private const double Inf = double.PositiveInfinity;

    [TestMethod]
    public void Project_RandomSmallSets_EqualsTryingEveryActiveSet()
    {
        var random = new Random(11);
        int infeasible = 0;
        for (int trial = 0; trial < 10_000; trial++)
        {
            int n = 1 + random.Next(4);
            int m = random.Next(6);
            bool degenerate = trial % 2 == 0;
            double[][] a = [.. Enumerable.Range(0, m).Select(_ => RandomRow(random, n, degenerate))];
            for (int i = 1; i < m && degenerate; i++)
            {
                if (random.Next(4) == 0)
                    a[i] = [.. a[random.Next(i)].Select(v => v * (random.Next(2) == 0 ? 1 : -2))];
            }

            var (lower, upper) = RandomBounds(random, m, degenerate);
            double[] y = [.. Enumerable.Range(0, n).Select(_ => degenerate ? random.Next(-4, 5) : 3 * Normal(random))];
            double[]? weights = random.Next(3) == 0 ? [.. y.Select(_ => Math.Exp(2 * Normal(random)))] : null;
            double[]? expected = SlowPolyhedron.Project(a, lower, upper, y, weights);
            SolverStatus status = Solve(a, lower, upper, y, weights, out double[] z, out double[] multipliers);
            if (expected is null)
            {
                infeasible++;
                Assert.AreEqual(SolverStatus.PrimalInfeasible, status, $"trial {trial}");
                continue;
            }

            Assert.AreEqual(SolverStatus.Solved, status, $"trial {trial}");
            for (int j = 0; j < n; j++)
                Assert.AreEqual(expected[j], z[j], 1e-9 * Math.Max(1, Math.Abs(expected[j])), $"trial {trial}, slot {j}");
            AssertOptimal(a, lower, upper, y, weights, z, multipliers, 1e-9, $"trial {trial}");
        }

        Assert.IsGreaterThan(500, infeasible);
        Assert.IsLessThan(7000, infeasible);
    }

    [TestMethod]
    [DataRow(20, 40, 400)]
    [DataRow(5, 60, 400)]
    [DataRow(60, 30, 100)]
    [DataRow(100, 200, 20)]
    public void Project_RandomLargerSets_SatisfiesTheOptimalityConditions(int n, int m, int trials)
    {
        var random = new Random(n + m);
        for (int trial = 0; trial < trials; trial++)
        {
            double[][] a = [.. Enumerable.Range(0, m).Select(_ => RandomRow(random, n, false))];
            double[] inside = [.. Enumerable.Range(0, n).Select(_ => Normal(random))];
            var lower = new double[m];
            var upper = new double[m];
            for (int i = 0; i < m; i++)
            {
                double value = a[i].Zip(inside, (p, q) => p * q).Sum();
                bool equality = i < n / 4;
                lower[i] = equality ? value : random.Next(2) == 0 ? value - random.NextDouble() : -Inf;
                upper[i] = equality ? value : random.Next(2) == 0 ? value + random.NextDouble() : Inf;
            }

            double[] y = [.. inside.Select(v => v + (5 * Normal(random)))];
            double[]? weights = trial % 2 == 0 ? null : [.. y.Select(_ => Math.Exp(Normal(random)))];
            Assert.AreEqual(SolverStatus.Solved, Solve(a, lower, upper, y, weights, out double[] z, out double[] multipliers));
            AssertOptimal(a, lower, upper, y, weights, z, multipliers, 1e-9, $"trial {trial}");
        }
    }

    [TestMethod]
    [DataRow(1e-8)]
    [DataRow(1e-3)]
    [DataRow(1e6)]
    [DataRow(1e12)]
    public void Project_ScaledData_ScalesTheResult(double scale)
    {
        var random = new Random(5);
        for (int trial = 0; trial < 200; trial++)
        {
            double[][] a = [.. Enumerable.Range(0, 8).Select(_ => RandomRow(random, 4, false))];
            double[] upper = [.. a.Select(_ => 0.5 + random.NextDouble())];
            double[] lower = [.. a.Select(_ => -Inf)];
            double[] y = [.. Enumerable.Range(0, 4).Select(_ => 3 * Normal(random))];
            Solve(a, lower, upper, y, null, out double[] expected, out _);
            SolverStatus status = Solve(a, lower, [.. upper.Select(v => v * scale)], [.. y.Select(v => v * scale)], null, out double[] z, out _);
            Assert.AreEqual(SolverStatus.Solved, status);
            for (int j = 0; j < 4; j++)
                Assert.AreEqual(expected[j], z[j] / scale, 1e-10);
        }
    }

    [TestMethod]
    public void Project_RowsOfAnyLength_GivesTheSamePoint()
    {
        double[] y = [2, 3];
        foreach (double scale in new[] { 1e-200, 1e-9, 1, 1e9, 1e200 })
        {
            Assert.AreEqual(SolverStatus.Solved, Solve([[scale, scale]], [-Inf], [scale], y, null, out double[] z, out double[] multipliers));
            Assert.AreEqual(0, z[0], 1e-12);
            Assert.AreEqual(1, z[1], 1e-12);
            Assert.AreEqual(2, multipliers[0] * scale, 1e-12);
        }
    }

    [TestMethod]
    public void Project_NoRows_ReturnsTheInput()
    {
        Assert.AreEqual(SolverStatus.Solved, Solve([], [], [], [1, -2], null, out double[] z, out _));
        CollectionAssert.AreEqual(new double[] { 1, -2 }, z);
    }

    [TestMethod]
    public void Project_ZeroRow_IsCheckedOnly()
    {
        Assert.AreEqual(SolverStatus.Solved, Solve([[0, 0]], [-1], [0], [1, 2], null, out double[] z, out double[] multipliers));
        CollectionAssert.AreEqual(new double[] { 1, 2 }, z);
        Assert.AreEqual(0, multipliers[0]);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, Solve([[0, 0]], [1], [2], [1, 2], null, out _, out _));
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    public void Project_NotFiniteInput_IsInvalid(double value)
    {
        Assert.AreEqual(SolverStatus.InvalidInput, Solve([[1, 1]], [0], [1], [value, 0], null, out _, out _));
        Assert.AreEqual(SolverStatus.InvalidInput, Solve([[1, 1]], [double.NaN], [1], [0, 0], null, out _, out _));
    }

    [TestMethod]
    public void Project_ContradictionWithinRounding_IsSolved()
    {
        // x = 1 and x = 1 + 1e-12: one of the two rows depends on the other.
        double[][] a = [[1, 0], [1, 0]];
        Assert.AreEqual(SolverStatus.Solved, Solve(a, [1, 1 + 1e-12], [1, 1 + 1e-12], [5, 7], null, out double[] z, out _));
        Assert.AreEqual(1, z[0], 1e-11);
        Assert.AreEqual(7, z[1]);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, Solve(a, [1, 1.001], [1, 1.001], [5, 7], null, out _, out _));

        // The same as inequalities, which the active-set method meets one after the other.
        Assert.AreEqual(SolverStatus.Solved, Solve(a, [-Inf, 1 + 1e-12], [1, Inf], [5, 7], null, out z, out _));
        Assert.AreEqual(1, z[0], 1e-11);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, Solve(a, [-Inf, 1.001], [1, Inf], [5, 7], null, out _, out _));
    }

    [TestMethod]
    public void Project_RandomDegenerateSets_AreAllSolved()
    {
        // Feasible by construction, with copies, multiples and sums of rows, rows of very different length, and a metric as uneven.
        var random = new Random(31);
        for (int trial = 0; trial < 3000; trial++)
        {
            int n = 1 + random.Next(20);
            bool integers = trial % 2 == 0;
            double[] inside = [.. Enumerable.Range(0, n).Select(_ => integers ? random.Next(-2, 3) : Normal(random))];
            var a = new System.Collections.Generic.List<double[]>();
            int m = random.Next(50);
            for (int i = 0; i < m; i++)
            {
                double[] row = RandomRow(random, n, integers);
                if (i > 0 && random.Next(4) == 0)
                    row = [.. a[random.Next(i)].Zip(random.Next(2) == 0 ? a[random.Next(i)] : new double[n], (p, q) => (-3 * p) + q)];
                a.Add(row);
            }

            var lower = new double[m];
            var upper = new double[m];
            for (int i = 0; i < m; i++)
            {
                double value = a[i].Zip(inside, (p, q) => p * q).Sum();
                double room = random.Next(3) == 0 ? 0 : random.Next(3);
                lower[i] = random.Next(3) == 0 ? value - room : -Inf;
                upper[i] = random.Next(5) == 0 ? Math.Max(value, lower[i]) : random.Next(3) == 0 ? Inf : value + room;
            }

            double[]? weights = trial % 3 == 0 ? [.. inside.Select(_ => Math.Exp(2 * Normal(random)))] : null;
            double[] y = [.. inside.Select(v => v + (integers ? random.Next(-3, 4) : 10 * Normal(random)))];
            Assert.AreEqual(SolverStatus.Solved, Solve([.. a], lower, upper, y, weights, out double[] z, out double[] multipliers), $"trial {trial}");
            AssertOptimal([.. a], lower, upper, y, weights, z, multipliers, 1e-8, $"trial {trial}");
        }
    }

    [TestMethod]
    [DataRow(1e-3)]
    [DataRow(1e-5)]
    [DataRow(1e-7)]
    [DataRow(1e-9)]
    [DataRow(1e-11)]
    public void Project_AlmostParallelRows_FindsTheirVertex(double angle)
    {
        // The wedge z1 ≤ 0, angle·z2 ≤ z1: from (0, 1) its edge z1 = z2 = 0 is nearest, though either row alone moves the point by `angle`.
        double[][] a = [[1, 0, 0], [-1, angle, 0], [0, 0, 1]];
        double[] y = [0, 1, 2];
        Assert.AreEqual(SolverStatus.Solved, Solve(a, [-Inf, -Inf, 0], [0, 0, 1], y, null, out double[] z, out double[] multipliers));
        Assert.AreEqual(0, z[0], 1e-12);
        Assert.AreEqual(0, z[1], 1e-9);
        Assert.AreEqual(1, z[2], 1e-12);
        AssertOptimal(a, [-Inf, -Inf, 0], [0, 0, 1], y, null, z, multipliers, 1e-9, "edge");
    }

    [TestMethod]
    public void Project_WithoutGramMatrix_AgreesWithIt()
    {
        var random = new Random(3);
        const int N = 6, M = 30;
        for (int trial = 0; trial < 200; trial++)
        {
            double[][] a = [.. Enumerable.Range(0, M).Select(_ => RandomRow(random, N, trial % 2 == 0))];
            double[] lower = [.. a.Select(_ => -Inf)];
            double[] upper = [.. a.Select(_ => random.NextDouble())];
            double[] y = [.. Enumerable.Range(0, N).Select(_ => 3 * Normal(random))];
            Solve(a, lower, upper, y, null, out double[] expected, out _);
            Assert.AreEqual(SolverStatus.Solved, Solve(a, lower, upper, y, null, out double[] z, out _, gramLimit: 0));
            for (int j = 0; j < N; j++)
                Assert.AreEqual(expected[j], z[j], 1e-11);
        }
    }

    [TestMethod]
    public void Project_ThousandsOfRows_SatisfiesTheOptimalityConditions()
    {
        // The tangent planes of a ball: the projection is close to the ball's, and every row is checked.
        var random = new Random(8);
        const int N = 6, M = 5000;
        double[][] a = [.. Enumerable.Range(0, M).Select(_ => RandomRow(random, N, false))];
        double[] upper = [.. a.Select(row => Math.Sqrt(row.Sum(v => v * v)))];
        double[] lower = [.. a.Select(_ => -Inf)];
        double[] y = [.. Enumerable.Range(0, N).Select(_ => 3 * Normal(random))];
        Assert.AreEqual(SolverStatus.Solved, Solve(a, lower, upper, y, null, out double[] z, out double[] multipliers));
        AssertOptimal(a, lower, upper, y, null, z, multipliers, 1e-9, "ball");
        Assert.AreEqual(1, Math.Sqrt(z.Sum(v => v * v)), 0.2);
    }

    [TestMethod]
    public void Project_DegenerateVertexWithManyRows_IsSolved()
    {
        // Hundreds of rows through the origin, which is the projection.
        var random = new Random(21);
        for (int trial = 0; trial < 20; trial++)
        {
            const int N = 8, M = 300;
            double[] y = [.. Enumerable.Range(0, N).Select(_ => Normal(random))];
            double[][] a = [.. Enumerable.Range(0, M).Select(_ => RandomRow(random, N, trial % 2 == 0))];
            double[] lower = [.. a.Select(_ => -Inf)];
            var upper = new double[M];
            Assert.AreEqual(SolverStatus.Solved, Solve(a, lower, upper, y, null, out double[] z, out double[] multipliers), $"trial {trial}");
            AssertOptimal(a, lower, upper, y, null, z, multipliers, 1e-9, $"trial {trial}");
        }
    }

    [TestMethod]
    public void Adjoint_RandomSets_EqualsCentralDifferences()
    {
        var random = new Random(17);
        int compared = 0;
        for (int trial = 0; trial < 300; trial++)
        {
            int n = 2 + random.Next(4);
            int m = 1 + random.Next(6);
            double[][] a = [.. Enumerable.Range(0, m).Select(_ => RandomRow(random, n, false))];
            double[] inside = [.. Enumerable.Range(0, n).Select(_ => Normal(random))];
            double[] value = [.. a.Select(row => row.Zip(inside, (p, q) => p * q).Sum())];
            bool[] equality = [.. a.Select((_, i) => i == 0 && trial % 3 == 0)];
            double[] lower = [.. value.Select((v, i) => equality[i] ? v : v - random.NextDouble())];
            double[] upper = [.. value.Select((v, i) => equality[i] ? v : v + random.NextDouble())];
            double[] y = [.. inside.Select(v => v + (2 * Normal(random)))];
            double[] weights = [.. y.Select(_ => Math.Exp(Normal(random)))];
            double[] g = [.. y.Select(_ => Normal(random))];
            var projector = new PolyhedralProjector([.. a.SelectMany(r => r)], n, equality, weights);
            PolyhedralWorkspace workspace = projector.CreateWorkspace();
            var z = new double[n];
            var multipliers = new double[m];
            projector.Project(y, projector.Reduce(lower, upper), z, multipliers, workspace);

            // At a kink the two sides differ; the case is left to the test of kinks.
            double[] rows = [.. a.Select(r => r.Zip(z, (p, q) => p * q).Sum())];
            if (Enumerable.Range(0, m).Any(i => !equality[i] && multipliers[i] == 0 && Math.Min(rows[i] - lower[i], upper[i] - rows[i]) < 1e-3)
                || multipliers.Any(v => v != 0 && Math.Abs(v) < 1e-3))
                continue;
            compared++;
            var input = new double[n];
            var bounds = new double[m];
            projector.Adjoint(multipliers, g, input, bounds, workspace);

            double Loss(double[] at, double[] low, double[] high)
            {
                var result = new double[n];
                projector.Project(at, projector.Reduce(low, high), result, default, workspace);
                return result.Zip(g, (p, q) => p * q).Sum();
            }

            const double H = 1e-5;
            for (int j = 0; j < n; j++)
            {
                double difference = (Loss(Moved(y, j, H), lower, upper) - Loss(Moved(y, j, -H), lower, upper)) / (2 * H);
                Assert.AreEqual(difference, input[j], 1e-6 * Math.Max(1, Math.Abs(difference)), $"trial {trial}, input {j}");
            }

            for (int i = 0; i < m; i++)
            {
                // Both bounds move with the value where they are one.
                bool high = multipliers[i] >= 0;
                double[] lowerPlus = equality[i] || !high ? Moved(lower, i, H) : lower;
                double[] lowerMinus = equality[i] || !high ? Moved(lower, i, -H) : lower;
                double[] upperPlus = equality[i] || high ? Moved(upper, i, H) : upper;
                double[] upperMinus = equality[i] || high ? Moved(upper, i, -H) : upper;
                double difference = (Loss(y, lowerPlus, upperPlus) - Loss(y, lowerMinus, upperMinus)) / (2 * H);
                Assert.AreEqual(difference, bounds[i], 1e-6 * Math.Max(1, Math.Abs(difference)), $"trial {trial}, bound {i}");
            }
        }

        Assert.IsGreaterThan(150, compared);
    }

    [TestMethod]
    public void Adjoint_AtKinksAndDependentRows_IsFiniteAndNoLongerThanTheGradient()
    {
        var random = new Random(29);
        for (int trial = 0; trial < 2000; trial++)
        {
            int n = 1 + random.Next(4);
            int m = 1 + random.Next(8);
            double[][] a = [.. Enumerable.Range(0, m).Select(_ => RandomRow(random, n, true))];
            double[] lower = [.. a.Select(_ => -Inf)];
            double[] upper = [.. a.Select(_ => (double)random.Next(2))];
            double[] y = [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(-3, 4))];
            double[] g = [.. y.Select(_ => Normal(random))];
            var projector = new PolyhedralProjector([.. a.SelectMany(r => r)], n, new bool[m]);
            PolyhedralWorkspace workspace = projector.CreateWorkspace();
            var z = new double[n];
            var multipliers = new double[m];
            Assert.AreEqual(SolverStatus.Solved, projector.Project(y, projector.Reduce(lower, upper), z, multipliers, workspace));
            var input = new double[n];
            var bounds = new double[m];
            projector.Adjoint(multipliers, g, input, bounds, workspace);

            // The Jacobian is an orthogonal projection.
            Assert.IsLessThanOrEqualTo(1 + 1e-9, Length(input) / Length(g));
            Assert.IsTrue(bounds.All(double.IsFinite));
            double[] again = new double[n];
            projector.Adjoint(multipliers, input, again, default, workspace);
            for (int j = 0; j < n; j++)
                Assert.AreEqual(input[j], again[j], 1e-9);
        }
    }

    internal static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>Feasible, stationary, multipliers of the right sign and only where the row is at that bound: with strict convexity, optimal.</summary>
    internal static void AssertOptimal(
        double[][] a, double[] lower, double[] upper, double[] y, double[]? weights, double[] z, double[] multipliers, double tolerance, string what)
    {
        for (int i = 0; i < a.Length; i++)
        {
            double value = a[i].Zip(z, (p, q) => p * q).Sum();
            double size = tolerance * Math.Max(1, a[i].Zip(z, (p, q) => Math.Abs(p * q)).Sum());
            Assert.IsTrue(value >= lower[i] - size && value <= upper[i] + size, $"{what}: row {i} is {value}, not in [{lower[i]}, {upper[i]}]");
            if (multipliers[i] > 0)
                Assert.AreEqual(upper[i], value, size, $"{what}: row {i} has a multiplier and is not at its upper bound");
            if (multipliers[i] < 0)
                Assert.AreEqual(lower[i], value, size, $"{what}: row {i} has a multiplier and is not at its lower bound");
        }

        for (int j = 0; j < y.Length; j++)
        {
            double pull = 0;
            double size = 1;
            for (int i = 0; i < a.Length; i++)
            {
                pull += a[i][j] * multipliers[i];
                size = Math.Max(size, Math.Abs(a[i][j] * multipliers[i]));
            }

            double w = weights is null ? 1 : weights[j];
            Assert.AreEqual(w * (y[j] - z[j]), pull, 10 * tolerance * size, $"{what}: not stationary in slot {j}");
        }
    }

    private static SolverStatus Solve(
        double[][] a, double[] lower, double[] upper, double[] y, double[]? weights, out double[] z, out double[] multipliers, int gramLimit = 2048)
    {
        bool[] equality = [.. lower.Select((v, i) => v == upper[i])];
        var projector = new PolyhedralProjector([.. a.SelectMany(r => r)], y.Length, equality, weights, 1e-9, gramLimit);
        z = new double[y.Length];
        multipliers = new double[a.Length];
        return projector.Project(y, projector.Reduce(lower, upper), z, multipliers, projector.CreateWorkspace());
    }

    private static double[] RandomRow(Random random, int n, bool integers) =>
        [.. Enumerable.Range(0, n).Select(_ => integers ? random.Next(-2, 3) * (random.Next(3) == 0 ? 0 : 1) : Normal(random))];

    private static (double[] Lower, double[] Upper) RandomBounds(Random random, int m, bool integers)
    {
        var lower = new double[m];
        var upper = new double[m];
        for (int i = 0; i < m; i++)
        {
            double first = integers ? random.Next(-2, 3) : 2 * Normal(random);
            double second = integers ? random.Next(-2, 3) : 2 * Normal(random);
            int kind = random.Next(4);
            lower[i] = kind == 0 ? -Inf : kind == 1 ? first : Math.Min(first, second);
            upper[i] = kind == 0 ? first : kind == 1 ? (random.Next(2) == 0 ? first : Inf) : Math.Max(first, second);
        }

        return (lower, upper);
    }

    private static double[] Moved(double[] values, int index, double by)
    {
        double[] copy = [.. values];
        copy[index] += by;
        return copy;
    }

    private static double Length(double[] values) => Math.Sqrt(values.Sum(v => v * v));
}
