using System.Linq;
using Microsoft.ML.AutoML;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained;

/// <summary>Constrained searches with AutoML's own <see cref="AutoMLExperiment"/>.</summary>
public static class ConstrainedExperimentExtensions
{
    /// <summary>
    /// Sets the pipeline's search space, a <see cref="ConstrainedTrialRunner"/> with a context of its own for each trial (a child of the
    /// experiment's: same seed and device, its log relayed), and the cost-frugal tuner. Set another tuner, a monitor and limits after it.
    /// </summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="pipeline">What is searched over.</param>
    /// <param name="options">Data, metric, feasibility, time limit.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    /// <example><code language="csharp">
    /// TrialResult best = await mlContext.Auto().CreateExperiment()
    ///     .SetConstrainedPipeline(pipeline, new ConstrainedTrialOptions { TrainingData = data, Metric = TrialMetric.RootMeanSquaredError() })
    ///     .SetMonitor(new SearchMonitor(mlContext, csvPath: "trials.csv"))
    ///     .SetMaxModelToExplore(30)
    ///     .RunAsync();
    /// </code></example>
    public static AutoMLExperiment SetConstrainedPipeline(
        this AutoMLExperiment experiment, SweepablePipeline pipeline, ConstrainedTrialOptions options)
    {
        Check.NotNull(experiment, nameof(experiment));
        var built = new TrialPipeline(Check.NotNull(pipeline, nameof(pipeline)));
        ConstrainedTrialOptions copy = ConstrainedTrialRunner.Checked(options);
        var ledger = new TrialLedger();
        return experiment
            .AddSearchSpace(TrialPipeline.SearchSpaceKey, pipeline.SearchSpace)
            .SetTrialRunner(services => new ConstrainedTrialRunner((MLContext)services.GetService(typeof(MLContext))!, built, copy, ledger))
            .SetCostFrugalTuner();
    }

    /// <summary>Fits a pipeline anew with what a trial was proposed.</summary>
    /// <param name="result">The trial, usually the best of a search.</param>
    /// <param name="mlContext">The context to build and fit in.</param>
    /// <param name="pipeline">What was searched over.</param>
    /// <param name="data">The rows to fit on.</param>
    public static ITransformer Refit(this TrialResult result, MLContext mlContext, SweepablePipeline pipeline, IDataView data)
    {
        Check.NotNull(result, nameof(result));
        Check.NotNull(pipeline, nameof(pipeline));
        return pipeline.BuildFromOption(mlContext, result.TrialSettings.Parameter[TrialPipeline.SearchSpaceKey]).Fit(data);
    }
}
