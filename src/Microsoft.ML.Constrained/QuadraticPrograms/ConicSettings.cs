using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>When <see cref="ConicSolver"/> stops.</summary>
internal sealed class ConicSettings
{
    /// <summary>1e-9 and 100 iterations.</summary>
    public static ConicSettings Default { get; } = new();

    /// <summary>
    /// Largest primal and dual residual and duality gap, each relative to the size of the terms in it after equilibration;
    /// also the largest residual of a certificate of infeasibility. Default 1e-9.
    /// </summary>
    public double Tolerance { get; init; } = 1e-9;

    /// <summary>Largest number of interior-point steps. Default 100; ten to twenty are usual.</summary>
    public int IterationLimit { get; init; } = 100;

    /// <summary>Refuses values that no run could meet.</summary>
    public void Validate()
    {
        if (!(Tolerance > 0))
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, "The tolerance must be positive.");
        ArgumentOutOfRangeException.ThrowIfNegative(IterationLimit);
    }
}
