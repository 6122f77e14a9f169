using System;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Constrained.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

/// <summary>The implementation in tensor operations against the managed solver, which shares no code with it, on CPU tensors.</summary>
[TestClass]
public class DeviceProgramsTests : LayerTest
{
    [TestMethod]
    [DataRow(1, 2, 0, 5)]
    [DataRow(3, 3, 1, 8)]
    [DataRow(10, 10, 0, 32)]
    [DataRow(10, 20, 4, 16)]
    [DataRow(20, 8, 5, 8)]
    [DataRow(30, 60, 0, 6)]
    [DataRow(5, 0, 2, 4)]
    [DataRow(5, 0, 0, 4)]
    public void Solve_RandomProblems_AgreesWithTheManagedSolver(int n, int m, int p, int batch)
    {
        Compare(Problems(new Random((100 * n) + m), batch, n, m, p), n, m, p, 1e-7);
    }

    [TestMethod]
    public void Solve_OptNetsRandomProblems_AgreesWithTheManagedSolver()
    {
        // Q = LLᵀ + 1e-3·I, so badly conditioned that multipliers and gradients are large.
        var random = new Random(7);
        Tensor l = Normal(random, 16, 10, 10), g = Normal(random, 16, 10, 10), z = Normal(random, 16, 10, 1);
        var problems = new QuadraticProgramTensors
        {
            Q = l.bmm(l.mT) + (eye(10, dtype: ScalarType.Float64) * 1e-3),
            P = Normal(random, 16, 10),
            G = g,
            H = g.bmm(z).squeeze(-1) + Normal(random, 16, 10).abs().clamp_max(1),
            A = zeros(0, 10, ScalarType.Float64),
            B = zeros(0, ScalarType.Float64),
        };
        Compare(problems, 10, 10, 0, 1e-6);
    }

    [TestMethod]
    public void Solve_SharedMatrices_AgreesWithTheManagedSolver()
    {
        QuadraticProgramTensors one = Problems(new Random(8), -1, 6, 9, 2);
        Compare(From([one.Q!, Normal(new Random(9), 12, 6), one.G!, one.H!, one.A!, one.B!]), 6, 9, 2, 1e-7);
    }

    [TestMethod]
    public void Solve_InfeasibleAndInvalidProblemsInABatch_HaveTheManagedStatusesAndZeroGradients()
    {
        QuadraticProgramTensors problems = Problems(new Random(10), 6, 4, 6, 1);
        using (no_grad())
        {
            problems.G![1, 1] = -problems.G![1, 0];
            problems.H![1, 0] = -1;
            problems.H![1, 1] = -1;
            problems.H![4, 2] = double.NaN;
        }

        (LayerDiagnostics managed, LayerDiagnostics tensors) = Compare(problems, 4, 6, 1, 1e-7);
        Assert.AreEqual(SolverStatus.PrimalInfeasible, tensors.Status[1]);
        Assert.AreEqual(SolverStatus.InvalidInput, tensors.Status[4]);
        Assert.AreEqual(2, tensors.NotDifferentiated);
        Assert.AreEqual(2, managed.NotDifferentiated);
    }

    [TestMethod]
    public void Solve_LinearProgramsWithUniqueVertices_AgreesWithTheManagedSolver()
    {
        // A corner of the cube |z| <= 1 by the signs of the cost.
        Tensor g = cat(new[] { eye(4, dtype: ScalarType.Float64), -eye(4, dtype: ScalarType.Float64) }, 0);
        Tensor costs = Normal(new Random(11), 5, 4);
        costs = costs + (costs.sign() * 0.1);
        foreach (bool tensors in new[] { false, true })
        {
            var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
            {
                Variables = 4,
                Inequalities = 8,
                G = QuadraticProgramTerm.Fixed(g),
                H = QuadraticProgramTerm.Fixed(ones(8, ScalarType.Float64)),
                AlwaysUseTensorOperations = tensors,
            });
            AreClose(-costs.sign(), layer.forward(costs), 1e-7);
            Assert.AreEqual(0, layer.Diagnostics.Unsolved);
        }
    }

    [TestMethod]
    public void Solve_UnboundedProblemInABatch_HasItsStatusAndLeavesTheOthers()
    {
        // min cz over z >= 0: 0 for c > 0, unbounded for c < 0.
        Tensor costs = tensor(new double[,] { { 1 }, { -1 }, { 2 } });
        foreach (bool tensors in new[] { false, true })
        {
            Tensor p = costs.clone().requires_grad_();
            var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
            {
                Variables = 1,
                Inequalities = 1,
                G = QuadraticProgramTerm.Fixed(-ones(1, 1, ScalarType.Float64)),
                AlwaysUseTensorOperations = tensors,
            });
            Tensor z = layer.forward(p);
            CollectionAssert.AreEqual(
                new[] { SolverStatus.Solved, SolverStatus.DualInfeasible, SolverStatus.Solved }, layer.Diagnostics.Status.ToArray());
            Assert.AreEqual(0, Values(z)[0], 1e-9);
            Assert.IsTrue(double.IsNaN(Values(z)[1]));
            Assert.AreEqual(0, Values(z)[2], 1e-9);
            z.sum().backward();
            Assert.AreEqual(0, Values(p.grad!).Sum(Math.Abs), 1e-9);
        }
    }

    [TestMethod]
    public void Solve_AProblemAlone_GivesWhatItGivesAmongOthers()
    {
        // Others that take more iterations, or none that converge, must not show.
        QuadraticProgramTensors problems = Problems(new Random(12), 7, 5, 8, 1);
        using (no_grad())
        {
            problems.H![2].fill_(-50);
            problems.P![3].mul_(1e4);
        }

        QuadraticProgramLayer layer = AllInputs(5, 8, 1, tensors: true);
        Tensor together = layer.forward(problems);
        for (int i = 0; i < 7; i++)
        {
            Tensor[] alone = List(problems).Select(t => t[i]).ToArray();
            AreClose(together[i].unsqueeze(0), layer.forward(From(alone)), 1e-9 * Math.Max(1, Values(together[i]).Max(Math.Abs)), $"Problem {i}.");
        }
    }

    [TestMethod]
    public void Solve_DegenerateProblems_GiveFiniteGradients()
    {
        // Duplicate and zero rows, and a bound that is met exactly with a zero multiplier.
        Tensor g = tensor(new double[,] { { 1, 0 }, { 1, 0 }, { 0, 0 }, { 0, 1 } });
        Tensor h = tensor(new double[] { 1, 1, 0, 0.5 });
        foreach (bool tensors in new[] { false, true })
        {
            var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
            {
                Variables = 2,
                Inequalities = 4,
                Q = QuadraticProgramTerm.Learnable(eye(2, dtype: ScalarType.Float64)),
                G = QuadraticProgramTerm.Learnable(g),
                H = QuadraticProgramTerm.Learnable(h),
                AlwaysUseTensorOperations = tensors,
            });
            Tensor p = tensor(new double[,] { { -3, -0.5 } }).requires_grad_();
            Tensor z = layer.forward(p);
            AreClose(tensor(new double[,] { { 1, 0.5 } }), z, 1e-6);
            z.square().sum().backward();
            Assert.AreEqual(SolverStatus.Solved, layer.Diagnostics.Status[0]);
            Assert.IsTrue(Values(p.grad!).All(double.IsFinite));
            Assert.AreEqual(0, Values(p.grad!)[0], 1e-6, "z1 is held at 1.");
            foreach (TorchSharp.Modules.Parameter parameter in layer.parameters())
                Assert.IsTrue(Values(parameter.grad!).All(double.IsFinite));
        }
    }

    [TestMethod]
    public void Forward_FromSeveralThreads_GivesTheSame()
    {
        foreach (bool tensors in new[] { false, true })
        {
            QuadraticProgramLayer layer = AllInputs(4, 5, 1, tensors);
            double[][] Step(int seed)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor[] inputs = List(Problems(new Random(seed), 3, 4, 5, 1));
                foreach (Tensor input in inputs)
                    input.requires_grad_();
                Tensor z = layer.forward(From(inputs));
                z.square().sum().backward();
                return [Values(z), .. inputs.Select(x => Values(x.grad!))];
            }

            double[][][] alone = Enumerable.Range(0, 24).Select(Step).ToArray();
            double[][][] together = new double[24][][];
            Parallel.For(0, 24, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => together[i] = Step(i));
            for (int i = 0; i < 24; i++)
            {
                for (int k = 0; k < 7; k++)
                    CollectionAssert.AreEqual(alone[i][k], together[i][k]);
            }

            Assert.AreEqual(0, layer.Diagnostics.BackwardFailures, layer.Diagnostics.LastBackwardFailure ?? "");
        }
    }

    private static (LayerDiagnostics Managed, LayerDiagnostics Tensors) Compare(QuadraticProgramTensors problems, int n, int m, int p, double tolerance)
    {
        QuadraticProgramLayer managed = AllInputs(n, m, p), tensors = AllInputs(n, m, p, tensors: true);
        Tensor[] first = List(problems).Select(t => t.detach().clone().requires_grad_()).ToArray();
        Tensor[] second = List(problems).Select(t => t.detach().clone().requires_grad_()).ToArray();
        QuadraticProgramTensorSolution x = managed.Solve(From(first)), y = tensors.Solve(From(second));
        CollectionAssert.AreEqual(x.Status.ToArray(), y.Status.ToArray());
        Same(x.Z, y.Z, tolerance, "z");
        Same(x.Lambda, y.Lambda, tolerance, "lambda");
        Same(x.Nu, y.Nu, tolerance, "nu");
        var random = new Random(1);
        Tensor wz = Normal(random, x.Z.shape), wl = Normal(random, x.Lambda.shape), wn = Normal(random, x.Nu.shape);
        foreach (QuadraticProgramTensorSolution solution in new[] { x, y })
            ((solution.Z * wz).sum() + (solution.Lambda * wl).sum() + (solution.Nu * wn).sum()).backward();
        for (int i = 0; i < 6; i++)
            Same(first[i].grad!, second[i].grad!, tolerance, "gradient " + i);
        Assert.AreEqual(0, tensors.Diagnostics.BackwardFailures, tensors.Diagnostics.LastBackwardFailure ?? "");
        return (managed.Diagnostics, tensors.Diagnostics);
    }

    /// <summary>Equal relative to the largest element, NaN where the other is NaN.</summary>
    private static void Same(Tensor expected, Tensor actual, double tolerance, string what)
    {
        double[] x = Values(expected), y = Values(actual);
        double scale = Math.Max(1, x.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max());
        for (int i = 0; i < x.Length; i++)
        {
            if (double.IsNaN(x[i]) || double.IsNaN(y[i]))
                Assert.IsTrue(double.IsNaN(x[i]) && double.IsNaN(y[i]), $"{what}[{i}]: {x[i]} and {y[i]}");
            else
                Assert.AreEqual(x[i], y[i], tolerance * scale, $"{what}[{i}]");
        }
    }
}
