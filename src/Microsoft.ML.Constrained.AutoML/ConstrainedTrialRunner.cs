using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.AutoML;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Runs the trials of an <see cref="AutoMLExperiment"/> over a <see cref="SweepablePipeline"/>: fits, evaluates on held-out rows or folds,
/// and counts the loss only if the model keeps the constraints there.
/// </summary>
/// <remarks>
/// A trial that throws, has no finite metric, or takes longer than <see cref="ConstrainedTrialOptions.TrialTimeLimit"/> is a failed one
/// (<see cref="ConstrainedTrialResult.Reason"/>, and a warning in the log); the experiment goes on. The trial's token is handed to the trainers
/// (<see cref="TrialCancellation"/>), so that a stop or a time limit ends a trial within a batch. With folds the result's model is that of
/// the first, as in AutoML: refit the winner. A fold without rows to fit on, or without held-out rows, is left out; where no fold has both,
/// the trial fails. The models of trials that are not the best so far are disposed, except for parts that serve
/// every trial. Trials run on the caller's thread. A monitor of your own must not throw: AutoML then drops a trial that this
/// object has already entered as the best.
/// </remarks>
public sealed class ConstrainedTrialRunner : ITrialRunner
{
    private const double InfeasibleLoss = 1e30, LargestLoss = 1e29;

    private readonly MLContext _mlContext;
    private readonly TrialPipeline _pipeline;
    private readonly ConstrainedTrialOptions _options;
    private readonly TrialLedger _ledger;

    /// <summary>
    /// A runner for all trials of one experiment, all in one context. To have a context of its own for each trial, as AutoML has, use
    /// <see cref="ConstrainedExperimentExtensions.SetConstrainedPipeline"/>.
    /// </summary>
    /// <param name="mlContext">The context to build and fit in.</param>
    /// <param name="pipeline">What is searched over; its search space goes to the experiment under the key <c>_pipeline_</c>.</param>
    /// <param name="options">Data, metric, feasibility, time limit.</param>
    /// <exception cref="ArgumentException">An option is missing or outside its range; the message names it.</exception>
    public ConstrainedTrialRunner(MLContext mlContext, SweepablePipeline pipeline, ConstrainedTrialOptions options)
        : this(mlContext, new TrialPipeline(Check.NotNull(pipeline, nameof(pipeline))), Checked(options), new TrialLedger())
    {
    }

    internal ConstrainedTrialRunner(MLContext mlContext, TrialPipeline pipeline, ConstrainedTrialOptions options, TrialLedger ledger) =>
        (_mlContext, _pipeline, _options, _ledger) = (Check.NotNull(mlContext, nameof(mlContext)), pipeline, options, ledger);

    /// <summary>Runs one trial.</summary>
    /// <param name="settings">The trial, as a tuner proposed it.</param>
    /// <param name="ct">Stops it.</param>
    /// <returns>A <see cref="ConstrainedTrialResult"/>.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled before the trial had ended.</exception>
    public Task<TrialResult> RunAsync(TrialSettings settings, CancellationToken ct)
    {
        Check.NotNull(settings, nameof(settings));
        return Task.FromResult<TrialResult>(Run(settings, ct));
    }

    /// <summary>Does nothing: AutoML calls it after each trial, also where the object serves all of them.</summary>
    public void Dispose()
    {
    }

    internal static ConstrainedTrialOptions Checked(ConstrainedTrialOptions options)
    {
        options = Check.NotNull(options, nameof(options)).Copy();
        options.Validate();
        return options;
    }

    private ConstrainedTrialResult Run(TrialSettings settings, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        if (_options.TrialTimeLimit is { } limit)
            stop.CancelAfter(limit);
        using var trial = new TrialStop(stop.Token);
        var fitted = new List<(ITransformer Model, IReadOnlyList<IDisposable> Parts)>();
        var watch = Stopwatch.StartNew();
        ConstrainedTrialResult result;
        try
        {
            TrialCancellation.Attach(_mlContext, trial);
            result = Judge(settings, Evaluate(settings, fitted, stop.Token));
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            DisposeAll(fitted.SelectMany(f => f.Parts));
            throw new OperationCanceledException($"Trial {settings.TrialId} was stopped.", ct);
        }
        catch (Exception e)
        {
            result = Failed(settings, double.NaN, stop.IsCancellationRequested ? $"it took longer than {_options.TrialTimeLimit}" : $"{e.GetType().Name}: {e.Message}");
        }
        finally
        {
            TrialCancellation.Detach(_mlContext);
        }

        result.DurationInMilliseconds = Math.Max(1, watch.Elapsed.TotalMilliseconds);
        result.Model = fitted.Count > 0 ? fitted[0].Model : null;
        DisposeAll(fitted.Skip(1).SelectMany(f => f.Parts));
        DisposeAll(_ledger.Enter(result, fitted.Count > 0 ? fitted[0].Parts : []));
        if (result.Status == TrialStatus.Failed)
            Warn($"Trial {settings.TrialId} failed: {result.Reason}. Parameters: {settings.Parameter}");
        return result;
    }

    /// <summary>The mean metric and the constraints over those splits that have rows, and how many these are.</summary>
    private (double Metric, FeasibilityMeasure Feasibility, int Splits) Evaluate(
        TrialSettings settings, List<(ITransformer Model, IReadOnlyList<IDisposable> Parts)> fitted, CancellationToken stop)
    {
        double sum = 0;
        int count = 0;
        FeasibilityMeasure feasibility = default;
        foreach ((IDataView train, IDataView held) in Splits())
        {
            stop.ThrowIfCancellationRequested();

            // Folds are drawn row by row, so that few rows leave some of them empty, and what a metric makes of no rows is not a loss.
            if (!HasRows(train) || !HasRows(held))
                continue;
            (EstimatorChain<ITransformer> chain, bool[] isShared) = _pipeline.Build(_mlContext, settings.Parameter[TrialPipeline.SearchSpaceKey]);
            TransformerChain<ITransformer> model = chain.Fit(train);
            fitted.Add((model, TrialPipeline.OwnParts(model, isShared)));
            stop.ThrowIfCancellationRequested();
            IDataView scored = model.Transform(held);
            if (!HasRows(scored))
                continue;
            count++;
            sum += _options.Metric!.Evaluate(_mlContext, scored);
            if (_options.Feasibility is { } measure)
                feasibility = feasibility.Add(measure.Measure(_mlContext, scored));
        }

        stop.ThrowIfCancellationRequested();
        return (sum / count, feasibility, count);
    }

    private static bool HasRows(IDataView data)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([]);
        return cursor.MoveNext();
    }

    private IReadOnlyList<(IDataView Train, IDataView Held)> Splits() => _options.ValidationData is { } held
        ? [(_options.TrainingData!, held)]
        : [.. _mlContext.Data.CrossValidationSplit(_options.TrainingData!, _options.Folds, _options.SamplingKeyColumnName)
            .Select(s => (s.TrainSet, s.TestSet))];

    /// <summary>The result of a trial that went through.</summary>
    private ConstrainedTrialResult Judge(TrialSettings settings, (double Metric, FeasibilityMeasure Feasibility, int Splits) found)
    {
        (double metric, FeasibilityMeasure feasibility, int splits) = found;
        if (splits == 0)
        {
            return Failed(settings, double.NaN, _options.ValidationData is null
                ? $"none of the {_options.Folds} folds has both rows to fit on and held-out rows to score: use fewer folds or more rows"
                : $"there are no held-out rows to score, or none to fit on: look at '{nameof(_options.ValidationData)}' and '{nameof(_options.TrainingData)}'");
        }

        if (!double.IsFinite(metric))
            return Failed(settings, metric, FormattableString.Invariant($"metric '{_options.Metric!.Name}' is {metric}"));
        if (_options.Feasibility is null || feasibility.Share <= _options.FeasibilityBudget)
        {
            double loss = _options.Metric!.IsMaximized ? -metric : metric;
            return new ConstrainedTrialResult
            {
                TrialSettings = settings,
                Status = TrialStatus.Feasible,
                Metric = metric,
                Loss = Math.Clamp(loss, -LargestLoss, LargestLoss),
                Feasibility = feasibility,
            };
        }

        if (feasibility.Rows == 0)
            return Failed(settings, metric, "there are no held-out rows to look at the constraints on");
        double size = double.IsFinite(feasibility.LargestViolation) ? feasibility.LargestViolation / (1 + feasibility.LargestViolation) : 1;
        return new ConstrainedTrialResult
        {
            TrialSettings = settings,
            Status = TrialStatus.Infeasible,
            Metric = metric,
            Loss = InfeasibleLoss * (1 + feasibility.Share + (1e-6 * size)),
            Feasibility = feasibility,
            Reason = FormattableString.Invariant(
                $"{feasibility.ViolatingRows} of {feasibility.Rows} held-out rows break {_options.Feasibility.Name}, by at most {feasibility.LargestViolation:G3}"),
        };
    }

    private static ConstrainedTrialResult Failed(TrialSettings settings, double metric, string reason) => new()
    {
        TrialSettings = settings,
        Status = TrialStatus.Failed,
        Metric = metric,
        Loss = double.MaxValue,
        Reason = reason,
    };

    private void DisposeAll(IEnumerable<IDisposable> parts)
    {
        foreach (IDisposable part in parts)
        {
            try
            {
                part.Dispose();
            }
            catch (Exception e)
            {
                // A model that is given up must not end the search.
                Warn($"Disposing a {part.GetType().Name} failed: {e.Message}");
            }
        }
    }

    private void Warn(string message)
    {
        using IChannel channel = ((IChannelProvider)_mlContext).Start(nameof(ConstrainedTrialRunner));
        channel.Warning(MessageSensitivity.Unknown, message);
    }
}
