using System;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

[TestClass]
public class TopKSolverTests
{
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(5, 1)]
    [DataRow(9, 4)]
    [DataRow(10, 9)]
    [DataRow(7, 7)]
    public void Solve_SmallSets_EqualsEnumeration(int items, int k)
    {
        var set = SolverContract.Binary(items, y => y.Sum() == k);
        foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
        {
            var solver = new TopKSolver(items, k, sense);
            SolverContract.VerifyOptimal(solver, set, 600, 1);
            SolverContract.VerifyBatches(solver, 2);
        }
    }

    [TestMethod]
    [DataRow(200, 3)]
    [DataRow(200, 64)]
    [DataRow(200, 65)]
    [DataRow(3000, 1500)]
    [DataRow(3000, 2999)]
    [DataRow(20000, 100)]
    public void Solve_LargeSets_EqualsStableSort(int items, int k)
    {
        var random = new Random(3);
        for (int trial = 0; trial < 64; trial++)
        {
            double[] costs = SolverContract.Costs(random, items, false, trial);
            foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
            {
                int sign = sense == Sense.Minimize ? 1 : -1;
                var decision = new float[items];
                Assert.AreEqual(SolverStatus.Solved, new TopKSolver(items, k, sense).Solve(costs, decision));

                // OrderBy is stable: among equals the lower index comes first, which is the stated rule.
                var expected = new float[items];
                foreach (int i in Enumerable.Range(0, items).OrderBy(i => sign * costs[i]).Take(k))
                    expected[i] = 1;
                CollectionAssert.AreEqual(expected, decision);
            }
        }
    }

    [TestMethod]
    [DataRow(2, 1)]
    [DataRow(20, 10)]
    [DataRow(63, 62)]
    [DataRow(64, 3)]
    [DataRow(65, 64)]
    [DataRow(200, 3)]
    [DataRow(200, 65)]
    [DataRow(66, 1)]
    [DataRow(97, 16)]
    [DataRow(400, 64)]
    [DataRow(1003, 40)]
    [DataRow(5000, 20)]
    [DataRow(20000, 100)]
    public void SolveBatch_SingleCosts_EqualsStableSortAndSparesNeighboursOfBadRows(int items, int k)
    {
        var random = new Random(4);
        const int rows = 24;
        foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
        {
            int sign = sense == Sense.Minimize ? 1 : -1;
            var solver = new TopKSolver(items, k, sense);
            float[] costs = [.. Enumerable.Range(0, rows * items).Select(i => i / items % 2 == 0 ? random.Next(-2, 3) : random.NextSingle() - 0.5f)];
            (int Row, int Item, float Value)[] bad = [(3, items - 1, float.NaN), (4, 0, float.NegativeInfinity), (9, items / 2, float.PositiveInfinity), (23, k, float.NaN)];
            foreach ((int row, int item, float value) in bad)
                costs[row * items + Math.Min(item, items - 1)] = value;
            var decisions = new float[costs.Length];
            var statuses = new SolverStatus[rows];
            solver.SolveBatch(costs, decisions, statuses);
            for (int row = 0; row < rows; row++)
            {
                var expected = new float[items];
                bool valid = !bad.Any(b => b.Row == row);
                foreach (int i in Enumerable.Range(0, valid ? items : 0).OrderBy(i => sign * costs[row * items + i]).Take(k))
                    expected[i] = 1;
                Assert.AreEqual(valid ? SolverStatus.Solved : SolverStatus.InvalidInput, statuses[row], $"row {row}");
                CollectionAssert.AreEqual(expected, decisions.AsSpan(row * items, items).ToArray(), $"row {row}");
            }
        }
    }

    [TestMethod]
    [DataRow(70)]
    [DataRow(1000)]
    [DataRow(9990)]
    public void FindByDigits_AnyCosts_EqualsSort(int k)
    {
        var random = new Random(9);
        var solver = new TopKSolver(10_000, k, Sense.Minimize);
        for (int trial = 0; trial < 16; trial++)
        {
            double[] costs = SolverContract.Costs(random, 10_000, false, trial), sorted = (double[])costs.Clone();
            Array.Sort(sorted);
            Assert.AreEqual(sorted[k - 1], solver.FindByDigits(costs));
        }
    }

    [TestMethod]
    public void Solve_PeriodicAndSortedCosts_DoesNotTrustTheSample()
    {
        // An evenly spaced sample of these costs is far from typical.
        const int items = 20_480;
        foreach (Func<int, double> shape in new Func<int, double>[] { i => i % 40 == 0 ? 0 : 1 + i % 3, i => i, i => -i, _ => 1 })
        {
            double[] costs = [.. Enumerable.Range(0, items).Select(shape)];
            foreach (int k in new[] { 100, 600, 10_000, 20_000 })
            {
                var decision = new float[items];
                new TopKSolver(items, k, Sense.Minimize).Solve(costs, decision);
                var expected = new float[items];
                foreach (int i in Enumerable.Range(0, items).OrderBy(i => costs[i]).Take(k))
                    expected[i] = 1;
                CollectionAssert.AreEqual(expected, decision);
            }
        }
    }

    [TestMethod]
    public void Solve_SingleCostsInAnyPattern_EqualsStableSort()
    {
        // All equal, sorted both ways, few values, the best together at either end, spread evenly, and the extremes of the type.
        const int items = 3000;
        foreach (Func<int, float> shape in new Func<int, float>[]
        {
            _ => 1, i => i, i => -i, i => i * 7 % 5, i => i < 300 ? -1 : 1, i => i > 2990 ? -1 : i % 3, i => i % 50, i => i % 2 == 0 ? float.MaxValue : -float.MaxValue,
        })
        {
            float[] costs = [.. Enumerable.Range(0, items).Select(shape)];
            foreach (int k in new[] { 1, 20, 64 })
            {
                foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
                {
                    var decision = new float[items];
                    new TopKSolver(items, k, sense).Solve(costs, decision);
                    var expected = new float[items];
                    foreach (int i in Enumerable.Range(0, items).OrderBy(i => sense == Sense.Minimize ? costs[i] : -costs[i]).Take(k))
                        expected[i] = 1;
                    CollectionAssert.AreEqual(expected, decision);
                }
            }
        }
    }

    [TestMethod]
    public void Solve_SignedZeros_AreEqual()
    {
        var costs = new float[130];
        for (int i = 0; i < costs.Length; i++)
            costs[i] = i % 2 == 0 ? 0f : -0f;
        var decision = new float[130];
        new TopKSolver(130, 70).Solve(costs, decision);
        Assert.IsTrue(decision.Take(70).All(y => y == 1) && decision.Sum() == 70);
    }

    [TestMethod]
    public void Constructor_KOutOfRange_Throws()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TopKSolver(3, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TopKSolver(3, 4));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TopKSolver(0, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TopKSolver(3, 1, (Sense)5));
    }
}
