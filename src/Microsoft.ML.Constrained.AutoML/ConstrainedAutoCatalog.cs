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

    /// <summary>A regression whose outputs satisfy constraints on every row, with its network and the constraint's mode searched for.</summary>
    /// <param name="catalog">The AutoML catalog.</param>
    /// <param name="labelColumnName">The column to be learned: a <c>Single</c>, or a vector of them of known size.</param>
    /// <param name="featureColumnName">The features, a vector of <c>Single</c> of known size.</param>
    /// <param name="constraints">What must hold for every row of the score; null: nothing.</param>
    public static SweepableEstimator ConstrainedRegression(
        this AutoCatalog catalog, string labelColumnName = "Label", string featureColumnName = "Features", ConstraintSet? constraints = null) =>
        ConstrainedRegression(catalog, new ConstrainedRegressionOptions
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Constraints = constraints,
        });

    /// <summary>A regression whose outputs satisfy constraints on every row, with all options.</summary>
    /// <param name="catalog">The AutoML catalog.</param>
    /// <param name="options">What holds for every trial.</param>
    /// <param name="searchSpace">What is chosen; null: <see cref="ConstrainedRegressionSpace.For"/> the options.</param>
    /// <example><code language="csharp">
    /// var options = new ConstrainedRegressionOptions { Loss = RegressionLoss.Quantile, QuantileLevels = [0.1, 0.5, 0.9] };
    /// var space = ConstrainedRegressionSpace.For(options);
    /// space.Remove(nameof(ConstrainedRegressionSpace.Dropout));
    /// SweepablePipeline pipeline = mlContext.Transforms.NormalizeMinMax("Features").Append(mlContext.Auto().ConstrainedRegression(options, space));
    /// </code></example>
    public static SweepableEstimator ConstrainedRegression(
        this AutoCatalog catalog, ConstrainedRegressionOptions options, SearchSpace<ConstrainedRegressionSpace>? searchSpace = null)
    {
        Check.NotNull(catalog, nameof(catalog));
        ConstrainedRegressionOptions copy = Check.NotNull(options, nameof(options)).Copy();
        copy.Validate();
        return catalog.CreateSweepableEstimator(
            (context, space) => context.Regression.Trainers.ConstrainedRegression(space.Apply(copy, context.GetTrialCancellationToken(copy.CancellationToken))),
            searchSpace ?? ConstrainedRegressionSpace.For(copy));
    }

    /// <summary>Class probabilities that satisfy constraints on every row, with the network and the constraint's mode searched for.</summary>
    /// <param name="catalog">The AutoML catalog.</param>
    /// <param name="options">What holds for every trial.</param>
    /// <param name="searchSpace">What is chosen; null: <see cref="ConstrainedClassificationSpace.For"/> the options.</param>
    public static SweepableEstimator ConstrainedClassification(
        this AutoCatalog catalog, ConstrainedClassificationOptions options, SearchSpace<ConstrainedClassificationSpace>? searchSpace = null)
    {
        Check.NotNull(catalog, nameof(catalog));
        ConstrainedClassificationOptions copy = Check.NotNull(options, nameof(options)).Copy();
        copy.Validate();
        return catalog.CreateSweepableEstimator(
            (context, space) => context.MulticlassClassification.Trainers.ConstrainedClassification(
                space.Apply(copy, context.GetTrialCancellationToken(copy.CancellationToken))),
            searchSpace ?? ConstrainedClassificationSpace.For(copy));
    }

    /// <summary>Costs that make a solver decide well, with the network, what stands in for the solver's derivative, and its numbers searched for.</summary>
    /// <param name="catalog">The AutoML catalog.</param>
    /// <param name="options">What holds for every trial.</param>
    /// <param name="searchSpace">What is chosen; null: <see cref="DecisionFocusedSpace.For"/> the options.</param>
    public static SweepableEstimator DecisionFocused(
        this AutoCatalog catalog, DecisionFocusedOptions options, SearchSpace<DecisionFocusedSpace>? searchSpace = null)
    {
        Check.NotNull(catalog, nameof(catalog));
        DecisionFocusedOptions copy = Check.NotNull(options, nameof(options)).Copy();
        copy.Validate();
        return catalog.CreateSweepableEstimator(
            (context, space) => context.Regression.Trainers.DecisionFocused(space.Apply(copy, context.GetTrialCancellationToken(copy.CancellationToken))),
            searchSpace ?? DecisionFocusedSpace.For(copy));
    }
}
