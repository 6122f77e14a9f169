using System;
using System.IO;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained;

/// <summary>
/// What the transformers of this library have in common: they add columns, treat each row by itself (in batches behind an ordinary
/// view, and one by one for prediction engines, with equal values), hold no native memory unless they say so, and are safe to use from any number of
/// threads at once.
/// </summary>
public abstract class RowStageTransformer : ITransformer
{
    private readonly IHost _host;
    private readonly BlockFormat _format;
    private RowStage? _stage;

    private protected RowStageTransformer(IHostEnvironment environment, BlockFormat format)
    {
        _host = environment.Register(format.LoaderSignature);
        _format = format;
    }

    /// <summary>True: each row is treated by itself, so prediction engines can use the transformer.</summary>
    public bool IsRowToRowMapper => true;

    /// <summary>Knows the context and receives messages.</summary>
    private protected IHost Host => _host;

    /// <summary>The work; set once, by the constructor of the transformer itself.</summary>
    private protected RowStage Stage
    {
        get => _stage!;
        init => _stage = value;
    }

    /// <summary>The schema of <see cref="Transform"/>'s result.</summary>
    /// <param name="inputSchema">The schema of the view to transform.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) =>
        new BoundStage(Stage, Check.NotNull(inputSchema, nameof(inputSchema))).OutputSchema;

    /// <summary>A mapper from one row to one row, with the same values as <see cref="Transform"/>.</summary>
    /// <param name="inputSchema">The schema of the rows to map.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) =>
        new StageRowMapper(Stage, Check.NotNull(inputSchema, nameof(inputSchema)));

    /// <summary>The view with the added columns. Nothing is computed before somebody reads them.</summary>
    /// <param name="input">The view to transform.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type; the message names it.</exception>
    public IDataView Transform(IDataView input) => new BatchedDataView(_host, Check.NotNull(input, nameof(input)), Stage);

    void ICanSaveModel.Save(ModelSaveContext ctx) => ModelBlock.Save(ctx, _format, Write);

    /// <summary>Writes the payload of the transformer's block in a saved model.</summary>
    private protected abstract void Write(BinaryWriter writer);
}
