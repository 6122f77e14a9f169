using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

/// <summary>What every solver must do, checked against the whole set of decisions where it is small enough to list.</summary>
internal static class SolverContract
{
    /// <summary>Random, tied, zero, equal, huge and tiny costs; negative ones too where the solver takes them.</summary>
    public static double[] Costs(Random random, int dimension, bool nonnegative, int kind)
    {
        var costs = new double[dimension];
        double equal = random.NextDouble();
        for (int i = 0; i < dimension; i++)
        {
            costs[i] = (kind % 8) switch
            {
                0 => random.Next(3),
                1 => 0,
                2 => equal,
                3 => random.NextDouble() * 1e30,
                4 => random.NextDouble() * 1e-30,
                5 => random.Next(2) * 1e15 + random.NextDouble(),
                _ => random.NextDouble(),
            };
            if (!nonnegative && kind % 16 >= 8)
                costs[i] = random.Next(2) == 0 ? -costs[i] : costs[i];
        }

        return costs;
    }

    /// <summary>Decisions lie in the set and none in the set is better, for many costs of each kind.</summary>
    public static void VerifyOptimal(ICombinatorialSolver solver, IReadOnlyList<float[]> set, int trials, int seed)
    {
        var random = new Random(seed);
        var members = new HashSet<string>(set.Select(Key));
        var decision = new float[solver.Dimension];
        int sign = solver.Sense == Sense.Maximize ? -1 : 1;
        for (int trial = 0; trial < trials; trial++)
        {
            double[] costs = Costs(random, solver.Dimension, solver.NeedsNonnegativeCosts, trial);
            Assert.AreEqual(SolverStatus.Solved, solver.Solve(costs, decision));
            Assert.IsTrue(members.Contains(Key(decision)), $"trial {trial}: the decision {Key(decision)} is not in the set");
            double best = set.Min(y => sign * Inner(costs, y)), got = sign * Inner(costs, decision);
            double scale = costs.Max(Math.Abs) * decision.Max(Math.Abs) * solver.Dimension;
            Assert.IsTrue(got <= best + 1e-13 * scale, $"trial {trial}: got {got}, best {best}");
        }

        VerifyNormal(solver, set);
    }

    /// <summary>Batches, threads, precision and bad rows.</summary>
    public static void VerifyBatches(ICombinatorialSolver solver, int seed, int rows = 37)
    {
        var random = new Random(seed);
        int n = solver.Dimension;
        var costs = new float[rows * n];
        for (int row = 0; row < rows; row++)
        {
            double[] one = Costs(random, n, solver.NeedsNonnegativeCosts, row % 2 == 0 ? 6 : 0);
            for (int i = 0; i < n; i++)
                costs[row * n + i] = (float)one[i];
        }

        int bad = rows / 2, worse = rows / 3;
        costs[bad * n + random.Next(n)] = float.NaN;
        costs[worse * n + random.Next(n)] = float.NegativeInfinity;
        var expected = new float[rows * n];
        var expectedStatuses = new SolverStatus[rows];
        for (int row = 0; row < rows; row++)
        {
            double[] wide = costs.Skip(row * n).Take(n).Select(c => (double)c).ToArray();
            expectedStatuses[row] = solver.Solve(wide, expected.AsSpan(row * n, n));
            bool invalid = row == bad || row == worse;
            Assert.AreEqual(invalid ? SolverStatus.InvalidInput : SolverStatus.Solved, expectedStatuses[row]);
            if (invalid)
                Assert.IsTrue(expected.AsSpan(row * n, n).ToArray().All(value => value == 0));
        }

        foreach (int threads in new[] { 1, 2, 5, 0 })
        {
            var decisions = new float[rows * n];
            Array.Fill(decisions, float.NaN);
            var statuses = new SolverStatus[rows];
            solver.SolveBatch(costs, decisions, statuses, threads);
            CollectionAssert.AreEqual(expected, decisions);
            CollectionAssert.AreEqual(expectedStatuses, statuses);
            Array.Fill(decisions, float.NaN);
            solver.SolveBatch(Array.ConvertAll(costs, c => (double)c), decisions, statuses, threads);
            CollectionAssert.AreEqual(expected, decisions);
        }

        VerifyAllocations(solver, costs, rows);
        VerifyManyCallers(solver, costs, expected, expectedStatuses);
        VerifyRefusals(solver);
    }

    private static void VerifyAllocations(ICombinatorialSolver solver, float[] costs, int rows)
    {
        var decisions = new float[costs.Length];
        var statuses = new SolverStatus[rows];
        Assert.AreEqual(0, Allocation.OfOneCall(() => solver.SolveBatch(costs, decisions, statuses, 1)), "a warm solver must not allocate");
    }

    // One solver, many threads, each with calls of its own.
    private static void VerifyManyCallers(ICombinatorialSolver solver, float[] costs, float[] expected, SolverStatus[] expectedStatuses)
    {
        int n = solver.Dimension, rows = expectedStatuses.Length;
        var decisions = new float[rows * n];
        var statuses = new SolverStatus[rows];
        Parallel.For(0, rows, new ParallelOptions { MaxDegreeOfParallelism = 8 }, row =>
            statuses[row] = solver.Solve(costs.AsSpan(row * n, n), decisions.AsSpan(row * n, n)));
        CollectionAssert.AreEqual(expected, decisions);
        CollectionAssert.AreEqual(expectedStatuses, statuses);
    }

    private static void VerifyRefusals(ICombinatorialSolver solver)
    {
        int n = solver.Dimension;
        Assert.Throws<ArgumentException>(() => solver.Solve(new float[n + 1], new float[n]));
        Assert.Throws<ArgumentException>(() => solver.Solve(new double[n], new float[n - 1]));
        Assert.Throws<ArgumentException>(() => solver.SolveBatch(new float[n], new float[2 * n], new SolverStatus[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => solver.SolveBatch(new float[n], new float[n], new SolverStatus[1], -1));
        solver.SolveBatch(ReadOnlySpan<float>.Empty, [], []);
        var decision = new float[n];
        var costs = new double[n];
        foreach (double value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e300, -1e300 })
        {
            Array.Fill(costs, 1);
            costs[n - 1] = value;
            Array.Fill(decision, 7);
            Assert.AreEqual(SolverStatus.InvalidInput, solver.Solve(costs, decision));
            Assert.IsTrue(decision.All(y => y == 0));
        }

        costs[n - 1] = -1;
        Assert.AreEqual(solver.NeedsNonnegativeCosts ? SolverStatus.InvalidInput : SolverStatus.Solved, solver.Solve(costs, decision));
    }

    private static void VerifyNormal(ICombinatorialSolver solver, IReadOnlyList<float[]> set)
    {
        if (solver.Normal.IsEmpty)
            return;
        double[] normal = solver.Normal.ToArray();
        Assert.AreEqual(1, normal.Sum(a => a * a), 1e-12);
        double level = Inner(normal, set[0]);
        foreach (float[] y in set)
            Assert.AreEqual(level, Inner(normal, y), 1e-9 * solver.Dimension);
    }

    public static double Inner(double[] costs, float[] decision)
    {
        double sum = 0;
        for (int i = 0; i < costs.Length; i++)
            sum += costs[i] * decision[i];
        return sum;
    }

    public static string Key(float[] decision) => string.Join(' ', decision);

    /// <summary>All orders of 0 … n − 1.</summary>
    public static IEnumerable<int[]> Permutations(int n)
    {
        if (n == 0)
        {
            yield return [];
            yield break;
        }

        foreach (int[] shorter in Permutations(n - 1))
        {
            for (int at = 0; at < n; at++)
                yield return [.. shorter[..at], n - 1, .. shorter[at..]];
        }
    }

    /// <summary>All 0/1 vectors of length n that satisfy a condition.</summary>
    public static List<float[]> Binary(int n, Func<float[], bool> wanted)
    {
        var found = new List<float[]>();
        for (int bits = 0; bits < 1 << n; bits++)
        {
            var y = new float[n];
            for (int i = 0; i < n; i++)
                y[i] = (bits >> i) & 1;
            if (wanted(y))
                found.Add(y);
        }

        return found;
    }
}
