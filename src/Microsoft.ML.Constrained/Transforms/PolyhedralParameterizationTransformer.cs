using System;
using System.IO;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Constrained.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Maps each row's activations to a point of a polyhedron. Made by fitting a <see cref="PolyhedralParameterizationEstimator"/> or by
/// loading a saved model. Safe to use from any number of threads at once.
/// </summary>
public sealed class PolyhedralParameterizationTransformer : RowStageTransformer
{
    internal const string LoaderSignature = "PolyhedralParameters";

    // Version 1.0: first.
    internal static readonly BlockFormat Format = new("PolyhedralParameterization", "CMLPOLYP", LoaderSignature, 0x00010000, 0x00010000, 0x00010000);

    private readonly PolyhedralParameterizationOptions _options;

    internal PolyhedralParameterizationTransformer(
        IHostEnvironment environment, PolyhedralParameterizationOptions options, PolyhedralParameterization parameterization)
        : base(environment, Format)
    {
        _options = options;
        Constraints = options.Validate();
        Parameterization = parameterization;
        if (parameterization.Dimension != Constraints.Dimension)
        {
            throw new ArgumentException(
                $"The parameterisation has {parameterization.Dimension} variables but the constraints have {Constraints.Dimension}.", nameof(parameterization));
        }

        Stage = new PolyhedralParameterizationStage(options, parameterization);
    }

    /// <summary>What holds for every row of <see cref="OutputColumnName"/>.</summary>
    public ConstraintSet Constraints { get; }

    /// <summary>The map that does the work.</summary>
    public PolyhedralParameterization Parameterization { get; }

    /// <summary>The column that receives the points.</summary>
    public string OutputColumnName => _options.OutputColumnName;

    /// <summary>The column with the activations.</summary>
    public string InputColumnName => _options.InputColumnName ?? _options.OutputColumnName;

    // *** Binary format *** (the payload of ModelBlock; all numbers little-endian)
    // string     output column
    // bool, [string]   whether the input column has another name, its name
    // byte       RowPolicy
    // bool       diagnostics
    // int32      batch size
    // int32      threads
    // ConstraintSet, see ConstraintSet.Write
    // PolyhedralParameterization, see there: the generators themselves, so that a loaded model finds nothing anew
    private protected override void Write(BinaryWriter writer)
    {
        writer.Write(_options.OutputColumnName);
        BlockText.Write(writer, _options.InputColumnName);
        writer.Write((byte)_options.Policy);
        writer.Write(_options.Diagnostics);
        writer.Write(_options.BatchSize);
        writer.Write(_options.Threads);
        Constraints.Write(writer);
        Parameterization.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static PolyhedralParameterizationTransformer Read(IHostEnvironment environment, BinaryReader reader)
    {
        var options = new PolyhedralParameterizationOptions
        {
            OutputColumnName = reader.ReadString(),
            InputColumnName = BlockText.Read(reader),
            Policy = (RowPolicy)reader.ReadByte(),
            Diagnostics = reader.ReadBoolean(),
            BatchSize = reader.ReadInt32(),
            Threads = reader.ReadInt32(),
            Constraints = ConstraintSet.Read(reader),
        };
        PolyhedralParameterization parameterization = PolyhedralParameterization.Read(reader);
        options.RayActivation = parameterization.RayActivation;
        options.BoxRadius = parameterization.BoxRadius;
        options.Form = parameterization.Form;
        return new PolyhedralParameterizationTransformer(environment, options, parameterization);
    }
}
