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
    string? Reason);
