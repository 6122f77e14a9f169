using System;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

[TestClass]
public class DifferentiableProjectionLayerTests : LayerTest
{
    private const double Infinity = double.PositiveInfinity;

    [TestMethod]
    public void Forward_IndependentInequalities_IsTheFormulaAndFeasibleInOneStep()
    {
        var random = new Random(1);
        Tensor a = Normal(random, 3, 6), b = Normal(random, 3), y = Normal(random, 50, 6) * 3;
        DifferentiableProjectionLayer layer = Layer(a, null, b);
        Assert.AreEqual(DifferentiableProjectionMethod.OneStep, layer.Method);
        Assert.IsTrue(layer.IsExact);
        Tensor z = layer.forward(y);
        Tensor exceeded = (y.matmul(a.t()) - b).relu();
        Assert.IsGreaterThan(10, Values(exceeded).Count(v => v > 0));
        AreClose(y - exceeded.matmul(linalg.pinv(a).t()), z, 1e-11);
        AreClose(minimum(y.matmul(a.t()), b), z.matmul(a.t()), 1e-11);
        AreClose(z, layer.forward(z), 1e-11, "A second step must not move anything.");
        Assert.IsLessThan(1e-10, layer.RemainingViolation);
        Assert.IsTrue(layer.Diagnostics.Status.All(s => s == SolverStatus.Solved));
        Tensor inside = z - linalg.pinv(a).matmul(ones(3, ScalarType.Float64));
        AreClose(inside, layer.forward(inside), 0);
    }

    [TestMethod]
    public void Backward_IndependentInequalities_IsTheFormulaOfTheJacobian()
    {
        var random = new Random(2);
        Tensor a = Normal(random, 3, 5), b = Normal(random, 3);
        DifferentiableProjectionLayer layer = Layer(a, null, b);
        for (int row = 0; row < 10; row++)
        {
            Tensor y = (Normal(random, 5) * 2).requires_grad_();
            Tensor on = diag((a.matmul(y.detach()) > b).to(ScalarType.Float64));
            Tensor expected = eye(5, dtype: ScalarType.Float64) - linalg.pinv(a).matmul(on).matmul(a);
            Tensor z = layer.forward(y);
            Tensor[] lines = [.. Enumerable.Range(0, 5).Select(i => autograd.grad([z[i]], [y], retain_graph: true)[0])];
            AreClose(expected, stack(lines), 1e-11);
        }
    }

    [TestMethod]
    public void Forward_EqualitiesAndLimitsOnBothSides_ClipsTheRows()
    {
        var random = new Random(3);
        Tensor a = Normal(random, 4, 6), y = Normal(random, 40, 6) * 2;
        Tensor lower = tensor(new[] { 0.5, -1, -Infinity, 0.2 }), upper = tensor(new[] { 0.5, 1, 0.3, Infinity });
        DifferentiableProjectionLayer layer = Layer(a, lower, upper);
        Tensor values = y.matmul(a.t()), clipped = minimum(maximum(values, lower), upper);
        AreClose(y - (values - clipped).matmul(linalg.pinv(a).t()), layer.forward(y), 1e-11);
        GradientCheckReport report = GradientCheck.Run(layer, y[TensorIndex.Slice(0, 8)]);
        Assert.IsTrue(report.Passed, report.ToString());

        // An equality's Jacobian is the same on the plane as off it.
        Tensor on = layer.forward(y[0]).detach().requires_grad_();
        Tensor direction = a[0].clone();
        Tensor gradient = autograd.grad([layer.forward(on).dot(direction)], [on])[0];
        AreClose(zeros(1, ScalarType.Float64), linalg.pinv(a).t()[0].dot(gradient).reshape(1), 1e-11);
    }

    [TestMethod]
    public void Forward_RowsAtRightAngles_IsTheNearestPoint()
    {
        ConstraintSet set = ConstraintSet.Over(6).Linear("x0 + x1 <= 1").Linear("x0 - x1 >= 0.5").Linear("-1 <= 2*x2 + x3 <= 0").Linear("x4 = 3");
        var layer = new DifferentiableProjectionLayer(set);
        Tensor y = Normal(new Random(4), 60, 6) * 2;
        AreClose(new ProjectionLayer(set).forward(y), layer.forward(y), 1e-8);
    }

    [TestMethod]
    public void Forward_Bounds_ClampsAndMergesParallelRows()
    {
        ConstraintSet set = ConstraintSet.Over(3).Nonnegative().Linear("2*x0 <= 1").Linear("-x1 >= -0.25").Linear("x1 <= 3");
        var layer = new DifferentiableProjectionLayer(set);
        Assert.AreEqual(DifferentiableProjectionMethod.OneStep, layer.Method);
        Tensor y = Normal(new Random(5), 4, 5, 3);
        Tensor upper = tensor(new[] { 0.5, 0.25, Infinity });
        AreClose(minimum(y.clamp_min(0), upper), layer.forward(y), 0);
        GradientCheckReport report = GradientCheck.Run(layer, y);
        Assert.IsTrue(report.Passed, report.ToString());
    }

    [TestMethod]
    [DataRow(DifferentiableProjectionMethod.OneStep)]
    [DataRow(DifferentiableProjectionMethod.Simultaneous)]
    [DataRow(DifferentiableProjectionMethod.Dykstra)]
    public void Backward_RightHandSidesFromColumns_AgreesWithCentralDifferences(DifferentiableProjectionMethod method)
    {
        // Both limits of x0 + x1 come in twice: the greater and the smaller of the row's own values count.
        ConstraintSet set = ConstraintSet.Over(4).Linear("x0 + x1 <= @Capacity").Linear("2*x0 + 2*x1 <= 3").Linear("x1 - x2 = @Gap").Linear("x3 >= 2*@Gap");
        var layer = new DifferentiableProjectionLayer(set, new DifferentiableProjectionOptions { Method = method, Sweeps = 7 });
        Tensor y = Normal(new Random(6), 5, 4) + 1, own = tensor(new double[,] { { 1, 0.1 }, { 5, 0.2 }, { 0.8, 0 }, { 2, -0.3 }, { 1, 0.4 } });
        GradientCheckReport report = GradientCheck.Run(t => layer.forward(t[0], t[1]), [y, own]);
        Assert.IsTrue(report.Passed, report.ToString());
        GradientCheckReport shared = GradientCheck.Run(t => layer.forward(t[0], t[1]), [y, own[0]]);
        Assert.IsTrue(shared.Passed, shared.ToString());
        Tensor right = own.clone().requires_grad_();
        layer.forward(y, right).sum().backward();
        Assert.IsGreaterThan(0.1, Values(right.grad!).Max(Math.Abs));
    }

    [TestMethod]
    public void Forward_Dykstra_TendsToTheNearestPoint()
    {
        ConstraintSet set = ConstraintSet.Over(5).Nonnegative().Linear("x0 + x1 + x2 + x3 + x4 = 1").Linear("x0 + 2*x1 <= 0.8").Linear("x2 >= x3 - 0.1");
        Tensor y = Normal(new Random(7), 30, 5);
        Tensor nearest = new ProjectionLayer(set).forward(y);
        double last = Infinity;
        foreach (int sweeps in new[] { 5, 40, 1000 })
        {
            var layer = new DifferentiableProjectionLayer(set, new DifferentiableProjectionOptions { Sweeps = sweeps });
            Assert.AreEqual(DifferentiableProjectionMethod.Dykstra, layer.Method);
            Assert.IsFalse(layer.IsExact);
            Tensor z = layer.forward(y);
            double distance = LargestDifference(nearest, z);
            Assert.IsLessThan(last, distance);
            last = distance;
            AreClose(ones(30, ScalarType.Float64), z.sum(1), 1e-12, "Equalities come last.");
            Assert.AreEqual(LargestViolation(set, z), layer.RemainingViolation, 1e-9);
            if (sweeps != 40)
                Assert.AreEqual(sweeps == 5, layer.Diagnostics.Status.Any(s => s == SolverStatus.IterationLimit));
        }

        Assert.IsLessThan(1e-7, last);
    }

    [TestMethod]
    public void Forward_Simultaneous_TendsToThePolyhedron()
    {
        ConstraintSet set = ConstraintSet.Over(3).Bounds(-1, 1).Linear("x0 + x1 + x2 <= 0.5").Linear("x0 - x1 + 2*x2 = 0.25");
        Tensor y = Normal(new Random(8), 30, 3) * 3;
        double last = Infinity;
        foreach (int sweeps in new[] { 1, 20, 400 })
        {
            var layer = new DifferentiableProjectionLayer(
                set, new DifferentiableProjectionOptions { Method = DifferentiableProjectionMethod.Simultaneous, Sweeps = sweeps, Relaxation = 1.5 });
            Assert.AreEqual(LargestViolation(set, layer.forward(y)), layer.RemainingViolation, 1e-9);
            Assert.IsLessThan(last, layer.RemainingViolation);
            last = layer.RemainingViolation;
        }

        Assert.IsLessThan(1e-6, last);
    }

    [TestMethod]
    public void Forward_ExactFinish_SatisfiesEveryConstraintWithItsGradient()
    {
        ConstraintSet set = ConstraintSet.Over(4).Nonnegative().Linear("x0 + x1 + x2 + x3 = @Total").Linear("x0 <= 0.5*x1");
        var layer = new DifferentiableProjectionLayer(set, new DifferentiableProjectionOptions { Sweeps = 3, ExactFinish = true });
        Assert.IsTrue(layer.IsExact);
        Tensor y = Normal(new Random(9), 12, 4), total = Normal(new Random(10), 12, 1).abs() + 0.1;
        layer.forward(y, total);
        Assert.IsLessThan(1e-8, layer.RemainingViolation);
        Assert.AreEqual(0, layer.Diagnostics.Unsolved);
        GradientCheckReport report = GradientCheck.Run(t => layer.forward(t[0], t[1]), [y, total]);
        Assert.IsTrue(report.Passed, report.ToString());
    }

    [TestMethod]
    [DataRow(DifferentiableProjectionMethod.OneStep)]
    [DataRow(DifferentiableProjectionMethod.Simultaneous)]
    [DataRow(DifferentiableProjectionMethod.Dykstra)]
    public void Managed_EachMethod_AgreesWithTheLayer(DifferentiableProjectionMethod method)
    {
        ConstraintSet set = ConstraintSet.Over(5).Linear("x0 + x1 <= @A").Linear("x1 + x2 - x3 = 0.5").Linear("0 <= x4 <= @A").Linear("x0 >= -1");
        var layer = new DifferentiableProjectionLayer(set, new DifferentiableProjectionOptions { Method = method, Sweeps = 9 });
        Tensor y = Normal(new Random(11), 20, 5) * 2, own = Normal(new Random(12), 20, 1);
        double[] input = Values(y), parameters = Values(own), result = new double[input.Length];
        var workspace = new Constrained.Projections.DifferentiableProjection.Workspace(layer.Projection);
        for (int i = 0; i < 20; i++)
            layer.Projection.Project(input.AsSpan(5 * i, 5), parameters.AsSpan(i, 1), result.AsSpan(5 * i, 5), workspace);
        AreClose(layer.forward(y, own), from_array(result).reshape(20, 5), 1e-12);
        Assert.IsGreaterThan(1.0, LargestDifference(y, from_array(result).reshape(20, 5)));
    }

    [TestMethod]
    public void Forward_ContradictoryOrInvalidRow_LeavesTheOthers()
    {
        ConstraintSet set = ConstraintSet.Over("x", "y").Linear("x >= @Least").Linear("2*x <= 4").Linear("0*x <= @Least");
        var layer = new DifferentiableProjectionLayer(set);
        Tensor input = tensor(new double[,] { { 0, 1 }, { 0, 1 }, { double.NaN, 1 }, { 7, 2 }, { 1.5, 0 } }).requires_grad_();
        Tensor least = tensor(new double[,] { { 1 }, { 3 }, { 1 }, { 1 }, { -1 } });
        Tensor z = layer.forward(input, least);
        AreClose(tensor(new double[,] { { 1, 1 }, { 2.5, 1 } }), z[TensorIndex.Slice(0, 2)], 1e-12, "In a contradiction the middle.");
        AreClose(tensor(new double[,] { { 2, 2 }, { 1.5, 0 } }), z[TensorIndex.Slice(3, 5)], 1e-12);
        CollectionAssert.AreEqual(
            new[] { SolverStatus.Solved, SolverStatus.PrimalInfeasible, SolverStatus.InvalidInput, SolverStatus.Solved, SolverStatus.PrimalInfeasible },
            layer.Diagnostics.Status.ToArray());
        Assert.IsTrue(double.IsNaN(layer.RemainingViolation));
        z[3].sum().backward();
        AreClose(tensor(new double[] { 0, 1 }), input.grad![3], 1e-12);
    }

    [TestMethod]
    public void Penalty_OutsideTheSet_KeepsTheGradientAcrossTheConstraintAlive()
    {
        var layer = new DifferentiableProjectionLayer(
            ConstraintSet.Over(2).Linear("x0 <= 1"), new DifferentiableProjectionOptions { PenaltyWeight = 0.5 });
        Tensor y = tensor(new double[,] { { 4, 1 }, { 0, 1 } }).requires_grad_();
        Tensor z = layer.forward(y);
        Tensor along = autograd.grad([z.square().sum()], [y], retain_graph: true)[0];
        Assert.AreEqual(0, along[0, 0].item<double>(), 1e-15);
        Tensor penalty = layer.Penalty(y, z);
        Assert.AreEqual(0.5 * 9 / 2, penalty.item<double>(), 1e-12);
        AreClose(tensor(new double[,] { { 1.5, 0 }, { 0, 0 } }), autograd.grad([penalty], [y])[0], 1e-12);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => layer.Penalty(y, z[0])).Message, "[2, 2]");
    }

    [TestMethod]
    [DataRow(DifferentiableProjectionMethod.OneStep)]
    [DataRow(DifferentiableProjectionMethod.Dykstra)]
    public void SecondDerivative_OfALossThroughTheStep_AgreesWithCentralDifferences(DifferentiableProjectionMethod method)
    {
        var layer = new DifferentiableProjectionLayer(
            ConstraintSet.Over(4).Linear("x0 + 2*x1 - x2 <= 0.3").Linear("x2 + x3 = 1"), new DifferentiableProjectionOptions { Method = method, Sweeps = 5 });
        Tensor y = Normal(new Random(17), 5, 4);
        Tensor Gradient(Tensor[] t)
        {
            // The check takes its differences under no_grad.
            using IDisposable on = enable_grad();
            return autograd.grad([layer.forward(t[0]).pow(3).sum()], [t[0]], create_graph: true)[0];
        }

        GradientCheckReport report = GradientCheck.Run(Gradient, [y], new GradientCheckOptions { Tolerance = 1e-4 });
        Assert.IsTrue(report.Passed, report.ToString());
    }

    [TestMethod]
    public void Forward_Float32_KeepsConstraintsToRounding()
    {
        var random = new Random(13);
        Tensor a = Normal(random, 10, 20), b = Normal(random, 10) * 100;
        DifferentiableProjectionLayer layer = Layer(a, null, b);
        Tensor y = (Normal(random, 200, 20) * 100).to(ScalarType.Float32).requires_grad_();
        Tensor z = layer.forward(y);
        Assert.AreEqual(ScalarType.Float32, z.dtype);
        Tensor wide = z.to(ScalarType.Float64);
        Tensor allowed = 1e-6 * maximum(wide.abs().matmul(a.abs().t()), b.abs().clamp_min(1));
        Assert.IsTrue((wide.matmul(a.t()) - b).le(allowed).all().item<bool>());
        z.sum().backward();
        Assert.AreEqual(ScalarType.Float32, y.grad!.dtype);
    }

    [TestMethod]
    public void Forward_RowAloneOrAmongOthers_IsTheSame()
    {
        ConstraintSet set = ConstraintSet.Over(7).Simplex().Linear("x0 + x1 <= 0.4");
        var layer = new DifferentiableProjectionLayer(set);
        Tensor y = Normal(new Random(14), 33, 7), all = layer.forward(y);
        for (int i = 0; i < 33; i += 8)
            AreClose(all[i], layer.forward(y[i]), 1e-13);
        CollectionAssert.AreEqual(new long[] { 0, 7 }, layer.forward(empty(0, 7, ScalarType.Float64)).shape);
        CollectionAssert.AreEqual(new long[] { 3, 11, 7 }, layer.forward(y.reshape(3, 11, 7)).shape);
    }

    [TestMethod]
    public void Forward_NoConstraints_IsTheInput()
    {
        var layer = new DifferentiableProjectionLayer(ConstraintSet.Over(3));
        Tensor y = Normal(new Random(15), 4, 3).requires_grad_();
        Tensor z = layer.forward(y);
        AreClose(y, z, 0);
        z.sum().backward();
        AreClose(ones(4, 3, ScalarType.Float64), y.grad!, 0);
        using (no_grad())
            Assert.IsFalse(layer.forward(y).requires_grad);
        Assert.IsEmpty(layer.state_dict());
    }

    [TestMethod]
    public void Forward_WithoutDiagnose_LeavesTheDiagnosticsAlone()
    {
        var layer = new DifferentiableProjectionLayer(ConstraintSet.Over(3).Simplex(), new DifferentiableProjectionOptions { Sweeps = 1, Diagnose = false });
        Tensor y = Normal(new Random(16), 4, 3);
        AreClose(new DifferentiableProjectionLayer(layer.Set, new DifferentiableProjectionOptions { Sweeps = 1 }).forward(y), layer.forward(y), 0);
        Assert.IsEmpty(layer.Diagnostics.Status);
        Assert.AreEqual(0, layer.RemainingViolation);
    }

    [TestMethod]
    public void Constructor_WhatItCannotDo_IsNamed()
    {
        ConstraintSet simplex = ConstraintSet.Over(3).Simplex();
        var oneStep = new DifferentiableProjectionOptions { Method = DifferentiableProjectionMethod.OneStep };
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new DifferentiableProjectionLayer(simplex, oneStep)).Message, "Dykstra");
        ConstraintSet ball = ConstraintSet.Over(3).Ball(Norm.L2, 1).WithName("round");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new DifferentiableProjectionLayer(ball)).Message, "'round'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new DifferentiableProjectionLayer(new double[2, 3], new double[1], new double[2])).Message, "2 rows");
        Assert.Throws<ArgumentException>(() => new DifferentiableProjectionLayer(simplex, new DifferentiableProjectionOptions { Sweeps = 0 }));
        Assert.Throws<ArgumentException>(() => new DifferentiableProjectionLayer(simplex, new DifferentiableProjectionOptions { Relaxation = 2 }));
        Assert.Throws<ArgumentException>(() => new DifferentiableProjectionLayer(simplex, new DifferentiableProjectionOptions { PenaltyWeight = -1 }));
        Assert.Throws<ArgumentException>(() => new DifferentiableProjectionLayer(simplex, new DifferentiableProjectionOptions { Tolerance = 0 }));
    }

    [TestMethod]
    public void Forward_WrongInputs_AreNamed()
    {
        var layer = new DifferentiableProjectionLayer(ConstraintSet.Over(2).Linear("x0 + x1 = @Total"));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => layer.forward(ones(2, 2))).Message, "Total");
        CollectionAssert.AreEqual(new long[] { 0, 2 }, layer.forward(ones(0, 2), ones(0, 1)).shape);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => layer.forward(ones(2, 3), ones(2, 1))).Message, "[2, 3]");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => layer.forward(ones(2, 2), ones(3, 1))).Message, "[3, 1]");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => layer.forward(ones(2, 2, ScalarType.Int64), ones(2, 1))).Message, "Int64");
    }

    private static DifferentiableProjectionLayer Layer(Tensor a, Tensor? lower, Tensor upper)
    {
        int m = (int)a.shape[0], n = (int)a.shape[1];
        double[] values = Values(a);
        var matrix = new double[m, n];
        for (int i = 0; i < values.Length; i++)
            matrix[i / n, i % n] = values[i];
        double[] low = lower is null ? [.. Enumerable.Repeat(-Infinity, m)] : Values(lower);
        return new DifferentiableProjectionLayer(matrix, low, Values(upper));
    }

    private static double LargestViolation(ConstraintSet set, Tensor z)
    {
        double[] values = Values(z);
        int n = set.Dimension;
        return Enumerable.Range(0, values.Length / n).Max(i => set.Violation(values.AsSpan(i * n, n)));
    }
}
