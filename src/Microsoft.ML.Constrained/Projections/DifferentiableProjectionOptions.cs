using System;

namespace Microsoft.ML.Constrained;

/// <summary>Settings of a <c>DifferentiableProjectionLayer</c>.</summary>
public sealed class DifferentiableProjectionOptions
{
    /// <summary>How rows are moved; default <see cref="DifferentiableProjectionMethod.Auto"/>.</summary>
    public DifferentiableProjectionMethod Method { get; set; } = DifferentiableProjectionMethod.Auto;

    /// <summary>K, the sweeps of the methods that take several; 1 to 100,000, default 20. Each is kept for the gradient.</summary>
    public int Sweeps { get; set; } = 20;

    /// <summary>
    /// Of <see cref="DifferentiableProjectionMethod.Simultaneous"/>: the step s times the largest eigenvalue of AᵀA, for rows of unit
    /// length. Above 0 and below 2, where sweeps converge; default 1.
    /// </summary>
    public double Relaxation { get; set; } = 1;

    /// <summary>
    /// Whether what is left is projected exactly (see <see cref="Projector"/>), so that every constraint holds whatever the method.
    /// Default false.
    /// </summary>
    public bool ExactFinish { get; set; }

    /// <summary>Settings of the exact projection; defaults where null.</summary>
    public ProjectorOptions? Projector { get; set; }

    /// <summary>c of the regulariser c·‖y − P(y)‖²; at least 0, default 1.</summary>
    public double PenaltyWeight { get; set; } = 1;

    /// <summary>Up to what violation, relative to max(1, |b|), a row's status is Solved; positive, default 1e-6.</summary>
    public double Tolerance { get; set; } = 1e-6;

    /// <summary>
    /// Whether each forward pass measures what it left, for the layer's diagnostics; rows of another device are copied for that. Default true.
    /// </summary>
    public bool Diagnose { get; set; } = true;

    internal void Validate()
    {
        if (!Enum.IsDefined(Method))
            throw new ArgumentOutOfRangeException(nameof(Method), Method, $"'{nameof(Method)}' must be one of {string.Join(", ", Enum.GetNames<DifferentiableProjectionMethod>())}.");
        if (Sweeps is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(Sweeps), Sweeps, $"'{nameof(Sweeps)}' must lie between 1 and 100,000.");
        if (!(Relaxation is > 0 and < 2))
            throw new ArgumentOutOfRangeException(nameof(Relaxation), Relaxation, $"'{nameof(Relaxation)}' must lie between 0 and 2, both excluded.");
        if (!(PenaltyWeight >= 0 && double.IsFinite(PenaltyWeight)))
            throw new ArgumentOutOfRangeException(nameof(PenaltyWeight), PenaltyWeight, $"'{nameof(PenaltyWeight)}' must be at least 0 and finite.");
        if (!(Tolerance > 0 && double.IsFinite(Tolerance)))
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, $"'{nameof(Tolerance)}' must be positive and finite.");
    }
}
