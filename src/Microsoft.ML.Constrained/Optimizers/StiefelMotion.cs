using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>
/// Motion on {W : WᵀW = I} by SHAKE and RATTLE (Leimkuhler et al. 2021, section 4): from W₀ along P for a time t,
/// W = W₀ + tP − W₀Λ with the symmetric Λ for which WᵀW = I, then P is projected to the tangent space at W,
/// P − W·½(WᵀP + PᵀW). With S = ŴᵀŴ, M = W₀ᵀŴ of Ŵ = W₀ + tP the equation for Λ is small, MᵀΛ + ΛM − Λ² = S − I, and is solved by the
/// quasi-Newton iteration Λ ← Λ + ½R with R = S − I − MᵀΛ − ΛM + Λ², whose error shrinks by |M − I| + |Λ| a time. After a change of Λ by
/// D the new R is −(DY + YᵀD) with Y = M − I − ½(Λ before + Λ after), of which no element is larger than twice the longest row of D times the
/// longest column of Y: short steps need no matrix product to know that they are done, nor M, as M − I = tW₀ᵀP has no column longer than P's.
/// </summary>
internal abstract class StiefelMotion(WeightStep step)
{
    /// <summary>Where the iteration cannot come back from.</summary>
    protected const double Diverged = 1e3;

    /// <summary>P in the shape of the weights; for the overdamped equation a tensor that does not outlive the step.</summary>
    public Tensor Momentum { get; } = step.State.Velocity ?? zeros_like(step.Weight);

    protected WeightStep Owner { get; } = step;

    protected double Tolerance { get; } = step.Constraint.Tolerance > 0
        ? step.Constraint.Tolerance
        : step.Weight.dtype == ScalarType.Float32 ? 5e-7 : 1e-13;

    public static StiefelMotion Of(WeightStep step) => !step.Managed ? new StiefelTensorMotion(step)
        : step.Weight.dtype == ScalarType.Float32 ? new StiefelManagedMotion<float>(step)
        : new StiefelManagedMotion<double>(step);

    /// <summary>Moves the weights, and leaves in <see cref="Momentum"/> the momentum that led there.</summary>
    public void Drift(double time)
    {
        if (time == 0)
            return;
        (bool converged, int iterations) = Shake(time);
        if (!converged)
        {
            // The normal part moves nothing, but it can keep the iteration from converging, and the nearest matrix would feel it.
            MakeTangent();
            (converged, int more) = Shake(time);
            iterations = Math.Max(iterations, more);
        }

        Owner.Diagnostics.MostIterations = Math.Max(Owner.Diagnostics.MostIterations, iterations);
        if (converged)
            return;
        Owner.Diagnostics.Status = SolverStatus.IterationLimit;
        Owner.Diagnostics.Repairs++;
        Repair(time);
    }

    /// <summary>Takes the part that is normal to the weights from the momentum.</summary>
    public abstract void MakeTangent();

    /// <summary>A bound on the elements of R after a change of Λ.</summary>
    /// <param name="change">Longest row of the change.</param>
    /// <param name="before">Longest row of Λ before it.</param>
    /// <param name="column">Longest column of M − I − ½Λ after it.</param>
    protected static double Next(double change, double before, double column) => 2 * change * (column + (0.5 * before));

    /// <summary>A bound on the columns of Y for the first Λ, ½(S − I).</summary>
    /// <param name="order">Rows of Λ; W₀ may be off by the tolerance in each.</param>
    /// <param name="time">t.</param>
    /// <param name="momentum">Longest column of P.</param>
    /// <param name="change">Longest row of Λ.</param>
    protected double LongestColumn(int order, double time, double momentum, double change) =>
        (Math.Abs(time) * momentum * 1.001) + (Math.Sqrt(order) * 2 * Tolerance) + (0.5 * change);

    /// <summary>Tries to move; where the iteration does not converge, weights and momentum stay as they were.</summary>
    protected abstract (bool Converged, int Iterations) Shake(double time);

    /// <summary>The orthonormal matrix nearest to W₀ + tP for the tangent P, and the momentum that leads there; without one the weights stay, at rest.</summary>
    private void Repair(double time)
    {
        Tensor start = OrthogonalScheme.Tall(Owner.Weight).to(ScalarType.Float64);
        Tensor target = start + (OrthogonalScheme.Tall(Momentum.reshape(Owner.Weight.shape)).to(ScalarType.Float64) * time);
        if (!double.IsFinite(target.abs().max().item<double>()))
        {
            Momentum.copy_(zeros_like(Momentum));
            return;
        }

        (Tensor u, _, Tensor vh) = linalg.svd(target, false);
        Tensor nearest = u.matmul(vh), momentum = (nearest - start) / time;
        bool wide = OrthogonalScheme.IsWide(Owner.Weight);
        Owner.Weight.copy_((wide ? nearest.t() : nearest).reshape(Owner.Weight.shape));
        Momentum.copy_((wide ? momentum.t() : momentum).reshape(Momentum.shape));
    }
}
