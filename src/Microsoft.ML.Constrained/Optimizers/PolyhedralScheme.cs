using System;
using System.Linq;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>
/// A small tensor in a convex set: after each drift the nearest point x' of the set to x̂ = x + tp, and the momentum that leads there, p + (x' − x̂)/t.
/// Where no projection is found the position stays and the momentum is zero.
/// </summary>
internal sealed class PolyhedralScheme : WeightScheme
{
    public static PolyhedralScheme Instance { get; } = new();

    public override Tensor? Start(Parameter weight, string name, WeightConstraint constraint, LangevinDiagnostics diagnostics)
    {
        int dimension = constraint.Set!.Dimension;
        if (weight.numel() != dimension)
        {
            throw new ArgumentException(
                $"{Named(weight, name)} has {weight.numel()} elements but its constraints are over {dimension} variables; each tensor needs a set of its own size.");
        }

        (Tensor projected, SolverStatus status) = Project(weight, constraint.Projector!);
        if (status != SolverStatus.Solved)
            throw new ArgumentException($"{Named(weight, name)} could not be moved into its set ({status}): see ConstraintSet.Analyze for constraints that contradict each other.");

        // A projection is rounded to the type of the weights: moving it again would keep resumed training from going on to the bit.
        double[] values = Values(weight);
        double close = (weight.dtype == ScalarType.Float32 ? 1e-6 : 1e-12) * Math.Max(1, values.Max(Math.Abs));
        return constraint.Set.Violation(values) > close ? projected : null;
    }

    public override void Step(WeightStep step)
    {
        StepScales s = step.Scales;
        Tensor force = step.Force();
        if (s.Overdamped)
        {
            Tensor move = force * -s.Step;
            Drift(step, step.Noisy ? move.add(step.Normals(), s.Noise) : move, 1);
            return;
        }

        Tensor p = step.State.Velocity!.add(force, -s.Step);
        if (step.Noisy)
        {
            p = Drift(step, p, s.Step / 2);
            p = (p * s.Decay).add(step.Normals(), s.Noise);
            p = Drift(step, p, s.Step / 2);
        }
        else
        {
            p = Drift(step, p, s.Step * (1 + s.Decay) / 2) * s.Decay;
        }

        step.State.Velocity!.copy_(p);
    }

    public override LangevinResiduals Residuals(Parameter weight, ConstrainedLangevin.State state, WeightConstraint constraint) =>
        new(constraint.Set!.Violation(Values(weight)), 0);

    private static double[] Values(Tensor weight) => weight.detach().to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();

    private static Tensor Drift(WeightStep step, Tensor p, double time)
    {
        if (time == 0)
            return p;
        Tensor target = step.Weight.add(p, time);
        (Tensor moved, SolverStatus status) = Project(target, step.Constraint.Projector!);
        if (status != SolverStatus.Solved)
        {
            step.Diagnostics.Status = status;
            step.Diagnostics.Repairs++;
            return zeros_like(p);
        }

        step.Weight.copy_(moved);

        // Not (x' − x)/t, which would round the momentum to what it moves the weights by.
        return p.add(moved - target, 1 / time);
    }

    private static (Tensor Point, SolverStatus Status) Project(Tensor point, Projector projector)
    {
        using Tensor here = point.detach().cpu().contiguous();
        Tensor result = empty_like(here);
        Span<SolverStatus> status = stackalloc SolverStatus[1];
        if (here.dtype == ScalarType.Float64)
            projector.Project(MemoryMarshal.Cast<byte, double>(here.bytes), [], MemoryMarshal.Cast<byte, double>(result.bytes), status);
        else
            projector.Project(MemoryMarshal.Cast<byte, float>(here.bytes), [], MemoryMarshal.Cast<byte, float>(result.bytes), status);
        return (result.reshape(point.shape).to(point.device), status[0]);
    }
}
