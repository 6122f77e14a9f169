using System;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>
/// Orthonormal columns (or rows, of a wide matrix). Drift and projections are those of <see cref="StiefelMotion"/>; without noise the two half
/// drifts around the O step, which then only scales the momentum, are one.
/// </summary>
internal sealed class OrthogonalScheme : WeightScheme
{
    public static OrthogonalScheme Instance { get; } = new();

    public override Tensor? Start(Parameter weight, string name, WeightConstraint constraint, LangevinDiagnostics diagnostics)
    {
        if (weight.numel() == 0)
            return null;
        if (weight.dim() < 2)
            throw new ArgumentException($"{Named(weight, name)} has no rows and columns to keep orthonormal; leave it to a group without constraint.");
        using Tensor exact = Tall(weight).to(ScalarType.Float64);
        if (!double.IsFinite(exact.abs().max().item<double>()))
            throw new ArgumentException($"{Named(weight, name)} has a weight that is not finite, so it cannot be made orthonormal.");

        // What steps to the constraint's own tolerance left, and rounding, stays: otherwise resumed training would not go on to the bit.
        if (Deviation(exact) <= (weight.dtype == ScalarType.Float32 ? 2e-6 : 1e-11) + (2 * constraint.Tolerance))
            return null;
        (Tensor q, Tensor r) = linalg.qr(exact);
        using Tensor factor = q, triangle = r, diagonal = triangle.diagonal();
        double[] size = diagonal.abs().cpu().data<double>().ToArray();
        if (Array.Exists(size, x => x <= 1e-10 * size[0]) || size[0] == 0)
            diagnostics.RankDeficient++;

        // With a positive diagonal of R the factorisation is unique, and a matrix that is orthonormal already is its own Q.
        using Tensor sign = ones_like(diagonal).where(diagonal >= 0, -ones_like(diagonal)), signed = factor * sign;
        return (IsWide(weight) ? signed.t() : signed).reshape(weight.shape);
    }

    public override void Step(WeightStep step)
    {
        StepScales s = step.Scales;
        StiefelMotion motion = StiefelMotion.Of(step);
        if (s.Overdamped)
        {
            motion.Momentum.add_(step.Force(), -s.Step);
            if (step.Noisy)
                motion.Momentum.add_(step.Normals(), s.Noise);
            motion.Drift(1);
            return;
        }

        // A drift does not feel the part of the momentum that is normal to where it starts, or takes it away where its iteration does not converge,
        // so one projection at the end is enough.
        motion.Momentum.add_(step.Force(), -s.Step);
        if (step.Noisy)
        {
            motion.Drift(s.Step / 2);
            motion.Momentum.mul_(s.Decay).add_(step.Normals(), s.Noise);
            motion.Drift(s.Step / 2);
            motion.MakeTangent();
        }
        else
        {
            motion.Drift(s.Step * (1 + s.Decay) / 2);
            motion.MakeTangent();
            motion.Momentum.mul_(s.Decay);
        }
    }

    public override void Reverse(WeightStep step)
    {
        base.Reverse(step);
        StiefelMotion.Of(step).MakeTangent();
    }

    public override LangevinResiduals Residuals(Parameter weight, ConstrainedLangevin.State state, WeightConstraint constraint)
    {
        Tensor w = Tall(weight).to(ScalarType.Float64);
        if (state.Velocity is null)
            return new(Deviation(w), 0);
        Tensor product = w.t().matmul(Tall(state.Velocity.reshape(weight.shape)).to(ScalarType.Float64));
        return new(Deviation(w), (product + product.t()).abs().max().item<double>());
    }

    /// <summary>Whether the rows are the orthonormal ones.</summary>
    internal static bool IsWide(Tensor weight) => weight.shape[0] < weight.numel() / weight.shape[0];

    /// <summary>The weight as a matrix of orthonormal columns.</summary>
    internal static Tensor Tall(Tensor weight)
    {
        Tensor matrix = weight.reshape(weight.shape[0], -1);
        return IsWide(weight) ? matrix.t() : matrix;
    }

    private static double Deviation(Tensor w) =>
        (w.t().matmul(w) - eye(w.shape[1], dtype: ScalarType.Float64, device: w.device)).abs().max().item<double>();
}
