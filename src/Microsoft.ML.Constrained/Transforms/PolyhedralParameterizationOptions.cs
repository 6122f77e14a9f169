using System;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Polyhedra;

namespace Microsoft.ML.Constrained;

/// <summary>Options of <see cref="PolyhedralParameterizationEstimator"/>.</summary>
public sealed class PolyhedralParameterizationOptions
{
    /// <summary>Largest <see cref="BatchSize"/>.</summary>
    internal const int MaxBatchSize = 1 << 20;

    /// <summary>Name of the column that receives the points; default "Point".</summary>
    public string OutputColumnName { get; set; } = "Point";

    /// <summary>
    /// Name of the column with the activations, a vector of <c>Single</c> of <see cref="PolyhedralParameterization.ActivationCount"/>
    /// slots. Null (the default): <see cref="OutputColumnName"/>, which is then replaced.
    /// </summary>
    public string? InputColumnName { get; set; }

    /// <summary>What must hold for every row: linear constraints with constant right-hand sides. Required.</summary>
    public ConstraintSet? Constraints { get; set; }

    /// <summary>How coefficients of rays are made non-negative; default <see cref="RayActivation.Absolute"/>.</summary>
    public RayActivation RayActivation { get; set; } = RayActivation.Absolute;

    /// <summary>Half-width of a box that points are scaled into, positive; null (the default): none. See <see cref="PolyhedralSettings.BoxRadius"/>.</summary>
    public double? BoxRadius { get; set; }

    /// <summary>Which form is evaluated; default <see cref="PolyhedralForm.Auto"/>. Results do not depend on it beyond rounding.</summary>
    public PolyhedralForm Form { get; set; } = PolyhedralForm.Auto;

    /// <summary>The numbers that generators are found in when fitting; default <see cref="PolyhedralArithmetic.Auto"/>.</summary>
    public PolyhedralArithmetic Arithmetic { get; set; } = PolyhedralArithmetic.Auto;

    /// <summary>Most generators of one block of variables, at least 1; default 100,000.</summary>
    public int GeneratorLimit { get; set; } = DoubleDescription.DefaultLimit;

    /// <summary>
    /// What becomes of a row with a NaN or an infinity among its activations, or with a point beyond the range of <c>Single</c>:
    /// <see cref="RowPolicy.Missing"/> (the default) or <see cref="RowPolicy.Throw"/>. Every other row has a point.
    /// </summary>
    public RowPolicy Policy { get; set; } = RowPolicy.Missing;

    /// <summary>Whether to add <c>XStatus</c>, for an output column <c>X</c>: a key whose values are the names of <see cref="SolverStatus"/>; default false.</summary>
    public bool Diagnostics { get; set; }

    /// <summary>Rows that are mapped at once; default 1024, 1 to 1,048,576. Results do not depend on it.</summary>
    public int BatchSize { get; set; } = 1024;

    /// <summary>Threads that a batch is spread over; default 0: one for each processor. Results do not depend on it.</summary>
    public int Threads { get; set; }

    internal PolyhedralParameterizationOptions Copy() => (PolyhedralParameterizationOptions)MemberwiseClone();

    /// <summary>What the parameterisation itself needs.</summary>
    internal PolyhedralSettings ToSettings() => new()
    {
        RayActivation = RayActivation,
        BoxRadius = BoxRadius,
        Form = Form,
        Arithmetic = Arithmetic,
        GeneratorLimit = GeneratorLimit,
    };

    /// <summary>The constraints, after everything was checked.</summary>
    internal ConstraintSet Validate()
    {
        Check.NotEmpty(OutputColumnName, nameof(OutputColumnName));
        if (InputColumnName is not null)
            Check.NotEmpty(InputColumnName, nameof(InputColumnName));
        ConstraintSet constraints = Check.NotNull(Constraints, nameof(Constraints));
        ToSettings().Validate();
        if (Policy is not (RowPolicy.Missing or RowPolicy.Throw))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Policy),
                Policy,
                $"'{nameof(Policy)}' must be {nameof(RowPolicy.Missing)} or {nameof(RowPolicy.Throw)}: the input is no point that could be kept or projected.");
        }

        if (BatchSize is < 1 or > MaxBatchSize)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), BatchSize, $"'{nameof(BatchSize)}' must be from 1 to {MaxBatchSize}.");
        if (Threads is < 0 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, $"'{nameof(Threads)}' must be from 0 (all processors) to 1024.");
        return constraints;
    }
}
