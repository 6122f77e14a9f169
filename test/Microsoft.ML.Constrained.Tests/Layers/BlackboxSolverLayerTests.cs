using System;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

[TestClass]
public class BlackboxSolverLayerTests : LayerTest
{
    private static readonly TopKSolver s_least = new(5, 1, Sense.Minimize);

    [TestMethod]
    public void Forward_RowsOfAnyRank_DecidesEachByItself()
    {
        var layer = new BlackboxSolverLayer(s_least, new IdentityRule());
        Tensor x = Single(new Random(1), 4, 2, 5);
        AreClose(Least(x), layer.forward(x), 0);
        AreClose(Least(x[0, 0]), layer.forward(x[0, 0]), 0);
        CollectionAssert.AreEqual(new long[] { 0, 5 }, layer.forward(empty(0, 5)).shape);
        AreClose(Least(x.transpose(0, 1)), layer.forward(x.transpose(0, 1)), 0, "not contiguous");
        Tensor wide = Single(new Random(2), 6, 10);
        AreClose(Least(wide[TensorIndex.Colon, TensorIndex.Slice(0, 10, 2)]), layer.forward(wide[TensorIndex.Colon, TensorIndex.Slice(0, 10, 2)]), 0, "strided");
        Tensor doubles = layer.forward(x.to(ScalarType.Float64));
        Assert.AreEqual(ScalarType.Float64, doubles.dtype);
        AreClose(Least(x), doubles.to(ScalarType.Float32), 0);
    }

    [TestMethod]
    [DataRow(Sense.Minimize, CostProjection.None)]
    [DataRow(Sense.Minimize, CostProjection.Mean)]
    [DataRow(Sense.Minimize, CostProjection.Norm)]
    [DataRow(Sense.Minimize, CostProjection.Standard)]
    [DataRow(Sense.Maximize, CostProjection.None)]
    [DataRow(Sense.Maximize, CostProjection.Standard)]
    public void Backward_Identity_IsThatOfTheProjectionWithTheSignOfTheSense(Sense sense, CostProjection projection)
    {
        var layer = new BlackboxSolverLayer(new TopKSolver(5, 2, sense), new IdentityRule(projection));
        Tensor w = Single(new Random(3), 7, 5).requires_grad_(), weights = Single(new Random(4), 7, 5);
        (layer.forward(w) * weights).sum().backward();

        // The same by torch's own derivative of the projection in double precision.
        Tensor v = w.detach().to(ScalarType.Float64).requires_grad_();
        Tensor projected = projection is CostProjection.Mean or CostProjection.Standard ? v - v.mean([1], true) : v;
        if (projection is CostProjection.Norm or CostProjection.Standard)
            projected = projected / projected.square().sum(1, true).sqrt();
        (projected * weights.to(ScalarType.Float64) * (sense == Sense.Minimize ? -1 : 1)).sum().backward();
        AreClose(v.grad!.to(ScalarType.Float32), w.grad!, 1e-6);
        Assert.AreEqual(0, layer.Diagnostics.BackwardFailures, layer.Diagnostics.LastBackwardFailure ?? "");
    }

    [TestMethod]
    [DataRow(1.0, new float[] { -1, 1, 0 })]
    [DataRow(4.0, new float[] { -0.25f, 0.25f, 0 })]
    [DataRow(0.25, new float[] { 0, 0, 0 })]
    public void Backward_Interpolation_EqualsTheCaseWorkedByHand(double lambda, float[] expected)
    {
        // w = (1, 2, 3) decides for the first; the loss 2 y₀ moves the costs to (1 + 2λ, 2, 3), which decide for the second once λ > ½.
        var layer = new BlackboxSolverLayer(new TopKSolver(3, 1, Sense.Minimize), new InterpolationRule(lambda));
        Tensor w = tensor(new float[] { 1, 2, 3 }).requires_grad_();
        Tensor y = layer.forward(w);
        AreClose(tensor(new float[] { 1, 0, 0 }), y, 0);
        (y[0] * 2).backward();
        AreClose(tensor(expected), w.grad!, 1e-7);
        Assert.AreEqual(2, layer.Diagnostics.SolverCalls);
    }

    [TestMethod]
    public void Forward_RowWithNaN_GetsItsStatusAndLeavesTheOthers()
    {
        foreach (BackwardRule rule in new BackwardRule[] { new IdentityRule(CostProjection.Standard), new InterpolationRule(3), new PerturbedRule(0.1, 4) })
        {
            var layer = new BlackboxSolverLayer(s_least, rule);
            Tensor x = Single(new Random(5), 3, 5);
            Tensor clean = x.clone().requires_grad_();
            layer.forward(clean).square().sum().backward();

            Tensor spoilt = x.clone();
            spoilt[1, 2] = float.NaN;
            spoilt.requires_grad_();
            var again = new BlackboxSolverLayer(s_least, rule);
            Tensor y = again.forward(spoilt);
            CollectionAssert.AreEqual(
                new[] { SolverStatus.Solved, SolverStatus.InvalidInput, SolverStatus.Solved }, again.Diagnostics.Status.ToArray());
            y.square().sum().backward();
            AreClose(zeros(5), y[1], 0);
            AreClose(zeros(5), spoilt.grad![1], 0);
            AreClose(clean.grad![0], spoilt.grad![0], 0);
            AreClose(clean.grad![2], spoilt.grad![2], 0);
            Assert.AreEqual(1, again.Diagnostics.Unsolved);
            Assert.AreEqual(1, again.Diagnostics.NotDifferentiated);
        }
    }

    [TestMethod]
    public void Forward_CostsThatCannotBeSolved_AreZerosOrThrowAsAsked()
    {
        var grid = new GridShortestPathSolver(2, 2);
        Tensor x = tensor(new double[,] { { 1, 2, 3, 4 }, { 1, -1, 1, 1 }, { 1, 1e300, 1, 1 } });
        var layer = new BlackboxSolverLayer(grid, new IdentityRule());
        AreClose(tensor(new double[,] { { 1, 0, 0, 1 }, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } }), layer.forward(x), 0);
        Assert.AreEqual(2, layer.Diagnostics.Unsolved);
        var strict = new BlackboxSolverLayer(grid, new IdentityRule(), new BlackboxSolverLayerOptions { ThrowIfUnsolved = true });
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => strict.forward(x)).Message, "Row 1 of 3");
    }

    [TestMethod]
    public void NoiseMargin_Training_AddsHalfOfItWithEitherSign()
    {
        var layer = new BlackboxSolverLayer(Echo(200), new IdentityRule(), new BlackboxSolverLayerOptions { NoiseMargin = 0.5, Seed = 3 });
        Tensor x = ones(4, 200), seen = layer.forward(x) - 1;
        AreClose(full(new long[] { 4, 200 }, 0.25f), seen.abs(), 0);
        Assert.IsLessThan(0.15, Math.Abs(seen.sign().mean().item<float>()), "Both signs come equally often.");
        Assert.IsGreaterThan(0f, (seen - (layer.forward(x) - 1)).abs().sum().item<float>(), "Drawn anew in each pass.");
        Tensor leaf = x.clone().requires_grad_();
        layer.forward(leaf).sum().backward();
        AreClose(-ones(4, 200), leaf.grad!, 0, "A constant to the gradient.");

        layer.NoiseMargin = 0;
        AreClose(x, layer.forward(x), 0);
        layer.NoiseMargin = 0.5;
        layer.eval();
        AreClose(x, layer.forward(x), 0, "Only in training.");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => layer.NoiseMargin = double.NaN);
    }

    [TestMethod]
    public void InformedMargin_Training_PenalisesTheRightDecision()
    {
        var options = new BlackboxSolverLayerOptions { InformedMargin = 1 };
        Tensor x = tensor(new float[,] { { 1, 2, 3 } }).requires_grad_(), targets = tensor(new float[,] { { 1, 0, 0 } });
        var least = new BlackboxSolverLayer(Echo(3), new IdentityRule(), options);
        var greatest = new BlackboxSolverLayer(Echo(3, Sense.Maximize), new IdentityRule(), options);
        Tensor seen = least.forward(x, targets);
        AreClose(tensor(new float[,] { { 1.5f, 1.5f, 2.5f } }), seen, 0);
        AreClose(tensor(new float[,] { { 0.5f, 2.5f, 3.5f } }), greatest.forward(x, targets), 0);
        seen.sum().backward();
        AreClose(-ones(1, 3), x.grad!, 0);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => least.forward(x)).Message, "second input");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => least.forward(x, targets[0])).Message, "[3]");
        least.eval();
        AreClose(x, least.forward(x), 0);
        AreClose(x, least.forward(x, targets), 0);
    }

    [TestMethod]
    public void Margins_BelowZero_AreClampedWhereTheSolverTakesNone()
    {
        var nonnegative = new DelegateSolver(2, Sense.Minimize, Copy, needsNonnegativeCosts: true);
        var layer = new BlackboxSolverLayer(nonnegative, new IdentityRule(), new BlackboxSolverLayerOptions { NoiseMargin = 2 });
        Tensor x = cat([full(new long[] { 20, 2 }, 0.25f), tensor(new float[,] { { -0.1f, 5 } })], 0), seen = layer.forward(x);
        Assert.AreEqual(0, seen.min().item<float>());
        Assert.AreEqual(1.25f, seen.max().item<float>());
        Assert.AreEqual(SolverStatus.InvalidInput, layer.Diagnostics.Status[20], "What was negative before stays so.");
        Assert.AreEqual(1, layer.Diagnostics.Unsolved);
        var refusing = new BlackboxSolverLayer(
            nonnegative, new IdentityRule(), new BlackboxSolverLayerOptions { NoiseMargin = 2, NegativeCosts = NegativeCosts.Refuse });
        refusing.forward(x);
        Assert.IsGreaterThan(5, refusing.Diagnostics.Unsolved);
    }

    [TestMethod]
    public void State_SavedAndLoadedIntoAnotherLayer_GoesOnExactly()
    {
        Tensor x = Single(new Random(6), 8, 5);
        var first = new BlackboxSolverLayer(s_least, new PerturbedRule(1, 3), new BlackboxSolverLayerOptions { Seed = 7, NoiseMargin = 0.5 });
        var same = new BlackboxSolverLayer(s_least, new PerturbedRule(1, 3), new BlackboxSolverLayerOptions { Seed = 7, NoiseMargin = 0.5 });
        var other = new BlackboxSolverLayer(s_least, new PerturbedRule(1, 3), new BlackboxSolverLayerOptions { Seed = 8, NoiseMargin = 0.5 });
        Tensor expected = first.forward(x);
        AreClose(expected, same.forward(x), 0);
        Assert.IsGreaterThan(0, LargestDifference(expected, other.forward(x)));
        first.forward(x);

        string path = System.IO.Path.GetTempFileName();
        try
        {
            first.save(path);
            other.load(path);
        }
        finally
        {
            System.IO.File.Delete(path);
        }

        var third = new BlackboxSolverLayer(s_least, new PerturbedRule(1, 3), new BlackboxSolverLayerOptions { NoiseMargin = 0.5 });
        third.load_state_dict(first.state_dict());
        for (int step = 0; step < 3; step++)
        {
            expected = first.forward(x);
            AreClose(expected, other.forward(x), 0);
            AreClose(expected, third.forward(x), 0);
        }

        third.get_buffer("RandomState")!.zero_();
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => third.forward(x)).Message, "RandomState");
    }

    [TestMethod]
    public void Forward_GlobalGenerator_IsNeitherReadNorMoved()
    {
        Tensor x = Single(new Random(7), 4, 5);
        Tensor Draw()
        {
            var layer = new BlackboxSolverLayer(s_least, new PerturbedRule(1, 3), new BlackboxSolverLayerOptions { NoiseMargin = 1 });
            return layer.forward(x);
        }

        random.manual_seed(1);
        Tensor a = Draw(), after = rand(3);
        random.manual_seed(1);
        AreClose(rand(3), after, 0);
        AreClose(a, Draw(), 0);
    }

    [TestMethod]
    public void Batches_RowsAloneTogetherAndOnThreads_AreEqual()
    {
        Tensor x = Single(new Random(8), 70, 16).abs(), weights = Single(new Random(9), 70, 16);
        var grid = new GridShortestPathSolver(4, 4);
        foreach (BackwardRule rule in new BackwardRule[] { new IdentityRule(CostProjection.Norm), new InterpolationRule(2) })
        {
            (Tensor y, Tensor g) = Step(new BlackboxSolverLayer(grid, rule, new BlackboxSolverLayerOptions { Threads = 1 }), x, weights);
            (Tensor threadedY, Tensor threadedG) = Step(new BlackboxSolverLayer(grid, rule, new BlackboxSolverLayerOptions { Threads = 4 }), x, weights);
            AreClose(y, threadedY, 0);
            AreClose(g, threadedG, 0);
            foreach (int row in new[] { 0, 33, 69 })
            {
                (Tensor aloneY, Tensor aloneG) = Step(new BlackboxSolverLayer(grid, rule), x[row], weights[row]);
                AreClose(y[row], aloneY, 0);
                AreClose(g[row], aloneG, 0);
            }
        }
    }

    [TestMethod]
    public void Backward_TwiceThroughOneGraph_RepeatsTheSameNoiseWhenTheWorkspaceWasUsedMeanwhile()
    {
        var layer = new BlackboxSolverLayer(s_least, new PerturbedRule(1, 5), new BlackboxSolverLayerOptions { NoiseMargin = 0.5 });
        Tensor x = Single(new Random(10), 6, 5).requires_grad_(), other = Single(new Random(11), 6, 5).requires_grad_();
        Tensor loss = layer.forward(x).square().sum();
        loss.backward(retain_graph: true);
        Tensor first = x.grad!.clone();
        layer.forward(other).sum().backward();
        x.grad!.zero_();
        loss.backward();
        AreClose(first, x.grad!, 0);
        Assert.IsGreaterThan(1e-3, Values(first).Max(Math.Abs));
    }

    [TestMethod]
    public void SecondDerivative_IsNaNAndTheNextForwardSaysWhy()
    {
        var layer = new BlackboxSolverLayer(s_least, new IdentityRule(CostProjection.Norm));
        Tensor x = Single(new Random(12), 1, 5).requires_grad_();
        Tensor gradient = autograd.grad([layer.forward(x).pow(3).sum()], [x], create_graph: true)[0];
        Assert.IsTrue(Values(gradient).All(double.IsFinite));
        gradient.sum().backward();
        Assert.IsTrue(Values(x.grad!).All(double.IsNaN));
        StringAssert.Contains(Assert.ThrowsExactly<NotSupportedException>(() => layer.forward(x)).Message, "combinatorial");
        layer.forward(x);
    }

    [TestMethod]
    public void NoGrad_RecordsNothingAndSolvesOnce()
    {
        var layer = new BlackboxSolverLayer(s_least, new InterpolationRule(2));
        Tensor x = Single(new Random(13), 6, 5);
        Assert.IsFalse(layer.forward(x).requires_grad);
        x.requires_grad_();
        using (no_grad())
            Assert.IsFalse(layer.forward(x).requires_grad);
        Assert.AreEqual(12, layer.Diagnostics.SolverCalls);
        Assert.AreEqual(0, layer.Diagnostics.BackwardSeconds);
        Tensor recorded = layer.forward(x);
        Assert.IsTrue(recorded.requires_grad);
        AreClose(Least(x), recorded, 0);
        recorded.sum().backward();
        Assert.AreEqual(24, layer.Diagnostics.SolverCalls);
        Assert.IsGreaterThan(0, layer.Diagnostics.ForwardSeconds);
        Assert.IsGreaterThan(0, layer.Diagnostics.BackwardSeconds);
    }

    [TestMethod]
    public void Eval_RuleThatDrawsNoise_DecidesForTheCostsAsTheyAre()
    {
        Tensor x = Single(new Random(14), 40, 5).requires_grad_();
        var layer = new BlackboxSolverLayer(s_least, new PerturbedRule(1, 3));
        Assert.IsTrue(Values(layer.forward(x)).Any(v => v is > 0 and < 1), "The mean of samples.");
        layer.eval();
        Tensor y = layer.forward(x);
        AreClose(Least(x), y, 0);
        Assert.IsFalse(y.requires_grad);
        var sampling = new BlackboxSolverLayer(s_least, new PerturbedRule(1, 3), new BlackboxSolverLayerOptions { SampleInEvaluation = true });
        sampling.eval();
        Assert.IsTrue(Values(sampling.forward(x)).Any(v => v is > 0 and < 1));
        Assert.IsTrue(sampling.forward(x).requires_grad);
    }

    [TestMethod]
    public void Layers_SeveralAtOnceWithOneSolver_GiveWhatTheyGiveAlone()
    {
        var grid = new GridShortestPathSolver(4, 4);
        BackwardRule rule = new ImplicitMaximumLikelihoodRule(CostNoise.Gaussian(0.5), 2, 2);
        double[] Train(int seed)
        {
            using DisposeScope scope = NewDisposeScope();
            var layer = new BlackboxSolverLayer(grid, rule, new BlackboxSolverLayerOptions { Seed = (ulong)seed, NoiseMargin = 0.1, Threads = 1 });
            Tensor x = Single(new Random(seed), 9, 16).abs().requires_grad_();
            for (int step = 0; step < 20; step++)
                layer.forward(x).square().sum().backward();
            Assert.AreEqual(0, layer.Diagnostics.BackwardFailures);
            return Values(x.grad!);
        }

        double[][] alone = [.. Enumerable.Range(0, 4).Select(Train)];
        double[][] together = new double[4][];
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => together[i] = Train(i));
        for (int i = 0; i < 4; i++)
            CollectionAssert.AreEqual(alone[i], together[i]);
    }

    [TestMethod]
    public void Backward_SolverThatFailsThen_IsCountedAndDoesNotThrow()
    {
        int calls = 0;
        var failing = new DelegateSolver(3, Sense.Minimize, (costs, decision) =>
            ++calls > 2 ? throw new InvalidOperationException("The table is gone.") : Copy(costs, decision));
        var layer = new BlackboxSolverLayer(failing, new InterpolationRule(1), new BlackboxSolverLayerOptions { Threads = 1 });
        Tensor x = ones(2, 3).requires_grad_();
        layer.forward(x).sum().backward();
        Assert.AreEqual(1, layer.Diagnostics.BackwardFailures);
        StringAssert.Contains(layer.Diagnostics.LastBackwardFailure!, "The table is gone.");
        Assert.ThrowsExactly<InvalidOperationException>(() => layer.forward(x), "Forward passes it on.");
    }

    [TestMethod]
    public void Backward_CostsChangedInPlaceSince_IsCounted()
    {
        var layer = new BlackboxSolverLayer(s_least, new IdentityRule());
        Tensor x = Single(new Random(15), 2, 5).requires_grad_(), costs = x * 2;
        Tensor y = layer.forward(costs);
        using (no_grad())
            costs.add_(1);
        y.sum().backward();
        Assert.AreEqual(1, layer.Diagnostics.BackwardFailures);
    }

    [TestMethod]
    public void Training_IdentityOnHammingLoss_FindsCostsForTheTargets()
    {
        var solver = new AssignmentSolver(4, 4);
        var layer = new BlackboxSolverLayer(solver, new IdentityRule(CostProjection.Standard), new BlackboxSolverLayerOptions { NoiseMargin = 0.1 });
        Tensor costs = Single(new Random(16), 30, 16).requires_grad_();
        Tensor targets = layer.forward(Single(new Random(17), 30, 16));
        double before = DecisionLosses.Hamming(layer.forward(costs), targets).item<float>();
        for (int step = 0; step < 300; step++)
        {
            DecisionLosses.Hamming(layer.forward(costs), targets, nn.Reduction.Sum).backward();
            using (no_grad())
                costs.sub_(costs.grad! * 0.02);
            costs.grad!.zero_();
        }

        layer.eval();
        Assert.IsGreaterThan(3, before);
        Assert.AreEqual(0, DecisionLosses.Hamming(layer.forward(costs), targets).item<float>());
    }

    [TestMethod]
    public void Constructor_WhatDoesNotFit_IsNamed()
    {
        var grid = new GridShortestPathSolver(2, 2);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new BlackboxSolverLayer(grid, new IdentityRule(CostProjection.Mean))).Message, "Mean");
        Assert.ThrowsExactly<ArgumentNullException>(() => new BlackboxSolverLayer(null!, new IdentityRule()));
        Assert.ThrowsExactly<ArgumentNullException>(() => new BlackboxSolverLayer(grid, null!));
        foreach (var options in new BlackboxSolverLayerOptions[]
        {
            new() { NoiseMargin = -1 }, new() { InformedMargin = double.PositiveInfinity }, new() { Threads = -1 }, new() { NegativeCosts = (NegativeCosts)9 },
        })
        {
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new BlackboxSolverLayer(grid, new IdentityRule(), options));
        }

        var layer = new BlackboxSolverLayer(grid, new IdentityRule());
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => layer.forward(ones(2, 3))).Message, "[2, 3]");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => layer.forward(ones(2, 4, ScalarType.Int64))).Message, "Int64");
        Assert.ThrowsExactly<ArgumentException>(() => layer.forward(tensor(1f)));
        Assert.ThrowsExactly<ArgumentNullException>(() => layer.forward(null!));
    }

    private static Tensor Single(Random random, params long[] shape) => Normal(random, shape).to(ScalarType.Float32);

    /// <summary>1 at the least of each row.</summary>
    private static Tensor Least(Tensor x) => x.eq(x.amin([-1], true)).to(ScalarType.Float32);

    /// <summary>A solver whose decision is the costs it saw.</summary>
    private static DelegateSolver Echo(int n, Sense sense = Sense.Minimize) => new(n, sense, Copy);

    private static SolverStatus Copy(ReadOnlySpan<double> costs, Span<float> decision)
    {
        for (int i = 0; i < costs.Length; i++)
            decision[i] = (float)costs[i];
        return SolverStatus.Solved;
    }

    private static (Tensor Decision, Tensor Gradient) Step(BlackboxSolverLayer layer, Tensor x, Tensor weights)
    {
        Tensor leaf = x.clone().requires_grad_(), y = layer.forward(leaf);
        (y * weights).sum().backward();
        return (y.detach(), leaf.grad!);
    }
}
