using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.AutoML;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Follows a search: a line in <see cref="MLContext.Log"/> for each trial (its loss, the best so far, what was tried), the history in memory,
/// and, on request, as a CSV file that has a line for each trial as soon as it ends. Never throws, as AutoML would count that as the trial's failure.
/// </summary>
public sealed class SearchMonitor : IMonitor
{
    private readonly MLContext _mlContext;
    private readonly Lock _lock = new();
    private readonly List<SearchTrial> _trials = [];
    private SearchTrial? _best;
    private string? _csvPath;

    /// <summary>Begins a history; a CSV file of that name is written anew.</summary>
    /// <param name="mlContext">The context to whose log to report.</param>
    /// <param name="csvPath">Where to write the history; null (the default): nowhere.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public SearchMonitor(MLContext mlContext, string? csvPath = null)
    {
        _mlContext = Check.NotNull(mlContext, nameof(mlContext));
        _csvPath = csvPath;
        if (csvPath is not null)
            File.WriteAllText(csvPath, "trial,status,loss,metric,rows,violating_rows,largest_violation,milliseconds,best_trial,best_loss,parameters,reason" + Environment.NewLine);
    }

    /// <summary>The trials so far, in the order in which they ended.</summary>
    public IReadOnlyList<SearchTrial> Trials
    {
        get
        {
            lock (_lock)
                return [.. _trials];
        }
    }

    /// <summary>The best trial so far: the first of those with the smallest loss that is a number below the largest; null while there is none.</summary>
    public SearchTrial? Best
    {
        get
        {
            lock (_lock)
                return _best;
        }
    }

    /// <summary>How many trials there were of each kind, the best, and the first reason if none is feasible; one sentence or two.</summary>
    public string Summary => SearchTrial.Summary(Trials);

    /// <inheritdoc/>
    public void ReportRunningTrial(TrialSettings setting)
    {
        Check.NotNull(setting, nameof(setting));
        Log(ChannelMessageKind.Trace, $"Trial {setting.TrialId} begins: {ParameterText.Of(setting.Parameter)}");
    }

    /// <inheritdoc/>
    public void ReportCompletedTrial(TrialResult result) => Enter(SearchTrial.Of(Check.NotNull(result, nameof(result))));

    /// <summary>Does nothing: the line of the trial says whether it is the best.</summary>
    /// <param name="result">The trial.</param>
    public void ReportBestTrial(TrialResult result)
    {
    }

    /// <inheritdoc/>
    public void ReportFailTrial(TrialSettings settings, Exception? exception = null) =>
        Enter(SearchTrial.Of(Check.NotNull(settings, nameof(settings)), exception));

    private void Enter(SearchTrial trial)
    {
        SearchTrial? best;
        lock (_lock)
        {
            _trials.Add(trial);
            if (trial.Loss < (_best?.Loss ?? double.MaxValue))
                _best = trial;
            best = _best;
            Write(trial, best);
        }

        string outcome = trial.Status == TrialStatus.Feasible
            ? FormattableString.Invariant($"loss {trial.Loss:G6}")
            : $"{trial.Status.ToString().ToLowerInvariant()}: {trial.Reason}";
        string bestText = best is null ? "none so far"
            : best.Status == TrialStatus.Feasible ? FormattableString.Invariant($"{best.Loss:G6} (trial {best.Id})")
            : $"trial {best.Id}, infeasible";
        Log(
            trial.Status == TrialStatus.Failed ? ChannelMessageKind.Warning : ChannelMessageKind.Info,
            FormattableString.Invariant($"Trial {trial.Id}: {outcome}; best {bestText}; {trial.Milliseconds:F0} ms; {trial.Parameters}"));
    }

    private void Write(SearchTrial trial, SearchTrial? best)
    {
        if (_csvPath is null)
            return;
        IFormattable[] numbers =
        [
            trial.Loss, trial.Metric, trial.Feasibility.Rows, trial.Feasibility.ViolatingRows, trial.Feasibility.LargestViolation, trial.Milliseconds,
        ];
        string line = string.Join(',', (string[])
        [
            trial.Id.ToString(CultureInfo.InvariantCulture),
            trial.Status.ToString(),
            .. numbers.Select(n => n.ToString(null, CultureInfo.InvariantCulture)),
            best?.Id.ToString(CultureInfo.InvariantCulture) ?? "",
            best?.Loss.ToString(CultureInfo.InvariantCulture) ?? "",
            Quote(trial.Json),
            Quote(trial.Reason ?? ""),
        ]);
        try
        {
            File.AppendAllText(_csvPath, line + Environment.NewLine);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log(ChannelMessageKind.Warning, $"The history cannot be written to '{_csvPath}' any more: {e.Message}");
            _csvPath = null;
        }
    }

    private static string Quote(string text) => text.AsSpan().ContainsAny("\",\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private void Log(ChannelMessageKind kind, string message)
    {
        using IChannel channel = ((IChannelProvider)_mlContext).Start(nameof(SearchMonitor));
        switch (kind)
        {
            case ChannelMessageKind.Trace:
                channel.Trace(MessageSensitivity.Unknown, message);
                break;
            case ChannelMessageKind.Warning:
                channel.Warning(MessageSensitivity.Unknown, message);
                break;
            default:
                channel.Info(MessageSensitivity.Unknown, message);
                break;
        }
    }
}
