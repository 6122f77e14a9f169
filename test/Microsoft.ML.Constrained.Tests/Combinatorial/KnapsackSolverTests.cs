using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

[TestClass]
public class KnapsackSolverTests
{
    [TestMethod]
    public void Solve_SmallSets_EqualsEnumeration()
    {
        var random = new Random(1);
        for (int trial = 0; trial < 80; trial++)
        {
            int items = random.Next(1, 9), resources = random.Next(1, 4);
            int[][] weights = [.. Enumerable.Range(0, items).Select(_ => Numbers(random, resources, 9))];
            int[] capacities = Numbers(random, resources, trial % 5 == 0 ? 60 : 20);
            List<float[]> set = SolverContract.Binary(items, y => Fits(weights, capacities, y));
            foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
            {
                var table = new KnapsackSolver(weights, capacities, sense);
                Assert.IsTrue(table.UsesTable);
                SolverContract.VerifyOptimal(table, set, 48, trial);
                SolverContract.VerifyBatches(table, trial, 7);
                var search = new KnapsackSolver(weights, capacities, sense) { ForceSearch = true };
                SolverContract.VerifyOptimal(search, set, 48, trial);
                SolverContract.VerifyBatches(search, trial, 7);
            }
        }
    }

    [TestMethod]
    public void Solve_LargerSets_TableEqualsSearch()
    {
        var random = new Random(2);
        for (int trial = 0; trial < 40; trial++)
        {
            int resources = 1 + trial % 3;
            int[][] weights = [.. Enumerable.Range(0, 25).Select(_ => Numbers(random, resources, 12))];
            int[] capacities = [.. Enumerable.Repeat(40, resources)];
            double[] values = [.. Enumerable.Range(0, 25).Select(_ => random.NextDouble() - 0.1)];
            float[] first = new float[25], second = new float[25];
            Assert.AreEqual(SolverStatus.Solved, new KnapsackSolver(weights, capacities).Solve(values, first));
            Assert.AreEqual(SolverStatus.Solved, new KnapsackSolver(weights, capacities) { ForceSearch = true }.Solve(values, second));
            Assert.IsTrue(Fits(weights, capacities, first) && Fits(weights, capacities, second));
            Assert.AreEqual(SolverContract.Inner(values, first), SolverContract.Inner(values, second), 1e-12);
        }
    }

    [TestMethod]
    public void Solve_HugeCapacities_UsesTheSearch()
    {
        var random = new Random(3);
        int[] weights = [.. Enumerable.Range(0, 30).Select(_ => random.Next(1, 1_000_000_000))];
        var solver = new KnapsackSolver(weights, 2_000_000_000);
        Assert.IsFalse(solver.UsesTable);
        double[] values = [.. weights.Select(w => w * (0.5 + random.NextDouble()) / 1e9)];
        var y = new float[30];
        Assert.AreEqual(SolverStatus.Solved, solver.Solve(values, y));
        Assert.IsTrue(weights.Select((w, i) => (long)w * (int)y[i]).Sum() <= 2_000_000_000);
        Assert.AreEqual(Best(weights, values, 2_000_000_000), SolverContract.Inner(values, y), 1e-9);
    }

    [TestMethod]
    public void Solve_SearchCutShort_SaysSoAndKeepsAChoiceThatFits()
    {
        var random = new Random(4);
        int[][] weights = [.. Enumerable.Range(0, 40).Select(_ => Numbers(random, 3, 100))];
        int[] capacities = [500, 500, 500];
        double[] values = [.. Enumerable.Range(0, 40).Select(_ => random.NextDouble())];
        var solver = new KnapsackSolver(weights, capacities) { ForceSearch = true, SearchNodes = 60 };
        var y = new float[40];
        Assert.AreEqual(SolverStatus.IterationLimit, solver.Solve(values, y));
        Assert.IsTrue(y.Sum() > 0 && Fits(weights, capacities, y));
    }

    [TestMethod]
    public void Solve_ManyChoicesOfEqualValue_AreNotSearchedOneByOne()
    {
        // Equal items; values that are the weights (any choice that fills the capacity is best); equal values with several resources.
        var decision = new float[40];
        int[] same = [.. Enumerable.Repeat(10_000_019, 40)];
        Assert.AreEqual(SolverStatus.Solved, new KnapsackSolver(same, 10_000_019 * 15).Solve([.. Enumerable.Repeat(0.1f, 40)], decision));
        Assert.AreEqual(15, decision.Sum());

        var random = new Random(7);
        int[] weights = [.. Enumerable.Range(0, 40).Select(_ => random.Next(1_000_000, 9_000_000))];
        int capacity = weights.Where((_, i) => i % 2 == 0).Sum();
        Assert.AreEqual(SolverStatus.Solved, new KnapsackSolver(weights, capacity).Solve([.. weights.Select(w => (float)w)], decision));
        Assert.AreEqual(capacity, weights.Where((_, i) => decision[i] == 1).Sum());

        // Whole values: a bound below the next whole number is no better. Against the values made uneven by less than decides.
        int[][] needs = [.. Enumerable.Range(0, 30).Select(_ => Enumerable.Range(0, 3).Select(_ => random.Next(10_000, 90_000)).ToArray())];
        var several = new KnapsackSolver(needs, [400_000, 400_000, 400_000]);
        float[] equal = new float[30], uneven = new float[30];
        Assert.AreEqual(SolverStatus.Solved, several.Solve([.. Enumerable.Repeat(1f, 30)], equal));
        Assert.AreEqual(SolverStatus.Solved, several.Solve([.. Enumerable.Range(0, 30).Select(i => 1 + (1e-4f * i))], uneven));
        Assert.AreEqual(uneven.Sum(), equal.Sum());
    }

    [TestMethod]
    public void Solve_EqualTotals_LeavesOutTheLaterItem()
    {
        var y = new float[3];
        new KnapsackSolver([1, 1, 1], 2).Solve([1.0, 1, 1], y);
        CollectionAssert.AreEqual(new float[] { 1, 1, 0 }, y);
        new KnapsackSolver([0, 5, 1], 4).Solve([0.5, 9, 0], y);
        CollectionAssert.AreEqual(new float[] { 1, 0, 0 }, y);
    }

    [TestMethod]
    public void Constructor_BadNumbers_NameTheItem()
    {
        Assert.Contains("Item 1", Assert.ThrowsExactly<ArgumentException>(() => new KnapsackSolver([1, -1], 2)).Message);
        Assert.Contains("Item 0", Assert.ThrowsExactly<ArgumentException>(() => new KnapsackSolver([[1], [1, 2]], [2, 2])).Message);
        Assert.ThrowsExactly<ArgumentException>(() => new KnapsackSolver([1], -2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new KnapsackSolver(Array.Empty<int>(), 2));
    }

    private static int[] Numbers(Random random, int count, int limit) => [.. Enumerable.Range(0, count).Select(_ => random.Next(limit))];

    private static bool Fits(int[][] weights, int[] capacities, float[] y)
    {
        for (int r = 0; r < capacities.Length; r++)
        {
            if (weights.Select((w, i) => w[r] * (int)y[i]).Sum() > capacities[r])
                return false;
        }

        return true;
    }

    private static double Best(int[] weights, double[] values, long capacity)
    {
        // Meet in the middle: all subsets of the first and of the second half, the latter by weight with running best value.
        List<(long Weight, double Value)> Subsets(int from, int to)
        {
            List<(long, double)> all = [(0, 0)];
            for (int i = from; i < to; i++)
                all.AddRange(all.ToArray().Select(s => (s.Item1 + weights[i], s.Item2 + values[i])));
            return all;
        }

        List<(long Weight, double Value)> second = [.. Subsets(weights.Length / 2, weights.Length).OrderBy(s => s.Weight)];
        var running = new double[second.Count];
        for (int i = 0; i < running.Length; i++)
            running[i] = Math.Max(i == 0 ? 0 : running[i - 1], second[i].Value);
        long[] keys = [.. second.Select(s => s.Weight)];
        double best = 0;
        foreach ((long weight, double value) in Subsets(0, weights.Length / 2).Where(s => s.Weight <= capacity))
        {
            int at = Array.BinarySearch(keys, capacity - weight);
            at = at >= 0 ? at : ~at - 1;
            best = Math.Max(best, value + running[at]);
        }

        return best;
    }
}
