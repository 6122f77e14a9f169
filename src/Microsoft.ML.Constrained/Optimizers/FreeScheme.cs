using Microsoft.ML.Constrained.LinearAlgebra;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>Weights without a constraint.</summary>
internal sealed unsafe class FreeScheme : ElementwiseScheme
{
    public static FreeScheme Instance { get; } = new();

    public override Tensor? Start(Parameter weight, string name, WeightConstraint constraint, LangevinDiagnostics diagnostics) => null;

    public override LangevinResiduals Residuals(Parameter weight, ConstrainedLangevin.State state, WeightConstraint constraint) => default;

    protected override void Update<V, T>(WeightStep step, Pointers<T> at, long first, int count)
    {
        if (step.Scales.Overdamped)
            FusedUpdate<V, T>.FreeOverdamped(at.Weight + first, at.Gradient + first, at.Noise, count, step.Scales);
        else
            FusedUpdate<V, T>.FreeUnderdamped(at.Weight + first, at.Velocity + first, at.Gradient + first, at.Noise, count, step.Scales);
    }

    protected override void ByTensors(WeightStep step)
    {
        StepScales s = step.Scales;
        Tensor force = step.Force();
        if (s.Overdamped)
        {
            step.Weight.add_(force, -s.Step);
            if (step.Noisy)
                step.Weight.add_(step.Normals(), s.Noise);
            return;
        }

        Tensor velocity = step.State.Velocity!, kicked = velocity.add(force, -s.Step), next = kicked * s.Decay;
        if (step.Noisy)
            next = next.add(step.Normals(), s.Noise);
        step.Weight.add_(kicked + next, s.Step / 2);
        velocity.copy_(next);
    }
}
