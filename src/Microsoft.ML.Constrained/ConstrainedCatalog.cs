using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML;

/// <summary>The stages of Microsoft.ML.Constrained, as extensions of ML.NET's catalogs.</summary>
public static partial class ConstrainedCatalog
{
    /// <summary>Moves each row's vector to the nearest point that satisfies the constraints.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to add.</param>
    /// <param name="inputColumnName">
    /// The column to project, a vector of <c>Single</c> with one slot for each variable, in the order of
    /// <see cref="ConstraintSet.Variables"/>. Null: <paramref name="outputColumnName"/>, which is then replaced.
    /// </param>
    /// <param name="constraints">What must hold for every row.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    /// <example><code language="csharp">
    /// var limits = ConstraintSet.Over("Steel", "Wood").Nonnegative().Linear("Steel + Wood &lt;= @Capacity");
    /// var pipeline = mlContext.Transforms.ConstrainedProjection("Plan", "Score", limits);
    /// </code></example>
    public static ConstrainedProjectionEstimator ConstrainedProjection(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, ConstraintSet constraints) =>
        ConstrainedProjection(catalog, new ConstrainedProjectionOptions
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName ?? outputColumnName,
            Constraints = constraints,
        });

    /// <summary>Moves the <c>Single</c> columns named by the constraints' variables, taken as one vector, to the nearest point that satisfies the constraints.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to add: a vector with one slot, of its name, for each variable.</param>
    /// <param name="constraints">What must hold for every row. Its variables name the columns to read.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    public static ConstrainedProjectionEstimator ConstrainedProjection(
        this TransformsCatalog catalog, string outputColumnName, ConstraintSet constraints) =>
        ConstrainedProjection(catalog, new ConstrainedProjectionOptions { OutputColumnName = outputColumnName, Constraints = constraints });

    /// <summary>Moves each row's vector to the nearest point that satisfies the constraints, with all options.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="options">Columns, constraints, metric weights, tolerance, row policy, diagnostics, batch size.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    public static ConstrainedProjectionEstimator ConstrainedProjection(this TransformsCatalog catalog, ConstrainedProjectionOptions options) =>
        new(CatalogEnvironment.Of(catalog), options);

    /// <summary>Solves one quadratic program for each row: minimise ½ zᵀQz + pᵀz subject to Gz ≤ h and Az = b.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="options">The program, which of p, h and b come from columns, row policy, diagnostics, batch size.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    /// <example><code language="csharp">
    /// // Weights of a portfolio: expected returns from a column, at most everything invested, nothing sold short.
    /// var pipeline = mlContext.Transforms.QuadraticProgram(new QuadraticProgramStageOptions
    /// {
    ///     OutputColumnName = "Weights", LinearCostColumnName = "Returns", LinearCostFactor = -1,
    ///     Q = covariance, G = limits, H = capacities,
    /// });
    /// </code></example>
    public static QuadraticProgramEstimator QuadraticProgram(this TransformsCatalog catalog, QuadraticProgramStageOptions options) =>
        new(CatalogEnvironment.Of(catalog), options);

    /// <summary>Solves one quadratic program for each row, with the linear costs p from a column and everything else fixed.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to add: the solution z.</param>
    /// <param name="linearCostColumnName">The column with p, a vector of n <c>Single</c>.</param>
    /// <param name="q">n × n, symmetric positive semidefinite.</param>
    /// <param name="g">m × n, the rows of the inequalities; null for none.</param>
    /// <param name="h">Their m right-hand sides.</param>
    /// <param name="a">The rows of the equalities; null for none.</param>
    /// <param name="b">Their right-hand sides.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    public static QuadraticProgramEstimator QuadraticProgram(
        this TransformsCatalog catalog,
        string outputColumnName,
        string linearCostColumnName,
        double[,] q,
        double[,]? g = null,
        double[]? h = null,
        double[,]? a = null,
        double[]? b = null) =>
        QuadraticProgram(catalog, new QuadraticProgramStageOptions
        {
            OutputColumnName = outputColumnName,
            LinearCostColumnName = linearCostColumnName,
            Q = q,
            G = g,
            H = h,
            A = a,
            B = b,
        });

    /// <summary>Maps each row's unconstrained activations to a point that satisfies linear constraints, without an optimisation.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to add: a vector with one slot, of its name, for each variable.</param>
    /// <param name="inputColumnName">
    /// The column with the activations, a vector of <c>Single</c> of <see cref="Constrained.PolyhedralParameterization.ActivationCount"/>
    /// slots. Null: <paramref name="outputColumnName"/>, which is then replaced.
    /// </param>
    /// <param name="constraints">What must hold for every row: linear, with constant right-hand sides.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
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
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    public static PolyhedralParameterizationEstimator PolyhedralParameterization(
        this TransformsCatalog catalog, PolyhedralParameterizationOptions options) =>
        new(CatalogEnvironment.Of(catalog), options);

    /// <summary>Decides each row by its costs, exactly: a path, an assignment, a choice of items, a tour.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The column to add: a vector with one slot for each entry of a decision.</param>
    /// <param name="costColumnName">
    /// The column with the costs (values, for a maximising solver), a vector of <c>Single</c> of the solver's dimension.
    /// </param>
    /// <param name="solver">What decides, for example a <see cref="KnapsackSolver"/> or a <see cref="GridShortestPathSolver"/>.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    /// <example><code language="csharp">
    /// // The items of greatest predicted value that fit: weights 3, 5, 4, capacity 8.
    /// var pipeline = mlContext.Transforms.CombinatorialSolver("Chosen", "Values", new KnapsackSolver([3, 5, 4], 8));
    /// </code></example>
    public static CombinatorialSolverEstimator CombinatorialSolver(
        this TransformsCatalog catalog, string outputColumnName, string costColumnName, ICombinatorialSolver solver) =>
        CombinatorialSolver(catalog, new CombinatorialSolverOptions
        {
            OutputColumnName = outputColumnName,
            CostColumnName = costColumnName,
            Solver = solver,
        });

    /// <summary>Decides each row by its costs, with all options.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="options">Columns, solver, names of the slots, row policy, diagnostics, batch size.</param>
    /// <exception cref="System.ArgumentException">An option is missing or outside its range; the message names it.</exception>
    public static CombinatorialSolverEstimator CombinatorialSolver(this TransformsCatalog catalog, CombinatorialSolverOptions options) =>
        new(CatalogEnvironment.Of(catalog), options);
}
