namespace Microsoft.ML.Constrained;

/// <summary>How well one slot of a vector of scores fits its labels.</summary>
public sealed class VectorRegressionSlotMetrics
{
    internal VectorRegressionSlotMetrics(string name, double? level)
    {
        Name = name;
        QuantileLevel = level;
    }

    /// <summary>The name of the slot.</summary>
    public string Name { get; }

    /// <summary>The quantile that the slot estimates; null where no levels were given.</summary>
    public double? QuantileLevel { get; }

    /// <summary>The mean of |label − score|; NaN when no row is valid.</summary>
    public double MeanAbsoluteError { get; internal init; }

    /// <summary>The mean of (label − score)²; NaN when no row is valid.</summary>
    public double MeanSquaredError { get; internal init; }

    /// <summary>The root of <see cref="MeanSquaredError"/>.</summary>
    public double RootMeanSquaredError { get; internal init; }

    /// <summary>
    /// 1 − Σ(label − score)² / Σ(label − mean label)². At most 1, negative for scores worse than the mean label; NaN when all labels are
    /// equal, since there is nothing to explain.
    /// </summary>
    public double RSquared { get; internal init; }

    /// <summary>
    /// For a quantile level τ the mean of max(τ (label − score), (τ − 1)(label − score)), which the right quantile makes least
    /// (Koenker and Bassett 1978); NaN where no levels were given.
    /// </summary>
    public double PinballLoss { get; internal init; } = double.NaN;

    /// <summary>For a quantile the share of rows whose label is at most the score: near the level when right; NaN where no levels were given.</summary>
    public double Coverage { get; internal init; } = double.NaN;
}
