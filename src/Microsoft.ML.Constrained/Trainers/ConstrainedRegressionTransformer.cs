using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Scores rows with a trained network whose outputs satisfy constraints. Made by fitting a <see cref="ConstrainedRegressionEstimator"/>
/// or by loading a saved model. Safe to use from any number of threads at once.
/// </summary>
public sealed class ConstrainedRegressionTransformer : NetworkTransformer
{
    internal const string LoaderSignature = "ConstrainedRegression";

    // Version 1.0: first.
    internal static readonly BlockFormat Format = new("ConstrainedRegression", "CMLREGRC", LoaderSignature, 0x00010000, 0x00010000, 0x00010000);

    private readonly RegressionModel _model;

    internal ConstrainedRegressionTransformer(IHostEnvironment environment, RegressionModel model)
        : base(environment, Format, model.Network, model.Threads, model.Training)
    {
        _model = model;
        Projector = model.Constraints is null || model.Parameterization is not null ? null : new Projector(model.Constraints, new ProjectorOptions
        {
            Weights = model.Weights.Length == 0 ? null : model.Weights,
            Policy = model.Policy == RowPolicy.Throw ? RowPolicy.Missing : model.Policy,
            Threads = model.Threads,
        });
        Stage = new RegressionStage(model, Network, Projector);
    }

    /// <summary>What holds for every row of the score, the order of quantiles included; null for nothing.</summary>
    public ConstraintSet? Constraints => _model.Constraints;

    /// <summary>What brings the network's outputs into the set; also explains single rows. Null without constraints, or where nothing is projected.</summary>
    public Projector? Projector { get; }

    /// <summary>The levels of the quantiles that the score's slots are; empty where they are none.</summary>
    public IReadOnlyList<double> QuantileLevels => _model.Levels;

    /// <summary>The column with the features.</summary>
    public string FeatureColumnName => _model.FeatureColumnName;

    /// <summary>The column that receives the scores.</summary>
    public string ScoreColumnName => _model.ScoreColumnName;

    /// <summary>The model itself.</summary>
    internal RegressionModel Model => _model;

    // *** Binary format *** (the payload of ModelBlock): RegressionModel, see there
    private protected override void Write(BinaryWriter writer) => _model.Write(writer);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static ConstrainedRegressionTransformer Read(IHostEnvironment environment, BinaryReader reader) =>
        new(environment, RegressionModel.Read(reader));
}
