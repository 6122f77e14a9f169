using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests;

/// <summary>Searches over the constrained regression trainer.</summary>
[TestClass]
public sealed class ConstrainedRegressionSearchTests : TorchTest
{
    private readonly MLContext _mlContext = new(5);

    [TestMethod]
    public void Apply_EveryProperty_ReachesTheOptions()
    {
        var template = new ConstrainedRegressionOptions { HiddenLayers = [5, 6], LearningRate = 0.25, Dropout = 0.125, WeightDecay = 0.5, Epochs = 7 };
        ConstrainedRegressionOptions untouched = new ConstrainedRegressionSpace().Apply(template, default);
        CollectionAssert.AreEqual(new[] { 5, 6 }, untouched.HiddenLayers);
        Assert.AreEqual((0.25, 0.125, 0.5, 7), (untouched.LearningRate, untouched.Dropout, untouched.WeightDecay, untouched.Epochs));
        Assert.AreNotSame(template, untouched);

        using var stop = new CancellationTokenSource();
        ConstrainedRegressionOptions changed = new ConstrainedRegressionSpace
        {
            Layers = 3, Units = 16, LearningRate = 0.01, Dropout = 0.2, WeightDecay = 0.3, OutputConstraint = OutputConstraint.ProjectionWhenScoring,
        }.Apply(template, stop.Token);
        CollectionAssert.AreEqual(new[] { 16, 16, 16 }, changed.HiddenLayers);
        Assert.AreEqual((0.01, 0.2, 0.3, OutputConstraint.ProjectionWhenScoring), (changed.LearningRate, changed.Dropout, changed.WeightDecay, changed.OutputConstraint));
        Assert.AreEqual(stop.Token, changed.CancellationToken);
        CollectionAssert.AreEqual(new[] { 6, 6, 6 }, new ConstrainedRegressionSpace { Layers = 3 }.Apply(template, default).HiddenLayers);
        CollectionAssert.AreEqual(new[] { 9, 9 }, new ConstrainedRegressionSpace { Units = 9 }.Apply(template, default).HiddenLayers);
        CollectionAssert.AreEqual(new[] { 5, 6 }, template.HiddenLayers);

        template.CancellationToken = stop.Token;
        Assert.AreEqual(stop.Token, new ConstrainedRegressionSpace().Apply(template, default).CancellationToken);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Search_TokenOfTheOptionsOrOfTheSearch_EndsAFit(bool isOwn)
    {
        using var own = new CancellationTokenSource();
        using var search = new CancellationTokenSource();
        var options = new ConstrainedRegressionOptions { FeatureColumnName = "X", Epochs = 1_000_000, Patience = 0, CancellationToken = own.Token };
        ConstrainedSearch running = Search(options, 1);
        Task<ConstrainedSearchResult> run = Task.Run(() => running.RunAsync(search.Token));
        (isOwn ? own : search).CancelAfter(500);
        ConstrainedSearchResult result = await run;
        Assert.AreEqual(isOwn ? SearchOutcome.AllFailed : SearchOutcome.Stopped, result.Outcome);
        if (isOwn)
            StringAssert.Contains(result.Trials[0].Reason, "OperationCanceledException");
    }

    [TestMethod]
    public async Task Search_TokenOfTheOptions_KeepsNothingOfTheTrials()
    {
        using var own = new CancellationTokenSource();
        ConstrainedSearchResult result = await Search(
            new ConstrainedRegressionOptions { FeatureColumnName = "X", Epochs = 1, CancellationToken = own.Token }, 5).RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome, result.Summary);
        Assert.AreEqual(0, Registrations(own));
        using CancellationTokenRegistration one = own.Token.Register(() => { });
        Assert.AreEqual(1, Registrations(own), "The count sees no registration.");
    }

    [TestMethod]
    public void For_WithAndWithoutConstraints_HasTheModesThatThereAre()
    {
        SearchSpace<ConstrainedRegressionSpace> space = ConstrainedRegressionSpace.For(new ConstrainedRegressionOptions());
        Assert.IsFalse(space.ContainsKey("OutputConstraint"));
        ConstrainedRegressionSpace start = space.SampleFromFeatureSpace(space.Default);
        Assert.AreEqual((2, 64, 0.0, null), (start.Layers, start.Units, start.Dropout, start.OutputConstraint));
        Assert.AreEqual(0.003, start.LearningRate!.Value, 1e-12);

        space = ConstrainedRegressionSpace.For(new ConstrainedRegressionOptions
        {
            Loss = RegressionLoss.Quantile, OutputConstraint = OutputConstraint.ProjectionWhenScoring,
        });
        CollectionAssert.AreEqual(
            new[] { "ProjectionWhenScoring", "Projection", "DifferentiableProjection", "Parameterization" }, ((ChoiceOption)space["OutputConstraint"]).Choices.Select(c => c.AsType<string>()).ToArray());
        Assert.AreEqual(OutputConstraint.ProjectionWhenScoring, space.SampleFromFeatureSpace(space.Default).OutputConstraint);
        Assert.AreEqual(3, Modes(o => o.RawScoreColumnName = "Raw"));
        Assert.AreEqual(2, Modes(o => o.IncreasingFeatures = ["0"]));

        static int Modes(Action<ConstrainedRegressionOptions> change)
        {
            var options = new ConstrainedRegressionOptions { Constraints = ConstraintSet.Over("y").Nonnegative() };
            change(options);
            return ((ChoiceOption)ConstrainedRegressionSpace.For(options)["OutputConstraint"]).Choices.Length;
        }
    }

    [TestMethod]
    public async Task Search_Quantiles_NeverCrossAndTheBestModelIsSavedAndLoaded()
    {
        var options = new ConstrainedRegressionOptions { Loss = RegressionLoss.Quantile, QuantileLevels = [0.1, 0.5, 0.9], Epochs = 8 };
        IDataView train = Rows(200, 1), held = Rows(100, 2);
        ConstraintSet order = ConstraintSet.Over("Q10", "Q50", "Q90").Increasing();
        var search = new ConstrainedSearch(_mlContext, Pipeline(options), new ConstrainedTrialOptions
        {
            TrainingData = train,
            ValidationData = held,
            Feasibility = TrialFeasibility.Of(order),
            Metric = TrialMetric.Create("pinball loss", (_, scored) => Pinball(scored, options.QuantileLevels)),
        });
        search.Experiment.SetMaxModelToExplore(10).SetRandomSearchTuner();
        ConstrainedSearchResult result = await search.RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        Assert.IsTrue(result.Trials.All(t => t is { Status: TrialStatus.Feasible, Feasibility: { Rows: 100, ViolatingRows: 0 } }));
        Assert.IsLessThan(result.Trials.Average(t => t.Loss), result.Best!.Loss);

        using var file = new MemoryStream();
        _mlContext.Model.Save(result.Best.Model, train.Schema, file);
        ITransformer loaded = new MLContext().Model.Load(new MemoryStream(file.ToArray()), out _);
        float[][] expected = [.. result.Best.Model.Transform(held).GetColumn<float[]>("Score")];
        float[][] actual = [.. loaded.Transform(held).GetColumn<float[]>("Score")];
        for (int i = 0; i < expected.Length; i++)
            CollectionAssert.AreEqual(expected[i], actual[i]);
    }

    [TestMethod]
    public async Task Search_SameSeed_GivesTheSameModelsBitByBit()
    {
        double[] first = await Losses(), second = await Losses();
        CollectionAssert.AreEqual(first, second);
        Assert.IsGreaterThan(1, first.Distinct().Count());

        async Task<double[]> Losses()
        {
            var mlContext = new MLContext(9);
            SweepablePipeline pipeline = mlContext.Transforms.CopyColumns("Again", "X")
                .Append(mlContext.Auto().ConstrainedRegression(new ConstrainedRegressionOptions { FeatureColumnName = "X", Epochs = 3 }));
            var search = new ConstrainedSearch(mlContext, pipeline, new ConstrainedTrialOptions
            {
                TrainingData = Rows(80, 1), Folds = 2, Metric = TrialMetric.RootMeanSquaredError(),
            });
            search.Experiment.SetMaxModelToExplore(4);
            return [.. (await search.RunAsync()).Trials.Select(t => t.Loss)];
        }
    }

    [TestMethod]
    public async Task Refit_TwoTrainersInAFreshContext_GivesTheFirstTrialsModelBitByBit()
    {
        var first = new ConstrainedRegressionOptions { FeatureColumnName = "X", Epochs = 2, ScoreColumnName = "First" };
        var second = new ConstrainedRegressionOptions { FeatureColumnName = "X", Epochs = 2 };
        SweepablePipeline pipeline = _mlContext.Auto().ConstrainedRegression(first).Append(_mlContext.Auto().ConstrainedRegression(second));
        IDataView data = Rows(80, 1);
        var search = new ConstrainedSearch(_mlContext, pipeline, new ConstrainedTrialOptions
        {
            TrainingData = data, ValidationData = data, Metric = TrialMetric.RootMeanSquaredError(),
        });
        search.Experiment.SetMaxModelToExplore(1);
        TrialResult best = (await search.RunAsync()).Best!;
        float[] expected = [.. best.Model.Transform(data).GetColumn<float>("Score")];
        float[] again = [.. best.Refit(new MLContext(5), pipeline, data).Transform(data).GetColumn<float>("Score")];
        CollectionAssert.AreEqual(expected, again);
        Assert.IsGreaterThan(70, expected.Distinct().Count());
    }

    [TestMethod]
    public async Task Search_TrialThatWouldTakeDays_EndsWithinABatch()
    {
        var options = new ConstrainedRegressionOptions { FeatureColumnName = "X", Epochs = 1_000_000, Patience = 0 };
        var search = new ConstrainedSearch(_mlContext, _mlContext.Transforms.CopyColumns("Again", "X").Append(_mlContext.Auto().ConstrainedRegression(options)), new ConstrainedTrialOptions
        {
            TrainingData = Rows(200, 1), ValidationData = Rows(50, 2), Metric = TrialMetric.RootMeanSquaredError(), TrialTimeLimit = TimeSpan.FromSeconds(0.5),
        });
        search.Experiment.SetMaxModelToExplore(2);
        ConstrainedSearchResult result = await search.RunAsync();
        Assert.AreEqual(SearchOutcome.AllFailed, result.Outcome);
        StringAssert.Contains(result.Summary, "it took longer than 00:00:00.5000000");

        // Well before the trial's own limit.
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(0.1));
        Assert.AreEqual(2, (await search.RunAsync(stop.Token)).Trials.Count, "The stopped trial has no line.");
    }

    [TestMethod]
    public async Task SetPipeline_WithRegressionMetric_SearchesToo()
    {
        var options = new ConstrainedRegressionOptions
        {
            FeatureColumnName = "X", Epochs = 5, Constraints = ConstraintSet.Over("y").Linear("0 <= y <= 5"),
        };
        SweepablePipeline pipeline = _mlContext.Transforms.CopyColumns("Again", "X").Append(_mlContext.Auto().ConstrainedRegression(options));
        var monitor = new SearchMonitor(_mlContext);
        TrialResult best = await _mlContext.Auto().CreateExperiment()
            .SetPipeline(pipeline)
            .SetDataset(Rows(200, 1), Rows(100, 2))
            .SetRegressionMetric(RegressionMetric.RSquared)
            .SetRandomSearchTuner()
            .SetMaxModelToExplore(6)
            .SetMonitor(monitor)
            .RunAsync();
        Assert.HasCount(6, monitor.Trials);
        Assert.IsGreaterThan(0.3, best.Metric);

        // The model's own context is cancelled by now; that must not matter.
        float[] scores = [.. best.Model.Transform(Rows(100, 3)).GetColumn<float>("Score")];
        Assert.HasCount(100, scores);
        Assert.IsTrue(scores.All(s => s is >= 0 and <= 5.00001f));
    }

    /// <summary>A short search with two folds.</summary>
    private ConstrainedSearch Search(ConstrainedRegressionOptions options, int trials)
    {
        var search = new ConstrainedSearch(_mlContext, Pipeline(options), new ConstrainedTrialOptions
        {
            TrainingData = Rows(80, 1), Folds = 2, Metric = TrialMetric.RootMeanSquaredError(),
        });
        search.Experiment.SetMaxModelToExplore(trials).SetRandomSearchTuner();
        return search;
    }

    /// <summary>How many registrations a source has now, of which .NET says nothing in public.</summary>
    private static int Registrations(CancellationTokenSource source)
    {
        int count = 0;
        for (object? node = Field(Field(source, "_registrations"), "Callbacks"); node is not null; node = Field(node, "Next"))
            count++;
        return count;

        static object? Field(object? of, string name) =>
            of?.GetType().GetField(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)!.GetValue(of);
    }

    private SweepablePipeline Pipeline(ConstrainedRegressionOptions options)
    {
        options.FeatureColumnName = "X";
        return _mlContext.Transforms.CopyColumns("Again", "X").Append(_mlContext.Auto().ConstrainedRegression(options));
    }

    /// <summary>Label = 1 + X0 + 2 X1² with noise that grows with X2; X in [0, 1]³.</summary>
    private IDataView Rows(int count, int seed)
    {
        var random = new Random(seed);
        return _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ =>
        {
            float[] x = [random.NextSingle(), random.NextSingle(), random.NextSingle()];
            return new Row { X = x, Label = 1 + x[0] + (2 * x[1] * x[1]) + (x[2] * (random.NextSingle() - 0.5f)) };
        }).ToArray());
    }

    private static double Pinball(IDataView scored, double[] levels) => scored.GetColumn<float[]>("Score").Zip(scored.GetColumn<float>("Label"))
        .Average(r => r.First.Select((q, k) => Math.Max(levels[k] * (r.Second - q), (levels[k] - 1) * (r.Second - q))).Average());

    private sealed class Row
    {
        [VectorType(3)]
        public float[] X { get; set; } = new float[3];

        public float Label { get; set; }
    }
}
