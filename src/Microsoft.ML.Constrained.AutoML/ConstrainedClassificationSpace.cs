using System.Threading;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.Constrained;

/// <summary>What there is to choose for <see cref="ConstrainedClassificationEstimator"/>.</summary>
public sealed class ConstrainedClassificationSpace : NetworkTrainerSpace
{
    /// <summary>How the constraints are brought about: one of those ways that the constraints allow.</summary>
    [Choice(Constrained.OutputConstraint.Projection, Constrained.OutputConstraint.ProjectionWhenScoring)]
    public OutputConstraint? OutputConstraint { get; set; }

    /// <summary>Share of the loss that is taken before the projection, from 0 to 1.</summary>
    [Range(0.0, 1.0, 0.1)]
    public double? UnprojectedLossShare { get; set; }

    /// <summary>The space for a trainer: without what concerns constraints where there is none.</summary>
    /// <param name="options">The options that hold for every trial.</param>
    public static SearchSpace<ConstrainedClassificationSpace> For(ConstrainedClassificationOptions options)
    {
        Check.NotNull(options, nameof(options));
        var space = new SearchSpace<ConstrainedClassificationSpace>();
        Fit(space, options);
        OutputConstraint[] modes =
        [
            Constrained.OutputConstraint.Projection, Constrained.OutputConstraint.ProjectionWhenScoring, Constrained.OutputConstraint.DifferentiableProjection,
        ];

        // Only networks that give probabilities have raw ones.
        OutputModes.Set(
            space,
            nameof(OutputConstraint),
            options.Constraints,
            options.OutputConstraint,
            options.RawScoreColumnName is null ? [.. modes, Constrained.OutputConstraint.Parameterization] : modes);
        if (!options.IsLimited)
            space.Remove(nameof(UnprojectedLossShare));
        return space;
    }

    /// <summary>The options with what was chosen.</summary>
    internal ConstrainedClassificationOptions Apply(ConstrainedClassificationOptions options, CancellationToken stop)
    {
        ConstrainedClassificationOptions applied = options.Copy();
        ApplyTo(applied, stop);
        applied.OutputConstraint = OutputConstraint ?? options.OutputConstraint;
        applied.UnprojectedLossShare = UnprojectedLossShare ?? options.UnprojectedLossShare;
        return applied;
    }
}
