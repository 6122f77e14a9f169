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
public sealed class PolyhedralParameterizationTransformer : ITransformer
{
    internal const string LoaderSignature = "PolyhedralParameters";

    // Version 1.0: first.
    internal static readonly BlockFormat Format = new("PolyhedralParameterization", "CMLPOLYP", LoaderSignature, 0x00010000, 0x00010000, 0x00010000);

    private readonly IHost _host;
    private readonly PolyhedralParameterizationOptions _options;
    private readonly PolyhedralParameterizationStage _stage;

    internal PolyhedralParameterizationTransformer(
        IHostEnvironment environment, PolyhedralParameterizationOptions options, PolyhedralParameterization parameterization)
    {
        _host = environment.Register(LoaderSignature);
        _options = options;
        Constraints = options.Validate();
        Parameterization = parameterization;
        if (parameterization.Dimension != Constraints.Dimension)
        {
            throw new ArgumentException(
                $"The parameterisation has {parameterization.Dimension} variables but the constraints have {Constraints.Dimension}.", nameof(parameterization));
        }

        _stage = new PolyhedralParameterizationStage(options, parameterization);
    }

    /// <summary>What holds for every row of <see cref="OutputColumnName"/>.</summary>
    public ConstraintSet Constraints { get; }

    /// <summary>The map that does the work.</summary>
    public PolyhedralParameterization Parameterization { get; }

    /// <summary>The column that receives the points.</summary>
    public string OutputColumnName => _options.OutputColumnName;

    /// <summary>The column with the activations.</summary>
    public string InputColumnName => _options.InputColumnName ?? _options.OutputColumnName;

    /// <summary>True: each row is mapped by itself, so prediction engines can use the transformer.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>The schema of <see cref="Transform"/>'s result.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type; the message names it.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) =>
        new BoundStage(_stage, Check.NotNull(inputSchema, nameof(inputSchema))).OutputSchema;

    /// <summary>A mapper from one row to one row, with the same values as <see cref="Transform"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type; the message names it.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) =>
        new StageRowMapper(_stage, Check.NotNull(inputSchema, nameof(inputSchema)));

    /// <summary>The view with the points, and statuses if asked for. Nothing is computed before somebody reads it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type; the message names it.</exception>
    public IDataView Transform(IDataView input) =>
        new BatchedDataView(_host, Check.NotNull(input, nameof(input)), _stage);

    // *** Binary format *** (the payload of ModelBlock; all numbers little-endian)
    // string     output column
    // bool, [string]   whether the input column has another name, its name
    // byte       RowPolicy
    // bool       diagnostics
    // int32      batch size
    // int32      threads
    // ConstraintSet, see ConstraintSet.Write
    // PolyhedralParameterization, see there: the generators themselves, so that a loaded model finds nothing anew
    void ICanSaveModel.Save(ModelSaveContext ctx) => ModelBlock.Save(ctx, Format, writer =>
    {
        writer.Write(_options.OutputColumnName);
        writer.Write(_options.InputColumnName is not null);
        if (_options.InputColumnName is not null)
            writer.Write(_options.InputColumnName);
        writer.Write((byte)_options.Policy);
        writer.Write(_options.Diagnostics);
        writer.Write(_options.BatchSize);
        writer.Write(_options.Threads);
        Constraints.Write(writer);
        Parameterization.Write(writer);
    });

    /// <summary>Reads what <c>Save</c> wrote.</summary>
    internal static PolyhedralParameterizationTransformer Read(IHostEnvironment environment, BinaryReader reader)
    {
        var options = new PolyhedralParameterizationOptions
        {
            OutputColumnName = reader.ReadString(),
            InputColumnName = reader.ReadBoolean() ? reader.ReadString() : null,
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
