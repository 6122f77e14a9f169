using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

[TestClass]
public class TravelingSalesmanSolverTests
{
    [TestMethod]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(7)]
    public void Solve_SmallSets_EqualsEnumeration(int cities)
    {
        List<float[]> tours = Tours(cities);
        int count = 1;
        for (int i = 3; i < cities; i++)
            count *= i;
        Assert.HasCount(count, tours);
        foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
        {
            var solver = new TravelingSalesmanSolver(cities, sense);
            SolverContract.VerifyOptimal(solver, tours, cities == 7 ? 100 : 400, 1);
            SolverContract.VerifyBatches(solver, 2);
        }
    }

    [TestMethod]
    [DataRow(5, 300)]
    [DataRow(9, 300)]
    [DataRow(12, 200)]
    [DataRow(14, 30)]
    public void SearchAndTable_AnyCosts_GiveEqualLengths(int cities, int trials)
    {
        var random = new Random(3);
        var table = new TourTable(cities);
        var search = new TourSearch(cities);
        int[] first = new int[cities], second = new int[cities];
        for (int trial = 0; trial < trials; trial++)
        {
            double[] costs = Symmetric(random, cities, trial);
            table.Solve(costs, first);
            Assert.IsTrue(search.Solve(costs, second, 10_000_000));
            CollectionAssert.AreEquivalent(Enumerable.Range(0, cities).ToArray(), first);
            CollectionAssert.AreEquivalent(Enumerable.Range(0, cities).ToArray(), second);
            Assert.AreEqual(
                Length(costs, first), Length(costs, second), 1e-12 * cities * costs.Max(Math.Abs), $"trial {trial}");
        }
    }

    [TestMethod]
    public void Solve_SearchCutShort_FallsBackToTheTable()
    {
        var random = new Random(4);
        var limited = new TravelingSalesmanSolver(13) { SearchNodes = 1 };
        var ordinary = new TravelingSalesmanSolver(13);
        for (int trial = 0; trial < 10; trial++)
        {
            double[] costs = [.. Enumerable.Range(0, 169).Select(_ => random.NextDouble())];
            float[] first = new float[169], second = new float[169];
            Assert.AreEqual(SolverStatus.Solved, limited.Solve(costs, first));
            Assert.AreEqual(SolverStatus.Solved, ordinary.Solve(costs, second));
            Assert.AreEqual(SolverContract.Inner(costs, second), SolverContract.Inner(costs, first), 1e-12);
        }

        SolverContract.VerifyBatches(limited, 5, 9);
    }

    [TestMethod]
    [DataRow(1e6)]
    [DataRow(1e15)]
    [DataRow(1e30)]
    public void Solve_CostsThatForbidEdges_LeaveTheOthersExact(double forbidden)
    {
        var random = new Random(6);
        for (int trial = 0; trial < 24; trial++)
        {
            int n = 12 + (trial % 3);
            bool small = trial % 2 == 1;
            var costs = new double[n * n];
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < i; j++)
                    costs[(i * n) + j] = costs[(j * n) + i] = small ? 0.01 * random.NextDouble() : random.Next(1, 100);
            }

            for (int k = trial % 4; k >= 0; k--)
            {
                int i = random.Next(n), j = (i + 1 + random.Next(n - 1)) % n;
                costs[(i * n) + j] = costs[(j * n) + i] = forbidden;
            }

            int[] expected = new int[n], tour = new int[n];
            new TourTable(n).Solve(costs, expected);
            Assert.IsTrue(new TourSearch(n).Solve(costs, tour, 10_000_000));
            Assert.AreEqual(Length(costs, expected), Length(costs, tour), 1e-12 * Length(costs, expected), $"trial {trial}");
        }
    }

    [TestMethod]
    public void Solve_TwentyCitiesOnACircle_GoesAround()
    {
        const int n = 20;
        var random = new Random(5);
        int[] order = Enumerable.Range(0, n).ToArray();
        random.Shuffle(order);
        var costs = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
                costs[order[i] * n + order[j]] = Math.Abs(Math.Sin(Math.PI * (i - j) / n));
        }

        foreach (long nodes in new[] { TravelingSalesmanSolver.MaxSearchNodes, 1 })
        {
            var tour = new float[n * n];
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.AreEqual(SolverStatus.Solved, new TravelingSalesmanSolver(n) { SearchNodes = nodes }.Solve(costs, tour));
            Assert.IsTrue(GC.GetAllocatedBytesForCurrentThread() - before < 96 << 20);
            Assert.AreEqual(2f * n, tour.Sum());
            for (int i = 0; i < n; i++)
                Assert.AreEqual(1f, tour[order[i] * n + order[(i + 1) % n]]);
        }
    }

    [TestMethod]
    public void Constructor_OutOfRange_Throws()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TravelingSalesmanSolver(2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TravelingSalesmanSolver(21));
    }

    private static double[] Symmetric(Random random, int n, int trial)
    {
        double[] costs = SolverContract.Costs(random, n * n, false, trial);
        if (trial % 2 == 0)
        {
            (double X, double Y)[] points = [.. Enumerable.Range(0, n).Select(_ => (random.NextDouble(), random.NextDouble()))];
            for (int i = 0; i < n * n; i++)
                costs[i] = Math.Sqrt(Math.Pow(points[i / n].X - points[i % n].X, 2) + Math.Pow(points[i / n].Y - points[i % n].Y, 2));
        }

        return [.. Enumerable.Range(0, n * n).Select(i => i / n == i % n ? 0 : costs[i] + costs[i % n * n + i / n])];
    }

    private static double Length(double[] costs, int[] tour)
    {
        double length = 0;
        for (int i = 0; i < tour.Length; i++)
            length += costs[tour[i] * tour.Length + tour[(i + 1) % tour.Length]];
        return length;
    }

    private static List<float[]> Tours(int cities)
    {
        var found = new Dictionary<string, float[]>();
        foreach (int[] order in SolverContract.Permutations(cities - 1))
        {
            var y = new float[cities * cities];
            int last = cities - 1;
            foreach (int city in order.Append(cities - 1))
            {
                y[last * cities + city] = y[city * cities + last] = 1;
                last = city;
            }

            found[SolverContract.Key(y)] = y;
        }

        return [.. found.Values.Where(y => y.Sum() == 2 * cities)];
    }
}
