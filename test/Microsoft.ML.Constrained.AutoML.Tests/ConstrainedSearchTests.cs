using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests;

/// <summary>Searches over the toy trainer, whose score is Slope · X where the label is 3 X.</summary>
[TestClass]
public sealed class ConstrainedSearchTests
{
    private readonly MLContext _mlContext = new(7);
    private readonly List<string> _log = [];

    public ConstrainedSearchTests() => _mlContext.Log += (_, e) =>
    {
        if (e.Kind is not Runtime.ChannelMessageKind.Trace)
            _log.Add(e.Message);
    };

    [TestMethod]
    public async Task RunAsync_ToyTrainer_FindsTheSlopeAndKeepsItsModel()
    {
        var history = new ToyHistory();
        ConstrainedSearchResult result = await Search(history, 60).RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        Assert.HasCount(60, result.Trials);
        Assert.IsTrue(result.Trials.All(t => t.Status == TrialStatus.Feasible));
        Assert.AreEqual(result.Trials.Min(t => t.Loss), result.Best!.Loss);
        Assert.IsLessThan(0.5, result.Best.Loss);

        // The root mean square of X times the distance of the slopes, found anew from the model that came back.
        double slope = history.Chosen[result.Best.TrialSettings.TrialId].Slope;
        double size = Math.Sqrt(Toy.Rows.Average(r => r.X * r.X));
        Assert.AreEqual(Math.Abs(slope - 3) * size, result.Best.Loss, 1e-5);
        Assert.AreEqual(
            result.Best.Loss, _mlContext.Regression.Evaluate(result.Best.Model.Transform(Toy.Data(_mlContext))).RootMeanSquaredError, 1e-12);
        StringAssert.Contains(result.Summary, "60 trials: 60 feasible, 0 infeasible, 0 failed.");
    }

    [TestMethod]
    public async Task RunAsync_FirstTrialsThrow_GoesOnWithReasonsInTheLog()
    {
        var history = new ToyHistory { Fails = (fit, _) => fit is 0 or 1 or 4 ? new InvalidOperationException($"broken on purpose in fit {fit}") : null };
        ConstrainedSearchResult result = await Search(history, 8).RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        CollectionAssert.AreEqual(new[] { 0, 1, 4 }, result.Trials.Where(t => t.Status == TrialStatus.Failed).Select(t => t.Id).ToArray());
        Assert.AreEqual("InvalidOperationException: broken on purpose in fit 4", result.Trials[4].Reason);
        Assert.IsTrue(result.Trials.All(t => double.IsFinite(t.Loss)));
        Assert.IsNotEmpty(_log.Where(m => m.Contains("Kind=Warning", StringComparison.Ordinal) && m.Contains("broken on purpose in fit 0", StringComparison.Ordinal)));
        Assert.AreEqual(1, history.Live);
    }

    [TestMethod]
    public async Task RunAsync_AllTrialsThrow_SaysSo()
    {
        var history = new ToyHistory { Fails = (_, _) => new FormatException("no good") };
        ConstrainedSearchResult result = await Search(history, 4).RunAsync();
        Assert.AreEqual(SearchOutcome.AllFailed, result.Outcome);
        Assert.IsNull(result.Best);
        Assert.AreEqual("4 trials: 0 feasible, 0 infeasible, 4 failed. Trial 0: FormatException: no good.", result.Summary);
        Assert.AreEqual(0, history.Live);
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    [DataRow(double.NegativeInfinity)]
    public async Task RunAsync_LossesThatAreNotFinite_NeverWin(double loss)
    {
        var history = new ToyHistory();
        int evaluated = 0;
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.Metric = TrialMetric.Create("odd", (_, _) => evaluated++ % 2 == 0 ? loss : evaluated);
        ConstrainedSearchResult result = await Search(history, 6, options).RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        Assert.AreEqual(1, result.Best!.TrialSettings.TrialId);
        Assert.AreEqual(2, result.Best.Loss);
        Assert.IsTrue(result.Trials.All(t => double.IsFinite(t.Loss)));
        Assert.AreEqual(FormattableString.Invariant($"metric 'odd' is {loss}"), result.Trials[0].Reason);

        options.Metric = TrialMetric.Create("odd", (_, _) => loss);
        result = await Search(history, 3, options).RunAsync();
        Assert.AreEqual(SearchOutcome.AllFailed, result.Outcome);
        StringAssert.Contains(result.Summary, "metric 'odd' is");
    }

    [TestMethod]
    public async Task RunAsync_HugeLosses_CountBelowInfeasibleOnes()
    {
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        int evaluated = 0;
        options.Metric = TrialMetric.Create("huge", (_, _) => 1e300 * ++evaluated);
        options.Feasibility = TrialFeasibility.Create("every second", (_, _) => new FeasibilityMeasure(10, evaluated % 2, 1));
        ConstrainedSearchResult result = await Search(new ToyHistory(), 4, options).RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        Assert.AreEqual(1, result.Best!.TrialSettings.TrialId);
        Assert.AreEqual(2e300, result.Best.Metric);
        Assert.IsGreaterThan(result.Best.Loss, result.Trials[0].Loss);
    }

    [TestMethod]
    public async Task RunAsync_TokenCancelledBefore_IsStopped()
    {
        var history = new ToyHistory();
        ConstrainedSearchResult result = await Search(history, 5).RunAsync(new CancellationToken(canceled: true));
        Assert.AreEqual(SearchOutcome.Stopped, result.Outcome);
        Assert.IsNull(result.Best);
        Assert.IsEmpty(history.Chosen);
        Assert.AreEqual("Stopped before any trial had ended.", result.Summary);
    }

    [TestMethod]
    public async Task RunAsync_TokenCancelledInABatch_EndsThereWithTheBestSoFar()
    {
        using var stop = new CancellationTokenSource();
        var history = new ToyHistory { Batches = 1000, OnBatch = (fit, batch) => { if (fit == 2 && batch == 10) stop.Cancel(); } };
        ConstrainedSearchResult result = await Search(history, 50).RunAsync(stop.Token);
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        Assert.HasCount(2, result.Trials);
        Assert.AreEqual(2000 + 11, history.BatchesDone, "The third fit went on after its token was cancelled.");
        Assert.AreEqual(1, history.Live);
        Assert.IsFalse(_mlContext.GetTrialCancellationToken().IsCancellationRequested);
    }

    [TestMethod]
    public async Task RunAsync_TimeLimitInABatch_EndsThere()
    {
        // The first trial ends at once; the second would take a quarter of an hour.
        var history = new ToyHistory { Batches = 1_000_000, OnBatch = (fit, _) => { if (fit > 0) Thread.Sleep(1); } };
        ConstrainedSearch search = Search(history, 50);
        search.Experiment.SetTrainingTimeInSeconds(1);
        ConstrainedSearchResult result = await search.RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        Assert.HasCount(1, result.Trials);
        Assert.HasCount(2, history.Chosen);
        Assert.IsLessThan(2_000_000, history.BatchesDone);
    }

    [TestMethod]
    public async Task RunAsync_TrialOverItsOwnLimit_FailsAndTheSearchGoesOn()
    {
        var history = new ToyHistory { Batches = 1_000_000, OnBatch = (fit, _) => { if (fit == 0) Thread.Sleep(1); } };
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.TrialTimeLimit = TimeSpan.FromSeconds(0.5);
        ConstrainedSearchResult result = await Search(history, 2, options).RunAsync();
        Assert.AreEqual(TrialStatus.Failed, result.Trials[0].Status);
        Assert.AreEqual("it took longer than 00:00:00.5000000", result.Trials[0].Reason);
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        Assert.IsLessThan(2_000_000, history.BatchesDone);
    }

    [TestMethod]
    public async Task RunAsync_OneTrialCancelsItself_IsAFailedTrial()
    {
        var history = new ToyHistory { Fails = (fit, _) => fit == 0 ? new OperationCanceledException("gave up") : null };
        ConstrainedSearchResult result = await Search(history, 3).RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        Assert.AreEqual("OperationCanceledException: gave up", result.Trials[0].Reason);
    }

    [TestMethod]
    public async Task RunAsync_AllTrialsInfeasible_GivesTheLeastViolating()
    {
        // Some score is always above −1, as X = 0 gives 0; a larger slope breaks the limit no more often, but by more.
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.Feasibility = Toy.Below(-1);
        var history = new ToyHistory();
        ConstrainedSearchResult result = await Search(history, 12, options).RunAsync();
        Assert.AreEqual(SearchOutcome.Infeasible, result.Outcome);
        Assert.AreEqual(TrialStatus.Infeasible, result.Best!.Status);
        Assert.IsTrue(result.Trials.All(t => t.Status == TrialStatus.Infeasible && double.IsFinite(t.Loss)));
        double least = history.Chosen.Min(c => c.Slope);
        Assert.AreEqual(least, history.Chosen[result.Best.TrialSettings.TrialId].Slope);
        Assert.AreEqual(new FeasibilityMeasure(40, 40, result.Best.Feasibility.LargestViolation), result.Best.Feasibility);
        Assert.AreEqual(1 + (3.9 * least), result.Best.Feasibility.LargestViolation, 1e-5);
        Assert.IsNotNull(result.Best.Model);
        StringAssert.Contains(result.Summary, "40 of 40 held-out rows break constraints on 'Score', by at most");
    }

    [TestMethod]
    [DataRow(0.0)]
    [DataRow(0.25)]
    public async Task RunAsync_FeasibilityBudget_CountsOnlyTrialsWithinIt(double budget)
    {
        // The true slope 3 gives scores up to 11.7: above 8 in every row from X = 2.7 on, 13 of 40.
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.Feasibility = Toy.Below(8);
        options.FeasibilityBudget = budget;
        var history = new ToyHistory();
        ConstrainedSearchResult result = await Search(history, 40, options).RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        for (int i = 0; i < result.Trials.Count; i++)
        {
            int above = Toy.Rows.Count(r => (float)history.Chosen[i].Slope * r.X > 8 * (1 + 1e-6));
            Assert.AreEqual(above, result.Trials[i].Feasibility.ViolatingRows);
            Assert.AreEqual(above <= 40 * budget ? TrialStatus.Feasible : TrialStatus.Infeasible, result.Trials[i].Status);
        }

        Assert.AreEqual(result.Trials.Where(t => t.Status == TrialStatus.Feasible).Min(t => t.Loss), result.Best!.Loss);
        Assert.IsTrue(result.Trials.Any(t => t.Status == TrialStatus.Infeasible && t.Metric < result.Best.Metric), "No trial shows that the budget matters.");
    }

    [TestMethod]
    public async Task RunAsync_NoHeldOutRows_FailsWithTheReason()
    {
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.ValidationData = _mlContext.Data.LoadFromEnumerable(Array.Empty<ToyRow>());
        options.Metric = TrialMetric.Create("zero", (_, _) => 0);
        var history = new ToyHistory();
        ConstrainedSearchResult result = await Search(history, 1, options).RunAsync();
        Assert.AreEqual(SearchOutcome.AllFailed, result.Outcome);
        StringAssert.StartsWith(result.Trials[0].Reason, "there are no held-out rows to score, or none to fit on");
        Assert.IsEmpty(history.Chosen);

        (options.TrainingData, options.ValidationData) = (options.ValidationData, options.TrainingData);
        result = await Search(history, 1, options).RunAsync();
        StringAssert.StartsWith(result.Trials[0].Reason, "there are no held-out rows to score, or none to fit on");

        (options.ValidationData, options.Folds) = (null, 3);
        result = await Search(history, 1, options).RunAsync();
        StringAssert.StartsWith(result.Trials[0].Reason, "none of the 3 folds has both rows to fit on and held-out rows to score");
    }

    [TestMethod]
    public async Task RunAsync_RowsThatThePipelineDrops_AreNotHeldOut()
    {
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.Metric = TrialMetric.Create("zero", (_, _) => 0);
        var history = new ToyHistory();
        SweepablePipeline pipeline = new DroppingEstimator(_mlContext).Append(Toy.Sweepable(_mlContext, history));
        ConstrainedSearchResult result = await Search(pipeline, 1, options).RunAsync();
        Assert.AreEqual(SearchOutcome.AllFailed, result.Outcome);
        StringAssert.StartsWith(result.Trials[0].Reason, "there are no held-out rows to score, or none to fit on");
        Assert.AreEqual(0, history.Live);
    }

    [TestMethod]
    public async Task RunAsync_MeasureOfNoRows_FailsWithTheReason()
    {
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.Feasibility = TrialFeasibility.Create("nothing", (_, _) => default);
        ConstrainedSearchResult result = await Search(new ToyHistory(), 1, options).RunAsync();
        Assert.AreEqual("there are no held-out rows to look at the constraints on", result.Trials[0].Reason);
    }

    [TestMethod]
    public async Task RunAsync_MetricToMaximise_IsNegatedInTheLoss()
    {
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.Metric = TrialMetric.RSquared();
        ConstrainedSearchResult result = await Search(new ToyHistory(), 20, options).RunAsync();
        Assert.AreEqual(result.Trials.Max(t => t.Metric), result.Best!.Metric);
        Assert.AreEqual(-result.Best.Metric, result.Best.Loss);
    }

    [TestMethod]
    public async Task RunAsync_Folds_AveragesAndKeepsTheFirstModel()
    {
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.ValidationData = null;
        options.Folds = 4;
        options.Feasibility = Toy.Below(1000);
        var history = new ToyHistory();
        ConstrainedSearchResult result = await Search(history, 3, options).RunAsync();
        Assert.HasCount(12, history.Chosen);
        Assert.AreEqual(1, history.Live);
        Assert.AreEqual(40, result.Best!.Feasibility.Rows);
        int best = result.Best.TrialSettings.TrialId;
        double expected = _mlContext.Data.CrossValidationSplit(Toy.Data(_mlContext), 4).Average(split => Math.Sqrt(
            _mlContext.Data.CreateEnumerable<ToyRow>(split.TestSet, reuseRowObject: false)
                .Average(r => Math.Pow(((float)history.Chosen[4 * best].Slope * r.X) - r.Label, 2))));
        Assert.AreEqual(expected, result.Best.Metric, 1e-6);
    }

    [TestMethod]
    public async Task RunAsync_FoldsWithoutRows_AreLeftOut()
    {
        // 20 rows do not come into each of 20 folds.
        var history = new ToyHistory();
        ToyRow[] rows = [.. Enumerable.Range(0, 20).Select(i => new ToyRow { X = i / 10f, Label = i })];
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.TrainingData = _mlContext.Data.LoadFromEnumerable(rows);
        (options.ValidationData, options.Folds) = (null, 20);
        int evaluated = 0, measured = 0;
        options.Metric = TrialMetric.Create("error", (context, scored) =>
        {
            int count = context.Data.CreateEnumerable<ToyRow>(scored, reuseRowObject: false).Count();
            Assert.IsGreaterThan(0, count);
            evaluated++;
            return 1;
        });
        options.Feasibility = TrialFeasibility.Create("rows", (context, scored) =>
        {
            measured++;
            return new FeasibilityMeasure(context.Data.CreateEnumerable<ToyRow>(scored, reuseRowObject: false).Count(), 0, 0);
        });
        int filled = _mlContext.Data.CrossValidationSplit(options.TrainingData, 20)
            .Count(s => _mlContext.Data.CreateEnumerable<ToyRow>(s.TestSet, reuseRowObject: false).Any());
        Assert.IsLessThan(20, filled);
        ConstrainedSearchResult result = await Search(history, 1, options).RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome, result.Summary);
        Assert.AreEqual((filled, filled, filled), (evaluated, measured, history.Chosen.Count));
        Assert.AreEqual((1.0, 20L), (result.Best!.Metric, result.Best.Feasibility.Rows));
    }

    [TestMethod]
    public async Task RunAsync_FoldsWithoutRows_MetricIsTheMeanOverTheOthers()
    {
        // A score of Slope · 0 is 0, and the label 1: the error is 1 wherever there are rows.
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.TrainingData = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(_ => new ToyRow { X = 0, Label = 1 }).ToArray());
        (options.ValidationData, options.Folds) = (null, 20);
        ConstrainedSearchResult result = await Search(new ToyHistory(), 1, options).RunAsync();
        Assert.AreEqual(1, result.Best!.Metric, 1e-6);
    }

    [TestMethod]
    public async Task RunAsync_GermanCulture_WritesNumbersWithAPoint()
    {
        CultureInfo culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            ConstrainedTrialOptions options = Toy.Options(_mlContext);
            options.Feasibility = TrialFeasibility.Create("it", (_, _) => new FeasibilityMeasure(40, 3, 20.875));
            ConstrainedSearchResult result = await Search(new ToyHistory(), 1, options).RunAsync();
            Assert.AreEqual("3 of 40 held-out rows break it, by at most 20.9", result.Trials[0].Reason);
            StringAssert.Contains(result.Summary, "by at most 20.9");

            options.Metric = TrialMetric.Create("odd", (_, _) => double.NegativeInfinity);
            result = await Search(new ToyHistory(), 1, options).RunAsync();
            Assert.AreEqual("metric 'odd' is -Infinity", result.Trials[0].Reason);

            var monitor = new SearchMonitor(_mlContext);
            monitor.ReportCompletedTrial(new TrialResult { TrialSettings = new TrialSettings { Parameter = Parameter.CreateNestedParameter() }, Loss = double.PositiveInfinity });
            Assert.AreEqual("its loss is Infinity", monitor.Trials[0].Reason);

            ConstraintSet set = ConstraintSet.Over("a", "b");
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => TrialFeasibility.Of(set, tolerance: -0.5))!.Message, "got -0.5.");
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => ConstrainedProjectionSpace.For(set, 0.5))!.Message, "got 0.5.");
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [TestMethod]
    public async Task RunAsync_MonitorOfTheUsersOwn_HasTheSameOutcomeTrialsAndSummary()
    {
        var failing = new ToyHistory { Fails = (_, _) => new FormatException("no good") };
        ConstrainedSearch search = Search(failing, 4);
        search.Experiment.SetMonitor(new SearchMonitor(_mlContext));
        ConstrainedSearchResult result = await search.RunAsync();
        Assert.AreEqual(SearchOutcome.AllFailed, result.Outcome);
        Assert.HasCount(4, result.Trials);
        Assert.AreEqual("4 trials: 0 feasible, 0 infeasible, 4 failed. Trial 0: FormatException: no good.", result.Summary);
        Assert.IsEmpty(search.Monitor.Trials);

        var own = new SearchMonitor(_mlContext);
        search = Search(new ToyHistory(), 4);
        search.Experiment.SetMonitor(own);
        result = await search.RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        CollectionAssert.AreEqual(own.Trials.ToArray(), result.Trials.ToArray());
        Assert.AreEqual(own.Summary, result.Summary);

        search = Search(new ToyHistory(), 4);
        search.Experiment.SetMonitor(own);
        Assert.AreEqual(SearchOutcome.Stopped, (await search.RunAsync(new CancellationToken(canceled: true))).Outcome);
    }

    [TestMethod]
    public async Task RunAsync_SecondRunThatIsBetter_LeavesTheFirstResultItsModel()
    {
        double loss = 5;
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.Metric = TrialMetric.Create("falling", (_, _) => loss--);
        var history = new ToyHistory();
        ConstrainedSearch search = Search(history, 2, options);
        ConstrainedTrialResult first = (await search.RunAsync()).Best!;
        Assert.AreEqual((4.0, 1), (first.Loss, history.Live));
        ConstrainedSearchResult second = await search.RunAsync();
        Assert.AreEqual(2, second.Best!.Loss);
        Assert.HasCount(4, second.Trials);
        Assert.IsNotNull(first.Model);
        Assert.AreEqual(2, history.Live);

        // A run that finds nothing better gives the best of the runs before, with its model.
        loss = 10;
        ConstrainedTrialResult third = (await search.RunAsync()).Best!;
        Assert.AreSame(second.Best, third);
        Assert.IsNotNull(third.Model);
        Assert.AreEqual(2, history.Live);
    }

    [TestMethod]
    public async Task RunAsync_SecondRunThatIsBetter_DoesNotKeepTheFirstResult()
    {
        double loss = 5;
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        options.Metric = TrialMetric.Create("falling", (_, _) => loss--);
        ConstrainedSearch search = Search(new ToyHistory(), 2, options);
        WeakReference first = await Model();
        await search.RunAsync();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.IsFalse(first.IsAlive);
        GC.KeepAlive(search);

        async Task<WeakReference> Model() => new((await search.RunAsync()).Best!.Model);
    }

    [TestMethod]
    public async Task RunAsync_EstimatorThatServesEveryTrial_IsNeverDisposed()
    {
        var history = new ToyHistory();
        var shared = new SharedEstimator(_mlContext, new ToyHistory());
        SweepablePipeline pipeline = shared.Append(Toy.Sweepable(_mlContext, history));
        ConstrainedSearchResult result = await Search(pipeline, 10, Toy.Options(_mlContext)).RunAsync();
        Assert.IsFalse(shared.Model!.IsDisposed);
        Assert.AreEqual(1, history.Live);
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
    }

    [TestMethod]
    public async Task RunAsync_AlternativesInThePipeline_NamesWhatWasUsed()
    {
        var history = new ToyHistory();
        SweepablePipeline pipeline = _mlContext.Transforms.CopyColumns("Again", "X")
            .Append(Toy.Sweepable(_mlContext, history), Toy.Sweepable(_mlContext, history));
        ConstrainedSearchResult result = await Search(pipeline, 20, Toy.Options(_mlContext)).RunAsync();
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        Assert.AreEqual(1, history.Live);
        foreach (string key in (string[])["e1", "e2"])
        {
            SearchTrial used = result.Trials.First(t => t.Json.Contains($"e0 * {key}", StringComparison.Ordinal));
            StringAssert.StartsWith(used.Parameters, key + ".Layers=");
            StringAssert.Contains(used.Parameters, $"{key}.Slope=");
            Assert.IsFalse(used.Parameters.Contains(key == "e1" ? "e2" : "e1", StringComparison.Ordinal));
        }
    }

    [TestMethod]
    public async Task Refit_BestTrial_GivesTheSameScores()
    {
        SweepablePipeline pipeline = Toy.Pipeline(_mlContext, new ToyHistory());
        ConstrainedSearchResult result = await Search(pipeline, 5, Toy.Options(_mlContext)).RunAsync();
        ITransformer again = result.Best!.Refit(_mlContext, pipeline, Toy.Data(_mlContext));
        Assert.AreEqual(result.Best!.Loss, _mlContext.Regression.Evaluate(again.Transform(Toy.Data(_mlContext))).RootMeanSquaredError);
    }

    [TestMethod]
    public void Constructor_OptionsOutsideTheirRange_NamesTheOption()
    {
        var history = new ToyHistory();
        AssertNames("TrainingData", o => o.TrainingData = null);
        AssertNames("Metric", o => o.Metric = null);
        AssertNames("FeasibilityBudget", o => o.FeasibilityBudget = double.NaN);
        AssertNames("FeasibilityBudget", o => o.FeasibilityBudget = 1.5);
        AssertNames("TrialTimeLimit", o => o.TrialTimeLimit = TimeSpan.Zero);
        AssertNames("Folds", o => (o.ValidationData, o.Folds) = (null, 1));

        void AssertNames(string name, Action<ConstrainedTrialOptions> spoil)
        {
            ConstrainedTrialOptions options = Toy.Options(_mlContext);
            spoil(options);
            StringAssert.Contains(Assert.Throws<ArgumentException>(() => Search(history, 1, options))!.Message, name);
        }
    }

    private ConstrainedSearch Search(ToyHistory history, int trials, ConstrainedTrialOptions? options = null) =>
        Search(Toy.Pipeline(_mlContext, history), trials, options ?? Toy.Options(_mlContext));

    private ConstrainedSearch Search(SweepablePipeline pipeline, int trials, ConstrainedTrialOptions options)
    {
        var search = new ConstrainedSearch(_mlContext, pipeline, options);
        search.Experiment.SetMaxModelToExplore(trials).SetRandomSearchTuner();
        return search;
    }
}
