using System;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained;

/// <summary>Options of <see cref="ConstrainedProjectionEstimator"/>.</summary>
public sealed class ConstrainedProjectionOptions
{
    /// <summary>Largest <see cref="BatchSize"/>.</summary>
    internal const int MaxBatchSize = 1 << 20;

    /// <summary>Name of the column that receives the projected vector; default "Projection".</summary>
    public string OutputColumnName { get; set; } = "Projection";

    /// <summary>
    /// Name of the column to project, a vector of <c>Single</c> with one slot for each variable of <see cref="Constraints"/>.
    /// Null (the default): several <c>Single</c> columns, one for each variable and of that name.
    /// </summary>
    public string? InputColumnName { get; set; }

    /// <summary>What must hold for every row. Required.</summary>
    public ConstraintSet? Constraints { get; set; }

    /// <summary>
    /// Diagonal of the metric that distance is measured in, one positive number for each variable: the row y is moved to the
    /// point z of the set with the least Σ wᵢ(zᵢ − yᵢ)². Null: all ones. For a change measured in units of each variable's
    /// spread s, use 1/s².
    /// </summary>
    public double[]? Weights { get; set; }

    /// <summary>Largest violation that counts as none, relative to the size of the row; default 1e-9, at least 1e-12, at most 1e-3.</summary>
    public double Tolerance { get; set; } = 1e-9;

    /// <summary>What becomes of a row whose own limits contradict each other; default <see cref="RowPolicy.Closest"/>.</summary>
    public RowPolicy Policy { get; set; } = RowPolicy.Closest;

    /// <summary>
    /// Whether to add diagnostics columns; default false. For an output column <c>X</c> these are <c>XStatus</c> (a key whose values
    /// are the names of <see cref="SolverStatus"/>), <c>XDistance</c> (Euclidean distance moved), <c>XViolation</c> (largest
    /// violation before) and <c>XShadowPrices</c> (a vector with one slot, of its name, for each constraint).
    /// </summary>
    public bool Diagnostics { get; set; }

    /// <summary>Rows that are projected at once; default 1024, 1 to 1,048,576. Results do not depend on it.</summary>
    public int BatchSize { get; set; } = 1024;

    /// <summary>Threads that a batch is spread over; default 0: one for each processor. Results do not depend on it.</summary>
    public int Threads { get; set; }

    internal ConstrainedProjectionOptions Copy() => new()
    {
        OutputColumnName = OutputColumnName,
        InputColumnName = InputColumnName,
        Constraints = Constraints,
        Weights = (double[]?)Weights?.Clone(),
        Tolerance = Tolerance,
        Policy = Policy,
        Diagnostics = Diagnostics,
        BatchSize = BatchSize,
        Threads = Threads,
    };

    /// <summary>The constraints, after everything was checked.</summary>
    internal ConstraintSet Validate()
    {
        Check.NotEmpty(OutputColumnName, nameof(OutputColumnName));
        if (InputColumnName is not null)
            Check.NotEmpty(InputColumnName, nameof(InputColumnName));
        ConstraintSet constraints = Check.NotNull(Constraints, nameof(Constraints));
        if (Weights is not null)
        {
            if (Weights.Length != constraints.Dimension)
            {
                throw new ArgumentException(
                    $"'{nameof(Weights)}' has {Weights.Length} values but the constraints have {constraints.Dimension} variables; give one for each.",
                    nameof(Weights));
            }

            for (int i = 0; i < Weights.Length; i++)
            {
                if (!(Weights[i] > 0) || double.IsInfinity(Weights[i]))
                {
                    throw new ArgumentException(
                        $"'{nameof(Weights)}' of variable '{constraints.Variables[i]}' must be positive and finite, got {Weights[i]}.", nameof(Weights));
                }
            }
        }

        if (!(Tolerance is >= 1e-12 and <= 1e-3))
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, $"'{nameof(Tolerance)}' must be from 1e-12 to 1e-3.");
        if (!Enum.IsDefined(Policy))
            throw new ArgumentOutOfRangeException(nameof(Policy), Policy, $"'{nameof(Policy)}' must be one of {string.Join(", ", Enum.GetNames<RowPolicy>())}.");
        if (BatchSize is < 1 or > MaxBatchSize)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), BatchSize, $"'{nameof(BatchSize)}' must be from 1 to {MaxBatchSize}.");
        if (Threads is < 0 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, $"'{nameof(Threads)}' must be from 0 (all processors) to 1024.");
        return constraints;
    }
}
