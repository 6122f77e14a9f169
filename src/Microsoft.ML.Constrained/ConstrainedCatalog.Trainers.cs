using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML;

/// <content>The trainers.</content>
public static partial class ConstrainedCatalog
{
    /// <summary>Trains a network whose outputs, a number or a vector of them, satisfy constraints on every row.</summary>
    /// <param name="catalog">The trainers of the regression catalog.</param>
    /// <param name="labelColumnName">The column to be learned: a <c>Single</c>, or a vector of them of known size.</param>
    /// <param name="featureColumnName">The features, a vector of <c>Single</c> of known size.</param>
    /// <param name="constraints">
    /// What must hold for every row of the score, with one variable for each value of the label; right-hand sides may refer to
    /// columns. Null: nothing.
    /// </param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    /// <example><code language="csharp">
    /// var limits = ConstraintSet.Over("Steel", "Wood").Nonnegative().Linear("Steel + Wood &lt;= @Capacity");
    /// var pipeline = mlContext.Transforms.Concatenate("Features", "Demand", "Season")
    ///     .Append(mlContext.Regression.Trainers.ConstrainedRegression(labelColumnName: "Plan", constraints: limits));
    /// </code></example>
    public static ConstrainedRegressionEstimator ConstrainedRegression(
        this RegressionCatalog.RegressionTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        ConstraintSet? constraints = null) =>
        ConstrainedRegression(catalog, new ConstrainedRegressionOptions
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Constraints = constraints,
        });

    /// <summary>Trains a network whose outputs satisfy constraints on every row, with all options.</summary>
    /// <param name="catalog">The trainers of the regression catalog.</param>
    /// <param name="options">Columns, network, optimisation, loss, constraints, shape of the function.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    /// <example><code language="csharp">
    /// // Five quantiles that never cross.
    /// var trainer = mlContext.Regression.Trainers.ConstrainedRegression(new ConstrainedRegressionOptions
    /// {
    ///     Loss = RegressionLoss.Quantile, QuantileLevels = [0.05, 0.25, 0.5, 0.75, 0.95],
    /// });
    /// </code></example>
    public static ConstrainedRegressionEstimator ConstrainedRegression(
        this RegressionCatalog.RegressionTrainers catalog, ConstrainedRegressionOptions options) =>
        new(CatalogEnvironment.Of(catalog), options);
}
