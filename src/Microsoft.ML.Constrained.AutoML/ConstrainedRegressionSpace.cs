using System.Threading;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.Constrained;

/// <summary>What there is to choose for <see cref="ConstrainedRegressionEstimator"/>.</summary>
public sealed class ConstrainedRegressionSpace : NetworkTrainerSpace
{
    /// <summary>The ways that this trainer knows.</summary>
    private static readonly OutputConstraint[] s_modes = [Constrained.OutputConstraint.Projection, Constrained.OutputConstraint.ProjectionWhenScoring];

    /// <summary>How the constraints are brought about: one of those ways that the constraints allow.</summary>
    [Choice(new object[] { Constrained.OutputConstraint.Projection, Constrained.OutputConstraint.ProjectionWhenScoring }, Constrained.OutputConstraint.Projection)]
    public OutputConstraint? OutputConstraint { get; set; }

    /// <summary>The space for a trainer: without the constraint's mode where there is no constraint, and starting where the options are.</summary>
    /// <param name="options">The options that hold for every trial.</param>
    public static SearchSpace<ConstrainedRegressionSpace> For(ConstrainedRegressionOptions options)
    {
        Check.NotNull(options, nameof(options));
        var space = new SearchSpace<ConstrainedRegressionSpace>();
        OutputModes.Set(space, nameof(OutputConstraint), options.EffectiveConstraints(), options.OutputConstraint, s_modes);
        return space;
    }

    /// <summary>The options with what was chosen.</summary>
    internal ConstrainedRegressionOptions Apply(ConstrainedRegressionOptions options, CancellationToken trial)
    {
        ConstrainedRegressionOptions applied = options.Copy();
        ApplyTo(applied, trial);
        applied.OutputConstraint = OutputConstraint ?? options.OutputConstraint;
        return applied;
    }
}
