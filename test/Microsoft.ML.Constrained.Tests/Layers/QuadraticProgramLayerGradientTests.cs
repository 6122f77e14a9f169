using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

[TestClass]
public class QuadraticProgramLayerGradientTests : LayerTest
{
    [TestMethod]
    [DataRow(3, 4, 1, 3, false)]
    [DataRow(5, 8, 2, 2, false)]
    [DataRow(4, 0, 1, 2, false)]
    [DataRow(1, 1, 0, 2, false)]
    [DataRow(3, 4, 1, 3, true)]
    [DataRow(5, 8, 2, 2, true)]
    [DataRow(4, 0, 1, 2, true)]
    public void Backward_ThroughAllThreeOutputs_AgreesWithCentralDifferences(int n, int m, int p, int batch, bool tensors)
    {
        QuadraticProgramLayer layer = AllInputs(n, m, p, tensors);
        QuadraticProgramTensors problems = Problems(new Random(10 + n), batch, n, m, p);
        Passes(GradientCheck.Run(x => All(layer.Solve(From(x))), List(problems), Few(tensors)));
        Assert.AreEqual(0, layer.Diagnostics.BackwardFailures, layer.Diagnostics.LastBackwardFailure ?? "");
        Assert.AreEqual(0, layer.Diagnostics.NotDifferentiated);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Backward_SharedParameters_GetTheSumOverTheBatch(bool tensors)
    {
        QuadraticProgramLayer layer = AllInputs(4, 5, 1, tensors);
        QuadraticProgramTensors one = Problems(new Random(20), -1, 4, 5, 1);
        Tensor[] inputs = List(one);
        inputs[1] = Normal(new Random(21), 5, 4);
        inputs[2] = inputs[2].unsqueeze(0);
        Passes(GradientCheck.Run(x => All(layer.Solve(From(x))), inputs, Few(tensors)));
        inputs[3] = inputs[3].unsqueeze(0) + (Normal(new Random(22), 5, 5).abs() * 0.1);
        Passes(GradientCheck.Run(x => All(layer.Solve(From(x))), inputs, Few(tensors)));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    public void Backward_ThroughOneOutputAlone_AgreesWithCentralDifferences(int output)
    {
        QuadraticProgramLayer layer = AllInputs(4, 5, 2);
        QuadraticProgramTensors problems = Problems(new Random(30), 2, 4, 5, 2);
        Passes(GradientCheck.Run(
            x =>
            {
                QuadraticProgramTensorSolution s = layer.Solve(From(x));
                return output == 0 ? s.Z : output == 1 ? s.Lambda : s.Nu;
            },
            List(problems)));
    }

    [TestMethod]
    public void Backward_LearnedFixedAndGivenParameters_AgreeWithCentralDifferences()
    {
        var random = new Random(40);
        var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = 4,
            Inequalities = 5,
            Equalities = 2,
            Q = QuadraticProgramTerm.Factor(Normal(random, 4, 4), 0.3),
            G = QuadraticProgramTerm.Learnable(Normal(random, 5, 4)),
            H = QuadraticProgramTerm.Feasible,
            A = QuadraticProgramTerm.Learnable(Normal(random, 2, 4)),
            B = QuadraticProgramTerm.Feasible,
            FeasiblePoint = Normal(random, 4),
            FeasiblePointMap = PositiveMap.Exp,
            Slack = Normal(random, 5) - 1,
        });
        GradientCheckReport report = GradientCheck.Run(layer, Normal(random, 3, 4) * 3);
        Passes(report);
        CollectionAssert.AreEquivalent(
            new[] { "L", "G", "A", "FeasiblePoint", "Slack", "input 0" }, report.Entries.Select(e => e.Name).ToArray());
        Assert.IsGreaterThan(1e-3, report.Entries.Min(e => Math.Abs(e.Analytic)) + report.Entries.Max(e => Math.Abs(e.Analytic)), "All gradients vanish.");
    }

    [TestMethod]
    public void Backward_OnlySomeInputsNeedGradients_LeavesTheOthersAlone()
    {
        QuadraticProgramTensors problems = Problems(new Random(50), 3, 4, 5, 1);
        QuadraticProgramLayer layer = AllInputs(4, 5, 1);
        Tensor h = problems.H!.requires_grad_();
        layer.forward(problems).square().sum().backward();
        Assert.IsNotNull(h.grad);
        Assert.IsNull(problems.Q!.grad);
        Assert.IsNull(problems.P!.grad);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Backward_TwiceThroughOneGraph_GivesTheSameEvenWhenTheWorkspaceWasUsedMeanwhile(bool between)
    {
        QuadraticProgramTensors problems = Problems(new Random(60), 3, 4, 5, 1);
        QuadraticProgramLayer layer = AllInputs(4, 5, 1);
        Tensor p = problems.P!.requires_grad_();
        Tensor loss = layer.forward(problems).square().sum();
        loss.backward(retain_graph: true);
        Tensor first = p.grad!.clone();
        if (between)
        {
            Tensor other = Normal(new Random(61), 3, 4).requires_grad_();
            layer.forward(From([problems.Q!, other, problems.G!, problems.H!, problems.A!, problems.B!])).sum().backward();
        }

        p.grad!.zero_();
        loss.backward();
        AreClose(first, p.grad!, 0);
        Assert.IsGreaterThan(0.1, Values(first).Max(Math.Abs));
    }

    [TestMethod]
    public void Backward_SeveralGraphsAtOnce_DoNotDisturbEachOther()
    {
        QuadraticProgramLayer layer = AllInputs(4, 5, 1);
        var inputs = new List<Tensor[]>();
        var alone = new List<Tensor>();
        for (int i = 0; i < 5; i++)
        {
            Tensor[] tensors = List(Problems(new Random(70 + i), 2, 4, 5, 1));
            foreach (Tensor tensor in tensors)
                tensor.requires_grad_();
            layer.forward(From(tensors)).square().sum().backward();
            alone.Add(cat(tensors.Select(t => t.grad!.flatten()).ToArray()));
            foreach (Tensor tensor in tensors)
                tensor.grad!.zero_();
            inputs.Add(tensors);
        }

        Tensor[] losses = inputs.Select(x => layer.forward(From(x)).square().sum()).ToArray();
        foreach (int i in new[] { 3, 0, 4, 2, 1 })
            losses[i].backward();
        for (int i = 0; i < 5; i++)
            AreClose(alone[i], cat(inputs[i].Select(t => t.grad!.flatten()).ToArray()), 0);
    }

    [TestMethod]
    public void Backward_InputChangedInPlace_GivesZerosAndSaysWhy()
    {
        QuadraticProgramTensors problems = Problems(new Random(80), 2, 3, 4, 0);
        var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = 3,
            Inequalities = 4,
            Q = QuadraticProgramTerm.Input,
            P = QuadraticProgramTerm.Input,
            G = QuadraticProgramTerm.Input,
            H = QuadraticProgramTerm.Input,
        });
        Tensor p = problems.P!.requires_grad_();
        Tensor q = problems.Q!.clone();
        Tensor loss = layer.forward(new QuadraticProgramTensors { Q = q, P = p, G = problems.G, H = problems.H }).sum();
        q.add_(1);
        loss.backward();
        Assert.AreEqual(1, layer.Diagnostics.BackwardFailures);
        StringAssert.Contains(layer.Diagnostics.LastBackwardFailure!, "inplace");
        Assert.IsTrue(p.grad is null || Values(p.grad).All(v => v == 0));
    }

    [TestMethod]
    public void NoGrad_OrNothingToDifferentiate_RecordsNothing()
    {
        QuadraticProgramTensors problems = Problems(new Random(90), 3, 4, 5, 1);
        QuadraticProgramLayer layer = AllInputs(4, 5, 1);
        Assert.IsFalse(layer.forward(problems).requires_grad);
        problems.P!.requires_grad_();
        Assert.IsTrue(layer.forward(problems).requires_grad);
        using (no_grad())
            Assert.IsFalse(layer.forward(problems).requires_grad);
        using (inference_mode())
            Assert.IsFalse(layer.forward(problems).requires_grad);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void SecondDerivatives_OfEveryParameter_AgreeWithCentralDifferences(bool tensors)
    {
        // The gradient with respect to p, as a function of all six: its own derivatives are second derivatives of the loss.
        QuadraticProgramLayer layer = AllInputs(3, 4, 1, tensors);
        QuadraticProgramTensors problems = Problems(new Random(100), 2, 3, 4, 1);
        GradientCheckReport report = GradientCheck.Run(
            x =>
            {
                using IDisposable on = enable_grad();
                Tensor p = x[1].requires_grad ? x[1] : x[1].detach().requires_grad_();
                Tensor loss = All(layer.Solve(From([x[0], p, x[2], x[3], x[4], x[5]]))).pow(3).sum();
                return autograd.grad([loss], [p], create_graph: true)[0];
            },
            List(problems),

            // Derivatives reach 20,000 here, so that the rounding of differences alone is about 1e-6.
            new GradientCheckOptions { Tolerance = 1e-4, Floor = 1, MostElements = 12 });
        Passes(report);
        Assert.AreEqual(0, layer.Diagnostics.BackwardFailures, layer.Diagnostics.LastBackwardFailure ?? "");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void SecondDerivatives_WithAnInfeasibleProblemInTheBatch_AreZeroThereAndFinite(bool tensors)
    {
        QuadraticProgramTensors problems = Problems(new Random(105), 3, 3, 4, 1);
        using (no_grad())
        {
            problems.G![1, 1] = -problems.G![1, 0];
            problems.H![1].fill_(-1);
        }

        QuadraticProgramLayer layer = AllInputs(3, 4, 1, tensors);
        Tensor[] leaves = List(problems);
        foreach (Tensor leaf in leaves)
            leaf.requires_grad_();
        Tensor loss = layer.forward(problems).pow(3).sum();
        Assert.AreEqual(SolverStatus.PrimalInfeasible, layer.Diagnostics.Status[1]);
        Tensor gradient = autograd.grad([loss], [problems.P!], create_graph: true)[0];
        gradient.pow(2).sum().backward();
        foreach (Tensor leaf in leaves)
        {
            Assert.IsTrue(Values(leaf.grad!).All(double.IsFinite));
            Assert.AreEqual(0, Values(leaf.grad![1]).Sum(Math.Abs));
            Assert.IsGreaterThan(0, Values(leaf.grad!).Sum(Math.Abs));
        }
    }

    [TestMethod]
    public void Training_ToyProblem_LearnsRightHandSidesAndCost()
    {
        // Boxes −u ≤ z ≤ u of unknown size around an unknown target: learned from solutions alone.
        var random = new Random(110);
        Tensor g = cat(new[] { eye(3, dtype: ScalarType.Float64), -eye(3, dtype: ScalarType.Float64) }, 0);
        QuadraticProgramLayer Make(Tensor h, Tensor p) => new(new QuadraticProgramLayerOptions
        {
            Variables = 3,
            Inequalities = 6,
            Q = QuadraticProgramTerm.Input,
            P = QuadraticProgramTerm.Learnable(p),
            G = QuadraticProgramTerm.Fixed(g),
            H = QuadraticProgramTerm.Learnable(h),
        });
        Tensor cost = tensor(new double[] { -2, 0.4, 1.5 });
        QuadraticProgramLayer truth = Make(tensor(new double[] { 0.7, 2, 3, 1, 1.5, 0.6 }), cost);
        QuadraticProgramLayer learner = Make(ones(6, dtype: ScalarType.Float64), zeros(3, dtype: ScalarType.Float64));
        Tensor l = Normal(random, 40, 3, 3);
        Tensor q = (l.bmm(l.mT) * 0.3) + (eye(3, dtype: ScalarType.Float64) * 0.3);
        var inputs = new QuadraticProgramTensors { Q = q };
        Tensor wanted = truth.forward(inputs).detach();
        optim.Optimizer optimizer = optim.Adam(learner.parameters(), 0.05);
        double first = 0, last = 0;
        for (int step = 0; step < 300; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor loss = nn.functional.mse_loss(learner.forward(inputs), wanted);
            loss.backward();
            optimizer.step();
            last = loss.item<double>();
            if (step == 0)
                first = last;
        }

        Assert.IsLessThan(1e-3 * first, last);
        Tensor other = Normal(random, 40, 3, 3);
        var unseen = new QuadraticProgramTensors { Q = (other.bmm(other.mT) * 0.3) + (eye(3, dtype: ScalarType.Float64) * 0.3) };
        using (no_grad())
            Assert.IsLessThan(0.01 * first, nn.functional.mse_loss(learner.forward(unseen), truth.forward(unseen)).item<double>());
    }

    /// <summary>Tensor operations cost a hundred times as much on problems as small as these.</summary>
    private static GradientCheckOptions Few(bool tensors) => new() { MostElements = tensors ? 12 : int.MaxValue };

    private static Tensor All(QuadraticProgramTensorSolution solution) => cat(new[] { solution.Z, solution.Lambda, solution.Nu }, 1);

    private static void Passes(GradientCheckReport report) => Assert.IsTrue(report.Passed, report.ToString());
}
