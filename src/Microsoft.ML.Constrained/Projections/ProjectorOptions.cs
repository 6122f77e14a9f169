using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained;

/// <summary>How a <see cref="Projector"/> projects.</summary>
public sealed class ProjectorOptions
{
    /// <summary>
    /// The diagonal metric: a positive weight for each variable, so that Σ wᵢ(zᵢ − yᵢ)² is least. Default null: ones. A weight
    /// 1/spread² measures each variable in units of its spread.
    /// </summary>
    public IReadOnlyList<double>? Weights { get; init; }

    /// <summary>
    /// Largest violation of a solved row, as a distance to the constraint and relative to max(1, size of the row), in double precision.
    /// Between 1e-14 and 1e-3; default 1e-9.
    /// </summary>
    public double Tolerance { get; init; } = 1e-9;

    /// <summary>What becomes of a row that cannot be solved. Default <see cref="RowPolicy.Closest"/>.</summary>
    public RowPolicy Policy { get; init; } = RowPolicy.Closest;

    /// <summary>Most threads for one batch; default 0: one for each processor. The results do not depend on it.</summary>
    public int Threads { get; init; }

    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Validate(ConstraintSet set)
    {
        if (!(Tolerance is >= 1e-14 and <= 1e-3))
            throw new ArgumentException($"The tolerance is {Tolerance}. Give a number between 1e-14 and 1e-3.", nameof(Tolerance));
        if (!Enum.IsDefined(Policy))
            throw new ArgumentException($"There is no row policy {(int)Policy}. Use a value of {nameof(RowPolicy)}.", nameof(Policy));
        if (Threads < 0)
            throw new ArgumentException($"The number of threads is {Threads}. Give 0 for all processors, or a positive number.", nameof(Threads));
        if (Weights is null)
            return;
        if (Weights.Count != set.Dimension)
        {
            throw new ArgumentException(
                $"There are {Weights.Count} weights but the constraint set has {set.Dimension} variables. Give one for each variable.", nameof(Weights));
        }

        for (int i = 0; i < Weights.Count; i++)
        {
            if (!(Weights[i] > 0) || !double.IsFinite(Weights[i]))
            {
                throw new ArgumentException(
                    $"The weight of variable '{set.Variables[i]}' is {Weights[i]}. Give a positive finite number.", nameof(Weights));
            }
        }
    }
}
