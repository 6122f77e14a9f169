using System;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

[TestClass]
public class DecisionLossesTests : LayerTest
{
    private static readonly float[] s_decisions = [1, 0, 1, 0, 1, 1], s_targets = [1, 0, 0, 1, 1, 1], s_costs = [1, 2, 3, 4, 5, 6];

    [TestMethod]
    public void Hamming_TwoRows_CountsWhatDiffersAndHasItsGradient()
    {
        Tensor y = tensor(s_decisions, [2, 3]).requires_grad_(), right = tensor(s_targets, [2, 3]);
        Tensor loss = DecisionLosses.Hamming(y, right);
        Assert.AreEqual(1, loss.item<float>());
        Assert.AreEqual(HammingLoss.Value(s_decisions, s_targets, 2), loss.item<float>(), 1e-6);
        AreClose(tensor(new float[] { 1, 1 }), DecisionLosses.Hamming(y, right, nn.Reduction.None), 0);
        Assert.AreEqual(2, DecisionLosses.Hamming(y, right, nn.Reduction.Sum).item<float>());
        loss.backward();
        var gradient = new float[6];
        HammingLoss.Gradient(s_targets, 2, gradient);
        AreClose(tensor(gradient, [2, 3]), y.grad!, 1e-7);
    }

    [TestMethod]
    public void Regret_BothSenses_IsTheDifferenceInCost()
    {
        Tensor y = tensor(s_decisions, [2, 3]).requires_grad_(), right = tensor(s_targets, [2, 3]), costs = tensor(s_costs, [2, 3]);
        // Row by row: 1 + 3 against 1, and 5 + 6 against 4 + 5 + 6.
        AreClose(tensor(new float[] { 3, -4 }), DecisionLosses.Regret(y, right, costs, reduction: nn.Reduction.None), 0);
        AreClose(tensor(new float[] { -3, 4 }), DecisionLosses.Regret(y, right, costs, Sense.Maximize, nn.Reduction.None), 0);
        DecisionLosses.Regret(y, right, costs, Sense.Maximize).backward();
        AreClose(costs * -0.5, y.grad!, 0);
    }

    [TestMethod]
    public void Recall_Ranks_AgreesWithTheLossOnSpans()
    {
        var random = new Random(1);
        const int Rows = 4, Items = 6;
        float[] ranks = new float[Rows * Items], relevantRanks = new float[Rows * Items], relevant = new float[Rows * Items];
        var solver = new RankingSolver(Items);
        for (int row = 0; row < Rows; row++)
        {
            float[] scores = new float[Items], own = new float[Items];
            for (int i = 0; i < Items; i++)
            {
                scores[i] = random.NextSingle();
                relevant[(row * Items) + i] = row > 0 && random.Next(2) == 0 ? 1 : 0;
                own[i] = relevant[(row * Items) + i] > 0.5f ? scores[i] : -1e3f;
            }

            solver.Solve(scores, ranks.AsSpan(row * Items, Items));
            solver.Solve(own, relevantRanks.AsSpan(row * Items, Items));
        }

        relevantRanks[0] = float.NaN;
        var gradient = new float[Rows * Items];
        double expected = RecallLoss.Evaluate(ranks, relevantRanks, relevant, Rows, gradient);
        Tensor r = tensor(ranks, [Rows, Items]).requires_grad_(), plus = tensor(relevantRanks, [Rows, Items]).requires_grad_();
        Tensor loss = DecisionLosses.Recall(r, plus, tensor(relevant, [Rows, Items]));
        Assert.AreEqual(expected, loss.item<float>(), 1e-6);
        Assert.IsGreaterThan(0.1, expected);
        loss.backward();
        AreClose(tensor(gradient, [Rows, Items]), r.grad!, 1e-6);
        AreClose(tensor(gradient, [Rows, Items]).neg(), plus.grad!, 1e-6);
    }

    [TestMethod]
    public void Losses_ShapesThatDiffer_AreNamed()
    {
        Tensor y = ones(2, 3);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => DecisionLosses.Hamming(y, ones(3))).Message, "[3]");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => DecisionLosses.Regret(y, y, ones(2, 1))).Message, "trueCosts");
        Assert.ThrowsExactly<ArgumentNullException>(() => DecisionLosses.Recall(y, y, null!));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => DecisionLosses.Hamming(y, y, (nn.Reduction)7));
    }

    [TestMethod]
    public void FenchelYoung_AlmostNoNoise_IsTheDifferenceFromTheBest()
    {
        // Costs (1, 3): the least is 1, the right decision costs 3; second row: the right decision is the best.
        var loss = new FenchelYoungLossLayer(new TopKSolver(2, 1, Sense.Minimize), new FenchelYoungLoss(1e-6, 3));
        Tensor w = tensor(new float[,] { { 1, 3 }, { 0, 5 } }).requires_grad_(), right = tensor(new float[,] { { 0, 1 }, { 1, 0 } });
        Tensor mean = loss.call(w, right);
        Assert.AreEqual(1, mean.item<float>(), 1e-5);
        mean.backward();
        AreClose(tensor(new float[,] { { -0.5f, 0.5f }, { 0, 0 } }), w.grad!, 1e-7);
        Assert.AreEqual(6, loss.Diagnostics.SolverCalls);
    }

    [TestMethod]
    public void FenchelYoung_SameSeedAndState_DrawsTheSameNoise()
    {
        var solver = new TopKSolver(6, 2);
        Tensor w = Normal(new Random(2), 5, 6).requires_grad_(), right = Targets(solver, 5);
        var first = new FenchelYoungLossLayer(solver, new FenchelYoungLoss(1, 2), seed: 4, nn.Reduction.None);
        var second = new FenchelYoungLossLayer(solver, new FenchelYoungLoss(1, 2), seed: 5, nn.Reduction.None);
        Tensor a = first.call(w, right);
        Assert.AreEqual(ScalarType.Float64, a.dtype);
        CollectionAssert.AreEqual(new long[] { 5 }, a.shape);
        Assert.IsGreaterThan(0, LargestDifference(a, first.call(w, right)), "Drawn anew each time.");
        second.load_state_dict(first.state_dict());
        AreClose(first.call(w, right), second.call(w, right), 0);
    }

    [TestMethod]
    public void SpoPlus_OneRow_EqualsTheCaseWorkedByHand()
    {
        // c = (1, 2), so y* = (1, 0); ĉ = (3, 1): 2ĉ − c = (5, 0), whose least is 0, and −0 + 2·3 − 1 = 5 with 2(y* − (0, 1)).
        var loss = new SpoPlusLossLayer(new TopKSolver(2, 1, Sense.Minimize), reduction: nn.Reduction.None);
        Tensor predicted = tensor(new float[,] { { 3, 1 }, { float.NaN, 1 } }).requires_grad_();
        Tensor costs = tensor(new float[,] { { 1, 2 }, { 1, 2 } }), right = tensor(new float[,] { { 1, 0 }, { 1, 0 } });
        Tensor rows = loss.call(predicted, costs, right);
        AreClose(tensor(new float[] { 5, 0 }), rows, 0);
        Assert.AreEqual(SolverStatus.InvalidInput, loss.Diagnostics.Status[1]);
        (rows * tensor(new float[] { 3, 3 })).sum().backward();
        AreClose(tensor(new float[,] { { 6, -6 }, { 0, 0 } }), predicted.grad!, 0);
    }

    [TestMethod]
    public void SpoPlus_SecondDerivative_IsNaNAndSaysWhy()
    {
        var loss = new SpoPlusLossLayer(new TopKSolver(2, 1, Sense.Minimize));
        Tensor w = ones(1, 2).requires_grad_(), c = ones(1, 2), right = tensor(new float[,] { { 1, 0 } });
        Tensor gradient = autograd.grad([loss.call(w, c, right).square()], [w], create_graph: true)[0];
        gradient.sum().backward();
        Assert.ThrowsExactly<NotSupportedException>(() => loss.call(w, c, right));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => loss.call(w, c[0], right)).Message, "trueCosts");
        using (no_grad())
            Assert.IsFalse(loss.call(w, c, right).requires_grad);
    }

    private static Tensor Targets(TopKSolver solver, int rows)
    {
        float[] costs = new float[rows * solver.Dimension], decisions = new float[rows * solver.Dimension];
        var random = new Random(3);
        for (int i = 0; i < costs.Length; i++)
            costs[i] = random.NextSingle();
        solver.SolveBatch(costs, decisions, new SolverStatus[rows]);
        return tensor(decisions, [rows, solver.Dimension]);
    }
}
