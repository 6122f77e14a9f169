using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using Microsoft.ML.Constrained.Polyhedra;
using Microsoft.ML.Constrained.Tests.Polyhedra;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

[TestClass]
public class PolyhedralLayerTests : LayerTest
{
    [TestMethod]
    [DataRow(PolyhedralForm.Structured, RayActivation.Absolute)]
    [DataRow(PolyhedralForm.Structured, RayActivation.Softplus)]
    [DataRow(PolyhedralForm.Dense, RayActivation.Absolute)]
    [DataRow(PolyhedralForm.Dense, RayActivation.Softplus)]
    public void Forward_ManySets_IsTheManagedMapWithItsGradient(PolyhedralForm form, RayActivation rays)
    {
        var random = new Random(1);
        foreach (HalfspaceSet set in Sets())
        {
            var map = new PolyhedralParameterization(set, new PolyhedralSettings { Form = form, RayActivation = rays });
            var layer = new PolyhedralLayer(map);
            Tensor a = (Normal(random, 7, map.ActivationCount) * 2).requires_grad_(), g = Normal(random, 7, map.Dimension);
            double[] points = new double[7 * map.Dimension], gradients = new double[7 * map.ActivationCount];
            map.Map(Values(a), points);
            map.Vjp(Values(a), Values(g), gradients);
            Tensor y = layer.forward(a);
            double size = 1 + points.Max(Math.Abs);
            AreClose(from_array(points).reshape(7, -1), y, 1e-12 * size, map.ToString());
            IsInside(set, y, 1e-11 * size);
            if (map.ActivationCount == 0)
                continue;
            Tensor gradient = autograd.grad([(y * g).sum()], [a])[0];
            AreClose(from_array(gradients).reshape(7, -1), gradient, 1e-11 * (1 + gradients.Max(Math.Abs)), map.ToString());
        }
    }

    [TestMethod]
    public void Forward_StructuredAndDense_AgreeInBothTypes()
    {
        var random = new Random(2);
        foreach (HalfspaceSet set in new[] { PolyhedralSets.Checkerboard(8, 2), PolyhedralSets.Checkerboard(28, 7), PolyhedralSets.Mixed() })
        {
            var structured = new PolyhedralLayer(new PolyhedralParameterization(set, new PolyhedralSettings { Form = PolyhedralForm.Structured }));
            var dense = new PolyhedralLayer(new PolyhedralParameterization(set, new PolyhedralSettings { Form = PolyhedralForm.Dense }));
            Assert.AreNotEqual(structured.Parameterization.Form, dense.Parameterization.Form);
            Tensor a = Normal(random, 5, structured.InputSize);
            AreClose(dense.forward(a), structured.forward(a), 1e-12);
            Tensor single = structured.forward(a.to(ScalarType.Float32));
            Assert.AreEqual(ScalarType.Float32, single.dtype);
            AreClose(dense.forward(a), single, 1e-5);
        }
    }

    [TestMethod]
    public void Backward_EveryKindOfBlock_AgreesWithCentralDifferences()
    {
        foreach (PolyhedralForm form in new[] { PolyhedralForm.Structured, PolyhedralForm.Dense })
        {
            var map = new PolyhedralParameterization(PolyhedralSets.Mixed(), new PolyhedralSettings { Form = form });
            GradientCheckReport report = GradientCheck.Run(new PolyhedralLayer(map), Normal(new Random(3), 2, map.ActivationCount));
            Assert.IsTrue(report.Passed, report.ToString());
        }

        var settings = new PolyhedralSettings { BoxRadius = 0.5 };
        var layer = new PolyhedralLayer(
            ConstraintSet.Over(4).Linear("x0 + x1 <= 0").Linear("x2 - x3 <= 0"), new PolyhedralLayerOptions { InputSize = 3, Settings = settings });
        layer.to(ScalarType.Float64);
        GradientCheckReport full = GradientCheck.Run(layer, Normal(new Random(4), 6, 3) * 3);
        Assert.IsTrue(full.Passed, full.ToString());
    }

    [TestMethod]
    public void Forward_Box_IsScaledIntoInEvaluationAndAfterTheEpoch()
    {
        var settings = new PolyhedralSettings { BoxRadius = 1 };
        var layer = new PolyhedralLayer(ConstraintSet.Over(3).Linear("x0 + x1 + x2 <= 0"), new PolyhedralLayerOptions { Settings = settings, BoxAfterEpoch = 25 });
        Tensor a = Normal(new Random(5), 50, 3) * 4;
        Tensor free = layer.forward(a);
        Assert.IsGreaterThan(2.0, Values(free).Max(Math.Abs));
        Tensor expected = free / free.abs().amax([-1], true).clamp_min(1);
        layer.Epoch = 25;
        AreClose(free, layer.forward(a), 0);
        layer.Epoch = 26;
        AreClose(expected, layer.forward(a), 1e-14);
        layer.Epoch = 0;
        layer.eval();
        AreClose(expected, layer.forward(a), 1e-14);
        double[] points = new double[150];
        layer.Parameterization.Map(Values(a), points);
        AreClose(from_array(points).reshape(50, 3), layer.forward(a), 1e-14);
        Assert.IsTrue(expected.sum(1).le(1e-14).all().item<bool>());
    }

    [TestMethod]
    public void Constructor_InputSize_InitialisesFromItsOwnGenerator()
    {
        var options = new PolyhedralLayerOptions { InputSize = 10, Seed = 7 };
        Tensor before = random.get_rng_state();
        var layer = new PolyhedralLayer(ConstraintSet.Over(200).Nonnegative(), options);
        AreClose(before, random.get_rng_state(), 0);
        Dictionary<string, Tensor> state = layer.state_dict();
        CollectionAssert.AreEquivalent(new[] { "weight", "bias" }, state.Keys);
        CollectionAssert.AreEqual(new long[] { 200, 10 }, state["weight"].shape);
        double[] weights = Values(state["weight"]);
        Assert.IsLessThanOrEqualTo(0.1, weights.Max(Math.Abs));
        Assert.AreEqual(0, weights.Average(), 0.01);
        Assert.AreEqual(0.01 / 3, weights.Average(w => w * w), 3e-4, "The variance of U(−1/d, 1/d).");
        Assert.AreEqual(0, Values(state["bias"]).Max(Math.Abs));
        AreClose(state["weight"], new PolyhedralLayer(ConstraintSet.Over(200).Nonnegative(), options).state_dict()["weight"], 0);
        options.Seed = 8;
        Assert.IsGreaterThan(0.01, LargestDifference(state["weight"], new PolyhedralLayer(ConstraintSet.Over(200).Nonnegative(), options).state_dict()["weight"]));
    }

    [TestMethod]
    public void SaveAndLoad_TrainedLayer_GivesTheSameOutputs()
    {
        ConstraintSet set = ConstraintSet.Over(6).Linear("x0 + x1 + x2 <= 0").Nonnegative("x4", "x5");
        var options = new PolyhedralLayerOptions { InputSize = 5, BatchNorm = true, Seed = 3 };
        var layer = new PolyhedralLayer(set, options);
        Tensor x = Normal(new Random(6), 40, 5).to(ScalarType.Float32), target = Normal(new Random(7), 40, 6).to(ScalarType.Float32);
        using optim.Optimizer adam = optim.Adam(layer.parameters(), 0.05);
        double first = double.NaN, last = 0;
        for (int step = 0; step < 60; step++)
        {
            Tensor y = layer.forward(x);
            IsInside(new HalfspaceSet(set), y, 1e-5);
            Tensor loss = (y - target).square().mean();
            last = loss.item<float>();
            first = double.IsNaN(first) ? last : first;
            adam.zero_grad();
            loss.backward();
            adam.step();
        }

        Assert.IsLessThan(0.9 * first, last);
        layer.eval();
        using var stream = new MemoryStream();
        layer.save(stream);
        options.Seed = 4;
        var loaded = new PolyhedralLayer(set, options);
        loaded.load(new MemoryStream(stream.ToArray()));
        loaded.eval();
        AreClose(layer.forward(x), loaded.forward(x), 0);
        CollectionAssert.IsSubsetOf(new[] { "weight", "bias", "batch_norm.weight", "batch_norm.running_mean" }, layer.state_dict().Keys);
    }

    [TestMethod]
    public void Forward_ShapesAndModes_AreKept()
    {
        var layer = new PolyhedralLayer(ConstraintSet.Over(3).Simplex());
        Tensor a = Normal(new Random(8), 2, 4, 3);
        CollectionAssert.AreEqual(new long[] { 2, 4, 3 }, layer.forward(a).shape);
        AreClose(layer.forward(a)[1, 2], layer.forward(a[1, 2]), 1e-15);
        CollectionAssert.AreEqual(new long[] { 0, 3 }, layer.forward(empty(0, 3)).shape);
        AreClose(ones(2, 4, ScalarType.Float64), layer.forward(a).sum(-1), 1e-15);
        a.requires_grad_();
        using (no_grad())
            Assert.IsFalse(layer.forward(a).requires_grad);
        var point = new PolyhedralLayer(new PolyhedralParameterization(new HalfspaceSet(2).AddEquality([1, 0], 3).AddEquality([1, 1], 1)));
        AreClose(tensor(new double[,] { { 3, -2 }, { 3, -2 } }), point.forward(empty(2, 0, ScalarType.Float64)), 1e-14);
    }

    [TestMethod]
    public void Misuse_IsNamed()
    {
        var map = new PolyhedralParameterization(ConstraintSet.Over(3).Simplex());
        var layer = new PolyhedralLayer(map);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => layer.forward(ones(2, 4))).Message, "[2, 4]");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => layer.forward(ones(2, 3, ScalarType.Int32))).Message, "Int32");
        Assert.ThrowsExactly<ArgumentNullException>(() => layer.forward(null!));
        Assert.ThrowsExactly<ArgumentNullException>(() => new PolyhedralLayer((PolyhedralParameterization)null!));
        Assert.Throws<ArgumentException>(() => new PolyhedralLayer(map, new PolyhedralLayerOptions { InputSize = -1 }));
        Assert.Throws<ArgumentException>(() => new PolyhedralLayer(map, new PolyhedralLayerOptions { BoxAfterEpoch = -2 }));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new PolyhedralLayer(map, new PolyhedralLayerOptions { Settings = new PolyhedralSettings() })).Message, "Settings");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new PolyhedralLayer(ConstraintSet.Over("x").Linear("x <= @Cap"))).Message, "'@Cap'");
    }

    private static IEnumerable<HalfspaceSet> Sets()
    {
        var random = new Random(9);
        for (int i = 0; i < 25; i++)
            yield return PolyhedralSets.Random(random);
        yield return PolyhedralSets.Mixed();
        yield return PolyhedralSets.Checkerboard(8, 2);
        yield return new HalfspaceSet(ConstraintSet.Over(6).Simplex());
        yield return new HalfspaceSet(ConstraintSet.Over(5).Bounds(-2, 3));
        yield return new HalfspaceSet(4);
        yield return new HalfspaceSet(2).AddEquality([1, 0], 3).AddEquality([1, 1], 1);
        yield return new HalfspaceSet(9).AddInequality([1, 2, 0, 0, 1, 0, 1, -1, 0], 1).AddInequality([0, 1, 1, 0, 2, 1, 0, 0, 1], -2)
            .AddInequality([3, 0, 1, 1, 0, 1, 0, 2, 1], 0.5).AddEquality([1, 1, 1, 1, 1, 1, 1, 1, 1], 2);
    }

    private static void IsInside(HalfspaceSet set, Tensor points, double tolerance)
    {
        double[] values = Values(points);
        for (int row = 0; row < values.Length; row += set.Dimension)
        {
            double Product(double[] normal) => normal.Select((v, j) => v * values[row + j]).Sum();
            foreach ((double[] normal, double offset) in set.Inequalities)
                Assert.IsLessThanOrEqualTo(offset + tolerance, Product(normal));
            foreach ((double[] normal, double offset) in set.Equalities)
                Assert.AreEqual(offset, Product(normal), tolerance);
        }
    }
}
