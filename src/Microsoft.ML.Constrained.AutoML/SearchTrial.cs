using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.AutoML;

namespace Microsoft.ML.Constrained;

/// <summary>A line of a search's history.</summary>
/// <param name="Id">The trial's number, from 0 in each run.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Loss">What the search makes small; finite unless a runner other than <see cref="ConstrainedTrialRunner"/> gave something else.</param>
/// <param name="Metric">The metric on held-out rows; NaN where there is none.</param>
/// <param name="Feasibility">What was found about constraints on held-out rows; all zero where nothing was looked at.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Parameters">What was tried, as text: <c>name=value</c>, comma-separated.</param>
/// <param name="Json">What was tried, as JSON: the whole of what the tuner proposed.</param>
/// <param name="Reason">Why its loss does not count; null if it does.</param>
public sealed record SearchTrial(
    int Id,
    TrialStatus Status,
    double Loss,
    double Metric,
    FeasibilityMeasure Feasibility,
    double Milliseconds,
    string Parameters,
    string Json,
    string? Reason)
{
    /// <summary>The line of a trial that gave a result, of this package's runner or of another.</summary>
    internal static SearchTrial Of(TrialResult result)
    {
        var ours = result as ConstrainedTrialResult;
        bool counts = result.Loss < double.MaxValue;
        return Of(
            result.TrialSettings,
            ours?.Status ?? (counts ? TrialStatus.Feasible : TrialStatus.Failed),
            result.Loss,
            result.Metric,
            ours?.Feasibility ?? default,
            result.DurationInMilliseconds,
            ours is null && !counts ? FormattableString.Invariant($"its loss is {result.Loss}") : ours?.Reason);
    }

    /// <summary>The line of a trial that ended with an exception.</summary>
    internal static SearchTrial Of(TrialSettings settings, Exception? exception)
    {
        double milliseconds = settings.EndedAtUtc is { } end ? (end - settings.StartedAtUtc).TotalMilliseconds : double.NaN;
        string reason = exception is null ? "no reason was given" : $"{exception.GetType().Name}: {exception.Message}";
        return Of(settings, TrialStatus.Failed, double.MaxValue, double.NaN, default, milliseconds, reason);
    }

    /// <summary>How many trials there were of each kind, the best, and the first reason if none is feasible; one sentence or two.</summary>
    internal static string Summary(IReadOnlyList<SearchTrial> trials)
    {
        int feasible = trials.Count(t => t.Status == TrialStatus.Feasible), infeasible = trials.Count(t => t.Status == TrialStatus.Infeasible);
        string text = $"{trials.Count} trials: {feasible} feasible, {infeasible} infeasible, {trials.Count - feasible - infeasible} failed.";
        if (trials.Where(t => t.Loss < double.MaxValue).MinBy(t => t.Loss) is { Status: TrialStatus.Feasible } best)
            return text + FormattableString.Invariant($" Best: trial {best.Id}, loss {best.Loss:G6} ({best.Parameters}).");
        return trials.FirstOrDefault(t => t.Reason is not null) is { } first ? text + $" Trial {first.Id}: {first.Reason}." : text;
    }

    private static SearchTrial Of(
        TrialSettings settings, TrialStatus status, double loss, double metric, FeasibilityMeasure feasibility, double milliseconds, string? reason) =>
        new(settings.TrialId, status, loss, metric, feasibility, milliseconds, ParameterText.Of(settings.Parameter), settings.Parameter.ToString(), reason);
}
