using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

[TestClass]
public class QuadraticProgramLayerTests : LayerTest
{
    [TestMethod]
    [DataRow(1, 1, 0, 3, false)]
    [DataRow(5, 7, 2, 4, false)]
    [DataRow(5, 7, 2, 1, false)]
    [DataRow(6, 0, 2, 3, false)]
    [DataRow(6, 0, 0, 3, false)]
    [DataRow(1, 1, 0, 3, true)]
    [DataRow(5, 7, 2, 4, true)]
    [DataRow(6, 0, 2, 3, true)]
    [DataRow(6, 0, 0, 3, true)]
    public void Solve_RandomProblems_SatisfiesOptimalityConditions(int n, int m, int p, int batch, bool tensors)
    {
        QuadraticProgramTensors problems = Problems(new Random(n), batch, n, m, p);
        QuadraticProgramLayer layer = AllInputs(n, m, p, tensors);
        QuadraticProgramTensorSolution solution = layer.Solve(problems);
        Assert.IsLessThan(1e-8, KktResidual(problems, solution.Z, solution.Lambda, solution.Nu));
        Assert.IsTrue(solution.Status.All(s => s == SolverStatus.Solved));
        Assert.AreEqual(0, layer.Diagnostics.Unsolved);
        Assert.HasCount(batch, layer.Diagnostics.Status);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Forward_SharedAndOwnParameters_AreBroadcast(bool tensors)
    {
        QuadraticProgramTensors one = Problems(new Random(1), -1, 4, 5, 1);
        Tensor costs = Normal(new Random(2), 6, 4);
        var mixed = new QuadraticProgramTensors { Q = one.Q, P = costs, G = one.G!.unsqueeze(0), H = one.H, A = one.A, B = one.B!.unsqueeze(0) };
        QuadraticProgramLayer layer = AllInputs(4, 5, 1, tensors);
        Tensor together = layer.forward(mixed);
        CollectionAssert.AreEqual(new long[] { 6, 4 }, together.shape);
        for (int i = 0; i < 6; i++)
        {
            Tensor alone = layer.forward(new QuadraticProgramTensors { Q = one.Q, P = costs[i], G = one.G, H = one.H, A = one.A, B = one.B });
            CollectionAssert.AreEqual(new long[] { 1, 4 }, alone.shape);
            AreClose(alone[0], together[i], tensors ? 1e-10 : 0, "A problem's result depends on its neighbours.");
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Forward_EmptyBatch_GivesEmptyOutputAndZeroGradients(bool tensors)
    {
        QuadraticProgramTensors one = Problems(new Random(1), -1, 3, 2, 1);
        QuadraticProgramLayer layer = AllInputs(3, 2, 1, tensors);
        Tensor q = one.Q!.requires_grad_(), p = empty(0, 3, ScalarType.Float64).requires_grad_();
        Tensor z = layer.forward(new QuadraticProgramTensors { Q = q, P = p, G = one.G, H = one.H, A = one.A, B = one.B });
        CollectionAssert.AreEqual(new long[] { 0, 3 }, z.shape);
        z.sum().backward();
        Assert.AreEqual(0, Values(q.grad!).Sum(Math.Abs));
        Assert.AreEqual(0, layer.Diagnostics.BackwardFailures);
        Assert.IsEmpty(layer.Diagnostics.Status);
    }

    [TestMethod]
    public void Forward_Float32_GivesFloat32OfTheSameSolution()
    {
        QuadraticProgramTensors problems = Problems(new Random(3), 4, 5, 6, 1);
        QuadraticProgramLayer layer = AllInputs(5, 6, 1);
        Tensor expected = layer.forward(problems);
        Tensor[] single = List(problems).Select(t => t.to(ScalarType.Float32).requires_grad_()).ToArray();
        Tensor z = layer.forward(From(single));
        Assert.AreEqual(ScalarType.Float32, z.dtype);
        AreClose(expected, z, 1e-4);
        z.sum().backward();
        foreach (Tensor tensor in single)
        {
            Assert.AreEqual(ScalarType.Float32, tensor.grad!.dtype);
            CollectionAssert.AreEqual(tensor.shape, tensor.grad!.shape);
        }
    }

    [TestMethod]
    public void Forward_NonContiguousInput_GivesTheSame()
    {
        QuadraticProgramTensors problems = Problems(new Random(4), 3, 4, 5, 1);
        QuadraticProgramLayer layer = AllInputs(4, 5, 1);
        Tensor expected = layer.forward(problems);
        Tensor turned = problems.G!.mT.contiguous().mT;
        Assert.IsFalse(turned.is_contiguous());
        Tensor costs = stack(new[] { problems.P!, problems.P! }, 1)[TensorIndex.Colon, TensorIndex.Single(0)];
        Assert.IsFalse(costs.is_contiguous());
        Tensor z = layer.forward(new QuadraticProgramTensors { Q = problems.Q, P = costs, G = turned, H = problems.H, A = problems.A, B = problems.B });
        AreClose(expected, z, 0);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Forward_UnsolvableRowsInABatch_KeepTheOthersAndGiveZeroGradients(bool tensors)
    {
        // Row 1 asks for z1 >= 1 and z1 <= -1; row 2 holds a NaN; rows 0 and 3 are fine.
        Tensor g = tensor(new double[,] { { 1, 0 }, { -1, 0 } });
        Tensor h = tensor(new double[,] { { 1, 1 }, { -1, -1 }, { 1, double.NaN }, { 0.5, 1 } }).requires_grad_();
        Tensor p = tensor(new double[,] { { -3, 0.5 }, { -3, 0.5 }, { -3, 0.5 }, { -3, 0.5 } }).requires_grad_();
        Tensor q = eye(2, dtype: ScalarType.Float64).requires_grad_();
        var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = 2,
            Inequalities = 2,
            Q = QuadraticProgramTerm.Input,
            G = QuadraticProgramTerm.Fixed(g),
            H = QuadraticProgramTerm.Input,
            AlwaysUseTensorOperations = tensors,
        });
        Tensor z = layer.forward(new QuadraticProgramTensors { Q = q, P = p, H = h });
        CollectionAssert.AreEqual(
            new[] { SolverStatus.Solved, SolverStatus.PrimalInfeasible, SolverStatus.InvalidInput, SolverStatus.Solved }, layer.Diagnostics.Status.ToArray());
        Assert.AreEqual(2, layer.Diagnostics.Unsolved);
        double[] values = Values(z);
        Assert.AreEqual(1, values[0], 1e-9);
        Assert.AreEqual(-0.5, values[1], 1e-9);
        Assert.AreEqual(0, values[2], 1e-6, "The least violation of z1 <= -1 and z1 >= 1 is at 0.");
        Assert.IsTrue(double.IsNaN(values[4]));
        Assert.AreEqual(0.5, values[6], 1e-9);

        z.sum().backward();
        Assert.AreEqual(2, layer.Diagnostics.NotDifferentiated);
        Assert.AreEqual(0, layer.Diagnostics.BackwardFailures, layer.Diagnostics.LastBackwardFailure ?? "");
        AreClose(tensor(new double[,] { { 0, -1 }, { 0, 0 }, { 0, 0 }, { 0, -1 } }), p.grad!, 1e-9);
        AreClose(tensor(new double[,] { { 1, 0 }, { 0, 0 }, { 0, 0 }, { 1, 0 } }), h.grad!, 1e-9);

        // By hand: dz2/dQ22 = -z2 = 0.5, and dz2/dQ12 = dz2/dQ21 = -z1/2 each, over rows 0 and 3.
        AreClose(tensor(new double[,] { { 0, -0.75 }, { -0.75, 1 } }), q.grad!, 1e-9);
    }

    [TestMethod]
    public void Forward_PolicyThrow_NamesTheProblem()
    {
        var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = 1,
            Inequalities = 2,
            Q = QuadraticProgramTerm.Fixed(ones(1, 1, dtype: ScalarType.Float64)),
            G = QuadraticProgramTerm.Fixed(tensor(new double[,] { { 1 }, { -1 } })),
            H = QuadraticProgramTerm.Fixed(tensor(new double[] { -1, -1 })),
            Solver = new QuadraticProgramOptions { Policy = RowPolicy.Throw },
        });
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => layer.forward(zeros(3, 1, dtype: ScalarType.Float64)));
        StringAssert.Contains(e.Message, "Problem 0 of 3");
        StringAssert.Contains(e.Message, nameof(SolverStatus.PrimalInfeasible));
    }

    [TestMethod]
    public void Forward_FeasibleByConstruction_StaysFeasibleWhateverIsLearned()
    {
        var random = new Random(8);
        var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = 4,
            Inequalities = 6,
            Equalities = 2,
            Q = QuadraticProgramTerm.Factor(Normal(random, 4, 4)),
            G = QuadraticProgramTerm.Learnable(Normal(random, 6, 4)),
            H = QuadraticProgramTerm.Feasible,
            A = QuadraticProgramTerm.Learnable(Normal(random, 2, 4)),
            B = QuadraticProgramTerm.Feasible,
            FeasiblePoint = Normal(random, 4),
            FeasiblePointMap = PositiveMap.Softplus,
            SlackMap = PositiveMap.Softplus,
        });
        CollectionAssert.AreEquivalent(
            new[] { "L", "G", "A", "FeasiblePoint", "Slack" }, layer.named_parameters().Select(x => x.name).ToArray());
        for (int round = 0; round < 20; round++)
        {
            using (no_grad())
            {
                foreach (TorchSharp.Modules.Parameter parameter in layer.parameters())
                    parameter.copy_(Normal(random, parameter.shape) * 3);
            }

            Tensor z = layer.forward(Normal(random, 3, 4));
            Assert.AreEqual(0, layer.Diagnostics.Unsolved);
        }
    }

    [TestMethod]
    public void StateDict_SavedAndLoaded_GivesTheSameOutput()
    {
        QuadraticProgramLayer Make(int seed)
        {
            var random = new Random(seed);
            return new QuadraticProgramLayer(new QuadraticProgramLayerOptions
            {
                Variables = 3,
                Inequalities = 4,
                Equalities = 1,
                Q = QuadraticProgramTerm.Factor(Normal(random, 3, 3), 0.1),
                G = QuadraticProgramTerm.Fixed(Normal(random, 4, 3)),
                H = QuadraticProgramTerm.Feasible,
                A = QuadraticProgramTerm.Learnable(Normal(random, 1, 3)),
                B = QuadraticProgramTerm.Feasible,
                FeasiblePoint = Normal(random, 3),
            });
        }

        QuadraticProgramLayer first = Make(1), second = Make(2);
        Tensor input = Normal(new Random(9), 5, 3);
        Tensor expected = first.forward(input);
        Assert.IsGreaterThan(1e-3, LargestDifference(expected, second.forward(input)));
        CollectionAssert.AreEquivalent(new[] { "L", "G", "A", "FeasiblePoint", "Slack" }, first.state_dict().Keys.ToArray());
        using var stream = new MemoryStream();
        first.save(stream);
        using var copy = new MemoryStream(stream.ToArray());
        second.load(copy);
        AreClose(expected, second.forward(input), 0);
    }

    [TestMethod]
    public void Module_ConvertedToFloat32_FollowsItsParameters()
    {
        var random = new Random(5);
        var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = 3,
            Inequalities = 2,
            Q = QuadraticProgramTerm.Factor(Normal(random, 3, 3), 0.1),
            G = QuadraticProgramTerm.Learnable(Normal(random, 2, 3)),
            H = QuadraticProgramTerm.Fixed(ones(2, dtype: ScalarType.Float64)),
        });
        Tensor input = Normal(random, 2, 3);
        Tensor expected = layer.forward(input);
        layer.to(ScalarType.Float32);
        Tensor z = layer.forward(input.to(ScalarType.Float32));
        Assert.AreEqual(ScalarType.Float32, z.dtype);
        AreClose(expected, z, 1e-4);
    }

    [TestMethod]
    public void Forward_InsideSequential_Works()
    {
        var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = 3,
            Inequalities = 3,
            Q = QuadraticProgramTerm.Fixed(eye(3, dtype: ScalarType.Float64)),
            G = QuadraticProgramTerm.Fixed(-eye(3, dtype: ScalarType.Float64)),
        });

        // min ½‖z‖² − xᵀz over z ≥ 0 is ReLU(x).
        var model = nn.Sequential(("first", nn.Linear(4, 3, dtype: ScalarType.Float64)), ("negated", new Negated()), ("program", layer));
        Tensor x = Normal(new Random(6), 7, 4);
        Tensor inner = nn.functional.relu(((nn.Module<Tensor, Tensor>)model.children().First()).call(x));
        AreClose(inner, model.call(x), 1e-12);
    }

    [TestMethod]
    public void Forward_WrongInputs_AreNamed()
    {
        QuadraticProgramTensors good = Problems(new Random(1), 2, 3, 2, 1);
        QuadraticProgramLayer layer = AllInputs(3, 2, 1);
        Rejects<ArgumentException>(() => layer.forward(new QuadraticProgramTensors { Q = good.Q, P = good.P, G = good.G, H = good.H, A = good.A }), "'B'", "missing");
        Rejects<ArgumentException>(() => layer.forward(From([good.Q!, good.P!, good.G!.mT, good.H!, good.A!, good.B!])), "'G'", "[2, 3, 2]", "[2, 3]");
        Rejects<ArgumentException>(() => layer.forward(From([good.Q!, Normal(new Random(1), 5, 3), good.G!, good.H!, good.A!, good.B!])), "'Q' is for 2|'P' is for 5|'G' is for 2");
        Rejects<ArgumentException>(() => layer.forward(From([good.Q!, good.P!.to(ScalarType.Int64), good.G!, good.H!, good.A!, good.B!])), "'P'", "Int64");
        Rejects<InvalidOperationException>(() => layer.forward(good.P!), "'Q'", "'P'", "QuadraticProgramTensors");
        var fixedP = new QuadraticProgramLayer(new QuadraticProgramLayerOptions { Variables = 2, P = QuadraticProgramTerm.Zero });
        Rejects<InvalidOperationException>(() => fixedP.forward(ones(2)), "No parameter");
        Rejects<ArgumentException>(() => fixedP.forward(new QuadraticProgramTensors { P = ones(2) }), "'P'", "no input");
    }

    [TestMethod]
    public void Constructor_WrongOptions_AreNamed()
    {
        Rejects<ArgumentOutOfRangeException>(() => Make(o => o.Variables = 0), "variables");
        Rejects<ArgumentException>(() => Make(o => o.Inequalities = 2), "'G'", "2 inequalities");
        Rejects<ArgumentException>(() => Make(o => o.Equalities = 2), "'A'", "2 equalities");
        Rejects<ArgumentException>(() => Make(o => o.P = QuadraticProgramTerm.Factor(eye(2))), "'P'", "only Q");
        Rejects<ArgumentException>(() => Make(o => o.Q = QuadraticProgramTerm.Feasible), "'Q'", "only H and B");
        Rejects<ArgumentException>(() => Make(o => o.Q = QuadraticProgramTerm.Fixed(eye(3))), "'Q'", "[3, 3]", "[2, 2]");
        Rejects<ArgumentException>(() => Make(o => o.SlackMap = PositiveMap.Identity), "SlackMap");
        Rejects<ArgumentOutOfRangeException>(() => Make(o => o.Solver = new QuadraticProgramOptions { Policy = RowPolicy.KeepInput }), "Policy");
        Rejects<ArgumentOutOfRangeException>(() => QuadraticProgramTerm.Factor(eye(2), 0), "epsilon");
    }

    private static QuadraticProgramLayer Make(Action<QuadraticProgramLayerOptions> change)
    {
        var options = new QuadraticProgramLayerOptions { Variables = 2 };
        change(options);
        return new QuadraticProgramLayer(options);
    }

    private static void Rejects<T>(Action action, params string[] parts)
        where T : Exception
    {
        T e = Assert.ThrowsExactly<T>(action);
        foreach (string part in parts)
            Assert.IsTrue(part.Split('|').Any(one => e.Message.Contains(one, StringComparison.Ordinal)), $"'{part}' is not in: {e.Message}");
    }

    private sealed class Negated() : nn.Module<Tensor, Tensor>(nameof(Negated))
    {
        public override Tensor forward(Tensor input) => -input;
    }
}
