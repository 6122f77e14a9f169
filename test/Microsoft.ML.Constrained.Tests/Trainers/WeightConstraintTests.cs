using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Optimizers;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

/// <summary>Constraints on weights as options of the trainers.</summary>
[TestClass]
public sealed class WeightConstraintTests : LayerTest
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow(WeightConstraintKind.None)]
    [DataRow(WeightConstraintKind.Circle)]
    [DataRow(WeightConstraintKind.Orthogonal)]
    [DataRow(WeightConstraintKind.Sphere)]
    public void Fit_EachConstraint_LearnsAndItHoldsInTheModel(WeightConstraintKind kind)
    {
        IDataView view = View(300, 1), held = View(200, 2);
        ConstrainedRegressionTransformer model = Trainer(o => (o.WeightConstraint, o.CircleRadius, o.FirstCircleRadius) = (kind, 0.4, 0.5)).Fit(view);
        Assert.IsGreaterThan(0.8, _mlContext.Regression.Evaluate(model.Transform(held)).RSquared);
        DenseLayer[] layers = [.. model.Model.Network.Layers.OfType<DenseLayer>()];
        Assert.HasCount(3, layers);

        // The last layer is in the label's units; the others are as they were trained.
        for (int l = 0; l < 2; l++)
        {
            float[] w = layers[l].Weights.ToArray();
            int inputs = layers[l].InputCount, outputs = layers[l].OutputCount;
            double Product(int i, int j, bool rows) => Enumerable.Range(0, rows ? inputs : outputs)
                .Sum(k => rows ? (double)w[(i * inputs) + k] * w[(j * inputs) + k] : (double)w[(k * inputs) + i] * w[(k * inputs) + j]);
            switch (kind)
            {
                case WeightConstraintKind.Circle:
                    Assert.IsLessThanOrEqualTo((l == 0 ? 0.5f : 0.4f) * (1 + 1e-6f), w.Max(Math.Abs));
                    break;
                case WeightConstraintKind.Orthogonal:
                    for (int i = 0; i < Math.Min(inputs, outputs); i++)
                    {
                        for (int j = 0; j <= i; j++)
                            Assert.AreEqual(i == j ? 1 : 0, Product(i, j, outputs < inputs), 1e-6);
                    }

                    break;
                case WeightConstraintKind.Sphere:
                    for (int i = 0; i < outputs; i++)
                        Assert.AreEqual(1, Product(i, i, true), 1e-6);
                    break;
                default:
                    Assert.IsGreaterThan(l == 0 ? 0.5f : 0.4f, w.Max(Math.Abs), "Otherwise the other cases show nothing.");
                    break;
            }
        }
    }

    [TestMethod]
    public void Fit_Orthogonal_BoundsTheSlopeAndTheBoundIsSaved()
    {
        ConstrainedRegressionTransformer model = Trainer(o => o.WeightConstraint = WeightConstraintKind.Orthogonal).Fit(View(300, 1));
        double bound = model.Training.LipschitzBound!.Value;
        RegressionRow[] rows = RegressionRow.Create(300, 3);
        Network network = model.Model.Network;
        double steepest = 0;
        for (int i = 0; i + 1 < rows.Length; i++)
        {
            foreach (double share in new[] { 1, 1e-2 })
            {
                float[] a = rows[i].Features, b = [.. a.Zip(rows[i + 1].Features, (x, y) => (float)(x + (share * (y - x))))];
                float[] fa = new float[1], fb = new float[1];
                network.Forward(a, fa, 1);
                network.Forward(b, fb, 1);
                steepest = Math.Max(steepest, Math.Abs(fa[0] - fb[0]) / Math.Sqrt(a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum()));
            }
        }

        Assert.IsLessThanOrEqualTo(bound, steepest);
        Assert.IsGreaterThan(bound / 20, steepest, "The bound says little.");
        using var stream = new MemoryStream();
        model.Training.Write(new BinaryWriter(stream));
        stream.Position = 0;
        Assert.AreEqual(bound, TrainingSummary.Read(new BinaryReader(stream)).LipschitzBound);
        Assert.IsNull(Trainer(o => o.Epochs = 1).Fit(View(50, 1)).Training.LipschitzBound);
    }

    [TestMethod]
    public void Fit_TwiceWithNoise_GivesTheSameModel()
    {
        var trainer = Trainer(o => (o.Temperature, o.Epochs, o.WeightConstraint) = (1e-4, 3, WeightConstraintKind.Circle));
        float[][] weights = [.. Enumerable.Range(0, 2).Select(_ => trainer.Fit(View(100, 1)).Model.Network.Layers.OfType<DenseLayer>().First().Weights.ToArray())];
        CollectionAssert.AreEqual(weights[0], weights[1]);
        float[] quiet = Trainer(o => (o.Epochs, o.WeightConstraint) = (3, WeightConstraintKind.Circle)).Fit(View(100, 1))
            .Model.Network.Layers.OfType<DenseLayer>().First().Weights.ToArray();
        CollectionAssert.AreNotEqual(weights[0], quiet);
    }

    [TestMethod]
    public void Options_OutOfRange_AreNamed()
    {
        foreach ((Action<ConstrainedRegressionOptions> set, string name) in new (Action<ConstrainedRegressionOptions>, string)[]
        {
            (o => (o.Optimizer, o.WeightConstraint) = (TrainingOptimizerKind.Adam, WeightConstraintKind.Circle), "ConstrainedLangevin"),
            (o => o.WeightConstraint = WeightConstraintKind.Polyhedral, nameof(NetworkTrainerOptions.WeightConstraint)),
            (o => o.CircleRadius = 0, nameof(NetworkTrainerOptions.CircleRadius)),
            (o => o.FirstCircleRadius = double.NaN, nameof(NetworkTrainerOptions.FirstCircleRadius)),
            (o => o.Temperature = -1, nameof(NetworkTrainerOptions.Temperature)),
            (o => o.Friction = double.PositiveInfinity, nameof(NetworkTrainerOptions.Friction)),
        })
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(set)).Message, name);
        }
    }

    private ConstrainedRegressionEstimator Trainer(Action<ConstrainedRegressionOptions> set)
    {
        var options = new ConstrainedRegressionOptions
        {
            Optimizer = TrainingOptimizerKind.ConstrainedLangevin,
            LearningRate = 0.2,
            HiddenLayers = [16, 16],
            Epochs = 60,
            Seed = 5,
        };
        set(options);
        return _mlContext.Regression.Trainers.ConstrainedRegression(options);
    }

    private IDataView View(int rows, int seed) => _mlContext.Data.LoadFromEnumerable(RegressionRow.Create(rows, seed));
}
