using Microsoft.ML.AutoML;
using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML;

/// <summary>
/// The stages and trainers of Microsoft.ML.Constrained for a search: sweepable estimators that go into ordinary sweepable pipelines, beside
/// ML.NET's own. Each takes the options that hold for every trial, and a typed space of what is chosen anew for each; remove from the space
/// what is to stay as the options say, or replace a range by one of your own.
/// </summary>
public static class ConstrainedAutoCatalog
{
    /// <summary>A projection of which the metric's weights, and the policy for rows without a feasible point, are searched for.</summary>
    /// <param name="catalog">The AutoML catalog.</param>
    /// <param name="options">What holds for every trial.</param>
    /// <param name="searchSpace">What is chosen; null: <see cref="ConstrainedProjectionSpace.For"/> the constraints.</param>
    /// <example><code language="csharp">
    /// SweepablePipeline pipeline = forecasts.Append(mlContext.Auto().ConstrainedProjection(
    ///     new ConstrainedProjectionOptions { OutputColumnName = "Plan", InputColumnName = "Score", Constraints = limits }));
    /// </code></example>
    public static SweepableEstimator ConstrainedProjection(
        this AutoCatalog catalog, ConstrainedProjectionOptions options, SearchSpace<ConstrainedProjectionSpace>? searchSpace = null)
    {
        Check.NotNull(catalog, nameof(catalog));
        ConstrainedProjectionOptions copy = Check.NotNull(options, nameof(options)).Copy();
        ConstraintSet constraints = copy.Validate();
        return catalog.CreateSweepableEstimator(
            (context, space) => context.Transforms.ConstrainedProjection(space.Apply(copy)),
            searchSpace ?? ConstrainedProjectionSpace.For(constraints));
    }
}
