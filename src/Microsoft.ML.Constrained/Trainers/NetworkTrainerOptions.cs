using System;
using System.Threading;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Optimizers;

namespace Microsoft.ML.Constrained;

/// <summary>What the trainers of networks have in common.</summary>
public abstract class NetworkTrainerOptions
{
    /// <summary>Most values of <see cref="HiddenLayers"/>.</summary>
    private const int MaxLayers = 64;

    /// <summary>Largest value of <see cref="HiddenLayers"/>.</summary>
    private const int MaxUnits = 1 << 16;

    /// <summary>The column with the features, a vector of <c>Single</c> of known size; default "Features".</summary>
    public string FeatureColumnName { get; set; } = "Features";

    /// <summary>The column to be learned; default "Label".</summary>
    public string LabelColumnName { get; set; } = "Label";

    /// <summary>Units of each hidden layer, 1 to 65,536 each, at most 64 layers; empty for none. Default 64, 64.</summary>
    public int[] HiddenLayers { get; set; } = [64, 64];

    /// <summary>The function after each hidden layer; default <see cref="HiddenActivation.ReLU"/>.</summary>
    public HiddenActivation Activation { get; set; } = HiddenActivation.ReLU;

    /// <summary>Whether hidden layers are normalised over the batch, before their function; default false. It costs nothing when scoring.</summary>
    public bool BatchNormalization { get; set; }

    /// <summary>How weights are changed; default <see cref="TrainingOptimizerKind.Adam"/>.</summary>
    public TrainingOptimizerKind Optimizer { get; set; } = TrainingOptimizerKind.Adam;

    /// <summary>
    /// The learning rate at the start, positive; null (the default): 0.003 for <see cref="TrainingOptimizerKind.Adam"/> and
    /// <see cref="TrainingOptimizerKind.AdamW"/>, 0.01 for <see cref="TrainingOptimizerKind.Sgd"/>, 0.1 for
    /// <see cref="TrainingOptimizerKind.ConstrainedLangevin"/>, whose step size it is.
    /// </summary>
    public double? LearningRate { get; set; }

    /// <summary>How the learning rate changes; default <see cref="LearningRateSchedule.Cosine"/>.</summary>
    public LearningRateSchedule LearningRateSchedule { get; set; } = LearningRateSchedule.Cosine;

    /// <summary>Momentum of <see cref="TrainingOptimizerKind.Sgd"/>, from 0 and below 1; default 0.9.</summary>
    public double Momentum { get; set; } = 0.9;

    /// <summary>
    /// What <see cref="TrainingOptimizerKind.ConstrainedLangevin"/> keeps true of all weights (not of biases); default None. Circle keeps each weight within
    /// a radius, Orthogonal the rows or columns of each weight matrix orthonormal (see <see cref="TrainingSummary.LipschitzBound"/>), Sphere the weights
    /// into each unit at length 1. Other optimizers know None only, and polyhedral sets are not for whole networks.
    /// </summary>
    public WeightConstraintKind WeightConstraint { get; set; } = WeightConstraintKind.None;

    /// <summary>The radius of circles, positive, but for the first weights; initial weights beyond it are scaled. Default 0.1.</summary>
    public double CircleRadius { get; set; } = 0.1;

    /// <summary>The radius of circles of the first weights, positive. Default 0.05.</summary>
    public double FirstCircleRadius { get; set; } = 0.05;

    /// <summary>Temperature of <see cref="TrainingOptimizerKind.ConstrainedLangevin"/>, at least 0: noise; default 0, without noise.</summary>
    public double Temperature { get; set; }

    /// <summary>Friction of <see cref="TrainingOptimizerKind.ConstrainedLangevin"/>, at least 0: a step of size h keeps e^(−friction·h) of the momentum. Default 1.</summary>
    public double Friction { get; set; } = 1;

    /// <summary>Most passes over the training rows, 1 to 1,000,000; default 100.</summary>
    public int Epochs { get; set; } = 100;

    /// <summary>Rows a step, at least 1; default 64.</summary>
    public int BatchSize { get; set; } = 64;

    /// <summary>
    /// Share of the rows that are set aside to choose the best state by, from 0 to 0.9; default 0.1. With 0, or where it comes to no
    /// row, the training rows take their place.
    /// </summary>
    public double ValidationFraction { get; set; } = 0.1;

    /// <summary>Epochs without a lower validation loss after which training ends; default 20, 0 for never.</summary>
    public int Patience { get; set; } = 20;

    /// <summary>Weight decay, at least 0; default 0.</summary>
    public double WeightDecay { get; set; }

    /// <summary>Share of the hidden units that each step leaves out, from 0 and below 1; default 0.</summary>
    public double Dropout { get; set; }

    /// <summary>
    /// Whether features are shifted and scaled to mean 0 and variance 1 over the training rows; default true. That becomes a part of
    /// the model. A feature that is the same in all training rows carries nothing to learn from and is then ignored, whatever its later values.
    /// </summary>
    public bool NormalizeFeatures { get; set; } = true;

    /// <summary>
    /// Start of all random numbers; null (the default): drawn from the context once, when the estimator is made. Training twice with one
    /// estimator, or with the same seed, data and number of torch threads on one machine, gives the same model bit by bit.
    /// </summary>
    public int? Seed { get; set; }

    /// <summary>
    /// Where tensors are while training, and where the fitted model scores batches; default <see cref="TrainerDevice.Auto"/>. It is no part
    /// of a saved model: one that is loaded goes by the context that loads it.
    /// </summary>
    public TrainerDevice Device { get; set; } = TrainerDevice.Auto;

    /// <summary>Ends training with an <see cref="OperationCanceledException"/>; asked for at each step.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>The learning rate that <see cref="LearningRate"/> means.</summary>
    internal double StartRate => LearningRate ?? Optimizer switch
    {
        TrainingOptimizerKind.Sgd => 0.01,
        TrainingOptimizerKind.ConstrainedLangevin => 0.1,
        _ => 0.003,
    };

    /// <summary>The function between layers, as networks know it.</summary>
    internal NetworkActivation NetworkActivation => (NetworkActivation)Activation;

    /// <summary>A copy that nobody else changes; options with arrays of their own copy these too.</summary>
    private protected virtual NetworkTrainerOptions CopyCore()
    {
        var copy = (NetworkTrainerOptions)MemberwiseClone();
        copy.HiddenLayers = (int[])Check.NotNull(HiddenLayers, nameof(HiddenLayers)).Clone();
        return copy;
    }

    /// <summary>Checks what all trainers have in common.</summary>
    private protected void ValidateCommon()
    {
        Check.NotEmpty(FeatureColumnName, nameof(FeatureColumnName));
        Check.NotEmpty(LabelColumnName, nameof(LabelColumnName));
        Require(HiddenLayers.Length <= MaxLayers, nameof(HiddenLayers), HiddenLayers.Length, $"must have at most {MaxLayers} values");
        foreach (int units in HiddenLayers)
            Require(units is >= 1 and <= MaxUnits, nameof(HiddenLayers), units, $"must hold values from 1 to {MaxUnits}");
        RequireDefined(Activation, nameof(Activation));
        RequireDefined(Optimizer, nameof(Optimizer));
        RequireDefined(LearningRateSchedule, nameof(LearningRateSchedule));
        RequireDefined(Device, nameof(Device));
        Require(StartRate > 0 && double.IsFinite(StartRate), nameof(LearningRate), StartRate, "must be positive and finite");
        Require(Momentum is >= 0 and < 1, nameof(Momentum), Momentum, "must be at least 0 and below 1");
        RequireDefined(WeightConstraint, nameof(WeightConstraint));
        Require(WeightConstraint != WeightConstraintKind.Polyhedral, nameof(WeightConstraint), WeightConstraint, "must be None, Circle, Orthogonal or Sphere");
        Require(
            WeightConstraint == WeightConstraintKind.None || Optimizer == TrainingOptimizerKind.ConstrainedLangevin, nameof(WeightConstraint), WeightConstraint,
            $"needs '{nameof(Optimizer)}' to be {nameof(TrainingOptimizerKind.ConstrainedLangevin)}");
        Require(CircleRadius > 0 && double.IsFinite(CircleRadius), nameof(CircleRadius), CircleRadius, "must be positive and finite");
        Require(FirstCircleRadius > 0 && double.IsFinite(FirstCircleRadius), nameof(FirstCircleRadius), FirstCircleRadius, "must be positive and finite");
        Require(Temperature >= 0 && double.IsFinite(Temperature), nameof(Temperature), Temperature, "must be at least 0 and finite");
        Require(Friction >= 0 && double.IsFinite(Friction), nameof(Friction), Friction, "must be at least 0 and finite");
        Require(Epochs is >= 1 and <= TrainingSummary.MaxEpochs, nameof(Epochs), Epochs, $"must be from 1 to {TrainingSummary.MaxEpochs}");
        Require(BatchSize >= 1, nameof(BatchSize), BatchSize, "must be at least 1");
        Require(ValidationFraction is >= 0 and <= 0.9, nameof(ValidationFraction), ValidationFraction, "must be from 0 to 0.9");
        Require(Patience >= 0, nameof(Patience), Patience, "must be at least 0 (0: never stop early)");
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "must be at least 0 and finite");
        Require(Dropout is >= 0 and < 1, nameof(Dropout), Dropout, "must be at least 0 and below 1");
    }

    /// <exception cref="ArgumentOutOfRangeException">The condition does not hold; the message names the option, what it must be and what it is.</exception>
    private protected static void Require<T>(bool condition, string name, T value, string expected)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(name, value, $"'{name}' {expected}.");
    }

    /// <exception cref="ArgumentOutOfRangeException">The value is none of its enumeration.</exception>
    private protected static void RequireDefined<T>(T value, string name)
        where T : struct, Enum =>
        Require(Enum.IsDefined(value), name, value, $"must be one of {string.Join(", ", Enum.GetNames<T>())}");
}
