using System.Collections.Generic;
using Microsoft.ML.Constrained;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Trainers;

namespace Microsoft.ML;

public static partial class ConstrainedCatalog
{
    /// <summary>Errors of vectors of scores, slot by slot and over all; of several quantiles of one label where levels are given.</summary>
    /// <param name="catalog">The regression catalog.</param>
    /// <param name="data">The scored data.</param>
    /// <param name="labelColumnName">The labels: <c>Single</c> values of the scores' shape; a scalar where levels are given.</param>
    /// <param name="scoreColumnName">The scores: a vector of <c>Single</c> of known size, or a scalar.</param>
    /// <param name="quantileLevels">For each slot of the scores the level, above 0 and below 1, of the quantile that it estimates. Null: scores are means.</param>
    /// <exception cref="System.ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public static VectorRegressionMetrics EvaluateVector(
        this RegressionCatalog catalog,
        IDataView data,
        string labelColumnName = "Label",
        string scoreColumnName = "Score",
        IReadOnlyList<double>? quantileLevels = null)
    {
        Check.NotNull(catalog, nameof(catalog));
        return VectorRegressionEvaluator.Evaluate(data, labelColumnName, scoreColumnName, quantileLevels);
    }

    /// <summary>How good decisions are: regret, cost ratio, share of best ones.</summary>
    /// <param name="catalog">The regression catalog.</param>
    /// <param name="data">Data with decisions, and with the true costs or the best decisions.</param>
    /// <param name="solver">The solver whose decisions they are: it says what is best for the true costs, and in which sense.</param>
    /// <param name="trueCostColumnName">The true costs. Null where only the best decisions are known, which leaves regret and cost ratio open.</param>
    /// <param name="decisionColumnName">The decisions.</param>
    /// <param name="bestDecisionColumnName">The best decisions. Null: those that the solver finds for the true costs.</param>
    /// <exception cref="System.ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public static DecisionMetrics EvaluateDecisions(
        this RegressionCatalog catalog,
        IDataView data,
        ICombinatorialSolver solver,
        string? trueCostColumnName = "Label",
        string decisionColumnName = "Decision",
        string? bestDecisionColumnName = null)
    {
        Check.NotNull(catalog, nameof(catalog));
        return DecisionEvaluator.Evaluate(data, solver, trueCostColumnName, decisionColumnName, bestDecisionColumnName);
    }

    /// <summary>How often and how far a column's rows break constraints, before and after.</summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="data">The data, with the columns that right-hand sides refer to.</param>
    /// <param name="constraints">What should hold.</param>
    /// <param name="columnName">The column, a vector of <c>Single</c> with one slot for each variable.</param>
    /// <param name="afterColumnName">A second column to set beside it, for example the projected one; null for none.</param>
    /// <param name="tolerance">A row breaks aᵀz ≤ b when it does so by more than this times max(1, |b|, Σ|aᵢzᵢ|).</param>
    /// <exception cref="System.ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public static ConstraintMetrics EvaluateConstraints(
        this DataOperationsCatalog catalog,
        IDataView data,
        ConstraintSet constraints,
        string columnName = "Score",
        string? afterColumnName = null,
        double tolerance = ConstraintSet.DefaultTolerance)
    {
        Check.NotNull(catalog, nameof(catalog));
        return ConstraintEvaluator.Evaluate(data, constraints, columnName, afterColumnName, tolerance);
    }
}
