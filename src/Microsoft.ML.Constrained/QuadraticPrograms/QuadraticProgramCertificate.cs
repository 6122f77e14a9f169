using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// Why a problem has no solution, checked in the problem's own data before it is handed out, and what the policy
/// <see cref="RowPolicy.Closest"/> gave instead.
/// </summary>
public sealed class QuadraticProgramCertificate
{
    internal QuadraticProgramCertificate(double[] lambda, double[] nu, double[] direction)
    {
        Lambda = lambda;
        Nu = nu;
        Direction = direction;
    }

    /// <summary>
    /// After <see cref="SolverStatus.PrimalInfeasible"/>: λ ≥ 0 with Gᵀλ + Aᵀν = 0 and hᵀλ + bᵀν = −1, so that no z can have
    /// Gz ≤ h and Az = b. Empty otherwise.
    /// </summary>
    public ReadOnlyMemory<double> Lambda { get; }

    /// <summary>The part of the equalities in that certificate; empty otherwise.</summary>
    public ReadOnlyMemory<double> Nu { get; }

    /// <summary>
    /// After <see cref="SolverStatus.DualInfeasible"/>: d with Qd = 0, Ad = 0, Gd ≤ 0 and pᵀd = −1, along which the objective falls
    /// without bound from any feasible point. Empty otherwise.
    /// </summary>
    public ReadOnlyMemory<double> Direction { get; }

    /// <summary>max(Gz − h, 0) at the closest point, in the units of h; empty where none was asked for.</summary>
    public ReadOnlyMemory<double> InequalityViolation { get; internal set; }

    /// <summary>Az − b at the closest point, in the units of b; empty where none was asked for.</summary>
    public ReadOnlyMemory<double> EqualityViolation { get; internal set; }
}
