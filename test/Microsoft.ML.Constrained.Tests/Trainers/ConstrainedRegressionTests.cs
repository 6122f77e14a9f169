using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Constrained.Tests.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class ConstrainedRegressionTests : LayerTest
{
    private static readonly ConstraintSet s_limits =
        ConstraintSet.Over("Steel", "Wood").Nonnegative().Linear("capacity", "Steel + Wood <= @Capacity").Linear("Wood <= 0.4 * Steel");

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Contract_Holds()
    {
        IDataView view = View(60, 1);
        IDataView[] invalid = [_mlContext.Data.LoadFromEnumerable(new[] { new Other() }), _mlContext.Data.LoadFromEnumerable(new[] { new ScalarFeatures() })];
        EstimatorContract.Verify(_mlContext, Trainer(o => o.Epochs = 2), view, invalid);
        EstimatorContract.Verify(_mlContext, Trainer(o => (o.Epochs, o.LabelColumnName) = (2, "Plan")), view, invalid);
        EstimatorContract.Verify(
            _mlContext, Trainer(o => (o.Epochs, o.LabelColumnName, o.Constraints, o.Diagnostics, o.ScoreColumnName) = (2, "Plan", s_limits, true, "Plan")), view, invalid);
        EstimatorContract.Verify(_mlContext, Trainer(o => (o.Epochs, o.Loss, o.Diagnostics) = (2, RegressionLoss.Quantile, true)), view, invalid);
        EstimatorContract.Verify(_mlContext, Trainer(o => (o.Epochs, o.Loss, o.Diagnostics, o.RawScoreColumnName) = (2, RegressionLoss.Quantile, true, "Raw")), view, invalid);
        EstimatorContract.Verify(_mlContext, Trainer(o => (o.Epochs, o.RawScoreColumnName) = (2, "Raw")), view, invalid);
        EstimatorContract.Verify(
            _mlContext, Trainer(o => (o.Epochs, o.Loss, o.Diagnostics, o.OutputConstraint) = (2, RegressionLoss.Quantile, true, OutputConstraint.Parameterization)), view, invalid);
        EstimatorContract.Verify(
            _mlContext, Trainer(o => (o.Epochs, o.LabelColumnName, o.Constraints, o.OutputConstraint) = (2, "Plan", s_limits, OutputConstraint.DifferentiableProjection)), view, invalid);
        EstimatorContract.Verify(_mlContext, Trainer(o => (o.Epochs, o.IncreasingFeatures) = (2, ["0"])), view, invalid);
    }

    [TestMethod]
    public void Score_ScalarLabel_IsLearnedAndEvaluates()
    {
        IDataView view = View(400, 2), held = View(200, 3);
        ConstrainedRegressionTransformer model = _mlContext.Regression.Trainers.ConstrainedRegression().Fit(view);
        RegressionMetrics metrics = _mlContext.Regression.Evaluate(model.Transform(held));
        Assert.IsGreaterThan(0.97, metrics.RSquared);
        Assert.AreEqual(TrainingStatus.Feasible, model.Training.Status);
        Assert.AreEqual((360, 40, 0L), (model.Training.TrainingRows, model.Training.ValidationRows, model.Training.SkippedRows));
    }

    [TestMethod]
    [DataRow(OutputConstraint.Projection)]
    [DataRow(OutputConstraint.ProjectionWhenScoring)]
    [DataRow(OutputConstraint.DifferentiableProjection)]
    public void Score_VectorLabel_IsLearnedAndKeepsTheConstraintsOnHeldOutRows(OutputConstraint mode)
    {
        RegressionRow[] held = RegressionRow.Create(500, 5);
        ConstrainedRegressionTransformer model = Trainer(o =>
            (o.LabelColumnName, o.Constraints, o.OutputConstraint, o.Diagnostics, o.Epochs, o.ProjectionSweeps) = ("Plan", s_limits, mode, true, 40, 6)).Fit(View(300, 4));
        IDataView scored = model.Transform(_mlContext.Data.LoadFromEnumerable(held));
        float[][] scores = [.. scored.GetColumn<float[]>("Score")];
        double error = 0;
        for (int i = 0; i < held.Length; i++)
        {
            Assert.IsTrue(s_limits.Contains(scores[i], [held[i].Capacity]), string.Join(" ", scores[i]));

            // The best there is: the label's own projection, in the metric of the spreads.
            float[] best = Projected(model, held[i]);
            error += Math.Pow(scores[i][0] - best[0], 2) + Math.Pow(scores[i][1] - best[1], 2);
        }

        // The labels' own deviations are 23 and 12.
        Assert.IsLessThan(3, Math.Sqrt(error / held.Length));
        Assert.IsTrue(scored.GetColumn<uint>("ScoreStatus").All(s => s == (uint)SolverStatus.Solved));
        Assert.AreEqual(TrainingStatus.Feasible, model.Training.Status);
        CollectionAssert.AreEqual(new[] { "Steel", "Wood" }, SlotNames(scored.Schema["Score"]));
    }

    [TestMethod]
    [DataRow(OutputConstraint.Projection)]
    [DataRow(OutputConstraint.ProjectionWhenScoring)]
    [DataRow(OutputConstraint.DifferentiableProjection)]
    [DataRow(OutputConstraint.Parameterization)]
    public void Score_EachWay_KeepsConstantConstraintsAndSurvivesSaving(OutputConstraint mode)
    {
        ConstraintSet[] sets =
        [
            // A polytope, an unbounded set with vertices, a cone with a line.
            ConstraintSet.Over("Steel", "Wood").Bounds(20, 90, "Steel").Nonnegative("Wood").Linear("Steel + Wood <= 120"),
            ConstraintSet.Over("Steel", "Wood").Nonnegative().Linear("Wood <= 0.4 * Steel"),
            ConstraintSet.Over("Steel", "Wood").Linear("Wood <= 0.3 * Steel"),
        ];
        RegressionRow[] held = RegressionRow.Create(200, 25);
        IDataView view = View(300, 24), unseen = _mlContext.Data.LoadFromEnumerable(held);
        foreach (ConstraintSet set in sets)
        {
            ConstrainedRegressionTransformer model = Trainer(o =>
                (o.LabelColumnName, o.Constraints, o.OutputConstraint, o.Diagnostics, o.Epochs, o.ProjectionSweeps) = ("Plan", set, mode, true, 30, 6)).Fit(view);
            IDataView scored = model.Transform(unseen);
            float[][] scores = [.. scored.GetColumn<float[]>("Score")];
            double error = 0;
            var projector = new Projector(set, new ProjectorOptions { Weights = [1, 4] });
            for (int i = 0; i < held.Length; i++)
            {
                Assert.IsTrue(set.Contains(scores[i]), $"{set}: {string.Join(" ", scores[i])}");
                float[] best = new float[2];
                projector.Project(held[i].Plan, [], best, new SolverStatus[1]);
                error += (Math.Pow(scores[i][0] - best[0], 2) + Math.Pow(scores[i][1] - best[1], 2)) / held.Length;
            }

            Assert.IsLessThan(6, Math.Sqrt(error), $"{set}");
            Assert.AreEqual(TrainingStatus.Feasible, model.Training.Status);
            float[][] again = [.. EstimatorContract.RoundTrip(_mlContext, model, view.Schema, out _).Transform(unseen).GetColumn<float[]>("Score")];
            for (int i = 0; i < held.Length; i++)
                CollectionAssert.AreEqual(scores[i], again[i]);
        }
    }

    [TestMethod]
    [DataRow(RegressionLoss.Squared)]
    [DataRow(RegressionLoss.Absolute)]
    [DataRow(RegressionLoss.Huber)]
    public void Score_EachLoss_LearnsItsOwnCentre(RegressionLoss loss)
    {
        // No feature tells anything; the labels are 0, 0, 0 and 8. Mean 2, median 0; Huber's centre solves 3·r(m) = r(8 − m) with r
        // linear beyond 1 deviation (3.46): 3m = 3.46.
        RegressionRow[] rows = [.. Enumerable.Range(0, 400).Select(i => new RegressionRow { Label = i % 4 == 0 ? 8 : 0 })];
        ConstrainedRegressionTransformer model = Trainer(o =>
            (o.Loss, o.HiddenLayers, o.ValidationFraction, o.Epochs, o.Patience, o.LearningRate) = (loss, [], 0, 150, 0, 0.02))
            .Fit(_mlContext.Data.LoadFromEnumerable(rows));
        float score = model.Transform(View(1, 1)).GetColumn<float>("Score").Single();
        double expected = loss switch { RegressionLoss.Squared => 2, RegressionLoss.Absolute => 0, _ => Math.Sqrt(12) / 3 };
        Assert.AreEqual(expected, score, 0.08);
    }

    [TestMethod]
    public void Score_Quantiles_NeverCrossAndCoverTheirShare()
    {
        double[] levels = [0.1, 0.25, 0.5, 0.75, 0.9];
        RegressionRow[] held = RegressionRow.Create(1000, 7);
        ConstrainedRegressionTransformer model = Trainer(o => (o.Loss, o.QuantileLevels, o.Epochs) = (RegressionLoss.Quantile, levels, 60)).Fit(View(1000, 6));
        IDataView scored = model.Transform(_mlContext.Data.LoadFromEnumerable(held));
        float[][] scores = [.. scored.GetColumn<float[]>("Score")];
        foreach (float[] score in scores)
        {
            for (int k = 1; k < levels.Length; k++)
                Assert.IsLessThanOrEqualTo(score[k], score[k - 1]);
        }

        for (int k = 0; k < levels.Length; k++)
            Assert.AreEqual(levels[k], held.Zip(scores, (row, score) => row.Label <= score[k] ? 1.0 : 0).Average(), 0.12);
        CollectionAssert.AreEqual(levels, model.QuantileLevels.ToArray());
        CollectionAssert.AreEqual(new[] { "Q10", "Q25", "Q50", "Q75", "Q90" }, SlotNames(scored.Schema["Score"]));
    }

    [TestMethod]
    public void Score_BoundsOnAScalar_Hold()
    {
        ConstraintSet bounds = ConstraintSet.Over("Score").Bounds(-0.5, 1);
        ConstrainedRegressionTransformer model = Trainer(o => (o.Constraints, o.Epochs, o.RawScoreColumnName) = (bounds, 20, "Raw")).Fit(View(200, 8));
        IDataView scored = model.Transform(View(300, 9));
        float[] scores = [.. scored.GetColumn<float>("Score")];
        CollectionAssert.AreEqual(scored.GetColumn<float>("Raw").Select(r => Math.Clamp(r, -0.5f, 1f)).ToArray(), scores);
        Assert.IsTrue(scores.All(s => s is >= -0.5f and <= 1f));
        Assert.IsTrue(scores.Any(s => s == -0.5f) && scores.Any(s => s == 1f));
    }

    [TestMethod]
    public void Fit_SameSeed_GivesTheSameModelBitByBit()
    {
        IDataView view = View(150, 10);
        void Options(ConstrainedRegressionOptions o) =>
            (o.LabelColumnName, o.Constraints, o.Epochs, o.Dropout, o.BatchNormalization, o.Seed) = ("Plan", s_limits, 4, 0.2, true, 12);
        byte[] Bytes(ConstrainedRegressionTransformer model)
        {
            using var stream = new MemoryStream();
            model.Model.Write(new BinaryWriter(stream));
            return stream.ToArray();
        }

        ConstrainedRegressionEstimator estimator = Trainer(Options);
        byte[] first = Bytes(estimator.Fit(view));
        CollectionAssert.AreEqual(first, Bytes(estimator.Fit(view)), "a second Fit");
        TorchSharp.torch.rand(7).Dispose();
        CollectionAssert.AreEqual(first, Bytes(new MLContext(99).Regression.Trainers.ConstrainedRegression(Made(Options)).Fit(view)), "another estimator");
        CollectionAssert.AreNotEqual(first, Bytes(Trainer(o => { Options(o); o.Seed = 13; }).Fit(view)), "another seed");
        byte[] FromContext(int seed) => Bytes(new MLContext(seed).Regression.Trainers.ConstrainedRegression(Made(o => { Options(o); o.Seed = null; })).Fit(view));
        CollectionAssert.AreEqual(FromContext(5), FromContext(5), "the context's seed");
        CollectionAssert.AreNotEqual(FromContext(5), FromContext(6), "another context's seed");
    }

    [TestMethod]
    public void Fit_LeavesNoTensorsAndNothingOfTheGlobalGenerator()
    {
        DisposeTensors();
        IDataView view = View(100, 11);
        void Fit(RegressionLoss loss, string[]? rising, OutputConstraint way = OutputConstraint.Projection) => Trainer(o =>
        {
            (o.Epochs, o.Loss, o.IncreasingFeatures, o.Dropout, o.OutputConstraint) = (3, loss, rising, 0.1, way);
            if (rising is null && loss != RegressionLoss.Quantile)
                (o.LabelColumnName, o.Constraints, o.BatchNormalization) = ("Plan", s_limits, true);
        }).Fit(view);

        Fit(RegressionLoss.Squared, null);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        TorchSharp.torch.manual_seed(3);
        Fit(RegressionLoss.Squared, null);
        Fit(RegressionLoss.Quantile, null);
        Fit(RegressionLoss.Quantile, null, OutputConstraint.DifferentiableProjection);
        Fit(RegressionLoss.Quantile, null, OutputConstraint.Parameterization);
        Fit(RegressionLoss.Huber, ["0"]);
        using TorchSharp.torch.Tensor drawn = TorchSharp.torch.rand(4);
        Assert.AreEqual(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        TorchSharp.torch.manual_seed(3);
        using TorchSharp.torch.Tensor expected = TorchSharp.torch.rand(4);
        AreClose(expected, drawn, 0);
    }

    [TestMethod]
    public void Fit_Cancelled_ThrowsAndLeavesNoTensors()
    {
        DisposeTensors();
        using var source = new CancellationTokenSource();
        int epochs = 0;
        _mlContext.Log += (_, e) =>
        {
            if (e.Message.Contains("Epoch ", StringComparison.Ordinal) && ++epochs == 3)
                source.Cancel();
        };
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.ThrowsExactly<OperationCanceledException>(() => Trainer(o => (o.Epochs, o.CancellationToken) = (100_000, source.Token)).Fit(View(200, 12)));
        Assert.AreEqual(3, epochs);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Fit_Progress_IsLogged()
    {
        var lines = new List<string>();
        _mlContext.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Info)
                lines.Add(e.Message);
        };
        ConstrainedRegressionTransformer model = Trainer(o => o.Epochs = 3).Fit(View(50, 13));
        string[] epochs = [.. lines.Where(l => l.Contains("Epoch ", StringComparison.Ordinal))];
        Assert.HasCount(3, epochs);
        foreach (string part in new[] { "Epoch 2 of 3", "loss", "validation loss", "violation" })
            StringAssert.Contains(epochs[1], part);
        Assert.HasCount(3, model.Training.History);
    }

    [TestMethod]
    public void Fit_DoesNotTouchItsOptions()
    {
        ConstrainedRegressionOptions options = Made(o => (o.Epochs, o.HiddenLayers, o.QuantileLevels, o.Loss) = (2, [4], [0.2, 0.8], RegressionLoss.Quantile));
        ConstrainedRegressionEstimator estimator = _mlContext.Regression.Trainers.ConstrainedRegression(options);
        estimator.Fit(View(30, 14));
        Assert.IsNull(options.Constraints);
        Assert.AreEqual((4, 2), (options.HiddenLayers[0], options.Epochs));

        // What is changed later does not reach the estimator.
        (options.HiddenLayers[0], options.QuantileLevels![0]) = (-1, 7);
        Assert.HasCount(2, estimator.Fit(View(30, 14)).QuantileLevels);
    }

    [TestMethod]
    public void LoadedModel_AndEngine_GiveTheSameScores()
    {
        IDataView view = View(120, 15);
        ConstrainedRegressionTransformer model = Trainer(o => (o.LabelColumnName, o.Constraints, o.Epochs) = ("Plan", s_limits, 3)).Fit(view);
        var loaded = (ConstrainedRegressionTransformer)EstimatorContract.RoundTrip(_mlContext, model, view.Schema, out _);
        Assert.AreEqual(s_limits, loaded.Constraints);
        Assert.AreEqual(model.Training.BestEpoch, loaded.Training.BestEpoch);
        CollectionAssert.AreEqual(model.Training.History.ToArray(), loaded.Training.History.ToArray());
        float[][] expected = [.. model.Transform(view).GetColumn<float[]>("Score")], again = [.. loaded.Transform(view).GetColumn<float[]>("Score")];
        using PredictionEngine<RegressionRow, Scored> engine = _mlContext.Model.CreatePredictionEngine<RegressionRow, Scored>(loaded);
        RegressionRow[] rows = RegressionRow.Create(120, 15);
        for (int i = 0; i < rows.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i], again[i]);
            CollectionAssert.AreEqual(expected[i], engine.Predict(rows[i]).Score);
        }
    }

    [TestMethod]
    public void DamagedModel_GivesAnExceptionThatIsCaughtOrAModel()
    {
        byte[] saved;
        using (var stream = new MemoryStream())
        {
            Trainer(o => (o.LabelColumnName, o.Constraints, o.Epochs, o.HiddenLayers, o.OutputConstraint) =
                ("Plan", ConstraintSet.Over("Steel", "Wood").Nonnegative().Linear("Steel + Wood <= 9"), 1, [3], OutputConstraint.Parameterization))
                .Fit(View(30, 18)).Model.Write(new BinaryWriter(stream));
            saved = stream.ToArray();
        }

        var random = new Random(19);
        int refused = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] damaged = i % 2 == 0 ? saved[..random.Next(saved.Length)] : (byte[])saved.Clone();
            if (i % 2 == 1)
                damaged[random.Next(saved.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                _ = new ConstrainedRegressionTransformer(_mlContext, Microsoft.ML.Constrained.Trainers.RegressionModel.Read(new BinaryReader(new MemoryStream(damaged))));
                Assert.AreEqual(1, i % 2, "a truncated model was read");
            }
            catch (Exception e) when (e is FormatException or IOException or ArgumentException or OverflowException or InvalidOperationException)
            {
                // What the block's reader turns into an exception that names it.
                refused++;
            }
        }

        Assert.IsGreaterThan(1000, refused);
    }

    [TestMethod]
    public void CrossValidate_Works()
    {
        IReadOnlyList<TrainCatalogBase.CrossValidationResult<RegressionMetrics>> results =
            _mlContext.Regression.CrossValidate(View(200, 20), Trainer(o => o.Epochs = 30), numberOfFolds: 3);
        Assert.HasCount(3, results);
        foreach (TrainCatalogBase.CrossValidationResult<RegressionMetrics> result in results)
            Assert.IsGreaterThan(0.8, result.Metrics.RSquared);
    }

    [TestMethod]
    public void Score_RowsWithoutASolution_FollowThePolicy()
    {
        IDataView view = View(60, 16);
        RegressionRow[] rows = RegressionRow.Create(3, 17);
        rows[1].Capacity = -5;
        rows[2].Features[0] = float.NaN;
        IDataView bad = _mlContext.Data.LoadFromEnumerable(rows);
        void Options(ConstrainedRegressionOptions o) => (o.LabelColumnName, o.Constraints, o.Epochs, o.Diagnostics) = ("Plan", s_limits, 2, true);
        IDataView scored = Trainer(Options).Fit(view).Transform(bad);
        CollectionAssert.AreEqual(
            new[] { (uint)SolverStatus.Solved, (uint)SolverStatus.PrimalInfeasible, (uint)SolverStatus.InvalidInput }, scored.GetColumn<uint>("ScoreStatus").ToArray());
        float[][] scores = [.. scored.GetColumn<float[]>("Score")];
        Assert.IsTrue(scores[1].All(float.IsFinite) && scores[2].All(float.IsNaN));
        IDataView thrown = Trainer(o => { Options(o); o.Policy = RowPolicy.Throw; }).Fit(view).Transform(bad);
        StringAssert.Contains(Assert.Throws<InvalidOperationException>(() => thrown.GetColumn<float[]>("Score").ToArray()).Message, "Row 1");

        // Without constraints too, no NaN comes out unmarked.
        IDataView plain = Trainer(o => (o.Epochs, o.Diagnostics) = (1, true)).Fit(view).Transform(bad);
        Assert.AreEqual((uint)SolverStatus.InvalidInput, plain.GetColumn<uint>("ScoreStatus").ElementAt(2));
    }

    private static string[] SlotNames(DataViewSchema.Column column)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(n => n.ToString())];
    }

    private static float[] Projected(ConstrainedRegressionTransformer model, RegressionRow row)
    {
        float[] point = new float[2];
        model.Projector!.Project(row.Plan, [row.Capacity], point, new SolverStatus[1]);
        return point;
    }

    private static ConstrainedRegressionOptions Made(Action<ConstrainedRegressionOptions> change)
    {
        var options = new ConstrainedRegressionOptions { HiddenLayers = [16, 16], LearningRate = 0.01, Threads = 1, Seed = 1 };
        change(options);
        return options;
    }

    private ConstrainedRegressionEstimator Trainer(Action<ConstrainedRegressionOptions> change) => _mlContext.Regression.Trainers.ConstrainedRegression(Made(change));

    private IDataView View(int rows, int seed) => _mlContext.Data.LoadFromEnumerable(RegressionRow.Create(rows, seed));

    private sealed class Scored
    {
        [VectorType(2)]
        public float[] Score { get; set; } = new float[2];
    }

    private sealed class Other
    {
        public float Something { get; set; }
    }

    private sealed class ScalarFeatures
    {
        public float Features { get; set; }

        public float Label { get; set; }
    }
}
