using System;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained;

/// <summary>Options of <see cref="ConstrainedTrialRunner"/>: what a trial is fitted on, and what counts.</summary>
public sealed class ConstrainedTrialOptions
{
    /// <summary>The rows to fit on; with <see cref="Folds"/> also those to hold out. Required.</summary>
    public IDataView? TrainingData { get; set; }

    /// <summary>The held-out rows. Null (the default): folds of <see cref="TrainingData"/>.</summary>
    public IDataView? ValidationData { get; set; }

    /// <summary>Number of folds where there is no <see cref="ValidationData"/>: 2 to 100, default 5. A trial's metric is the mean over those with rows.</summary>
    public int Folds { get; set; } = 5;

    /// <summary>A column whose equal values must not be in both parts of a split; null: none.</summary>
    public string? SamplingKeyColumnName { get; set; }

    /// <summary>What is made small, or large. Required.</summary>
    public TrialMetric? Metric { get; set; }

    /// <summary>How constraints are looked at on held-out rows; null (the default): not at all.</summary>
    public TrialFeasibility? Feasibility { get; set; }

    /// <summary>The largest share of held-out rows, 0 to 1, that may break a constraint while the loss still counts; default 0.</summary>
    public double FeasibilityBudget { get; set; }

    /// <summary>The longest that one trial may take before it is stopped and counts as failed; null (the default): no limit of its own.</summary>
    public TimeSpan? TrialTimeLimit { get; set; }

    internal ConstrainedTrialOptions Copy() => (ConstrainedTrialOptions)MemberwiseClone();

    internal void Validate()
    {
        Check.NotNull(TrainingData, nameof(TrainingData));
        Check.NotNull(Metric, nameof(Metric));
        if (ValidationData is null && Folds is < 2 or > 100)
            throw new ArgumentOutOfRangeException(nameof(Folds), Folds, $"'{nameof(Folds)}' must be from 2 to 100; or give '{nameof(ValidationData)}'.");
        if (!(FeasibilityBudget is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(FeasibilityBudget), FeasibilityBudget, $"'{nameof(FeasibilityBudget)}' is a share of rows: from 0 to 1.");
        if (TrialTimeLimit is { } limit && (limit <= TimeSpan.Zero || limit > TimeSpan.FromDays(24)))
            throw new ArgumentOutOfRangeException(nameof(TrialTimeLimit), limit, $"'{nameof(TrialTimeLimit)}' must be positive and at most 24 days; null for none.");
    }
}
