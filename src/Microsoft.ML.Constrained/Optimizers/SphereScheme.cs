using System;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>
/// Rows on spheres of radius ρ: tangent projection P − w(w·P)/ρ², and the drift along great circles,
/// w' = w·cos a + ρ(p/|p|)·sin a with a = |p|t/ρ; both are exact, and length and tangency are renewed in each step.
/// </summary>
internal sealed class SphereScheme : WeightScheme
{
    public static SphereScheme Instance { get; } = new();

    public override Tensor? Start(Parameter weight, string name, WeightConstraint constraint, LangevinDiagnostics diagnostics)
    {
        if (weight.numel() == 0)
            return null;

        // Of a vector each element would be a row: all become ±ρ, for ever.
        if (weight.dim() < 2)
            throw new ArgumentException($"{Named(weight, name)} has no rows to keep on spheres; leave it to a group without constraint.");
        using Tensor rows = Rows(weight).to(ScalarType.Float64), lengths = Length(rows);
        double least = lengths.min().item<double>(), most = lengths.max().item<double>();
        if (!(least > 0 && double.IsFinite(most)))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"{Named(weight, name)} has a row of length {(least > 0 ? most : least)}, which cannot be scaled to {constraint.Radius}."));
        }

        double close = weight.dtype == ScalarType.Float32 ? 1e-6 : 1e-12;
        return least < constraint.Radius * (1 - close) || most > constraint.Radius * (1 + close) ? (rows * (constraint.Radius / lengths)).reshape(weight.shape) : null;
    }

    public override void Step(WeightStep step)
    {
        StepScales s = step.Scales;
        Tensor w = Rows(step.Weight), force = Rows(step.Force());
        double radius = step.Constraint.Radius;
        Tensor? noise = step.Noisy ? Tangent(w, Rows(step.Normals()), radius) : null;
        if (s.Overdamped)
        {
            Tensor move = Tangent(w, force, radius) * -s.Step;
            if (noise is not null)
                move = move.add(noise, s.Noise);
            (w, _) = Drift(w, move, 1, radius);
            step.Weight.copy_(w.reshape(step.Weight.shape));
            return;
        }

        Tensor p = Tangent(w, Rows(step.State.Velocity!).add(force, -s.Step), radius);
        if (noise is null)
        {
            (w, p) = Drift(w, p, s.Step * (1 + s.Decay) / 2, radius);
            p *= s.Decay;
        }
        else
        {
            (w, p) = Drift(w, p, s.Step / 2, radius);
            p = (p * s.Decay).add(Tangent(w, Rows(step.Normals()), radius), s.Noise);
            (w, p) = Drift(w, p, s.Step / 2, radius);
        }

        step.Weight.copy_(w.reshape(step.Weight.shape));
        step.State.Velocity!.copy_(p.reshape(step.Weight.shape));
    }

    public override void Reverse(WeightStep step)
    {
        base.Reverse(step);
        Tensor p = Tangent(Rows(step.Weight), Rows(step.State.Velocity!), step.Constraint.Radius);
        step.State.Velocity!.copy_(p.reshape(step.Weight.shape));
    }

    public override LangevinResiduals Residuals(Parameter weight, ConstrainedLangevin.State state, WeightConstraint constraint)
    {
        Tensor w = Rows(weight).to(ScalarType.Float64);
        double position = ((Length(w) / constraint.Radius) - 1).abs().max().item<double>();
        if (state.Velocity is null)
            return new(position, 0);
        Tensor p = Rows(state.Velocity).to(ScalarType.Float64);
        return new(position, ((w * p).sum(1) / constraint.Radius).abs().max().item<double>());
    }

    private static Tensor Rows(Tensor tensor) => tensor.reshape(tensor.shape[0], -1);

    private static Tensor Length(Tensor rows) => (rows * rows).sum(1, true).sqrt();

    private static Tensor Tangent(Tensor w, Tensor p, double radius) => p - (w * ((w * p).sum(1, true) / (radius * radius)));

    private static (Tensor W, Tensor P) Drift(Tensor w, Tensor p, double time, double radius)
    {
        const double Tiny = 1e-30;
        Tensor speed = Length(p), angle = speed * (time / radius), cosine = angle.cos(), sine = angle.sin();
        Tensor moved = (w * cosine) + (p / speed.clamp_min(Tiny) * (sine * radius)), turned = (p * cosine) - (w * (speed * sine / radius));
        moved *= radius / Length(moved);
        return (moved, Tangent(moved, turned, radius));
    }
}
