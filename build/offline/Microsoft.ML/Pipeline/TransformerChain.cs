using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(typeof(TransformerChain<ITransformer>), typeof(TransformerChain), null, typeof(SignatureLoadModel),
    "Transformer chain", TransformerChain.LoaderSignature)]

namespace Microsoft.ML.Data;

/// <summary>When a transformer of a chain is to be used.</summary>
[Flags]
public enum TransformerScope
{
    None = 0,
    Training = 1 << 0,
    Testing = 1 << 1,
    Scoring = 1 << 2,
    TrainTest = Training | Testing,
    Everything = Training | Testing | Scoring,
}

/// <summary>Transformers that are applied one after another.</summary>
public sealed class TransformerChain<TLastTransformer> : ITransformer, IEnumerable<ITransformer>, IDisposable
    where TLastTransformer : class, ITransformer
{
    private readonly ITransformer[] _transformers;
    private readonly TransformerScope[] _scopes;
    public readonly TLastTransformer LastTransformer;
    private bool _disposed;

    public TransformerChain(IEnumerable<ITransformer> transformers, IEnumerable<TransformerScope> scopes)
    {
        Contracts.CheckValue(transformers, nameof(transformers));
        Contracts.CheckValue(scopes, nameof(scopes));
        _transformers = transformers.ToArray();
        _scopes = scopes.ToArray();
        Contracts.CheckParam(_transformers.Length == _scopes.Length, nameof(scopes), "There must be a scope for each transformer");
        Contracts.CheckParam(_transformers.All(t => t != null), nameof(transformers), "No transformer may be null");
        LastTransformer = _transformers.LastOrDefault() as TLastTransformer;
        Contracts.CheckParam(_transformers.Length == 0 || LastTransformer != null, nameof(transformers),
            "The last transformer has another type");
    }

    public TransformerChain(params ITransformer[] transformers)
        : this(transformers, Enumerable.Repeat(TransformerScope.Everything, transformers?.Length ?? 0)) { }

    internal TransformerChain(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(TransformerChain.GetVersionInfo());
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count >= 0 && count <= ctx.Header.CbModel);
        _transformers = new ITransformer[count];
        _scopes = new TransformerScope[count];
        for (int i = 0; i < count; i++)
        {
            _scopes[i] = (TransformerScope)ctx.Reader.ReadInt32();
            ctx.LoadModel<ITransformer, SignatureLoadModel>(env, out _transformers[i], $"Transform_{i:000}");
        }
        LastTransformer = _transformers.LastOrDefault() as TLastTransformer;
        Contracts.CheckDecode(count == 0 || LastTransformer != null);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(TransformerChain.GetVersionInfo());
        // *** Binary format *** int: how many; for each int: its scope. The transformers are in sub-models.
        ctx.Writer.Write(_transformers.Length);
        for (int i = 0; i < _transformers.Length; i++)
        {
            ctx.Writer.Write((int)_scopes[i]);
            ctx.SaveModel(_transformers[i], $"Transform_{i:000}");
        }
    }

    bool ITransformer.IsRowToRowMapper => _transformers.All(t => t.IsRowToRowMapper);

    public IDataView Transform(IDataView input) => Transform(input, TransformerScope.Everything);

    public IDataView Transform(IDataView input, TransformerScope scope)
    {
        Contracts.CheckValue(input, nameof(input));
        // The schemas first: a mistake should show before any work is done.
        GetOutputSchema(input.Schema, scope);
        return In(scope).Aggregate(input, (view, t) => t.Transform(view));
    }

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => GetOutputSchema(inputSchema, TransformerScope.Everything);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema, TransformerScope scope)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return In(scope).Aggregate(inputSchema, (schema, t) => t.GetOutputSchema(schema));
    }

    private IEnumerable<ITransformer> In(TransformerScope scope) =>
        _transformers.Where((_, i) => scope == TransformerScope.Everything || (_scopes[i] & scope) != 0);

    public TransformerChain<ITransformer> GetModelFor(TransformerScope scopeFilter) =>
        new(_transformers.Where((_, i) => (_scopes[i] & scopeFilter) != 0), _scopes.Where(s => (s & scopeFilter) != 0));

    public TransformerChain<TNewLast> Append<TNewLast>(TNewLast transformer, TransformerScope scope = TransformerScope.Everything)
        where TNewLast : class, ITransformer
    {
        Contracts.CheckValue(transformer, nameof(transformer));
        return new([.. _transformers, transformer], [.. _scopes, scope]);
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        Contracts.Check(((ITransformer)this).IsRowToRowMapper,
            $"{nameof(ITransformer.GetRowToRowMapper)} method called despite {nameof(ITransformer.IsRowToRowMapper)} being false.");
        var mappers = new List<IRowToRowMapper>();
        var schema = inputSchema;
        foreach (var transformer in _transformers)
        {
            mappers.Add(transformer.GetRowToRowMapper(schema));
            schema = mappers[^1].OutputSchema;
        }
        return new CompositeRowToRowMapper(inputSchema, mappers.ToArray());
    }

    public IEnumerator<ITransformer> GetEnumerator() => ((IEnumerable<ITransformer>)_transformers).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (var transformer in _transformers)
            (transformer as IDisposable)?.Dispose();
    }
}

internal static class TransformerChain
{
    public const string LoaderSignature = "TransformerChain";

    internal static VersionInfo GetVersionInfo() =>
        new("XF CHAIN", 0x00010001, 0x00010001, 0x00010001, UpstreamAssemblies.Data, LoaderSignature);

    private static TransformerChain<ITransformer> Create(IHostEnvironment env, ModelLoadContext ctx) => new(env, ctx);
}
