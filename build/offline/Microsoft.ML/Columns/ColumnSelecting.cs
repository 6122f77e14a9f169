using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(typeof(ColumnSelectingTransformer), null, typeof(SignatureLoadModel), "Select Columns Transform",
    ColumnSelectingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

/// <summary>Keeps the named columns, in their order, or drops the named ones.</summary>
public sealed class ColumnSelectingTransformer : ITransformer
{
    internal const string LoaderSignature = "SelectColumnsTransform";
    private readonly string[] _names;

    internal ColumnSelectingTransformer(IHostEnvironment env, string[] keepColumns, string[] dropColumns, bool keepHidden = false,
        bool ignoreMissing = false)
    {
        bool keep = keepColumns?.Length > 0, drop = dropColumns?.Length > 0;
        Contracts.Check(!(keep && drop), $"Both {nameof(keepColumns)} and {nameof(dropColumns)} are set. Exactly one can be specified.");
        Contracts.Check(keep || drop, $"Neither {nameof(keepColumns)} and {nameof(dropColumns)} is set. Exactly one must be specified.");
        _names = keep ? keepColumns : dropColumns;
        (KeepColumns, KeepHidden, IgnoreMissing) = (keep, keepHidden, ignoreMissing);
    }

    private static ColumnSelectingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(Version());
        bool keep = ctx.Reader.ReadBoolean(), hidden = ctx.Reader.ReadBoolean(), missing = ctx.Reader.ReadBoolean();
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count > 0 && count <= ctx.Header.CbModel);
        var names = new string[count];
        for (int i = 0; i < count; i++)
            names[i] = ctx.LoadNonEmptyString();
        return new(env, keep ? names : null, keep ? null : names, hidden, missing);
    }

    internal bool KeepColumns { get; }

    internal bool KeepHidden { get; }

    internal bool IgnoreMissing { get; }

    internal IEnumerable<string> SelectColumns => _names;

    private static VersionInfo Version() => new("SELCOLST", 0x00010001, 0x00010001, 0x00010001, UpstreamAssemblies.Data, LoaderSignature);

    // *** Binary format *** bool (a byte each): keep or drop, keep hidden, ignore missing; int: how many names, int each: a name.
    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version());
        ctx.Writer.Write(KeepColumns);
        ctx.Writer.Write(KeepHidden);
        ctx.Writer.Write(IgnoreMissing);
        ctx.Writer.Write(_names.Length);
        foreach (string name in _names)
            ctx.SaveNonEmptyString(name);
    }

    internal void CheckNames(IEnumerable<string> existing)
    {
        var missing = _names.Except(existing).ToArray();
        if (!IgnoreMissing && missing.Length > 0)
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", string.Join(",", missing));
    }

    private SelectedColumnsView Selected(IDataView input)
    {
        CheckNames(input.Schema.Select(c => c.Name));
        var sources = KeepColumns
            ? _names.SelectMany(n => input.Schema.Where(c => c.Name == n && (KeepHidden || !c.IsHidden)))
            : input.Schema.Where(c => !_names.Contains(c.Name));
        return new SelectedColumnsView(input, sources.Select(c => c.Index).ToArray());
    }

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return Selected(new EmptyDataView(inputSchema)).Schema;
    }

    public IDataView Transform(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return Selected(input);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return Selected(new EmptyDataView(inputSchema));
    }
}

public sealed class ColumnSelectingEstimator : TrivialEstimator<ColumnSelectingTransformer>
{
    internal ColumnSelectingEstimator(IHostEnvironment env, string[] keepColumns, string[] dropColumns, bool keepHidden = false,
        bool ignoreMissing = false)
        : base(env.Register(nameof(ColumnSelectingEstimator)),
            new ColumnSelectingTransformer(env, keepColumns, dropColumns, keepHidden, ignoreMissing)) { }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        Transformer.CheckNames(inputSchema.Select(c => c.Name));
        return new SchemaShape(inputSchema.Where(c => Transformer.SelectColumns.Contains(c.Name) == Transformer.KeepColumns));
    }
}
