using System.Threading;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.Constrained;

/// <summary>What there is to choose for <see cref="ConstrainedRegressionEstimator"/>.</summary>
public sealed class ConstrainedRegressionSpace : NetworkTrainerSpace
{
    /// <summary>How the constraints are brought about: one of those ways that the constraints allow.</summary>
    [Choice(new object[] { Constrained.OutputConstraint.Projection, Constrained.OutputConstraint.ProjectionWhenScoring }, Constrained.OutputConstraint.Projection)]
    public OutputConstraint? OutputConstraint { get; set; }

    /// <summary>The space for a trainer: without the constraint's mode where there is no constraint, and starting where the options are.</summary>
    /// <param name="options">The options that hold for every trial.</param>
    public static SearchSpace<ConstrainedRegressionSpace> For(ConstrainedRegressionOptions options)
    {
        Check.NotNull(options, nameof(options));
        var space = new SearchSpace<ConstrainedRegressionSpace>();
        Fit(space, options);
        OutputModes.Set(space, nameof(OutputConstraint), options.EffectiveConstraints(), options.OutputConstraint, Modes(options));
        return space;
    }

    private static OutputConstraint[] Modes(ConstrainedRegressionOptions options)
    {
        // Only exact projections keep a prescribed shape, and only networks that give scores have raw ones.
        OutputConstraint[] exact = [Constrained.OutputConstraint.Projection, Constrained.OutputConstraint.ProjectionWhenScoring];
        return options.HasShapes ? exact
            : options.RawScoreColumnName is not null ? [.. exact, Constrained.OutputConstraint.DifferentiableProjection]
            : [.. exact, Constrained.OutputConstraint.DifferentiableProjection, Constrained.OutputConstraint.Parameterization];
    }

    /// <summary>The options with what was chosen.</summary>
    internal ConstrainedRegressionOptions Apply(ConstrainedRegressionOptions options, CancellationToken stop)
    {
        ConstrainedRegressionOptions applied = options.Copy();
        ApplyTo(applied, stop);
        applied.OutputConstraint = OutputConstraint ?? options.OutputConstraint;
        return applied;
    }
}
