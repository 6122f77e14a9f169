using System;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

/// <summary>The losses on decisions and those that call the solver themselves.</summary>
[TestClass]
public class DecisionLossTests
{
    [TestMethod]
    [DataRow(Sense.Minimize)]
    [DataRow(Sense.Maximize)]
    public void FenchelYoung_OneOfTwo_IsUnbiasedForTheExactExpectation(Sense sense)
    {
        const double sigma = 0.6, w1 = 0.4, w2 = 0.9;
        const int rows = 500, samples = 40;
        double spread = sigma * Math.Sqrt(2), sign = sense == Sense.Minimize ? 1 : -1, lead = sign * (w2 - w1) / spread;
        double first = BackwardRuleTests.NormalCdf(lead);

        // E min (or max) of two independent normal numbers.
        double best = w1 * first + w2 * (1 - first) - sign * spread * BackwardRuleTests.NormalPdf(lead);
        float[] costs = [.. Enumerable.Range(0, rows).SelectMany(_ => new[] { (float)w1, (float)w2 })];
        float[] targets = [.. Enumerable.Range(0, rows).SelectMany(_ => new[] { 0f, 1f })];
        float[] losses = new float[rows], gradient = new float[2 * rows];
        var statuses = new SolverStatus[rows];
        new FenchelYoungLoss(sigma, samples).Evaluate(
            new TopKSolver(2, 1, sense), costs, targets, losses, gradient, statuses, new RuleContext(), new RandomSource(3));
        Assert.IsTrue(statuses.All(s => s == SolverStatus.Solved));
        AssertMean(sign * (w2 - best), losses);
        AssertMean(sign * (0 - first), [.. gradient.Where((_, i) => i % 2 == 0)]);
        AssertMean(sign * (1 - (1 - first)), [.. gradient.Where((_, i) => i % 2 == 1)]);
    }

    [TestMethod]
    public void FenchelYoung_SameDraws_GradientIsTheLossesDerivative()
    {
        // For fixed noise the loss is piecewise linear in w: central differences meet the gradient except at a kink.
        var random = new Random(4);
        var solver = new AssignmentSolver(3, 3);
        float[] costs = [.. Enumerable.Range(0, 9).Select(_ => random.NextSingle())], targets = [1, 0, 0, 0, 1, 0, 0, 0, 1];
        var loss = new FenchelYoungLoss(0.5, 8);
        (double Value, float[] Gradient) At(float[] w)
        {
            float[] losses = new float[1], gradient = new float[9];
            loss.Evaluate(solver, w, targets, losses, gradient, new SolverStatus[1], new RuleContext(), new RandomSource(5));
            return (losses[0], gradient);
        }

        float[] expected = At(costs).Gradient;
        for (int i = 0; i < 9; i++)
        {
            float[] up = (float[])costs.Clone(), down = (float[])costs.Clone();
            up[i] += 1 / 1024f;
            down[i] -= 1 / 1024f;
            Assert.AreEqual(expected[i], (At(up).Value - At(down).Value) * 512, 2e-3);
        }
    }

    [TestMethod]
    [DataRow(Sense.Minimize)]
    [DataRow(Sense.Maximize)]
    public void SpoPlus_RandomPoints_IsASubgradientAndBoundsTheRegret(Sense sense)
    {
        var random = new Random(6);
        var solver = new KnapsackSolver([2, 3, 4, 5, 1], 8, sense);
        var context = new RuleContext();
        const int n = 5;
        (double Value, float[] Gradient) At(float[] predicted, float[] costs, float[] target)
        {
            float[] losses = new float[1], gradient = new float[n];
            var statuses = new SolverStatus[1];
            new SpoPlusLoss().Evaluate(solver, predicted, costs, target, losses, gradient, statuses, context);
            Assert.AreEqual(SolverStatus.Solved, statuses[0]);
            return (losses[0], gradient);
        }

        bool moved = false;
        for (int trial = 0; trial < 500; trial++)
        {
            float[] costs = Around(random, n), first = Around(random, n), second = Around(random, n);
            float[] target = new float[n], decision = new float[n];
            solver.Solve(costs, target);
            (double value, float[] gradient) = At(first, costs, target);
            double line = value;
            for (int i = 0; i < n; i++)
                line += gradient[i] * (second[i] - first[i]);
            Assert.IsTrue(At(second, costs, target).Value >= line - 1e-5);
            solver.Solve(first, decision);
            Assert.IsTrue(value >= RegretLoss.Value(decision, target, costs, 1, sense) - 1e-5);
            Assert.AreEqual(0, At(costs, costs, target).Value, 1e-5);
            moved |= gradient.Any(v => v != 0);
        }

        Assert.IsTrue(moved);
    }

    [TestMethod]
    public void NegativeCosts_Undefined_AreRefusedByName()
    {
        const NegativeCosts none = (NegativeCosts)7;
        foreach (Action make in new Action[]
        {
            () => new SpoPlusLoss(none), () => new FenchelYoungLoss(1, 1, none), () => new InterpolationRule(1, negativeCosts: none),
            () => new PerturbedRule(1, 1, none),
        })
            Assert.AreEqual("negativeCosts", Assert.ThrowsExactly<ArgumentOutOfRangeException>(make).ParamName);
    }

    [TestMethod]
    public void SpoPlus_NegativeTurnedCosts_RefusedOrClamped()
    {
        var solver = new GridShortestPathSolver(2, 2, GridNeighbourhood.Four);
        float[] predicted = [1, 1, 3, 1], costs = [1, 5, 1, 1], target = [1, 0, 1, 1], losses = new float[1], gradient = new float[4];
        var statuses = new SolverStatus[1];
        new SpoPlusLoss(NegativeCosts.Refuse).Evaluate(solver, predicted, costs, target, losses, gradient, statuses, new RuleContext());
        Assert.AreEqual(SolverStatus.InvalidInput, statuses[0]);
        Assert.IsTrue(losses[0] == 0 && gradient.All(v => v == 0));
        new SpoPlusLoss(NegativeCosts.Clamp).Evaluate(solver, predicted, costs, target, losses, gradient, statuses, new RuleContext());
        Assert.AreEqual(SolverStatus.Solved, statuses[0]);
        CollectionAssert.AreEqual(new float[] { 0, -2, 2, 0 }, gradient);
    }

    [TestMethod]
    public void SpoPlus_Clamped_IsNeverBelowZeroAndTheTruthIsBest()
    {
        var solver = new GridShortestPathSolver(3, 3);
        var random = new Random(9);
        for (int trial = 0; trial < 200; trial++)
        {
            float[] costs = [.. Enumerable.Range(0, 9).Select(_ => random.NextSingle())], best = new float[9];
            Assert.AreEqual(SolverStatus.Solved, solver.Solve(costs, best));
            float[] predicted = trial == 0 ? new float[9] : [.. Enumerable.Range(0, 9).Select(_ => random.NextSingle() * (trial % 3))];
            float[] loss = new float[1], gradient = new float[9];
            new SpoPlusLoss().Evaluate(solver, predicted, costs, best, loss, gradient, new SolverStatus[1], new RuleContext());
            Assert.IsGreaterThanOrEqualTo(-1e-6f, loss[0], $"trial {trial}");
            new SpoPlusLoss().Evaluate(solver, costs, costs, best, loss, gradient, new SolverStatus[1], new RuleContext());
            Assert.AreEqual(0, loss[0], 1e-6);
        }
    }

    [TestMethod]
    public void Recall_RankAboveThatAmongTheRelevant_HasNoGradientWhereTheLossIsConstant()
    {
        var gradient = new float[2];
        Assert.AreEqual(0, RecallLoss.Evaluate([1, 2], [2, 1], [1, 0], 1, gradient));
        CollectionAssert.AreEqual(new float[2], gradient);
    }

    [TestMethod]
    public void Hamming_HandWorked()
    {
        float[] y = [1, 0, 1, 0], target = [1, 1, 0, 0], gradient = new float[4];
        Assert.AreEqual(2, HammingLoss.Value(y, target, 1));
        Assert.AreEqual(1, HammingLoss.Value(y, target, 2));
        HammingLoss.Gradient(target, 2, gradient);
        CollectionAssert.AreEqual(new[] { -0.5f, -0.5f, 0.5f, 0.5f }, gradient);
        Assert.ThrowsExactly<ArgumentException>(() => HammingLoss.Value(y, target, 3));
    }

    [TestMethod]
    public void Regret_HandWorked()
    {
        float[] y = [1, 0, 0, 1], target = [0, 1, 0, 1], costs = [3, 1, 5, 2], gradient = new float[4];
        Assert.AreEqual(1, RegretLoss.Value(y, target, costs, 2, Sense.Minimize));
        Assert.AreEqual(-1, RegretLoss.Value(y, target, costs, 2, Sense.Maximize));
        Assert.AreEqual(2.0 / 3, RegretLoss.Relative(y, target, costs, 2, Sense.Minimize), 1e-12);
        Assert.IsTrue(double.IsNaN(RegretLoss.Relative(y, target, new float[4], 2, Sense.Minimize)));
        RegretLoss.Gradient(costs, 2, Sense.Maximize, gradient);
        CollectionAssert.AreEqual(new[] { -1.5f, -0.5f, -2.5f, -1f }, gradient);
    }

    [TestMethod]
    public void Recall_PerfectRanking_IsZeroAndEachIrrelevantItemBeforeCosts()
    {
        float[] relevant = [1, 0, 1, 0];
        Assert.AreEqual(0, RecallLoss.Evaluate([1, 3, 2, 4], [1, 0, 2, 0], relevant, 1, []));

        // One irrelevant item before the first, both before the second.
        double expected = (Math.Log(1 + Math.Log(2)) + Math.Log(1 + Math.Log(3))) / 2;
        Assert.AreEqual(expected, RecallLoss.Evaluate([2, 1, 4, 3], [1, 0, 2, 0], relevant, 1, []), 1e-12);
        Assert.AreEqual(0, RecallLoss.Evaluate([2, 1, 4, 3], [1, 0, 2, 0], new float[4], 1, new float[4]));
    }

    [TestMethod]
    public void Recall_Gradient_EqualsCentralDifferences()
    {
        float[] ranks = [2.5f, 1, 4.25f, 3, 6, 2, 3, 1], among = [1, 0, 2, 0, 1, 0, 0, 2], relevant = [1, 0, 1, 0, 1, 0, 0, 0];
        var gradient = new float[8];
        RecallLoss.Evaluate(ranks, among, relevant, 2, gradient);
        for (int i = 0; i < 8; i++)
        {
            float[] up = (float[])ranks.Clone(), down = (float[])ranks.Clone();
            up[i] += 1 / 1024f;
            down[i] -= 1 / 1024f;
            double expected = (RecallLoss.Evaluate(up, among, relevant, 2, []) - RecallLoss.Evaluate(down, among, relevant, 2, [])) * 512;
            Assert.AreEqual(expected, gradient[i], 1e-5);
        }
    }

    private static float[] Around(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];

    private static void AssertMean(double expected, float[] values)
    {
        double mean = values.Average(v => (double)v);
        double error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length / (values.Length - 1));
        Assert.AreEqual(expected, mean, 5 * error + 1e-7);
        Assert.IsTrue(error > 0 && error < 0.05);
    }
}
