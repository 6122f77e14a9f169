using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML;

public static partial class ConstrainedCatalog
{
    /// <summary>Learns the costs that make a solver decide well.</summary>
    /// <param name="catalog">The regression trainers.</param>
    /// <param name="solver">What decides, in training and in the model.</param>
    /// <param name="label">What the label column holds: the best decisions, or the true costs.</param>
    /// <param name="labelColumnName">The column to be learned, a vector of <c>Single</c> of the solver's dimension.</param>
    /// <param name="featureColumnName">The column with the features, a vector of <c>Single</c> of known size.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    /// <example><code language="csharp">
    /// // Values of three items from features, so that the chosen items are right: weights 3, 5, 4, capacity 8.
    /// var trainer = mlContext.Regression.Trainers.DecisionFocused(new KnapsackSolver([3, 5, 4], 8), DecisionLabel.Costs, "Values");
    /// </code></example>
    public static DecisionFocusedTrainer DecisionFocused(
        this RegressionCatalog.RegressionTrainers catalog,
        ICombinatorialSolver solver,
        DecisionLabel label = DecisionLabel.Decisions,
        string labelColumnName = "Label",
        string featureColumnName = "Features") =>
        DecisionFocused(catalog, new DecisionFocusedOptions
        {
            Solver = solver,
            Label = label,
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
        });

    /// <summary>Learns the costs that make a solver decide well, with all options.</summary>
    /// <param name="catalog">The regression trainers.</param>
    /// <param name="options">Columns, solver, method, network, training.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    public static DecisionFocusedTrainer DecisionFocused(this RegressionCatalog.RegressionTrainers catalog, DecisionFocusedOptions options) =>
        new(CatalogEnvironment.Of(catalog), options);
}
