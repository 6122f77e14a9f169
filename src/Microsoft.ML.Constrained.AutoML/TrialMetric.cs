using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Interop;

namespace Microsoft.ML.Constrained;

/// <summary>What a search makes small, or large: a number for the scored held-out rows.</summary>
public sealed class TrialMetric
{
    private readonly Func<MLContext, IDataView, double> _evaluate;

    private TrialMetric(string name, bool isMaximized, Func<MLContext, IDataView, double> evaluate) =>
        (Name, IsMaximized, _evaluate) = (name, isMaximized, evaluate);

    /// <summary>Its name, for tables and messages.</summary>
    public string Name { get; }

    /// <summary>Whether more is better.</summary>
    public bool IsMaximized { get; }

    /// <summary>Any number that can be computed from scored rows.</summary>
    /// <param name="name">Its name, for tables and messages.</param>
    /// <param name="evaluate">Given the trial's context and the scored held-out rows, the number.</param>
    /// <param name="isMaximized">Whether more is better; default false.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static TrialMetric Create(string name, Func<MLContext, IDataView, double> evaluate, bool isMaximized = false) =>
        new(Check.NotEmpty(name, nameof(name)), isMaximized, Check.NotNull(evaluate, nameof(evaluate)));

    /// <summary>The root of the mean squared error of scalar scores.</summary>
    /// <param name="labelColumnName">The label, a <c>Single</c>.</param>
    /// <param name="scoreColumnName">The score, a <c>Single</c>.</param>
    public static TrialMetric RootMeanSquaredError(string labelColumnName = "Label", string scoreColumnName = "Score") =>
        Create(nameof(RootMeanSquaredError), (c, d) => c.Regression.Evaluate(d, labelColumnName, scoreColumnName).RootMeanSquaredError);

    /// <summary>The mean absolute error of scalar scores.</summary>
    /// <param name="labelColumnName">The label, a <c>Single</c>.</param>
    /// <param name="scoreColumnName">The score, a <c>Single</c>.</param>
    public static TrialMetric MeanAbsoluteError(string labelColumnName = "Label", string scoreColumnName = "Score") =>
        Create(nameof(MeanAbsoluteError), (c, d) => c.Regression.Evaluate(d, labelColumnName, scoreColumnName).MeanAbsoluteError);

    /// <summary>The share of the labels' variance that scalar scores explain; more is better.</summary>
    /// <param name="labelColumnName">The label, a <c>Single</c>.</param>
    /// <param name="scoreColumnName">The score, a <c>Single</c>.</param>
    public static TrialMetric RSquared(string labelColumnName = "Label", string scoreColumnName = "Score") =>
        Create(nameof(RSquared), (c, d) => c.Regression.Evaluate(d, labelColumnName, scoreColumnName).RSquared, isMaximized: true);

    /// <summary>The root of the mean squared error of vectors of scores, over all slots.</summary>
    /// <param name="labelColumnName">The labels, a vector of <c>Single</c>.</param>
    /// <param name="scoreColumnName">The scores, a vector of <c>Single</c> of the same size.</param>
    public static TrialMetric VectorRootMeanSquaredError(string labelColumnName = "Label", string scoreColumnName = "Score") =>
        Create(nameof(VectorRootMeanSquaredError), (c, d) => c.Regression.EvaluateVector(d, labelColumnName, scoreColumnName).RootMeanSquaredError);

    /// <summary>The mean pinball loss of quantiles, over all levels.</summary>
    /// <param name="levels">The level, above 0 and below 1, of each slot of the scores.</param>
    /// <param name="labelColumnName">The label, a <c>Single</c>.</param>
    /// <param name="scoreColumnName">The quantiles, a vector of <c>Single</c>.</param>
    public static TrialMetric PinballLoss(IReadOnlyList<double> levels, string labelColumnName = "Label", string scoreColumnName = "Score")
    {
        Check.NotNull(levels, nameof(levels));
        double[] copy = [.. levels];
        return Create(nameof(PinballLoss), (c, d) => c.Regression.EvaluateVector(d, labelColumnName, scoreColumnName, copy).PinballLoss);
    }

    /// <summary>How much worse decisions are than the best ones, under the true costs; the mean over rows.</summary>
    /// <param name="solver">The solver whose decisions they are.</param>
    /// <param name="trueCostColumnName">The true costs.</param>
    /// <param name="decisionColumnName">The decisions.</param>
    public static TrialMetric MeanRegret(ICombinatorialSolver solver, string trueCostColumnName = "Label", string decisionColumnName = "Decision")
    {
        Check.NotNull(solver, nameof(solver));
        return Create(nameof(MeanRegret), (c, d) => c.Regression.EvaluateDecisions(d, solver, trueCostColumnName, decisionColumnName).MeanRegret);
    }

    /// <summary>The share of rows whose decision equals the best one; more is better.</summary>
    /// <param name="solver">The solver whose decisions they are.</param>
    /// <param name="bestDecisionColumnName">The best decisions.</param>
    /// <param name="decisionColumnName">The decisions.</param>
    public static TrialMetric ExactMatchShare(
        ICombinatorialSolver solver, string bestDecisionColumnName = "Label", string decisionColumnName = "Decision")
    {
        Check.NotNull(solver, nameof(solver));
        return Create(
            nameof(ExactMatchShare),
            (c, d) => c.Regression.EvaluateDecisions(d, solver, null, decisionColumnName, bestDecisionColumnName).ExactMatchShare,
            isMaximized: true);
    }

    /// <summary>The share of rows of which the predicted class is right; more is better.</summary>
    /// <param name="labelColumnName">The label, a key or a <c>Single</c>.</param>
    /// <param name="scoreColumnName">The scores, a vector with a slot for each class.</param>
    /// <param name="predictedLabelColumnName">The predicted class, a key.</param>
    public static TrialMetric MicroAccuracy(
        string labelColumnName = "Label", string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel") =>
        Create(
            nameof(MicroAccuracy),
            (c, d) => c.MulticlassClassification.Evaluate(d, labelColumnName, scoreColumnName, predictedLabelColumnName).MicroAccuracy,
            isMaximized: true);

    /// <summary>The mean negative logarithm of the probability that is given to the right class.</summary>
    /// <param name="labelColumnName">The label, a key or a <c>Single</c>.</param>
    /// <param name="scoreColumnName">The probabilities, a vector with a slot for each class.</param>
    /// <param name="predictedLabelColumnName">The predicted class, a key.</param>
    public static TrialMetric LogLoss(
        string labelColumnName = "Label", string scoreColumnName = "Score", string predictedLabelColumnName = "PredictedLabel") =>
        Create(
            nameof(LogLoss),
            (c, d) => c.MulticlassClassification.Evaluate(d, labelColumnName, scoreColumnName, predictedLabelColumnName).LogLoss);

    /// <summary>The metric of scored rows.</summary>
    /// <param name="mlContext">The context of the trial.</param>
    /// <param name="scored">What a model made of held-out rows.</param>
    public double Evaluate(MLContext mlContext, IDataView scored) =>
        _evaluate(Check.NotNull(mlContext, nameof(mlContext)), Check.NotNull(scored, nameof(scored)));
}
