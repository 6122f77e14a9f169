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
    /// <remarks>
    /// An experiment that runs again goes on from its best trial. Where it finds a better one it disposes the model that the former result
    /// has, and sets it to null: save or refit that before. A <see cref="ConstrainedSearch"/> leaves it alone.
    /// </remarks>
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
        this AutoMLExperiment experiment, SweepablePipeline pipeline, ConstrainedTrialOptions options) =>
        Prepare(experiment, pipeline, options, new TrialLedger());

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

    /// <summary>The same with the ledger that trials are entered in.</summary>
    internal static AutoMLExperiment Prepare(
        AutoMLExperiment experiment, SweepablePipeline pipeline, ConstrainedTrialOptions options, TrialLedger ledger)
    {
        Check.NotNull(experiment, nameof(experiment));
        var built = new TrialPipeline(Check.NotNull(pipeline, nameof(pipeline)));
        ConstrainedTrialOptions copy = ConstrainedTrialRunner.Checked(options);
        return experiment
            .AddSearchSpace(TrialPipeline.SearchSpaceKey, pipeline.SearchSpace)
            .SetTrialRunner(services => new ConstrainedTrialRunner((MLContext)services.GetService(typeof(MLContext))!, built, copy, ledger))
            .SetCostFrugalTuner();
    }
}
