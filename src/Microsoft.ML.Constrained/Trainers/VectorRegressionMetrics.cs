using System.Collections.Generic;

namespace Microsoft.ML.Constrained;

/// <summary>How well vectors of scores fit their labels, over all slots and slot by slot.</summary>
public sealed class VectorRegressionMetrics
{
    internal VectorRegressionMetrics(IReadOnlyList<VectorRegressionSlotMetrics> slots)
    {
        Slots = slots;
    }

    /// <summary>The slots, in their order.</summary>
    public IReadOnlyList<VectorRegressionSlotMetrics> Slots { get; }

    /// <summary>Rows that were read.</summary>
    public long RowCount { get; internal init; }

    /// <summary>Rows with a NaN or an infinity in label or score. They are left out of every figure.</summary>
    public long InvalidRowCount { get; internal init; }

    /// <summary>The mean of the slots' errors; NaN when no row is valid.</summary>
    public double MeanAbsoluteError { get; internal init; }

    /// <summary>The mean of the slots' squared errors; NaN when no row is valid.</summary>
    public double MeanSquaredError { get; internal init; }

    /// <summary>The root of <see cref="MeanSquaredError"/>.</summary>
    public double RootMeanSquaredError { get; internal init; }

    /// <summary>
    /// 1 − ΣΣ(label − score)² / ΣΣ(label − mean label of the slot)², summed over rows and slots, so that a slot counts as much as its labels
    /// vary; NaN when no slot's labels vary.
    /// </summary>
    public double RSquared { get; internal init; }

    /// <summary>The mean of the slots' pinball losses; NaN where no quantile levels were given.</summary>
    public double PinballLoss { get; internal init; } = double.NaN;

    /// <summary>
    /// The share of valid rows in which the quantile of a higher level lies below that of a lower one; NaN where no quantile levels were
    /// given.
    /// </summary>
    public double CrossingShare { get; internal init; } = double.NaN;
}
