using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Constrained.Transforms;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Predicts each row's costs and decides by them. Made by fitting a <see cref="DecisionFocusedTrainer"/> or by loading a saved model.
/// May be used from any number of threads at once.
/// </summary>
/// <remarks>
/// Saving it throws a <see cref="NotSupportedException"/> when the solver is the user's own code, which no model file holds.
/// </remarks>
public sealed class DecisionFocusedTransformer : NetworkTransformer
{
    internal const string LoaderSignature = "DecisionFocused";

    // Version 1.0: first.
    internal static readonly BlockFormat Format = new("DecisionFocused", "CMLDECFO", LoaderSignature, 0x00010000, 0x00010000, 0x00010000);

    private readonly DecisionFocusedSettings _settings;
    private readonly Network _network;

    internal DecisionFocusedTransformer(
        IHostEnvironment environment, DecisionFocusedSettings settings, Network network, ICombinatorialSolver solver, TrainingSummary training)
        : base(environment, Format, network, settings.Threads, training)
    {
        if (network.OutputCount != solver.Dimension || settings.CostNames.Count != solver.Dimension)
        {
            throw new ArgumentException(
                $"The network gives {network.OutputCount} costs with {settings.CostNames.Count} names but the solver takes {solver.Dimension}.", nameof(network));
        }

        (_settings, _network, Solver) = (settings, network, solver);
        Stage = new DecisionFocusedStage(settings, Network, solver);
    }

    /// <summary>What decides.</summary>
    public ICombinatorialSolver Solver { get; }

    /// <summary>The column with the features.</summary>
    public string FeatureColumnName => _settings.FeatureColumnName;

    /// <summary>The column that receives the decisions.</summary>
    public string DecisionColumnName => _settings.DecisionColumnName;

    // *** Binary format *** (the payload of ModelBlock; all numbers little-endian)
    // string     feature column
    // string     decision column
    // byte       RowPolicy
    // bool       diagnostics
    // int32      batch size
    // int32      threads
    // bool (true), int32 count, string names of the costs
    // the solver, see SolverFormat.Write
    // the network, see Network.Write
    // the training, see TrainingSummary.Write
    private protected override void Write(BinaryWriter writer)
    {
        writer.Write(_settings.FeatureColumnName);
        writer.Write(_settings.DecisionColumnName);
        writer.Write((byte)_settings.Policy);
        writer.Write(_settings.Diagnostics);
        writer.Write(_settings.BatchSize);
        writer.Write(_settings.Threads);
        BlockText.WriteNames(writer, _settings.CostNames);
        SolverFormat.Write(writer, Solver);
        _network.Write(writer);
        Training.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static DecisionFocusedTransformer Read(IHostEnvironment environment, BinaryReader reader)
    {
        string features = reader.ReadString(), decision = reader.ReadString();
        var policy = (RowPolicy)reader.ReadByte();
        bool diagnostics = reader.ReadBoolean();
        int batch = reader.ReadInt32(), threads = reader.ReadInt32();
        string[] names = BlockText.ReadNames(reader) ?? throw new FormatException("the costs have no names");
        if (string.IsNullOrWhiteSpace(features) || string.IsNullOrWhiteSpace(decision))
            throw new FormatException("a name is empty");
        if (policy is not (RowPolicy.Missing or RowPolicy.Throw) || batch is < 1 or > DecisionFocusedOptions.MaxBatchSize || threads is < 0 or > 1024)
            throw new FormatException($"policy {policy}, batch size {batch} or threads {threads} are out of range");
        return new DecisionFocusedTransformer(
            environment,
            new DecisionFocusedSettings(features, decision, names, policy, diagnostics, batch, threads),
            solver: DecisionMaker.ReadSolver(reader),
            network: Networks.Network.Read(reader),
            training: TrainingSummary.Read(reader));
    }
}
