using System;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>How weights move under one kind of constraint. Without state: that is with the parameter.</summary>
internal abstract class WeightScheme
{
    public static WeightScheme Of(WeightConstraint constraint) => constraint.Kind switch
    {
        WeightConstraintKind.None => FreeScheme.Instance,
        WeightConstraintKind.Circle => CircleScheme.Instance,
        WeightConstraintKind.Orthogonal => OrthogonalScheme.Instance,
        WeightConstraintKind.Sphere => SphereScheme.Instance,
        WeightConstraintKind.Polyhedral => PolyhedralScheme.Instance,
        _ => throw new ArgumentOutOfRangeException(nameof(constraint), constraint.Kind, "Expected a known kind of constraint."),
    };

    /// <summary>
    /// Weights near the given ones for which the constraint holds, or throws saying why there are none. Null where they obey already: those stay as
    /// they are, to the bit. Changes nothing.
    /// </summary>
    public abstract Tensor? Start(Parameter weight, string name, WeightConstraint constraint, LangevinDiagnostics diagnostics);

    /// <summary>Fills what the constraint needs besides the momentum.</summary>
    public virtual void Initialize(Parameter weight, ConstrainedLangevin.State state, WeightConstraint constraint)
    {
    }

    /// <summary>One step.</summary>
    public abstract void Step(WeightStep step);

    /// <summary>A kick of the whole step, and a flip.</summary>
    public virtual void Reverse(WeightStep step) => step.State.Velocity!.add_(step.Force(), -step.Scales.Step).neg_();

    public abstract LangevinResiduals Residuals(Parameter weight, ConstrainedLangevin.State state, WeightConstraint constraint);

    /// <summary>How a message names a parameter.</summary>
    protected static string Named(Parameter weight, string name) => $"The {name}, of shape [{string.Join(", ", weight.shape)}],";
}
