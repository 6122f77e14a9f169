using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.AutoML;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained;

/// <summary>
/// A search over a pipeline with its experiment, runner and monitor put together, whose result says what it came to where AutoML's own
/// would be an exception: all trials infeasible, all failed, or none ended in time.
/// <code>
/// var search = new ConstrainedSearch(mlContext, pipeline, options);
/// search.Experiment.SetMaxModelToExplore(30).SetRandomSearchTuner();
/// ConstrainedSearchResult result = await search.RunAsync();
/// </code>
/// </summary>
public sealed class ConstrainedSearch
{
    private readonly TrialLedger _ledger = new();

    /// <summary>Prepares a search; nothing runs yet.</summary>
    /// <param name="mlContext">The context whose seed, device and log the trials use.</param>
    /// <param name="pipeline">What is searched over.</param>
    /// <param name="options">Data, metric, feasibility, time limit of a trial.</param>
    /// <param name="csvPath">Where to write the history as CSV; null (the default): nowhere.</param>
    /// <exception cref="ArgumentException">An option is missing or outside its range; the message names it.</exception>
    public ConstrainedSearch(MLContext mlContext, SweepablePipeline pipeline, ConstrainedTrialOptions options, string? csvPath = null)
    {
        Check.NotNull(mlContext, nameof(mlContext));
        Experiment = ConstrainedExperimentExtensions.Prepare(mlContext.Auto().CreateExperiment(), pipeline, options, _ledger);
        Monitor = new SearchMonitor(mlContext, csvPath);
        Experiment.SetMonitor(Monitor);
    }

    /// <summary>
    /// The experiment: set its limits (by default it runs for a day) and, if need be, its tuner (the cost-frugal one by default) and a monitor
    /// of your own, in the place of <see cref="Monitor"/>.
    /// </summary>
    public AutoMLExperiment Experiment { get; }

    /// <summary>The history of the search, also while it runs; empty where <see cref="Experiment"/> was given another monitor.</summary>
    public SearchMonitor Monitor { get; }

    /// <summary>Runs the search, on the caller's thread: to keep that free, wrap the call in <see cref="Task.Run(Action)"/>.</summary>
    /// <remarks>
    /// A search that runs again goes on from where it was: its trials come after those of the runs before, with numbers from 0 again, and the
    /// best of all of them is the best. A result that was given keeps its model, which nobody but the caller disposes.
    /// </remarks>
    /// <param name="cancellationToken">Stops it; the best trial so far is the result then.</param>
    public async Task<ConstrainedSearchResult> RunAsync(CancellationToken cancellationToken = default)
    {
        ConstrainedTrialResult? best = null;
        try
        {
            best = (ConstrainedTrialResult)await Experiment.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // AutoML's way to say that no trial had a loss below the largest number.
        }

        // From now on the model is the caller's.
        _ledger.HandOver();

        // The monitor knows of trials that did not come to the runner, but of none where the experiment was given another one.
        IReadOnlyList<SearchTrial> told = Monitor.Trials, entered = _ledger.Trials, trials = told.Count >= entered.Count ? told : entered;
        SearchOutcome outcome = best?.Status switch
        {
            TrialStatus.Feasible => SearchOutcome.Feasible,
            TrialStatus.Infeasible => SearchOutcome.Infeasible,
            _ => trials.Count > 0 ? SearchOutcome.AllFailed : SearchOutcome.Stopped,
        };
        return new ConstrainedSearchResult(outcome, best, trials, outcome == SearchOutcome.Stopped ? "Stopped before any trial had ended." : SearchTrial.Summary(trials));
    }
}
