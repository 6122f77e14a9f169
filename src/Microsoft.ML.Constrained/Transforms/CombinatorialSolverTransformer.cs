using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Transforms;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Decides each row by its costs. Made by fitting a <see cref="CombinatorialSolverEstimator"/> or by loading a saved model. Safe to use
/// from any number of threads at once.
/// </summary>
/// <remarks>Saving it throws a <see cref="NotSupportedException"/> when the solver is the user's own code, which no model file holds.</remarks>
public sealed class CombinatorialSolverTransformer : RowStageTransformer
{
    internal const string LoaderSignature = "CombinatorialSolver";

    // Version 1.0: first.
    internal static readonly BlockFormat Format = new("CombinatorialSolver", "CMLDECID", LoaderSignature, 0x00010000, 0x00010000, 0x00010000);

    private readonly CombinatorialSolverOptions _options;

    internal CombinatorialSolverTransformer(IHostEnvironment environment, CombinatorialSolverOptions options)
        : base(environment, Format)
    {
        _options = options;
        Solver = options.Validate();
        Stage = new CombinatorialSolverStage(options, Solver);
    }

    /// <summary>What decides.</summary>
    public ICombinatorialSolver Solver { get; }

    /// <summary>The column that receives the decisions.</summary>
    public string OutputColumnName => _options.OutputColumnName;

    /// <summary>The column with the costs.</summary>
    public string CostColumnName => _options.CostColumnName;

    // *** Binary format *** (the payload of ModelBlock; all numbers little-endian)
    // string     output column
    // string     cost column
    // bool, [int32 count, string names]   whether the decision's slots are named, their names
    // byte       RowPolicy
    // bool       diagnostics
    // int32      batch size
    // int32      threads
    // the solver, see SolverFormat.Write
    private protected override void Write(BinaryWriter writer)
    {
        writer.Write(_options.OutputColumnName);
        writer.Write(_options.CostColumnName);
        BlockText.WriteNames(writer, _options.DecisionNames);
        writer.Write((byte)_options.Policy);
        writer.Write(_options.Diagnostics);
        writer.Write(_options.BatchSize);
        writer.Write(_options.Threads);
        SolverFormat.Write(writer, Solver);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static CombinatorialSolverTransformer Read(IHostEnvironment environment, BinaryReader reader) =>
        new(environment, new CombinatorialSolverOptions
        {
            OutputColumnName = reader.ReadString(),
            CostColumnName = reader.ReadString(),
            DecisionNames = BlockText.ReadNames(reader),
            Policy = (RowPolicy)reader.ReadByte(),
            Diagnostics = reader.ReadBoolean(),
            BatchSize = reader.ReadInt32(),
            Threads = reader.ReadInt32(),
            Solver = DecisionMaker.ReadSolver(reader),
        });
}
