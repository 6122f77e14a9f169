using Microsoft.ML.AutoML;

namespace Microsoft.ML.Constrained;

/// <summary>
/// What <see cref="ConstrainedTrialRunner"/> found out in a trial. Its loss is always finite: the metric (negated where more is better) of a
/// feasible trial, from 1e30 (more for more violating rows) of an infeasible one, and the largest finite number of a failed one, so that
/// a search prefers any feasible trial, then the least infeasible, and never takes a failed one.
/// The model is null unless the trial is the best so far: others are disposed.
/// </summary>
public sealed class ConstrainedTrialResult : TrialResult
{
    /// <summary>How the trial ended.</summary>
    public TrialStatus Status { get; init; }

    /// <summary>What was found about constraints on held-out rows; all zero where nothing was looked at.</summary>
    public FeasibilityMeasure Feasibility { get; init; }

    /// <summary>Why the loss does not count; null for a feasible trial.</summary>
    public string? Reason { get; init; }
}
