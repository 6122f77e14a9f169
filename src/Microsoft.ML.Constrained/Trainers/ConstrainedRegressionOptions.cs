using System;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Optimizers;

namespace Microsoft.ML.Constrained;

/// <summary>Options of <see cref="ConstrainedRegressionEstimator"/>.</summary>
public sealed class ConstrainedRegressionOptions : NetworkTrainerOptions
{
    /// <summary>Most values of <see cref="QuantileLevels"/>.</summary>
    internal const int MaxLevels = 1000;

    /// <summary>Largest <see cref="ProjectionSweeps"/>.</summary>
    internal const int MaxSweeps = 1000;

    /// <summary>Name of the column that receives the scores; default "Score", which <c>mlContext.Regression.Evaluate</c> expects.</summary>
    public string ScoreColumnName { get; set; } = "Score";

    /// <summary>
    /// Name of a column that receives the network's outputs before the constraints changed them, to compare; null (the default) for none.
    /// </summary>
    public string? RawScoreColumnName { get; set; }

    /// <summary>
    /// What must hold for every row of the score: one variable for each value of the label (or for each quantile level), in order.
    /// Right-hand sides may refer to <c>Single</c> columns of the row. Null (the default): nothing.
    /// </summary>
    public ConstraintSet? Constraints { get; set; }

    /// <summary>How the constraints are brought about; default <see cref="OutputConstraint.Projection"/>.</summary>
    public OutputConstraint OutputConstraint { get; set; } = OutputConstraint.Projection;

    /// <summary>
    /// Diagonal of the metric that the projections measure distance in, a positive number for each variable. Null (the default):
    /// 1/s², s the label's standard deviation (at least a thousandth of the largest), the metric of the loss: the projected point is
    /// then nearer to every label inside the set than the point before was.
    /// </summary>
    public double[]? ProjectionWeights { get; set; }

    /// <summary>Sweeps of <see cref="OutputConstraint.DifferentiableProjection"/> where the rows of the constraints depend on each other, 1 to 1,000; default 20.</summary>
    public int ProjectionSweeps { get; set; } = 20;

    /// <summary>
    /// c of the c·‖y − P(y)‖² (the mean over values, in squared standard deviations of the label) that
    /// <see cref="OutputConstraint.Projection"/> and <see cref="OutputConstraint.DifferentiableProjection"/> add to the loss; at least 0,
    /// default 1. A loss of P(y) alone has no gradient across an exceeded constraint, so that y would drift away and values that were
    /// made equal would stay so. Costs nothing: every point of the set is reached from itself.
    /// </summary>
    public double ProjectionPenalty { get; set; } = 1;

    /// <summary>What is made small; default <see cref="RegressionLoss.Squared"/>.</summary>
    public RegressionLoss Loss { get; set; } = RegressionLoss.Squared;

    /// <summary>Where the Huber loss becomes linear, in standard deviations of the label, positive; default 1.</summary>
    public double HuberDelta { get; set; } = 1;

    /// <summary>
    /// The levels of <see cref="RegressionLoss.Quantile"/>, each above 0 and below 1, strictly increasing, at most 1,000. Null
    /// (the default): 0.1, 0.5 and 0.9 with that loss. Other losses do not look at them.
    /// </summary>
    public double[]? QuantileLevels { get; set; }

    /// <summary>
    /// Features (slot names of the feature column, each of one slot only, or indices as text) in which the score never falls when nothing else changes;
    /// null or empty (the default) for none. For labels that are numbers, and functions other than <see cref="HiddenActivation.SiLU"/>.
    /// </summary>
    public string[]? IncreasingFeatures { get; set; }

    /// <summary>Features in which the score never rises when nothing else changes; otherwise as <see cref="IncreasingFeatures"/>.</summary>
    public string[]? DecreasingFeatures { get; set; }

    /// <summary>
    /// Features in which, taken together, the score is a convex function when nothing else changes; null or empty (the default) for
    /// none. For labels that are numbers, without <see cref="Constraints"/> or quantiles, and with <see cref="HiddenActivation.ReLU"/>
    /// or <see cref="HiddenActivation.Softplus"/>. A feature may also be among the increasing or decreasing ones.
    /// </summary>
    public string[]? ConvexFeatures { get; set; }

    /// <summary>What becomes of a row whose own limits contradict each other when scoring; default <see cref="RowPolicy.Closest"/>.</summary>
    public RowPolicy Policy { get; set; } = RowPolicy.Closest;

    /// <summary>Whether to add <c>XStatus</c>, for a score column <c>X</c>: a key whose values are the names of <see cref="SolverStatus"/>; default false.</summary>
    public bool Diagnostics { get; set; }

    /// <summary>Threads that projections and scoring are spread over; default 0: one for each processor. Results do not depend on it.</summary>
    public int Threads { get; set; }

    /// <summary>Whether any feature's effect has a prescribed shape.</summary>
    internal bool HasShapes => IncreasingFeatures is { Length: > 0 } || DecreasingFeatures is { Length: > 0 } || ConvexFeatures is { Length: > 0 };

    /// <summary>The levels, with their default; null where the loss has none.</summary>
    internal double[]? Levels => Loss != RegressionLoss.Quantile ? null : QuantileLevels ?? [0.1, 0.5, 0.9];

    internal ConstrainedRegressionOptions Copy() => (ConstrainedRegressionOptions)CopyCore();

    /// <summary>Checks everything that can be checked without data.</summary>
    internal void Validate()
    {
        ValidateCommon();
        Check.NotEmpty(ScoreColumnName, nameof(ScoreColumnName));
        if (RawScoreColumnName is not null)
        {
            Check.NotEmpty(RawScoreColumnName, nameof(RawScoreColumnName));
            Require(RawScoreColumnName != ScoreColumnName, nameof(RawScoreColumnName), RawScoreColumnName, $"must differ from '{nameof(ScoreColumnName)}'");
            Require(
                !Diagnostics || RawScoreColumnName != ScoreColumnName + "Status", nameof(RawScoreColumnName), RawScoreColumnName,
                $"must differ from the column that '{nameof(Diagnostics)}' adds");
        }

        RequireDefined(OutputConstraint, nameof(OutputConstraint));
        RequireDefined(Loss, nameof(Loss));
        RequireDefined(Policy, nameof(Policy));
        Require(HuberDelta > 0 && double.IsFinite(HuberDelta), nameof(HuberDelta), HuberDelta, "must be positive and finite");
        Require(Threads is >= 0 and <= 1024, nameof(Threads), Threads, "must be from 0 (all processors) to 1024");
        Require(ProjectionSweeps is >= 1 and <= MaxSweeps, nameof(ProjectionSweeps), ProjectionSweeps, $"must be from 1 to {MaxSweeps}");
        Require(ProjectionPenalty >= 0 && double.IsFinite(ProjectionPenalty), nameof(ProjectionPenalty), ProjectionPenalty, "must be at least 0 and finite");
        if (Levels is { } levels)
            ValidateLevels(levels);
        if (OutputConstraint == OutputConstraint.Parameterization)
            ValidateParameterization();
        if (ProjectionWeights is not null)
        {
            foreach (double weight in ProjectionWeights)
                Require(weight > 0 && double.IsFinite(weight), nameof(ProjectionWeights), weight, "must hold positive, finite numbers");
            if (EffectiveConstraints() is { } set)
                Require(ProjectionWeights.Length == set.Dimension, nameof(ProjectionWeights), ProjectionWeights.Length, $"must have {set.Dimension} values, one for each variable");
        }

        if (HasShapes)
            ValidateShapes();
    }

    /// <summary>What a projection without a solve needs.</summary>
    internal DifferentiableProjectionOptions ToDifferentiable() => ToDifferentiable(ProjectionSweeps);

    /// <inheritdoc cref="ToDifferentiable()"/>
    internal static DifferentiableProjectionOptions ToDifferentiable(int sweeps) => new() { Sweeps = sweeps };

    /// <summary>The constraints with the order of quantiles among them; null for none.</summary>
    internal ConstraintSet? EffectiveConstraints()
    {
        if (Levels is not { Length: > 1 } levels)
            return Constraints;
        ConstraintSet set = Constraints ?? ConstraintSet.Over(LevelNames(levels));
        return set.Increasing();
    }

    /// <summary>The names of quantiles' slots, for example Q2.5 for 0.025; where some would be alike, Q(0.025) for those.</summary>
    internal static string[] LevelNames(double[] levels)
    {
        string[] names = [.. levels.Select(l => "Q" + (100 * l).ToString("0.######", CultureInfo.InvariantCulture))];
        return [.. names.Select((name, i) => names.Count(n => n == name) == 1 ? name : $"Q({levels[i].ToString("R", CultureInfo.InvariantCulture)})")];
    }

    private protected override NetworkTrainerOptions CopyCore()
    {
        var copy = (ConstrainedRegressionOptions)base.CopyCore();
        copy.ProjectionWeights = (double[]?)ProjectionWeights?.Clone();
        copy.QuantileLevels = (double[]?)QuantileLevels?.Clone();
        copy.IncreasingFeatures = (string[]?)IncreasingFeatures?.Clone();
        copy.DecreasingFeatures = (string[]?)DecreasingFeatures?.Clone();
        copy.ConvexFeatures = (string[]?)ConvexFeatures?.Clone();
        return copy;
    }

    private void ValidateLevels(double[] levels)
    {
        Require(levels.Length is >= 1 and <= MaxLevels, nameof(QuantileLevels), levels.Length, $"must have 1 to {MaxLevels} values");
        for (int i = 0; i < levels.Length; i++)
        {
            Require(levels[i] is > 0 and < 1, nameof(QuantileLevels), levels[i], "must hold numbers above 0 and below 1");
            Require(i == 0 || levels[i] > levels[i - 1], nameof(QuantileLevels), levels[i], "must be strictly increasing");
        }

        if (Constraints is not null && Constraints.Dimension != levels.Length)
        {
            throw new ArgumentException(
                $"'{nameof(Constraints)}' has {Constraints.Dimension} variables but there are {levels.Length} quantile levels; give one variable for each.",
                nameof(Constraints));
        }
    }

    private void ValidateParameterization()
    {
        Require(RawScoreColumnName is null, nameof(RawScoreColumnName), RawScoreColumnName, $"must be null with {nameof(OutputConstraint.Parameterization)}: the network gives coefficients, not scores");
        if (EffectiveConstraints() is not { } set)
            throw new ArgumentException($"'{nameof(Constraints)}' are needed by {nameof(OutputConstraint)}.{nameof(OutputConstraint.Parameterization)}.", nameof(Constraints));
        if (set.Columns.Count > 0)
        {
            throw new ArgumentException(
                $"'{nameof(Constraints)}' take right-hand sides from the column '{set.Columns[0]}', so that the set differs from row to row, which {nameof(OutputConstraint)}.{nameof(OutputConstraint.Parameterization)} cannot have. Use {nameof(OutputConstraint.Projection)}.",
                nameof(Constraints));
        }
    }

    private void ValidateShapes()
    {
        Require(
            OutputConstraint is OutputConstraint.Projection or OutputConstraint.ProjectionWhenScoring, nameof(OutputConstraint), OutputConstraint,
            "must be an exact projection, which keeps the shape, where features have a prescribed shape");
        Require(Activation != HiddenActivation.SiLU, nameof(Activation), Activation, "must be increasing (any but SiLU) where features have a prescribed shape");
        Require(!BatchNormalization, nameof(BatchNormalization), BatchNormalization, "must be false where features have a prescribed shape");
        Require(
            WeightConstraint is WeightConstraintKind.None or WeightConstraintKind.Circle, nameof(WeightConstraint), WeightConstraint,
            "must be None or Circle where features have a prescribed shape: the network uses magnitudes of weights there, which need not be orthogonal or of unit norm");
        if (Levels is not null && Constraints is not null)
        {
            throw new ArgumentException(
                $"'{nameof(Constraints)}' of quantiles cannot be combined with features of a prescribed shape: projecting onto them does not keep the shape.",
                nameof(Constraints));
        }

        if (ConvexFeatures is not { Length: > 0 })
            return;
        Require(
            Activation is HiddenActivation.ReLU or HiddenActivation.Softplus, nameof(Activation), Activation, "must be ReLU or Softplus (convex) with convex features");
        Require(Levels is null, nameof(Loss), Loss, "cannot be Quantile with convex features: keeping quantiles in order is no convex operation");
        if (Constraints is not null)
        {
            throw new ArgumentException(
                $"'{nameof(Constraints)}' cannot be combined with '{nameof(ConvexFeatures)}': a limit from above makes the score non-convex.", nameof(Constraints));
        }
    }
}
