using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML;

/// <summary>The polyhedral parameterization, as an extension of ML.NET's catalog of transforms.</summary>
public static class PolyhedralCatalog
{
    /// <summary>Maps each row's unconstrained activations to a point that satisfies linear constraints, without an optimisation.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to add: a vector with one slot, of its name, for each variable.</param>
    /// <param name="inputColumnName">
    /// The column with the activations, a vector of <c>Single</c> of <see cref="Constrained.PolyhedralParameterization.ActivationCount"/>
    /// slots. Null: <paramref name="outputColumnName"/>, which is then replaced.
    /// </param>
    /// <param name="constraints">What must hold for every row: linear, with constant right-hand sides.</param>
    /// <example><code language="csharp">
    /// var limits = ConstraintSet.Over("Low", "Middle", "High").Linear("Low &lt;= Middle").Linear("Middle &lt;= High");
    /// var pipeline = mlContext.Transforms.PolyhedralParameterization("Quantiles", "Activations", limits);
    /// </code></example>
    public static PolyhedralParameterizationEstimator PolyhedralParameterization(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, ConstraintSet constraints) =>
        PolyhedralParameterization(catalog, new PolyhedralParameterizationOptions
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            Constraints = constraints,
        });

    /// <summary>Maps each row's unconstrained activations to a point that satisfies linear constraints, with all options.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="options">Columns, constraints, activation of rays, box, form, row policy, diagnostics, batch size.</param>
    public static PolyhedralParameterizationEstimator PolyhedralParameterization(
        this TransformsCatalog catalog, PolyhedralParameterizationOptions options) =>
        new(CatalogEnvironment.Of(catalog), options);
}
