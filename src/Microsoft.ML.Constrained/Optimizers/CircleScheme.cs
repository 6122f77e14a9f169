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
    private const double Inside = 0.95;

    public static CircleScheme Instance { get; } = new();

    public override void Prepare(Parameter weight, string name, WeightConstraint constraint, LangevinDiagnostics diagnostics)
    {
        if (weight.numel() == 0)
            return;
        double largest = weight.abs().max().to(ScalarType.Float64).item<double>(), radius = constraint.Radius;

        // A radius that float32 rounds up is still this radius.
        if (largest <= radius * (1 + 1e-7))
            return;
        if (!double.IsFinite(largest))
            throw new ArgumentException($"{Named(weight, name)} has a weight that is not finite.");
        if (!constraint.ScaleInitialWeights)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"{Named(weight, name)} has an initial weight of size {largest:G6} beyond its circle of radius {radius:G6}. Choose a larger radius, smaller initial weights, or scaleInitialWeights: true."));
        }

        weight.mul_(Inside * radius / largest);
        diagnostics.Scaled++;
    }

    public override void Initialize(Parameter weight, ConstrainedLangevin.State state, WeightConstraint constraint)
    {
        double r = constraint.Radius;
        using Tensor exact = weight.to(ScalarType.Float64);
        state.Slack = ((r - exact) * (r + exact)).clamp_min(0).sqrt().to(weight.dtype).contiguous().DetachFromDisposeScope();
    }

    public override void Reverse(WeightStep step) => step.State.Velocity!
        .add_(step.Force() * step.State.Slack!, -step.Scales.Step / (step.Constraint.Radius * step.Constraint.Radius)).neg_();

    public override LangevinResiduals Residuals(Parameter weight, ConstrainedLangevin.State state, WeightConstraint constraint)
    {
        double square = constraint.Radius * constraint.Radius;
        Tensor w = weight.to(ScalarType.Float64), slack = state.Slack!.to(ScalarType.Float64);
        return new(((w * w) + (slack * slack) - square).abs().max().item<double>() / Math.Max(1, square), 0);
    }

    protected override void Update<V, T>(WeightStep step, Pointers<T> at, long first, int count) => FusedUpdate<V, T>.Circle(
        at.Weight + first, at.Slack + first, at.Velocity is null ? null : at.Velocity + first, at.Gradient + first, at.Noise, count, step.Scales,
        step.Constraint.Radius);

    protected override void ByTensors(WeightStep step)
    {
        StepScales s = step.Scales;
        double r = step.Constraint.Radius;
        Tensor w = step.Weight, slack = step.State.Slack!, angle = step.Force() * slack * (-s.Step / (r * r));
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

        Tensor factor = (((w * w) + (slack * slack)) * (-0.5 / (r * r))) + 1.5, cosine = angle.cos() * factor, sine = angle.sin() * factor;
        Tensor turned = (w * cosine) + (slack * sine), across = (slack * cosine) - (w * sine);
        w.copy_(turned);
        slack.copy_(across);
    }
}
