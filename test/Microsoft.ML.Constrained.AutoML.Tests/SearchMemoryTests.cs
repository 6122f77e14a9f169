using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.AutoML;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.Constrained.Tests;

/// <summary>What two hundred trials leave behind; alone, since other tests would be measured as well.</summary>
[TestClass]
[DoNotParallelize]
public sealed class SearchMemoryTests
{
    private readonly MLContext _mlContext = new(7);

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task RunAsync_TwoHundredTrials_KeepOneModelAndFlatMemory()
    {
        var history = new ToyHistory();
        long early = 0, late = 0;
        ConstrainedTrialOptions options = Toy.Options(_mlContext);
        int evaluated = 0;
        TrialMetric inner = TrialMetric.RootMeanSquaredError();
        options.Metric = TrialMetric.Create("rmse", (context, scored) =>
        {
            evaluated++;
            if (evaluated == 20)
                early = GC.GetTotalMemory(forceFullCollection: true);
            if (evaluated == 200)
                late = GC.GetTotalMemory(forceFullCollection: true);
            return inner.Evaluate(context, scored);
        });
        var search = new ConstrainedSearch(_mlContext, Toy.Pipeline(_mlContext, history), options);
        search.Experiment.SetMaxModelToExplore(200).SetRandomSearchTuner();
        ConstrainedSearchResult result = await search.RunAsync();
        Assert.HasCount(200, result.Trials);
        Assert.AreEqual(1, history.Live);
        Assert.AreEqual(2, history.MostLive, "The best so far and the one under trial.");

        // 180 models of 100,000 bytes would be 18 MB; a trial's line in the history is below 2 KB.
        TestContext.WriteLine($"Managed memory after 20 and 200 trials: {early} and {late} bytes.");
        Assert.IsLessThan(2_000_000, late - early);
    }

    [TestMethod]
    public async Task Search_TwoHundredTrials_LeaveNoTensorsAndFlatMemory()
    {
        TorchTest.RequireLibtorch();
        var options = new ConstrainedRegressionOptions { Epochs = 1, BatchSize = 64 };
        IDataView data = Toy.Data(_mlContext);
        var live = new List<long>();
        var managed = new List<long>();
        TrialMetric inner = TrialMetric.RootMeanSquaredError();
        var search = new ConstrainedSearch(_mlContext, _mlContext.Transforms.Concatenate("Features", "X").Append(_mlContext.Auto().ConstrainedRegression(options)), new ConstrainedTrialOptions
        {
            TrainingData = data,
            ValidationData = data,
            Metric = TrialMetric.Create("rmse", (context, scored) =>
            {
                live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
                if (live.Count % 100 == 0)
                    managed.Add(GC.GetTotalMemory(forceFullCollection: true));
                return inner.Evaluate(context, scored);
            }),
        });
        search.Experiment.SetMaxModelToExplore(200).SetRandomSearchTuner();
        ConstrainedSearchResult result = await search.RunAsync();
        Assert.HasCount(200, result.Trials);
        Assert.AreEqual(SearchOutcome.Feasible, result.Outcome);
        Assert.AreEqual(live[0], live.Max());

        // A hundred kept networks of up to 33,000 weights would be 5 MB and more, as the best one may be larger or smaller at either time.
        TestContext.WriteLine($"Managed memory after 100 and 200 trials: {managed[0]} and {managed[1]} bytes.");
        Assert.IsLessThan(1_500_000, managed[1] - managed[0]);
    }
}
