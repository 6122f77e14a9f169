using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>Settings of <see cref="QuadraticProgramSolver"/>.</summary>
public sealed class QuadraticProgramOptions
{
    /// <summary>
    /// The largest scaled residual that counts as solved; between 1e-12 and 1e-2, 1e-9 unless set. The primal residual is measured
    /// against max(1, ‖Gz‖∞, ‖h‖∞, ‖Az‖∞, ‖b‖∞), the dual one against max(1, ‖Qz‖∞, ‖p‖∞, ‖Gᵀλ + Aᵀν‖∞), the gap against
    /// max(1, |objective|).
    /// </summary>
    public double Tolerance { get; set; } = 1e-9;

    /// <summary>The limit on iterations of the interior-point method that takes over hard problems; at least 1, 200 unless set.</summary>
    public int IterationLimit { get; set; } = 200;

    /// <summary>The number of threads, the caller's included; 0, which is the default, means one for each processor.</summary>
    public int Threads { get; set; }

    /// <summary>
    /// What becomes of a problem without a feasible point. <see cref="RowPolicy.Closest"/> (the default) gives the point with the
    /// least 2-norm of the violations, each divided by the Euclidean length of its row, and the best objective among those points;
    /// <see cref="RowPolicy.Missing"/> gives NaN; <see cref="RowPolicy.Throw"/> throws after the whole batch was solved.
    /// <see cref="RowPolicy.KeepInput"/> has no meaning here and is refused.
    /// </summary>
    public RowPolicy Policy { get; set; } = RowPolicy.Closest;

    /// <summary>Whether the solution keeps the factorisations that gradients are computed from; true unless set.</summary>
    public bool KeepFactors { get; set; } = true;

    internal int ThreadCount => Threads == 0 ? Environment.ProcessorCount : Threads;

    internal QuadraticProgramOptions Validate()
    {
        if (!(Tolerance >= 1e-12 && Tolerance <= 1e-2))
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, "'Tolerance' must lie between 1e-12 and 1e-2.");
        if (IterationLimit < 1)
            throw new ArgumentOutOfRangeException(nameof(IterationLimit), IterationLimit, "'IterationLimit' must be at least 1.");
        if (Threads < 0)
            throw new ArgumentOutOfRangeException(nameof(Threads), Threads, "'Threads' must not be negative; 0 means one for each processor.");
        if (Policy is not (RowPolicy.Closest or RowPolicy.Missing or RowPolicy.Throw))
            throw new ArgumentOutOfRangeException(nameof(Policy), Policy, "A quadratic program has no input to keep: 'Policy' must be Closest, Missing or Throw.");
        return (QuadraticProgramOptions)MemberwiseClone();
    }
}
