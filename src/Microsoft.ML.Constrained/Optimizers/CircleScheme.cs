using System;
using Microsoft.ML.Constrained.LinearAlgebra;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>
/// Each weight w on a circle w² + ξ² = r² (Leimkuhler et al. 2021, section 4): the tangent momenta are p = ωξ, p_ξ = −ωw, so one angular
/// velocity ω is all there is to store, and the drift is a rotation.
/// </summary>
internal sealed unsafe class CircleScheme : ElementwiseScheme
{
    /// <summary>How far the factor that renews the radius is from 1 only where weights were changed from outside: rounding stays below 1e-5.</summary>
    internal const double Stale = 1e-3;

    private const double Inside = 0.95;

    public static CircleScheme Instance { get; } = new();

    public override Tensor? Start(Parameter weight, string name, WeightConstraint constraint, LangevinDiagnostics diagnostics)
    {
        if (weight.numel() == 0)
            return null;
        double largest = weight.abs().max().to(ScalarType.Float64).item<double>(), radius = constraint.Radius;

        // Weights of an earlier optimizer may be beyond the radius by rounding.
        if (largest <= radius * (1 + (weight.dtype == ScalarType.Float32 ? 1e-6 : 1e-12)))
            return null;
        if (!double.IsFinite(largest))
            throw new ArgumentException($"{Named(weight, name)} has a weight that is not finite.");
        if (!constraint.ScaleInitialWeights)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"{Named(weight, name)} has an initial weight of size {largest:G6} beyond its circle of radius {radius:G6}. Choose a larger radius, smaller initial weights, or scaleInitialWeights: true."));
        }

        diagnostics.Scaled++;
        return weight * (Inside * radius / largest);
    }

    public override void Initialize(Parameter weight, ConstrainedLangevin.State state, WeightConstraint constraint)
    {
        double r = constraint.Radius;
        using Tensor exact = weight.to(ScalarType.Float64);
        state.Slack = ((r - exact) * (r + exact)).clamp_min(0).sqrt().to(weight.dtype).contiguous().DetachFromDisposeScope();
    }

    public override void Step(WeightStep step)
    {
        base.Step(step);
        if (step.Renewed)
            step.Diagnostics.Repairs++;
    }

    public override void Reverse(WeightStep step)
    {
        Renew(step);
        if (step.Renewed)
            step.Diagnostics.Repairs++;
        step.State.Velocity!.add_(step.Force() * step.State.Slack!, -step.Scales.Step / (step.Constraint.Radius * step.Constraint.Radius)).neg_();
    }

    public override LangevinResiduals Residuals(Parameter weight, ConstrainedLangevin.State state, WeightConstraint constraint)
    {
        double square = constraint.Radius * constraint.Radius;
        Tensor w = weight.to(ScalarType.Float64), slack = state.Slack!.to(ScalarType.Float64);
        return new(((w * w) + (slack * slack) - square).abs().max().item<double>() / Math.Max(1, square), 0);
    }

    protected override void Update<V, T>(WeightStep step, Pointers<T> at, long first, int count)
    {
        bool renewed = FusedUpdate<V, T>.Circle(
            at.Weight + first, at.Slack + first, at.Velocity is null ? null : at.Velocity + first, at.Gradient + first, at.Noise, count, step.Scales,
            step.Constraint.Radius);

        // Threads only ever set it.
        if (renewed)
            step.Renewed = true;
    }

    protected override void ByTensors(WeightStep step)
    {
        StepScales s = step.Scales;
        double r = step.Constraint.Radius;
        Tensor factor = Renew(step), w = step.Weight, slack = step.State.Slack!, angle = step.Force() * slack * (-s.Step / (r * r));
        Tensor? noise = step.Noisy ? step.Normals() * (s.Noise / r) : null;
        if (s.Overdamped)
        {
            angle = noise is null ? angle : angle + noise;
        }
        else
        {
            Tensor velocity = step.State.Velocity! + angle, next = velocity * s.Decay;
            next = noise is null ? next : next + noise;
            angle = (velocity + next) * (s.Step / 2);
            step.State.Velocity!.copy_(next);
        }

        Tensor cosine = angle.cos() * factor, sine = angle.sin() * factor;
        Tensor turned = (w * cosine) + (slack * sine), across = (slack * cosine) - (w * sine);
        w.copy_(turned);
        slack.copy_(across);
    }

    /// <summary>The factor that renews the radius, after weights that were changed from outside got a slack of their own, or r where they are beyond it.</summary>
    private static Tensor Renew(WeightStep step)
    {
        double r = step.Constraint.Radius;
        Tensor w = step.Weight, slack = step.State.Slack!, factor = Factor(), stale = (factor - 1).abs() > Stale;
        if (!stale.any().cpu().item<bool>())
            return factor;
        step.Renewed = true;
        Tensor inside = w.clamp((Scalar)(-r), (Scalar)r), across = ((r - inside) * (r + inside)).clamp_min(0).sqrt();
        w.copy_(inside.where(stale, w));
        slack.copy_(across.where(slack >= 0, -across).where(stale, slack));
        return Factor();

        Tensor Factor() => (((w * w) + (slack * slack)) * (-0.5 / (r * r))) + 1.5;
    }
}
