using System;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

[TestClass]
public class RankingSolverTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(6)]
    public void Solve_SmallSets_EqualsEnumeration(int items)
    {
        var set = SolverContract.Permutations(items).Select(p => p.Select(i => i + 1f).ToArray()).ToList();
        foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
        {
            var solver = new RankingSolver(items, sense);
            SolverContract.VerifyOptimal(solver, set, 300, 1);
            SolverContract.VerifyBatches(solver, 2);
        }
    }

    [TestMethod]
    [DataRow(24)]
    [DataRow(25)]
    [DataRow(128)]
    [DataRow(129)]
    [DataRow(193)]
    [DataRow(700)]
    [DataRow(5000)]
    public void Solve_LargeSets_EqualsStableSort(int items)
    {
        var random = new Random(3);
        for (int trial = 0; trial < 48; trial++)
        {
            double[] costs = SolverContract.Costs(random, items, false, trial);
            if (trial % 3 == 0)
                costs = Array.ConvertAll(costs, c => (double)(float)c);
            foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
            {
                int sign = sense == Sense.Minimize ? -1 : 1;
                var decision = new float[items];
                Assert.AreEqual(SolverStatus.Solved, new RankingSolver(items, sense).Solve(costs, decision));
                var expected = new float[items];
                int rank = 0;
                foreach (int i in Enumerable.Range(0, items).OrderBy(i => sign * costs[i]))
                    expected[i] = ++rank;
                CollectionAssert.AreEqual(expected, decision);
                float[] single = Array.ConvertAll(costs, c => (float)c);
                Assert.AreEqual(SolverStatus.Solved, new RankingSolver(items, sense).Solve(single, decision));
                rank = 0;
                foreach (int i in Enumerable.Range(0, items).OrderBy(i => sign * single[i]))
                    expected[i] = ++rank;
                CollectionAssert.AreEqual(expected, decision);
            }
        }
    }

    [TestMethod]
    [DataRow(150)]
    [DataRow(1000)]
    [DataRow(6000)]
    [DataRow(70_000)]
    public void Solve_SingleCostsSpreadInAnyWay_EqualsStableSort(int items)
    {
        var random = new Random(8);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        Func<double>[] spreads =
        [
            random.NextDouble, Normal, () => Math.Exp(12 * Normal()), () => Math.Exp(3 * Normal()), () => random.Next(3), () => random.Next(items / 4),
            () => random.Next(20) == 0 ? 1e30 : Normal(), () => random.Next(2) == 0 ? -3.3e38 : 3.3e38, () => float.Epsilon * random.Next(-50, 50),
            () => 1e20 + (1e13 * random.Next(-9, 9)), () => random.Next(2) == 0 ? -0.0 : 0.0, () => 1e-38 * Normal(), () => 1000 + (1e-3 * random.NextDouble()),
        ];
        for (int k = 0; k < spreads.Length; k++)
        {
            float[] costs = [.. Enumerable.Range(0, items).Select(_ => (float)spreads[k]())];
            foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
            {
                int sign = sense == Sense.Minimize ? -1 : 1, rank = 0;
                float[] decision = new float[items], expected = new float[items];
                Assert.AreEqual(SolverStatus.Solved, new RankingSolver(items, sense).Solve(costs, decision));
                foreach (int i in Enumerable.Range(0, items).OrderBy(i => sign * costs[i]))
                    expected[i] = ++rank;
                CollectionAssert.AreEqual(expected, decision, $"spread {k}");
            }
        }
    }

    [TestMethod]
    [DataRow(128)]
    [DataRow(129)]
    [DataRow(5000)]
    public void SolveBatch_SingleRowsThatAreAllEqualOrBad_AreRankedInOrderOrSetToZero(int items)
    {
        float[] costs = new float[4 * items];
        Array.Fill(costs, -0f, 0, items / 2);
        Array.Fill(costs, float.MaxValue, items, items);
        costs[(3 * items) - 1] = float.NaN;
        costs[3 * items] = float.NegativeInfinity;
        var ranks = new float[costs.Length];
        var statuses = new SolverStatus[4];
        new RankingSolver(items).SolveBatch(costs, ranks, statuses, 1);
        CollectionAssert.AreEqual(new[] { SolverStatus.Solved, SolverStatus.Solved, SolverStatus.InvalidInput, SolverStatus.InvalidInput }, statuses);
        for (int i = 0; i < 2 * items; i++)
            Assert.AreEqual((i % items) + 1, ranks[i]);
        Assert.IsTrue(ranks.Skip(2 * items).All(r => r == 0));
    }

    [TestMethod]
    public void Solve_SubnormalAndExtremeCosts_StillOrdersThem()
    {
        double[] costs = [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? i * 1e-45 : -i * 1e140), double.Epsilon, -0.0, 0.0];
        var ranks = new float[costs.Length];
        new RankingSolver(costs.Length).Solve(costs, ranks);
        int[] order = [.. Enumerable.Range(0, costs.Length).OrderByDescending(i => costs[i])];
        CollectionAssert.AreEqual(order.Select((_, i) => i + 1f).ToArray(), order.Select(i => ranks[i]).ToArray());
    }
}
