using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Moves each row's vector to the nearest point of a constraint set. Made by fitting a <see cref="ConstrainedProjectionEstimator"/>
/// or by loading a saved model. Safe to use from any number of threads at once.
/// </summary>
public sealed class ConstrainedProjectionTransformer : RowStageTransformer
{
    internal const string LoaderSignature = "ConstrainedProjection";

    // Version 1.0: first.
    internal static readonly BlockFormat Format = new("ConstrainedProjection", "CMLPROJC", LoaderSignature, 0x00010000, 0x00010000, 0x00010000);

    private readonly ConstrainedProjectionOptions _options;

    internal ConstrainedProjectionTransformer(IHostEnvironment environment, ConstrainedProjectionOptions options)
        : base(environment, Format)
    {
        _options = options;
        Constraints = options.Validate();
        Projector = new Projector(Constraints, new ProjectorOptions
        {
            Weights = options.Weights,
            Tolerance = options.Tolerance,
            Policy = options.Policy == RowPolicy.Throw ? RowPolicy.Missing : options.Policy,
            Threads = options.Threads,
        });
        Stage = new ProjectionStage(options, Projector);
    }

    /// <summary>What holds for every row of <see cref="OutputColumnName"/>.</summary>
    public ConstraintSet Constraints { get; }

    /// <summary>The projector that does the work; also explains single rows.</summary>
    public Projector Projector { get; }

    /// <summary>The column that receives the projected vector.</summary>
    public string OutputColumnName => _options.OutputColumnName;

    /// <summary>The column that is projected; null where there are several, one for each variable.</summary>
    public string? InputColumnName => _options.InputColumnName;

    // *** Binary format *** (the payload of ModelBlock; all numbers little-endian)
    // string     output column
    // bool, [string]   whether there is one input column, its name
    // int32, double[]  number of weights (0 or one a variable), weights
    // double     tolerance
    // byte       RowPolicy
    // bool       diagnostics
    // int32      batch size
    // int32      threads
    // ConstraintSet, see ConstraintSet.Write
    private protected override void Write(BinaryWriter writer)
    {
        writer.Write(_options.OutputColumnName);
        BlockText.Write(writer, _options.InputColumnName);
        double[] weights = _options.Weights ?? [];
        writer.Write(weights.Length);
        foreach (double weight in weights)
            writer.Write(weight);
        writer.Write(_options.Tolerance);
        writer.Write((byte)_options.Policy);
        writer.Write(_options.Diagnostics);
        writer.Write(_options.BatchSize);
        writer.Write(_options.Threads);
        Constraints.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static ConstrainedProjectionTransformer Read(IHostEnvironment environment, BinaryReader reader)
    {
        string output = reader.ReadString();
        string? input = BlockText.Read(reader);
        int count = reader.ReadInt32();
        if (count < 0 || count > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(double))
            throw new FormatException($"it claims {count} weights");
        double[]? weights = count == 0 ? null : [.. Enumerable.Range(0, count).Select(_ => reader.ReadDouble())];
        return new ConstrainedProjectionTransformer(environment, new ConstrainedProjectionOptions
        {
            OutputColumnName = output,
            InputColumnName = input,
            Weights = weights,
            Tolerance = reader.ReadDouble(),
            Policy = (RowPolicy)reader.ReadByte(),
            Diagnostics = reader.ReadBoolean(),
            BatchSize = reader.ReadInt32(),
            Threads = reader.ReadInt32(),
            Constraints = ConstraintSet.Read(reader),
        });
    }
}
