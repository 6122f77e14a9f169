using System;
using System.Linq;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Trainers;

/// <summary>Monotone and convex features: pairs and triples of rows of fitted models.</summary>
[TestClass]
public sealed class ShapedRegressionTests : LayerTest
{
    private const int Features = 5;

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow(HiddenActivation.ReLU)]
    [DataRow(HiddenActivation.Tanh)]
    [DataRow(HiddenActivation.Softplus)]
    [DataRow(HiddenActivation.Sigmoid)]
    public void Score_MonotoneFeatures_NeverGoTheOtherWay(HiddenActivation activation)
    {
        // The data ask for the contrary.
        ConstrainedRegressionTransformer model = Fit(r => -r[0] + (2 * r[3]) + r[1], o =>
            (o.Activation, o.IncreasingFeatures, o.DecreasingFeatures) = (activation, ["0", "1"], ["3"]));
        double slack = activation == HiddenActivation.ReLU ? 0 : 2e-6;
        AssertMonotone(model, [1, 1, 0, -1, 0], slack);
    }

    [TestMethod]
    public void Score_MonotoneQuantiles_NeverGoTheOtherWay()
    {
        ConstrainedRegressionTransformer model = Fit(r => -r[0] + r[1], o =>
            (o.IncreasingFeatures, o.Loss, o.QuantileLevels) = (["0", "1"], RegressionLoss.Quantile, [0.2, 0.5, 0.8]));
        AssertMonotone(model, [1, 1, 0, 0, 0], 1e-6);
    }

    [TestMethod]
    [DataRow(HiddenActivation.ReLU)]
    [DataRow(HiddenActivation.Softplus)]
    public void Score_ConvexFeatures_LieBelowEveryChord(HiddenActivation activation)
    {
        // The data ask for a concave function.
        ConstrainedRegressionTransformer model = Fit(r => -(r[0] * r[0]) - (r[1] * r[1]) + r[2] + (r[3] * r[4]), o =>
            (o.Activation, o.ConvexFeatures, o.IncreasingFeatures, o.DecreasingFeatures) = (activation, ["0", "1", "2"], ["2", "3"], ["1"]));
        AssertMonotone(model, [0, -1, 1, 1, 0], activation == HiddenActivation.ReLU ? 0 : 2e-6);
        var random = new Random(4);
        const int Count = 2000;
        float[][] a = [.. Enumerable.Range(0, Count).Select(_ => Random(random, 4))], b = [.. a.Select(x => Moved(random, x))];
        double[] t = [.. Enumerable.Range(0, Count).Select(_ => random.NextDouble())];
        float[][] between = [.. a.Select((x, i) => x.Select((v, j) => (float)((v * t[i]) + (b[i][j] * (1 - t[i])))).ToArray())];
        float[] atA = Scores(model, a), atB = Scores(model, b), atBetween = Scores(model, between);
        for (int i = 0; i < Count; i++)
        {
            double chord = (t[i] * atA[i]) + ((1 - t[i]) * atB[i]);
            Assert.IsLessThanOrEqualTo(chord + (1e-5 * Math.Max(1, Math.Abs(atA[i]) + Math.Abs(atB[i]))), atBetween[i], $"triple {i}");
        }
    }

    [TestMethod]
    public void Score_MonotoneTarget_IsLearned()
    {
        // Steps up and down again in curvature, so that a convex or concave network would fail; the free feature turns it over.
        Func<float[], double> target = r => Math.Tanh(3 * r[0]) - Math.Pow(r[1], 3) + (r[2] * r[3]);
        ConstrainedRegressionTransformer model = Fit(target, o => (o.IncreasingFeatures, o.DecreasingFeatures, o.Epochs) = (["0"], ["1"], 60), 1000);
        AssertRSquared(model, target, 0.95);
    }

    [TestMethod]
    public void Score_ConvexTarget_IsLearned()
    {
        Func<float[], double> target = r => Math.Abs(r[0] + (r[1] / 2)) + (r[1] * r[1] * (1 + (0.5 * r[2]))) - r[3];
        ConstrainedRegressionTransformer model = Fit(target, o => (o.ConvexFeatures, o.Epochs) = (["0", "1"], 60), 1000);
        AssertRSquared(model, target, 0.95);
    }

    [TestMethod]
    public void Fit_NamedFeatures_AreFound()
    {
        IDataView view = _mlContext.Data.LoadFromEnumerable(new[] { new Named { Age = 1, Income = 2 }, new Named { Age = 3, Income = 1, Label = 1 } });
        ConstrainedRegressionTransformer Fit(params string[] rising) => _mlContext.Transforms.Concatenate("Features", "Age", "Income")
            .Append(_mlContext.Regression.Trainers.ConstrainedRegression(new ConstrainedRegressionOptions { IncreasingFeatures = rising, Epochs = 1 }))
            .Fit(view).LastTransformer;
        Assert.IsNotNull(Fit("Income", "0"));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit("Wealth")).Message, "'Wealth'");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit("2")).Message, "'2'");
    }

    [TestMethod]
    public void Fit_NameOfTwoFeatures_IsRefused()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Row));
        VBuffer<ReadOnlyMemory<char>> names = new(Features, ["Age".AsMemory(), "Income".AsMemory(), "Age".AsMemory(), "".AsMemory(), "".AsMemory()]);
        definition["Features"].AddAnnotation("SlotNames", names, new VectorDataViewType(TextDataViewType.Instance, Features));
        IDataView view = _mlContext.Data.LoadFromEnumerable(new[] { new Row(), new Row { Features = [1, 2, 3, 4, 5], Label = 1 } }, definition);
        ConstrainedRegressionTransformer Fit(string rising) =>
            _mlContext.Regression.Trainers.ConstrainedRegression(new ConstrainedRegressionOptions { IncreasingFeatures = [rising], Epochs = 1 }).Fit(view);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => Fit("Age")).Message, "slots 0 and 2 of column 'Features'");
        Assert.IsNotNull(Fit("Income"));
        Assert.IsNotNull(Fit("2"));
    }

    [TestMethod]
    public void Fit_RisingAndFalling_IsRefused()
    {
        string message = Assert.ThrowsExactly<ArgumentException>(() => Fit(r => r[0], o => (o.IncreasingFeatures, o.DecreasingFeatures) = (["0"], ["0"]))).Message;
        StringAssert.Contains(message, "Feature '0' is in both");
    }

    [TestMethod]
    [DataRow(new[] { 1, 0, -1, 0, 0 }, new[] { false, false, false, true, false }, new[] { 9, 6 })]
    [DataRow(new[] { 1, 0, -1, 0, 0 }, new[] { false, false, false, false, false }, new[] { 8 })]
    [DataRow(new[] { 1, 1, -1, 0, 1 }, new[] { false, false, false, true, false }, new[] { 7, 1, 5 })]
    [DataRow(new[] { 1, 0, -1, 0, 0 }, new[] { true, false, true, true, false }, new[] { 6, 6 })]
    [DataRow(new[] { 0, 0, 0, 0, 0 }, new[] { false, true, false, false, false }, new int[0])]
    public void ToNetwork_EqualsTheModule(int[] sign, bool[] convex, int[] hidden)
    {
        foreach (NetworkActivation activation in new[] { NetworkActivation.ReLU, NetworkActivation.Softplus })
        {
            using var module = new ShapedModule(new FeatureShapes(sign, convex), new NetworkShape(Features, 3, hidden, activation), new Random(2), CPU);
            module.eval();
            Tensor x = Normal(new Random(3), 50, Features).to(ScalarType.Float32);
            float[] expected = TrainingTensors.Values(module.forward(x)), scores = new float[150];
            module.ToNetwork(null, new Scaling([2, 3, 4], [5, 6, 7])).Forward(TrainingTensors.Values(x), scores);
            for (int i = 0; i < scores.Length; i++)
                Assert.AreEqual((expected[i] * (2 + (i % 3))) + 5 + (i % 3), scores[i], 2e-5);
        }
    }

    private static float[] Random(Random random, double size) => [.. Enumerable.Range(0, Features).Select(_ => (float)(size * ((2 * random.NextDouble()) - 1)))];

    /// <summary>Another point that differs in the first three features only.</summary>
    private static float[] Moved(Random random, float[] row)
    {
        float[] moved = Random(random, 4);
        (moved[3], moved[4]) = (row[3], row[4]);
        return moved;
    }

    private void AssertMonotone(ConstrainedRegressionTransformer model, int[] sign, double slack)
    {
        var random = new Random(3);
        const int Count = 3000;
        float[][] from = [.. Enumerable.Range(0, Count).Select(_ => Random(random, 4))], to = [.. from.Select(r => (float[])r.Clone())];
        for (int i = 0; i < Count; i++)
        {
            int j = i % Features;

            // Large and tiny steps, one feature or all of them at once.
            for (int k = 0; k < Features; k++)
            {
                if (k == j || i % 3 == 0)
                    to[i][k] += sign[k] * (float)(random.NextDouble() * Math.Pow(10, -random.Next(7)));
            }
        }

        float[] before = Scores(model, from), after = Scores(model, to);
        int width = before.Length / Count;
        for (int i = 0; i < before.Length; i++)
            Assert.IsGreaterThanOrEqualTo(before[i] - slack, after[i], $"pair {i / width}: {string.Join(" ", from[i / width])} -> {string.Join(" ", to[i / width])}");
        Assert.IsGreaterThan(1e-3f, after.Zip(before, (x, y) => x - y).Max());
    }

    private void AssertRSquared(ConstrainedRegressionTransformer model, Func<float[], double> target, double least)
    {
        var random = new Random(8);
        float[][] rows = [.. Enumerable.Range(0, 500).Select(_ => Random(random, 1))];
        double[] truth = [.. rows.Select(target)];
        float[] scores = Scores(model, rows);
        double mean = truth.Average(), total = truth.Sum(v => (v - mean) * (v - mean)), left = truth.Zip(scores, (v, s) => (v - s) * (v - s)).Sum();
        Assert.IsGreaterThan(least, 1 - (left / total));
    }

    private ConstrainedRegressionTransformer Fit(Func<float[], double> target, Action<ConstrainedRegressionOptions> change, int rows = 300)
    {
        var random = new Random(6);
        float[][] features = [.. Enumerable.Range(0, rows).Select(_ => Random(random, 1))];
        var options = new ConstrainedRegressionOptions { HiddenLayers = [16, 16], Epochs = 15, LearningRate = 0.01, Seed = 1, Threads = 1 };
        change(options);
        IDataView view = _mlContext.Data.LoadFromEnumerable(features.Select(f => new Row { Features = f, Label = (float)target(f) }).ToArray());
        return _mlContext.Regression.Trainers.ConstrainedRegression(options).Fit(view);
    }

    private float[] Scores(ConstrainedRegressionTransformer model, float[][] rows)
    {
        IDataView scored = model.Transform(_mlContext.Data.LoadFromEnumerable(rows.Select(f => new Row { Features = f }).ToArray()));
        return scored.Schema["Score"].Type is VectorDataViewType ? [.. scored.GetColumn<float[]>("Score").SelectMany(s => s)] : [.. scored.GetColumn<float>("Score")];
    }

    private sealed class Row
    {
        [VectorType(5)]
        public float[] Features { get; set; } = new float[5];

        public float Label { get; set; }
    }

    private sealed class Named
    {
        public float Age { get; set; }

        public float Income { get; set; }

        public float Label { get; set; }
    }
}
