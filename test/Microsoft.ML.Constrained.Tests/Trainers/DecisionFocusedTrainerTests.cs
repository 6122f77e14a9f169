using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Optimizers;
using Microsoft.ML.Constrained.Tests.Data;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Constrained.Tests.Transforms;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static Microsoft.ML.Constrained.Tests.Trainers.DecisionRowsData;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class DecisionFocusedTrainerTests : LayerTest
{
    private readonly MLContext _mlContext = new(1);

    [TestMethod]
    public void Contract_Holds()
    {
        IDataView[] invalid = [_mlContext.Data.LoadFromEnumerable(new[] { new NoLabel() }), _mlContext.Data.LoadFromEnumerable(new[] { new ScalarLabel() })];
        EstimatorContract.Verify(_mlContext, _mlContext.Regression.Trainers.DecisionFocused(Options(o => o.Epochs = 2)), Values(60), invalid);
        EstimatorContract.Verify(
            _mlContext,
            _mlContext.Regression.Trainers.DecisionFocused(Options(o =>
            {
                o.Epochs = 2;
                o.Method = DecisionMethod.PredictThenOptimize;
                o.Diagnostics = true;
                o.DecisionColumnName = "Chosen";
                o.ScoringBatchSize = 7;
                o.HiddenLayers = [];
            })),
            Values(60),
            invalid);
    }

    [TestMethod]
    [DataRow(DecisionMethod.PredictThenOptimize)]
    [DataRow(DecisionMethod.SpoPlus)]
    [DataRow(DecisionMethod.FenchelYoung)]
    public void Costs_ByEachMethod_AreLearnedWithLittleRegret(DecisionMethod method) => AssertLearns(Options(o => o.Method = method));

    [TestMethod]
    public void Costs_ByEachRule_AreLearnedWithLittleRegret()
    {
        AssertLearns(Options(o => o.Rule = new IdentityRule()));
        AssertLearns(Options(o => (o.Rule, o.NoiseMargin) = (new IdentityRule(CostProjection.Norm), 0.2)));
        AssertLearns(Options(o => o.Rule = new InterpolationRule(1)));
        AssertLearns(Options(o => o.Rule = new PerturbedRule(0.5, 4)));
        AssertLearns(Options(o => o.Rule = new ImplicitMaximumLikelihoodRule(CostNoise.Gumbel(0.3), 1, 4)));
    }

    [TestMethod]
    public void Decisions_Alone_AreEnough()
    {
        IDataView training = Decisions(400), test = Decisions(200, seed: 9);
        DecisionFocusedOptions options = Options(o => (o.Label, o.Method, o.Epochs) = (DecisionLabel.Decisions, DecisionMethod.Auto, 60));
        DecisionFocusedTransformer model = _mlContext.Regression.Trainers.DecisionFocused(options).Fit(training);
        DecisionMetrics metrics = _mlContext.Regression.EvaluateDecisions(model.Transform(test), Knapsack, null, bestDecisionColumnName: "Label");
        Assert.IsGreaterThan(0.8, metrics.ExactMatchShare);
        Assert.IsLessThan(0.1, metrics.HammingShare);
        Assert.AreEqual(TrainingStatus.Feasible, model.Training.Status);
    }

    [TestMethod]
    public void Scores_HaveTheUnitOfTheTrueCosts()
    {
        // Values around 1,000: a linear model of linear values is exact but for noise of up to 20.
        IDataView data = Values(300, scale: 1000);
        DecisionFocusedOptions options = Options(o => (o.Method, o.HiddenLayers, o.Epochs, o.LearningRate) = (DecisionMethod.PredictThenOptimize, [], 100, 0.05));
        IDataView scored = _mlContext.Regression.Trainers.DecisionFocused(options).Fit(data).Transform(data);
        Assert.IsGreaterThan(0.98, _mlContext.Regression.EvaluateVector(scored).RSquared);
        Assert.IsLessThan(0.01, _mlContext.Regression.EvaluateDecisions(scored, Knapsack).RelativeRegret);
    }

    [TestMethod]
    [DataRow(DecisionLabel.Decisions, DecisionMethod.Rule)]
    [DataRow(DecisionLabel.Decisions, DecisionMethod.FenchelYoung)]
    [DataRow(DecisionLabel.Costs, DecisionMethod.SpoPlus)]
    [DataRow(DecisionLabel.Costs, DecisionMethod.PredictThenOptimize)]
    public void Path_FromAnImage_IsLearnedWithNonNegativeCosts(DecisionLabel label, DecisionMethod method)
    {
        // A map of 4 × 4 tiles of 2 × 2 pixels: the brighter, the dearer.
        var random = new Random(4);
        var solver = new GridShortestPathSolver(4, 4);
        Map[] maps = [.. Enumerable.Range(0, 300).Select(_ => NextMap())];
        DecisionFocusedOptions options = new()
        {
            Solver = solver,
            Image = new ImageFeatureOptions { Channels = 1, Height = 8, Width = 8, CostPerPlace = true, Convolutions = [new ConvolutionOptions { Channels = 8, Kernel = 2, Stride = 2 }] },
            HiddenLayers = [8],
            Activation = HiddenActivation.SiLU,
            Label = label,
            LabelColumnName = label == DecisionLabel.Costs ? "Cost" : "Label",
            Method = method,
            Sigma = 0.2,
            LearningRate = 0.02,
            Epochs = 25,
            Seed = 3,
            Diagnostics = true,
        };
        DecisionFocusedTransformer model = _mlContext.Regression.Trainers.DecisionFocused(options).Fit(_mlContext.Data.LoadFromEnumerable(maps[..200]));
        IDataView scored = model.Transform(_mlContext.Data.LoadFromEnumerable(maps[200..]));
        DecisionMetrics metrics = _mlContext.Regression.EvaluateDecisions(scored, solver, "Cost");
        Assert.IsLessThan(1.02, metrics.CostRatio);
        Assert.IsGreaterThan(0.9, metrics.OptimalShare);

        // The diagonal, best if all tiles cost the same.
        double diagonal = maps[200..].Sum(m => m.Cost[0] + m.Cost[5] + m.Cost[10] + m.Cost[15]), best = maps[200..].Sum(m => m.Cost.Zip(m.Best, (c, y) => c * y).Sum());
        Assert.IsGreaterThan(1.2, diagonal / best);
        Assert.IsTrue(scored.GetColumn<float[]>("Score").All(s => s.All(c => c >= 0)));
        Assert.IsTrue(scored.GetColumn<uint>("DecisionStatus").All(s => s == (uint)SolverStatus.Solved));

        Map NextMap()
        {
            float[] costs = new float[16], pixels = new float[64], path = new float[16];
            for (int i = 0; i < 16; i++)
            {
                int terrain = random.Next(5);
                costs[i] = 1 << terrain;
                for (int p = 0; p < 4; p++)
                    pixels[(i / 4 * 2 + p / 2) * 8 + i % 4 * 2 + p % 2] = (float)(0.2 * terrain + 0.05 * random.NextDouble());
            }

            solver.Solve(costs, path);
            return new Map { Features = pixels, Label = path, Cost = costs, Best = path };
        }
    }

    [TestMethod]
    [DataRow(WeightConstraintKind.Circle)]
    [DataRow(WeightConstraintKind.Orthogonal)]
    public void Costs_ByConstrainedLangevin_AreLearnedWithLittleRegret(WeightConstraintKind constraint) => AssertLearns(Options(o =>
    {
        (o.Optimizer, o.WeightConstraint, o.LearningRate, o.Epochs) = (TrainingOptimizerKind.ConstrainedLangevin, constraint, 0.05, 40);
        (o.FirstCircleRadius, o.CircleRadius) = (1, 1);
    }));

    [TestMethod]
    public void Image_WithDenseLayers_Trains()
    {
        DecisionFocusedOptions options = Options(o =>
        {
            o.Image = new ImageFeatureOptions { Channels = 1, Height = 2, Width = 2, Convolutions = [new ConvolutionOptions { Channels = 3, Kernel = 2, Padding = 1 }] };
            o.BatchNormalization = true;
            o.Epochs = 2;
        });
        IDataView data = Values(50);
        Assert.HasCount(50, _mlContext.Regression.Trainers.DecisionFocused(options).Fit(data).Transform(data).GetColumn<float[]>("Decision").ToArray());
        options.Image!.Height = 3;
        StringAssert.Contains(
            Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Regression.Trainers.DecisionFocused(options).Fit(data)).Message, "an image of 1 × 3 × 2");
    }

    [TestMethod]
    public void Fit_SameSeed_IsTheSameBitByBitWhateverTheThreads()
    {
        IDataView data = Values(120);
        List<object[]> Scores(int threads) => DataViewValues.Rows(_mlContext.Regression.Trainers
            .DecisionFocused(Options(o => (o.Threads, o.Method, o.Epochs, o.Dropout) = (threads, DecisionMethod.FenchelYoung, 3, 0.2))).Fit(data).Transform(data));
        DataViewValues.AssertEqual(Scores(1), Scores(4));
    }

    [TestMethod]
    public void Fit_LeavesNoTensorsAndDrawsNothingFromTheGlobalGenerator()
    {
        IDataView data = Values(80);
        DecisionFocusedTrainer trainer = _mlContext.Regression.Trainers.DecisionFocused(Options(o => o.Epochs = 3));
        torch.manual_seed(3);
        float expected = torch.rand(1).item<float>();
        torch.manual_seed(3);
        trainer.Fit(data);
        Assert.AreEqual(expected, torch.rand(1).item<float>());
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        trainer.Fit(data);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Fit_InvalidRows_AreLeftOutWithAWarning()
    {
        Row[] rows = [.. Rows(50, 1, 1), new() { Features = [1, float.NaN, 1, 1], Label = [1, 1, 1, 1, 1] }, new() { Features = [1, 1, 1, 1], Label = [1, 1, float.NaN, 1, 1] }];
        var warnings = new List<string>();
        _mlContext.Log += (_, e) => warnings.Add(e.RawMessage);
        DecisionFocusedTransformer model =
            _mlContext.Regression.Trainers.DecisionFocused(Options(o => o.Epochs = 2)).Fit(_mlContext.Data.LoadFromEnumerable(rows));
        Assert.AreEqual(2, model.Training.SkippedRows);
        Assert.IsTrue(warnings.Any(w => w.Contains("2 of 52 rows", StringComparison.Ordinal)));
        IDataView scored = model.Transform(_mlContext.Data.LoadFromEnumerable(rows));
        float[][] decisions = [.. scored.GetColumn<float[]>("Decision")];
        Assert.IsTrue(decisions[50].All(float.IsNaN) && decisions[51].All(float.IsFinite));
    }

    [TestMethod]
    public void Fit_TrueCostsThatTheSolverRefuses_AreLeftOutOrNamed()
    {
        var solver = new GridShortestPathSolver(1, 5);
        Row[] rows = [.. Rows(30, 1, 1)];
        foreach (Row row in rows)
            row.Label = [.. row.Label.Select(Math.Abs)];
        rows[3].Label = [1, -1, 1, 1, 1];
        DecisionFocusedOptions options = Options(o => (o.Solver, o.Epochs) = (solver, 2));
        Assert.AreEqual(1, _mlContext.Regression.Trainers.DecisionFocused(options).Fit(_mlContext.Data.LoadFromEnumerable(rows)).Training.SkippedRows);
        foreach (Row row in rows)
            row.Label = [1, -1, 1, 1, 1];
        StringAssert.Contains(
            Assert.Throws<InvalidOperationException>(() => _mlContext.Regression.Trainers.DecisionFocused(options).Fit(_mlContext.Data.LoadFromEnumerable(rows))).Message,
            "It needs costs that are not negative.");
    }

    [TestMethod]
    public void Fit_DegenerateData_IsDefined()
    {
        DecisionFocusedTrainer trainer = _mlContext.Regression.Trainers.DecisionFocused(Options(o => o.Epochs = 3));
        StringAssert.Contains(
            Assert.Throws<InvalidOperationException>(() => trainer.Fit(_mlContext.Data.LoadFromEnumerable(Array.Empty<Row>()))).Message, "no row to train on");

        // One row; a constant feature; constant, and zero, costs.
        foreach (Row[] rows in new[]
        {
            [new Row { Features = [1, 2, 3, 4], Label = [5, 4, 3, 2, 1] }],
            [.. Enumerable.Range(0, 20).Select(i => new Row { Features = [7, i, 0, -i], Label = [1, 1, 1, 1, 1] })],
            Enumerable.Range(0, 20).Select(i => new Row { Features = [7, i, 0, -i], Label = new float[5] }).ToArray(),
        })
        {
            IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
            foreach (float[] score in trainer.Fit(data).Transform(data).GetColumn<float[]>("Score"))
                Assert.IsTrue(score.All(float.IsFinite));
        }
    }

    [TestMethod]
    public void Fit_BestDecisionsThatCostNothing_AreMeasuredByTheirRegret()
    {
        // In each row one item is worth nothing and the others less: the best total is 0, and a relative regret is not defined.
        Row[] rows = Rows(60, 3, 1);
        foreach (Row row in rows)
        {
            float most = row.Label.Max();
            row.Label = [.. row.Label.Select(v => v - most)];
        }

        var solver = new TopKSolver(Items, 1);
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        DecisionFocusedTransformer model = _mlContext.Regression.Trainers.DecisionFocused(Options(o => (o.Solver, o.Epochs, o.ValidationFraction) = (solver, 20, 0))).Fit(data);
        TrainingEpoch best = model.Training.History[model.Training.BestEpoch - 1];
        double unit = Math.Sqrt(rows.SelectMany(r => r.Label).Average(v => (double)v * v));
        Assert.AreEqual(_mlContext.Regression.EvaluateDecisions(model.Transform(data), solver).MeanRegret / unit, best.ValidationLoss, 1e-5);
        Assert.IsLessThan(model.Training.History[0].ValidationLoss, best.ValidationLoss);
    }

    [TestMethod]
    [DataRow(DecisionMethod.SpoPlus)]
    [DataRow(DecisionMethod.Rule)]
    [DataRow(DecisionMethod.PredictThenOptimize)]
    public void Costs_OneOfThemConstantInASmallUnit_AreLearned(DecisionMethod method)
    {
        const float Unit = 1e-6f;
        Row[] rows = Rows(300, 4, Unit);
        foreach (Row row in rows)
            row.Label[2] = 1.5f * Unit;
        IDataView data = _mlContext.Data.LoadFromEnumerable(rows);
        var solver = new TopKSolver(Items, 2);
        DecisionFocusedTransformer model = _mlContext.Regression.Trainers.DecisionFocused(Options(o => (o.Solver, o.Method) = (solver, method))).Fit(data);
        Assert.IsLessThan(0.01, _mlContext.Regression.EvaluateDecisions(model.Transform(data), solver).RelativeRegret);
    }

    [TestMethod]
    public void Fit_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => _mlContext.Regression.Trainers.DecisionFocused(Options(o => o.CancellationToken = source.Token)).Fit(Values(20)));
    }

    [TestMethod]
    public void Method_Auto_FollowsWhatIsSet()
    {
        Assert.AreEqual(DecisionMethod.SpoPlus, Options(_ => { }).UsedMethod);
        Assert.AreEqual(DecisionMethod.Rule, Options(o => o.Rule = new IdentityRule()).UsedMethod);
        Assert.AreEqual(DecisionMethod.Rule, Options(o => o.NoiseMargin = 0.1).UsedMethod);
        Assert.AreEqual(DecisionMethod.Rule, Options(o => o.Label = DecisionLabel.Decisions).UsedMethod);
        Assert.AreEqual(DecisionLoss.Regret, Options(o => o.Rule = new InterpolationRule(1)).UsedLoss);
        Assert.AreEqual(DecisionLoss.Absolute, Options(o => o.Rule = new IdentityRule()).UsedLoss);
        Assert.AreEqual(CostProjection.Norm, ((IdentityRule)Options(_ => { }).UsedRule).Projection);
        Assert.AreEqual(CostProjection.Standard, ((IdentityRule)Options(o => o.Solver = new TopKSolver(5, 2)).UsedRule).Projection);
    }

    [TestMethod]
    public void WrongOptions_AreNamed()
    {
        void Fails<T>(string part, Action<DecisionFocusedOptions> change)
            where T : Exception => StringAssert.Contains(Assert.Throws<T>(() => _mlContext.Regression.Trainers.DecisionFocused(Options(change))).Message, part);

        Fails<ArgumentNullException>("Solver", o => o.Solver = null);
        Fails<ArgumentException>("needs true costs", o => (o.Label, o.Method) = (DecisionLabel.Decisions, DecisionMethod.SpoPlus));
        Fails<ArgumentException>("needs true costs", o => (o.Label, o.Loss, o.Method) = (DecisionLabel.Decisions, DecisionLoss.Regret, DecisionMethod.Rule));
        Fails<ArgumentException>("Standard", o => o.Rule = new IdentityRule(CostProjection.Standard));
        Fails<ArgumentOutOfRangeException>("NoiseMargin", o => o.NoiseMargin = -1);
        Fails<ArgumentException>("'Rule' is set", o => (o.Rule, o.Method) = (new IdentityRule(), DecisionMethod.SpoPlus));
        Fails<ArgumentException>("'Loss' is set", o => (o.Loss, o.Method) = (DecisionLoss.Hamming, DecisionMethod.FenchelYoung));
        Fails<ArgumentException>("'NoiseMargin' is set", o => (o.NoiseMargin, o.Method) = (0.1, DecisionMethod.PredictThenOptimize));
        Fails<ArgumentOutOfRangeException>("Sigma", o => o.Sigma = 0);
        Fails<ArgumentOutOfRangeException>("Samples", o => o.Samples = 0);
        Fails<ArgumentOutOfRangeException>("Policy", o => o.Policy = RowPolicy.Closest);
        Fails<ArgumentException>("'DecisionColumnName'", o => o.DecisionColumnName = "Score");
        Fails<ArgumentOutOfRangeException>("LearningRate", o => o.LearningRate = 0);
        Fails<ArgumentException>("does not fit", o => o.Image = new ImageFeatureOptions { Height = 2, Width = 2 });
        Fails<ArgumentException>("3 × 3 places but the solver has 5", o => o.Image = new ImageFeatureOptions { Height = 5, Width = 5, CostPerPlace = true });
        Fails<ArgumentException>("Convolution 0: A convolution gives 5120000 values", o => o.Image = Large(128, 3));
        Fails<ArgumentException>("Convolution 0: A convolution of 64 windows of 10201 values", o => o.Image = Large(64, 101));
        Fails<ArgumentException>("Hidden layer of 128 units at each place", o => (o.Solver, o.Image, o.HiddenLayers) = (new TopKSolver(40_000, 1), Large(8, 3, perPlace: true), [64, 128]));
        StringAssert.Contains(
            Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Regression.Trainers.DecisionFocused(Options(o => o.Solver = new TopKSolver(3, 1))).Fit(Values(5))).Message,
            "expected Vector<Single, 3>, got Vector<Single, 5>");
    }

    private static ImageFeatureOptions Large(int channels, int kernel, bool perPlace = false) => new()
    {
        Channels = 1, Height = 200, Width = 200, CostPerPlace = perPlace,
        Convolutions = [new ConvolutionOptions { Channels = channels, Kernel = kernel, Padding = kernel / 2 }],
    };

    /// <summary>On unseen rows, at most a tenth of the regret of one decision for all rows, that of the mean values.</summary>
    private void AssertLearns(DecisionFocusedOptions options)
    {
        IDataView training = Values(400), test = Values(200, seed: 9);
        float[] mean = new float[Items], constant = new float[Items];
        foreach (float[] label in training.GetColumn<float[]>("Label"))
        {
            for (int i = 0; i < Items; i++)
                mean[i] += label[i];
        }

        Knapsack.Solve(mean, constant);
        double regret = 0, scale = 0;
        foreach (float[] label in test.GetColumn<float[]>("Label"))
        {
            var best = new float[Items];
            Knapsack.Solve(label, best);
            scale += label.Zip(best, (c, y) => c * y).Sum();
            regret += label.Zip(best, (c, y) => c * y).Sum() - label.Zip(constant, (c, y) => c * y).Sum();
        }

        Assert.IsGreaterThan(0.1, regret / scale);
        DecisionFocusedTransformer model = _mlContext.Regression.Trainers.DecisionFocused(options).Fit(training);
        DecisionMetrics metrics = _mlContext.Regression.EvaluateDecisions(model.Transform(test), Knapsack);
        Assert.IsTrue(metrics.RelativeRegret < 0.1 * regret / scale, $"{options.UsedMethod} {options.Rule?.GetType().Name}: {metrics.RelativeRegret} of {regret / scale}");
        Assert.AreEqual(0, metrics.InvalidRowCount);
    }

    private IDataView Values(int rows, int seed = 2, float scale = 1) => _mlContext.Data.LoadFromEnumerable(Rows(rows, seed, scale));

    private IDataView Decisions(int rows, int seed = 2)
    {
        Row[] made = Rows(rows, seed, 1);
        foreach (Row row in made)
        {
            var best = new float[Items];
            Knapsack.Solve(row.Label, best);
            row.Label = best;
        }

        return _mlContext.Data.LoadFromEnumerable(made);
    }

    private sealed class Map
    {
        [VectorType(64)]
        public float[] Features { get; set; } = [];

        [VectorType(16)]
        public float[] Label { get; set; } = [];

        [VectorType(16)]
        public float[] Cost { get; set; } = [];

        [NoColumn]
        public float[] Best { get; set; } = [];
    }

    private sealed class NoLabel
    {
        [VectorType(4)]
        public float[] Features { get; set; } = new float[4];
    }

    private sealed class ScalarLabel
    {
        [VectorType(4)]
        public float[] Features { get; set; } = new float[4];

        public float Label { get; set; }
    }
}
