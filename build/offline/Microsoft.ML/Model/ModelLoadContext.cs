using System;
using System.IO;
using System.Reflection;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Reads one model block, and sub-models and streams beside it.</summary>
internal sealed class ModelLoadContext : IDisposable
{
    public const string ModelStreamName = "Model.key";
    public readonly RepositoryReader Repository;
    public readonly string Directory;
    public readonly BinaryReader Reader;
    public readonly string[] Strings;
    public readonly string LoaderAssemblyName;
    public readonly long FpMin;
    internal ModelHeader Header;

    internal ModelLoadContext(RepositoryReader rep, Repository.Entry ent, string dir)
    {
        Contracts.CheckValue(rep, nameof(rep));
        Contracts.CheckValue(ent, nameof(ent));
        Repository = rep;
        Directory = dir;
        Reader = new BinaryReader(ent.Stream, Encoding.UTF8, leaveOpen: true);
        ModelHeader.BeginRead(out FpMin, out Header, out Strings, out LoaderAssemblyName, Reader);
    }

    internal ModelLoadContext(BinaryReader reader, IExceptionContext ectx = null)
    {
        Contracts.CheckValue(reader, nameof(reader));
        Reader = reader;
        ModelHeader.BeginRead(out FpMin, out Header, out Strings, out LoaderAssemblyName, Reader);
    }

    public bool InRepository => Repository != null;

    public void CheckAtModel() => Contracts.Check(Reader.BaseStream.Position == FpMin + Header.FpModel, "Check failed");

    public void CheckAtModel(VersionInfo ver)
    {
        CheckAtModel();
        CheckVersionInfo(ver);
    }

    public void CheckVersionInfo(VersionInfo ver) => ModelHeader.CheckVersionInfo(ref Header, ver);

    public string LoadStringOrNull()
    {
        int id = Reader.ReadInt32();
        Contracts.CheckDecode(-1 <= id && id < (Strings?.Length ?? 0));
        return id < 0 ? null : Strings[id];
    }

    public string LoadString()
    {
        string text = LoadStringOrNull();
        Contracts.CheckDecode(text != null);
        return text;
    }

    public string LoadNonEmptyString()
    {
        string text = LoadString();
        Contracts.CheckDecode(text.Length > 0);
        return text;
    }

    public void Done() => ModelHeader.EndRead(FpMin, ref Header, Reader);

    public bool ContainsModel(string name)
    {
        if (!InRepository || string.IsNullOrEmpty(name))
            return false;
        using var entry = Repository.OpenEntryOrNull(Path.Combine(Directory ?? "", name), ModelStreamName);
        return entry != null;
    }

    public static bool LoadModelOrNull<TRes, TSig>(IHostEnvironment env, out TRes result, RepositoryReader rep, string dir,
        params object[] extra) where TRes : class
    {
        Contracts.CheckValue(rep, nameof(rep));
        result = null;
        using var entry = rep.OpenEntryOrNull(dir, ModelStreamName);
        if (entry == null)
            return false;
        using var ctx = new ModelLoadContext(rep, entry, dir);
        if (!ctx.TryLoad<TRes, TSig>(env, out result, extra))
            throw Contracts.ExceptDecode($"Couldn't load model: '{dir}'");
        return true;
    }

    public static void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, RepositoryReader rep, string dir, params object[] extra)
        where TRes : class
    {
        if (!LoadModelOrNull<TRes, TSig>(env, out result, rep, dir, extra))
            throw Contracts.ExceptDecode("Corrupt model file");
    }

    public bool LoadModelOrNull<TRes, TSig>(IHostEnvironment env, out TRes result, string name, params object[] extra) where TRes : class
    {
        CheckInRepository();
        return LoadModelOrNull<TRes, TSig>(env, out result, Repository, Path.Combine(Directory ?? "", name), extra);
    }

    public void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, string name, params object[] extra) where TRes : class
    {
        if (!LoadModelOrNull<TRes, TSig>(env, out result, name, extra))
            throw Contracts.ExceptDecode("Corrupt model file");
    }

    private void CheckInRepository() => Contracts.Check(InRepository, "Can't load a sub-model when reading from a single stream");

    // The assembly named in the file is loaded first, so its classes need no registration.
    private bool TryLoad<TRes, TSig>(IHostEnvironment env, out TRes result, object[] extra) where TRes : class
    {
        if (!string.IsNullOrEmpty(LoaderAssemblyName))
            env.ComponentCatalog.RegisterAssembly(LoaderAssembly());
        foreach (string signature in new[] { ModelHeader.GetLoaderSig(ref Header), ModelHeader.GetLoaderSigAlt(ref Header) })
            if (!string.IsNullOrWhiteSpace(signature) &&
                ComponentCatalog.TryCreateInstance<object, TSig>(env, out object made, signature, "", [this, .. extra]) &&
                    (result = made as TRes) != null)
            {
                Done();
                return true;
            }
        result = null;
        return false;
    }

    // Upstream's own classes are spread over several assemblies; here they are all in this one, under the names they have there.
    private Assembly LoaderAssembly() => LoaderAssemblyName.Split(',')[0] switch
    {
        UpstreamAssemblies.Data or UpstreamAssemblies.Transforms => typeof(ModelLoadContext).Assembly,
        _ => Assembly.Load(LoaderAssemblyName),
    };

    public bool TryProcessSubModel(string dir, Action<ModelLoadContext> action)
    {
        CheckInRepository();
        Contracts.CheckNonEmpty(dir, nameof(dir));
        string path = Path.Combine(Directory ?? "", dir);
        using var entry = Repository.OpenEntryOrNull(path, ModelStreamName);
        if (entry == null)
            return false;
        using var ctx = new ModelLoadContext(Repository, entry, path);
        action(ctx);
        return true;
    }

    public bool TryLoadBinaryStream(string name, Action<BinaryReader> action)
    {
        CheckInRepository();
        using var entry = Repository.OpenEntryOrNull(Directory, name);
        if (entry == null)
            return false;
        using var reader = new BinaryReader(entry.Stream, Encoding.UTF8, leaveOpen: true);
        action(reader);
        return true;
    }

    public bool TryLoadTextStream(string name, Action<TextReader> action)
    {
        CheckInRepository();
        using var entry = Repository.OpenEntryOrNull(Directory, name);
        if (entry == null)
            return false;
        using var reader = new StreamReader(entry.Stream);
        action(reader);
        return true;
    }

    public void Dispose()
    {
        // In single-stream mode the reader is the caller's.
        if (InRepository)
            Reader.Dispose();
    }
}
