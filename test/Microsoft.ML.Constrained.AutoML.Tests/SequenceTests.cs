using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.AutoML;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests;

/// <summary>The same seed gives the same trials; AutoML's own runner works as well as ours.</summary>
[TestClass]
public sealed class SequenceTests
{
    [TestMethod]
    [DataRow("random")]
    [DataRow("cost-frugal")]
    [DataRow("grid")]
    public async Task RunAsync_SameSeed_SameSequenceOfTrialsAndLosses(string tuner)
    {
        string[] first = await Sequence(tuner, 11), second = await Sequence(tuner, 11), other = await Sequence(tuner, 12);
        CollectionAssert.AreEqual(first, second);
        Assert.HasCount(25, first);
        if (tuner != "grid")
            Assert.AreNotEqual(string.Join(';', first), string.Join(';', other));
    }

    [TestMethod]
    public async Task SetPipeline_WithAutoMLsOwnRunnerAndMetric_FindsTheSlope()
    {
        var mlContext = new MLContext(2);
        var history = new ToyHistory();
        SweepablePipeline pipeline = Toy.Pipeline(mlContext, history);
        var monitor = new SearchMonitor(mlContext);
        TrialResult best = await mlContext.Auto().CreateExperiment()
            .SetPipeline(pipeline)
            .SetDataset(Toy.Data(mlContext), Toy.Data(mlContext))
            .SetRegressionMetric(RegressionMetric.RootMeanSquaredError)
            .SetRandomSearchTuner()
            .SetMaxModelToExplore(30)
            .SetMonitor(monitor)
            .RunAsync();
        Assert.HasCount(30, monitor.Trials);
        Assert.AreEqual(monitor.Best!.Loss, best.Loss);
        Assert.IsLessThan(1, best.Loss);
        Assert.AreEqual(best.Loss, mlContext.Regression.Evaluate(best.Model.Transform(Toy.Data(mlContext))).RootMeanSquaredError, 1e-9);
        Assert.AreEqual(best.Loss, mlContext.Regression.Evaluate(best.Refit(mlContext, pipeline, Toy.Data(mlContext)).Transform(Toy.Data(mlContext))).RootMeanSquaredError, 1e-9);
    }

    [TestMethod]
    public async Task SetPipeline_WithFolds_AveragesAsOurRunnerDoes()
    {
        var mlContext = new MLContext(2);
        TrialResult theirs = await mlContext.Auto().CreateExperiment()
            .SetPipeline(Toy.Pipeline(mlContext, new ToyHistory()))
            .SetDataset(Toy.Data(mlContext), fold: 4)
            .SetRegressionMetric(RegressionMetric.MeanAbsoluteError)
            .SetRandomSearchTuner()
            .SetMaxModelToExplore(10)
            .RunAsync();
        TrialResult ours = await mlContext.Auto().CreateExperiment()
            .SetConstrainedPipeline(
                Toy.Pipeline(mlContext, new ToyHistory()),
                new ConstrainedTrialOptions { TrainingData = Toy.Data(mlContext), Folds = 4, Metric = TrialMetric.MeanAbsoluteError() })
            .SetRandomSearchTuner()
            .SetMaxModelToExplore(10)
            .RunAsync();
        Assert.AreEqual(theirs.TrialSettings.TrialId, ours.TrialSettings.TrialId);
        Assert.AreEqual(theirs.Loss, ours.Loss);
    }

    [TestMethod]
    public async Task ConstrainedTrialRunner_OneObjectForAllTrials_ServesThem()
    {
        var mlContext = new MLContext(2);
        var history = new ToyHistory { Fails = (fit, _) => fit == 0 ? new FormatException() : null };
        SweepablePipeline pipeline = Toy.Pipeline(mlContext, history);
        var best = (ConstrainedTrialResult)await mlContext.Auto().CreateExperiment()
            .AddSearchSpace("_pipeline_", pipeline.SearchSpace)
            .SetTrialRunner(new ConstrainedTrialRunner(mlContext, pipeline, Toy.Options(mlContext)))
            .SetRandomSearchTuner()
            .SetMaxModelToExplore(6)
            .RunAsync();
        Assert.AreEqual(TrialStatus.Feasible, best.Status);
        Assert.AreEqual(1, history.Live);
    }

    private static async Task<string[]> Sequence(string tuner, int seed)
    {
        var mlContext = new MLContext(seed);
        var search = new ConstrainedSearch(mlContext, Toy.Pipeline(mlContext, new ToyHistory()), Toy.Options(mlContext));
        search.Experiment.SetMaxModelToExplore(25);
        _ = tuner switch
        {
            "random" => search.Experiment.SetRandomSearchTuner(),
            "grid" => search.Experiment.SetGridSearchTuner(4),
            _ => search.Experiment,
        };
        IReadOnlyList<SearchTrial> trials = (await search.RunAsync()).Trials;
        return [.. trials.Select(t => FormattableString.Invariant($"{t.Json} {t.Loss:R}"))];
    }
}
