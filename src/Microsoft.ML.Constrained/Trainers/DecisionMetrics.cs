namespace Microsoft.ML.Constrained;

/// <summary>How good decisions are against the best ones, where the true costs or the best decisions themselves are known.</summary>
public sealed class DecisionMetrics
{
    internal DecisionMetrics()
    {
    }

    /// <summary>Rows that were read.</summary>
    public long RowCount { get; internal init; }

    /// <summary>Rows with a NaN or an infinity, or whose true costs the solver could not solve. They are in no other figure.</summary>
    public long InvalidRowCount { get; internal init; }

    /// <summary>
    /// The mean regret: how much more than the best decision the row's own costs under the true costs (how much less it is worth, with a
    /// maximising solver). At least 0 for decisions of the solver's set; NaN where true costs are unknown or no row is valid.
    /// </summary>
    public double MeanRegret { get; internal init; } = double.NaN;

    /// <summary>
    /// Σ regrets / Σ |cost of the best decision| over the rows (Elmachtoub and Grigas 2022, section 6); NaN where it is not defined.
    /// </summary>
    public double RelativeRegret { get; internal init; } = double.NaN;

    /// <summary>
    /// Σ true cost of the decisions / Σ true cost of the best ones: 1 at best, above with a minimising solver, below with a maximising
    /// one; NaN where it is not defined.
    /// </summary>
    public double CostRatio { get; internal init; } = double.NaN;

    /// <summary>
    /// The share of rows whose decision costs as little as the best one, to 1e-6 · max(1, |best|): where several are best, any of them
    /// counts. NaN where true costs are unknown or no row is valid.
    /// </summary>
    public double OptimalShare { get; internal init; } = double.NaN;

    /// <summary>The share of rows whose decision equals the best one in every entry, to 1e-4.</summary>
    public double ExactMatchShare { get; internal init; }

    /// <summary>The mean over rows and entries of |decision − best decision|: for 0/1 decisions the share of entries that differ.</summary>
    public double HammingShare { get; internal init; }
}
