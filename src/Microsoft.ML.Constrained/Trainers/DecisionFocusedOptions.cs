using System;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Networks;

namespace Microsoft.ML.Constrained;

/// <summary>Options of <see cref="DecisionFocusedTrainer"/>.</summary>
public sealed class DecisionFocusedOptions : NetworkTrainerOptions
{
    /// <summary>Largest <see cref="ScoringBatchSize"/>.</summary>
    internal const int MaxBatchSize = 1 << 20;

    /// <summary>What decides, in training and in the model. Required. A user's own code is not saved with a model.</summary>
    public ICombinatorialSolver? Solver { get; set; }

    /// <summary>
    /// What the label column, a vector of <c>Single</c> of the solver's dimension, holds; default <see cref="DecisionLabel.Decisions"/>.
    /// </summary>
    public DecisionLabel Label { get; set; } = DecisionLabel.Decisions;

    /// <summary>How costs learn from decisions; default <see cref="DecisionMethod.Auto"/>.</summary>
    public DecisionMethod Method { get; set; } = DecisionMethod.Auto;

    /// <summary>
    /// What stands in for the solver's derivative with <see cref="DecisionMethod.Rule"/>. Null (the default): the identity, with the costs
    /// centred and normalised first where the solver knows a direction that leaves decisions alone, otherwise normalised only.
    /// </summary>
    public BackwardRule? Rule { get; set; }

    /// <summary>The loss on decisions with <see cref="DecisionMethod.Rule"/>; default <see cref="DecisionLoss.Auto"/>.</summary>
    public DecisionLoss Loss { get; set; } = DecisionLoss.Auto;

    /// <summary>
    /// Noise margin α: with <see cref="DecisionMethod.Rule"/>, ±α/2 is added to every cost before the solver while training, so that right
    /// decisions stay right by a distance (Sahoo et al. 2023). In the unit of the network's costs, which is about 1 at the start; at
    /// least 0, default 0.
    /// </summary>
    public double NoiseMargin { get; set; }

    /// <summary>Standard deviation of the noise of <see cref="DecisionMethod.FenchelYoung"/>, in the unit of the network's costs, positive; default 1.</summary>
    public double Sigma { get; set; } = 1;

    /// <summary>Samples a row of <see cref="DecisionMethod.FenchelYoung"/>, 1 to 100,000; default 8.</summary>
    public int Samples { get; set; } = 8;

    /// <summary>What becomes of costs that a method itself makes negative where the solver takes none; default <see cref="NegativeCosts.Clamp"/>.</summary>
    public NegativeCosts NegativeCosts { get; set; } = NegativeCosts.Clamp;

    /// <summary>What the model's last step does to costs; default <see cref="CostActivation.Auto"/>.</summary>
    public CostActivation CostActivation { get; set; } = CostActivation.Auto;

    /// <summary>The image that the features are, with its convolutions; null (the default): a plain vector.</summary>
    public ImageFeatureOptions? Image { get; set; }

    /// <summary>Name of the column that receives the decisions; default "Decision". The costs are in "Score".</summary>
    public string DecisionColumnName { get; set; } = "Decision";

    /// <summary>What becomes of a row without a decision when scoring: <see cref="RowPolicy.Missing"/> (the default) or <see cref="RowPolicy.Throw"/>.</summary>
    public RowPolicy Policy { get; set; } = RowPolicy.Missing;

    /// <summary>
    /// Whether to add, for a decision column <c>X</c>, <c>XStatus</c>, a key whose values are the names of <see cref="SolverStatus"/>, and
    /// <c>XObjective</c>, the decision's total predicted cost; default false.
    /// </summary>
    public bool Diagnostics { get; set; }

    /// <summary>Rows that are scored at once; default 1024, 1 to 1,048,576. Results do not depend on it.</summary>
    public int ScoringBatchSize { get; set; } = 1024;

    /// <summary>Threads that rows are spread over, in training and scoring; default 0: one for each processor. Results do not depend on it.</summary>
    public int Threads { get; set; }

    /// <summary>The method that is meant.</summary>
    internal DecisionMethod UsedMethod => Method != DecisionMethod.Auto ? Method
        : Label == DecisionLabel.Costs && Rule is null && Loss == DecisionLoss.Auto && NoiseMargin == 0 ? DecisionMethod.SpoPlus : DecisionMethod.Rule;

    /// <summary>The rule that is meant.</summary>
    internal BackwardRule UsedRule => Rule ?? new IdentityRule(Solver!.Normal.IsEmpty ? CostProjection.Norm : CostProjection.Standard);

    /// <summary>The loss that is meant.</summary>
    internal DecisionLoss UsedLoss => Loss != DecisionLoss.Auto ? Loss
        : Label == DecisionLabel.Costs && UsedRule is not IdentityRule ? DecisionLoss.Regret : DecisionLoss.Absolute;

    /// <summary>Whether costs are made non-negative.</summary>
    internal bool UsesSoftplus => CostActivation == CostActivation.Softplus ||
        (CostActivation == CostActivation.Auto && Solver!.NeedsNonnegativeCosts);

    internal DecisionFocusedOptions Copy() => (DecisionFocusedOptions)CopyCore();

    /// <summary>The solver, after everything that does not depend on data was checked.</summary>
    internal ICombinatorialSolver Validate()
    {
        ValidateCommon();
        ICombinatorialSolver solver = Check.NotNull(Solver, nameof(Solver));
        Require(solver.Dimension >= 1, nameof(Solver), solver.Dimension, "must have a dimension of at least 1");
        RequireDefined(Label, nameof(Label));
        RequireDefined(Method, nameof(Method));
        RequireDefined(Loss, nameof(Loss));
        RequireDefined(NegativeCosts, nameof(NegativeCosts));
        RequireDefined(CostActivation, nameof(CostActivation));
        if (Label != DecisionLabel.Costs && Method is DecisionMethod.SpoPlus or DecisionMethod.PredictThenOptimize)
            throw new ArgumentException($"'{nameof(Method)}' {Method} needs true costs: set '{nameof(Label)}' to {nameof(DecisionLabel.Costs)}.", nameof(Method));
        if (Label != DecisionLabel.Costs && Loss == DecisionLoss.Regret)
            throw new ArgumentException($"'{nameof(Loss)}' {Loss} needs true costs: set '{nameof(Label)}' to {nameof(DecisionLabel.Costs)}.", nameof(Loss));
        if (UsedMethod == DecisionMethod.Rule)
            UsedRule.Check(solver);
        else if (Rule is not null || Loss != DecisionLoss.Auto || NoiseMargin != 0)
        {
            string name = Rule is not null ? nameof(Rule) : Loss != DecisionLoss.Auto ? nameof(Loss) : nameof(NoiseMargin);
            throw new ArgumentException($"'{name}' is set, but '{nameof(Method)}' {Method} does not use it: set it to {nameof(DecisionMethod.Rule)} or leave '{name}' out.", name);
        }

        Require(NoiseMargin >= 0 && double.IsFinite(NoiseMargin), nameof(NoiseMargin), NoiseMargin, "must be at least 0 and finite");
        Require(Sigma > 0 && double.IsFinite(Sigma), nameof(Sigma), Sigma, "must be positive and finite");
        Require(Samples is >= 1 and <= 100_000, nameof(Samples), Samples, "must be from 1 to 100000");
        ImageShape? places = Image?.Validate();
        if (Image is { CostPerPlace: true } && places is { } last && last.Height * last.Width != solver.Dimension)
        {
            throw new ArgumentException(
                $"The last convolution has {last.Height} × {last.Width} places but the solver has {solver.Dimension} costs; with "
                + $"'{nameof(ImageFeatureOptions.CostPerPlace)}' there must be one for each.", nameof(Image));
        }

        if (Image is { CostPerPlace: true } && places is { } grid)
            CheckPlaces(grid);
        Check.NotEmpty(DecisionColumnName, nameof(DecisionColumnName));
        if (DecisionColumnName == DecisionFocusedTrainer.ScoreColumnName)
            throw new ArgumentException($"'{nameof(DecisionColumnName)}' must not be '{DecisionColumnName}', which is the costs' column.", nameof(DecisionColumnName));
        Require(
            Policy is RowPolicy.Missing or RowPolicy.Throw, nameof(Policy), Policy,
            $"must be {nameof(RowPolicy.Missing)} or {nameof(RowPolicy.Throw)}: costs are no decision that could be kept");
        Require(ScoringBatchSize is >= 1 and <= MaxBatchSize, nameof(ScoringBatchSize), ScoringBatchSize, $"must be from 1 to {MaxBatchSize}");
        Require(Threads is >= 0 and <= 1024, nameof(Threads), Threads, "must be from 0 (all processors) to 1024");
        return solver;
    }

    /// <summary>Hidden layers at each place are convolutions too.</summary>
    private void CheckPlaces(ImageShape shape)
    {
        foreach (int units in HiddenLayers)
        {
            try
            {
                ConvolutionLayer.CheckSize(shape, units, 1, 1, 0);
            }
            catch (ArgumentException e)
            {
                throw new ArgumentException($"Hidden layer of {units} units at each place: {e.Message}", nameof(HiddenLayers), e);
            }

            shape = shape with { Channels = units };
        }
    }

    private protected override NetworkTrainerOptions CopyCore()
    {
        var copy = (DecisionFocusedOptions)base.CopyCore();
        copy.Image = Image?.Copy();
        return copy;
    }
}
