using System;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

[TestClass]
public class ProjectionLayerTests : LayerTest
{
    [TestMethod]
    public void Forward_Box_ClampsRowsOfAnyRank()
    {
        var layer = new ProjectionLayer(ConstraintSet.Over(3).Bounds(-0.5, 0.5));
        Assert.AreEqual(ProjectionMethod.ClosedForm, layer.Projector.Method);
        Tensor x = Normal(new Random(1), 4, 2, 3);
        AreClose(x.clamp(-0.5, 0.5), layer.forward(x), 0);
        AreClose(x[0, 0].clamp(-0.5, 0.5), layer.forward(x[0, 0]), 0);
        CollectionAssert.AreEqual(new long[] { 0, 3 }, layer.forward(empty(0, 3, ScalarType.Float64)).shape);
        AreClose(x.transpose(0, 1).clamp(-0.5, 0.5), layer.forward(x.transpose(0, 1)), 0);
    }

    [TestMethod]
    [DataRow("simplex")]
    [DataRow("ball")]
    [DataRow("increasing")]
    [DataRow("polyhedron")]
    [DataRow("weighted")]
    [DataRow("conic")]
    public void Backward_EachKindOfSet_AgreesWithCentralDifferences(string kind)
    {
        (ConstraintSet set, ProjectorOptions? options) = kind switch
        {
            "simplex" => (ConstraintSet.Over(4).Simplex(), null),
            "ball" => (ConstraintSet.Over(4).Ball(Norm.L2, 0.7), null),
            "increasing" => (ConstraintSet.Over(4).Increasing(), (ProjectorOptions?)null),
            "polyhedron" => (ConstraintSet.Over(4).Nonnegative().Linear("x0 + x1 + x2 <= 1").Linear("x3 = 0.5*x0 + 0.1"), null),
            "weighted" => (ConstraintSet.Over(4).Simplex().Linear("x0 <= x1"), new ProjectorOptions { Weights = [1, 2, 3, 4] }),
            _ => (ConstraintSet.Over(4).Ball(Norm.L2, 1).Linear("x0 + x1 >= 0.6"), null),
        };
        var layer = new ProjectionLayer(set, options);
        Tensor x = Normal(new Random(kind.Length), 6, 4);
        GradientCheckReport report = GradientCheck.Run(layer, x, new GradientCheckOptions { Tolerance = kind == "conic" ? 1e-4 : 1e-5 });
        Assert.IsTrue(report.Passed, report.ToString());
        Assert.AreEqual(0, layer.Diagnostics.BackwardFailures, layer.Diagnostics.LastBackwardFailure ?? "");
    }

    [TestMethod]
    public void Backward_RightHandSidesFromColumns_AgreesWithCentralDifferences()
    {
        var layer = new ProjectionLayer(ConstraintSet.Over(3).Nonnegative().Linear("x0 + x1 + x2 <= @Capacity").Linear("x0 - x1 = @Gap"));
        Tensor x = Normal(new Random(2), 5, 3) + 1, own = tensor(new double[,] { { 1, 0.1 }, { 1.5, 0.2 }, { 0.8, 0 }, { 2, -0.3 }, { 1, 0.4 } });
        GradientCheckReport report = GradientCheck.Run(t => layer.forward(t[0], t[1]), [x, own]);
        Assert.IsTrue(report.Passed, report.ToString());
        GradientCheckReport shared = GradientCheck.Run(t => layer.forward(t[0], t[1]), [x, own[0]]);
        Assert.IsTrue(shared.Passed, shared.ToString());
        Assert.IsGreaterThan(0.01, Math.Abs(shared.Entries[1].Analytic) + shared.Entries[1].MaxAbsoluteError);

        // Only the columns.
        Tensor right = own.clone().requires_grad_();
        layer.forward(x, right).sum().backward();
        Assert.IsGreaterThan(0.1, Values(right.grad!).Max(Math.Abs));
    }

    [TestMethod]
    public void Forward_Float32_IsTheSameRecordedOrNot()
    {
        var layer = new ProjectionLayer(ConstraintSet.Over(5).Simplex(2));
        Tensor x = Normal(new Random(3), 20, 5).to(ScalarType.Float32);
        Tensor expected = layer.forward(x.to(ScalarType.Float64));
        Tensor plain = layer.forward(x);
        Assert.AreEqual(ScalarType.Float32, plain.dtype);
        AreClose(expected, plain, 1e-6);
        Tensor leaf = x.clone().requires_grad_();
        Tensor recorded = layer.forward(leaf);
        Assert.AreEqual(ScalarType.Float32, recorded.dtype);
        AreClose(plain, recorded, 0);
        recorded.square().sum().backward();
        Assert.AreEqual(ScalarType.Float32, leaf.grad!.dtype);

        // ∂Σz²/∂x on the support of z is 2(z − mean of z): against the double-precision layer.
        Tensor exact = x.to(ScalarType.Float64).requires_grad_();
        layer.forward(exact).square().sum().backward();
        AreClose(exact.grad!, leaf.grad!, 1e-5);
    }

    [TestMethod]
    public void Forward_Float32WithColumns_IsTheSameRecordedOrNot()
    {
        var layer = new ProjectionLayer(ConstraintSet.Over(3).Nonnegative().Linear("x0 + x1 + x2 <= @Capacity").Linear("x0 - x1 = @Gap"));
        Tensor x = Normal(new Random(12), 6, 3).to(ScalarType.Float32), own = tensor(new double[] { 1.1, 0.1 });
        Tensor plain = layer.forward(x, own), leaf = x.clone().requires_grad_(), right = own.clone().requires_grad_();
        Tensor recorded = layer.forward(leaf, right);
        AreClose(plain, recorded, 0);
        recorded.sum().backward();
        Assert.AreEqual(ScalarType.Float32, leaf.grad!.dtype);
        Assert.AreEqual(ScalarType.Float64, right.grad!.dtype);
        CollectionAssert.AreEqual(new long[] { 0, 3 }, layer.forward(empty(0, 3, ScalarType.Float32, requires_grad: true), own).shape);
    }

    [TestMethod]
    public void Forward_UnsolvableRow_GetsItsStatusAndLeavesTheOthers()
    {
        var layer = new ProjectionLayer(ConstraintSet.Over("x", "y").Nonnegative().Linear("x + y = @Total"));
        Tensor x = tensor(new double[,] { { 1, 0 }, { 1, 1 }, { double.NaN, 1 } }).requires_grad_();
        Tensor total = tensor(new double[,] { { 2 }, { -2 }, { 1 } });
        Tensor z = layer.forward(x, total);
        CollectionAssert.AreEqual(
            new[] { SolverStatus.Solved, SolverStatus.PrimalInfeasible, SolverStatus.InvalidInput }, layer.Diagnostics.Status.ToArray());
        AreClose(tensor(new double[] { 1.5, 0.5 }), z[0], 1e-9);
        z[0].sum().backward();
        Assert.IsTrue(Values(x.grad!).All(double.IsFinite));
        Assert.AreEqual(2, layer.Diagnostics.NotDifferentiated);
        Assert.AreEqual(2, layer.Diagnostics.Unsolved);
    }

    [TestMethod]
    public void Backward_TwiceThroughOneGraph_GivesTheSameEvenWhenTheWorkspaceWasUsedMeanwhile()
    {
        var layer = new ProjectionLayer(ConstraintSet.Over(3).Simplex().Linear("x0 <= x1"));
        Tensor x = Normal(new Random(4), 5, 3).requires_grad_(), other = Normal(new Random(5), 5, 3).requires_grad_();
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
        var layer = new ProjectionLayer(ConstraintSet.Over(3).Ball(Norm.L2, 1));
        Tensor x = (ones(1, 3, ScalarType.Float64) * 2).requires_grad_();
        Tensor gradient = autograd.grad([layer.forward(x).pow(3).sum()], [x], create_graph: true)[0];
        Assert.IsTrue(Values(gradient).All(double.IsFinite), "The first derivative is right whether or not a graph is made.");
        Assert.IsTrue(gradient.requires_grad);
        layer.forward(x);
        gradient.sum().backward();
        Assert.IsTrue(Values(x.grad!).All(double.IsNaN), "A second derivative without the curvature of the ball would be wrong in silence.");
        var e = Assert.ThrowsExactly<NotSupportedException>(() => layer.forward(x));
        StringAssert.Contains(e.Message, "differentiated again");
        layer.forward(x);
        Assert.AreEqual(1, layer.Diagnostics.BackwardFailures);
    }

    [TestMethod]
    public void NoGrad_RecordsNothing()
    {
        var layer = new ProjectionLayer(ConstraintSet.Over(3).Simplex());
        Tensor x = Normal(new Random(6), 2, 3);
        Assert.IsFalse(layer.forward(x).requires_grad);
        x.requires_grad_();
        Assert.IsTrue(layer.forward(x).requires_grad);
        using (no_grad())
            Assert.IsFalse(layer.forward(x).requires_grad);
    }

    [TestMethod]
    public void Forward_PolicyThrow_NamesTheRow()
    {
        var layer = new ProjectionLayer(ConstraintSet.Over("x").Linear("x = @A"), new ProjectorOptions { Policy = RowPolicy.Throw });
        Tensor x = zeros(2, 1, ScalarType.Float64).requires_grad_();
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => layer.forward(x, tensor(new double[,] { { 1 }, { double.NaN } })));
        StringAssert.Contains(e.Message, "Row 1");
    }

    [TestMethod]
    public void Forward_WrongInputs_AreNamed()
    {
        var fixedSet = new ProjectionLayer(ConstraintSet.Over(3).Simplex());
        var columns = new ProjectionLayer(ConstraintSet.Over(2).Linear("x0 + x1 = @Total"));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => fixedSet.forward(ones(2, 4))).Message, "[2, 4]");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => fixedSet.forward(ones(2, 3, ScalarType.Int64))).Message, "Int64");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => columns.forward(ones(2, 2))).Message, "Total");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => columns.forward(ones(2, 2), ones(3, 1))).Message, "[3, 1]");
        Assert.ThrowsExactly<ArgumentNullException>(() => fixedSet.forward(null!));
    }
}
