using System.IO;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Saving and loading of models.</summary>
public sealed partial class ModelOperationsCatalog : IInternalCatalog
{
    private const string TransformerDirectory = "TransformerChain";
    internal const string SchemaEntryName = "Schema";
    private readonly IHostEnvironment _env;

    internal ModelOperationsCatalog(IHostEnvironment env) => _env = env;

    IHostEnvironment IInternalCatalog.Environment => _env;

    public void Save(ITransformer model, DataViewSchema inputSchema, Stream stream)
    {
        Contracts.CheckValue(stream, nameof(stream));
        using var repository = RepositoryWriter.CreateNew(stream, _env);
        ModelSaveContext.SaveModel(repository, model, TransformerDirectory);
        if (inputSchema != null)
        {
            using var channel = _env.Start("Saving Schema");
            using var entry = repository.CreateEntry(SchemaEntryName);
            SchemaFile.Save(inputSchema, entry.Stream, channel);
        }
        repository.Commit();
    }

    public void Save(ITransformer model, DataViewSchema inputSchema, string filePath)
    {
        Contracts.CheckNonEmpty(filePath, nameof(filePath));
        using var stream = File.Create(filePath);
        Save(model, inputSchema, stream);
    }

    public ITransformer Load(Stream stream, out DataViewSchema inputSchema)
    {
        Contracts.CheckValue(stream, nameof(stream));
        using var repository = RepositoryReader.Open(stream, _env);
        using var entry = repository.OpenEntryOrNull(SchemaEntryName);
        inputSchema = entry == null ? null : SchemaFile.Load(entry.Stream);
        if (ModelLoadContext.LoadModelOrNull<ITransformer, SignatureLoadModel>(_env, out var model, repository, TransformerDirectory))
            return model;
        if (entry != null)
            throw Contracts.ExceptDecode("Corrupt model file");
        string legacy = Path.Combine("DataLoaderModel", ModelLoadContext.ModelStreamName);
        throw Contracts.Except(Contracts.Except("Repository doesn't contain entry " + legacy), "Could not load legacy format model");
    }

    public ITransformer Load(string filePath, out DataViewSchema inputSchema)
    {
        Contracts.CheckNonEmpty(filePath, nameof(filePath));
        using var stream = File.OpenRead(filePath);
        return Load(stream, out inputSchema);
    }
}
