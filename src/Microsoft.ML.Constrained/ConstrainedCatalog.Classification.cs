using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML;

/// <content>The trainer of class probabilities.</content>
public static partial class ConstrainedCatalog
{
    /// <summary>Trains a network whose class probabilities satisfy constraints on every row.</summary>
    /// <param name="catalog">The trainers of the multiclass catalog.</param>
    /// <param name="labelColumnName">The class: a key, or a <c>Single</c> that is 0, 1, ….</param>
    /// <param name="featureColumnName">The features, a vector of <c>Single</c> of known size.</param>
    /// <param name="constraints">
    /// What must hold for every row's probabilities, over the names of the classes; right-hand sides may refer to columns. Null: no more
    /// than for all probabilities.
    /// </param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    /// <example><code language="csharp">
    /// var limits = ConstraintSet.Over("Approve", "Review", "Refuse").Linear("Refuse &lt;= @MaxRefusal").Linear("Review &lt;= 0.5 * Approve + 0.1");
    /// var pipeline = mlContext.Transforms.Conversion.MapValueToKey("Label", "Decision")
    ///     .Append(mlContext.MulticlassClassification.Trainers.ConstrainedClassification(constraints: limits))
    ///     .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
    /// </code></example>
    public static ConstrainedClassificationEstimator ConstrainedClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        ConstraintSet? constraints = null) =>
        ConstrainedClassification(catalog, new ConstrainedClassificationOptions
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Constraints = constraints,
        });

    /// <summary>Trains a network whose class probabilities satisfy constraints on every row, with all options.</summary>
    /// <param name="catalog">The trainers of the multiclass catalog.</param>
    /// <param name="options">Columns, network, optimisation, constraints, groups of classes.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    /// <example><code language="csharp">
    /// // A hierarchy: groups stand for the sum of their classes.
    /// var trainer = mlContext.MulticlassClassification.Trainers.ConstrainedClassification(new ConstrainedClassificationOptions
    /// {
    ///     Groups = new() { ["Mammal"] = ["Cat", "Dog"], ["Animal"] = ["Mammal", "Bird"] },
    ///     Constraints = ConstraintSet.Over("Cat", "Dog", "Bird", "Stone", "Mammal", "Animal")
    ///         .Linear("Animal &lt;= @MaxAnimal").Linear("Cat &lt;= 0.8 * Mammal"),
    /// });
    /// </code></example>
    public static ConstrainedClassificationEstimator ConstrainedClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, ConstrainedClassificationOptions options) =>
        new(CatalogEnvironment.Of(catalog), options);
}
