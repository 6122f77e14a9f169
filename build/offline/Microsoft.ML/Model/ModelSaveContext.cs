using System;
using System.IO;
using System.Text;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public interface ICanSaveModel
{
    void Save(ModelSaveContext ctx);
}

/// <summary>Writes one model block with its header, and sub-models and streams beside it.</summary>
public sealed class ModelSaveContext : IDisposable
{
    internal readonly RepositoryWriter Repository;
    internal readonly string Directory;
    internal readonly BinaryWriter Writer;
    internal readonly NormStr.Pool Strings = new();
    internal ModelHeader Header;
    internal readonly long FpMin;
    private readonly Repository.Entry _entry;
    private string _loaderAssemblyName;

    internal ModelSaveContext(RepositoryWriter rep, string dir, string name)
    {
        Contracts.CheckValue(rep, nameof(rep));
        Repository = rep;
        Directory = dir;
        _entry = rep.CreateEntry(dir, name);
        Writer = new BinaryWriter(_entry.Stream, Encoding.UTF8, leaveOpen: true);
        ModelHeader.BeginWrite(Writer, out FpMin, out Header);
    }

    internal ModelSaveContext(BinaryWriter writer, IExceptionContext ectx = null)
    {
        Contracts.CheckValue(writer, nameof(writer));
        Writer = writer;
        ModelHeader.BeginWrite(Writer, out FpMin, out Header);
    }

    internal bool InRepository => Repository != null;

    internal void CheckAtModel()
    {
        Writer.Flush();
        Contracts.Check(Writer.BaseStream.Position == FpMin + Header.FpModel, "Check failed");
    }

    internal void SetVersionInfo(VersionInfo ver)
    {
        ModelHeader.SetVersionInfo(ref Header, ver);
        _loaderAssemblyName = ver.LoaderAssemblyName;
    }

    internal void SaveTextStream(string name, Action<TextWriter> action)
    {
        CheckInRepository();
        using var entry = Repository.CreateEntry(Directory, name);
        using var writer = new StreamWriter(entry.Stream, leaveOpen: true);
        action(writer);
    }

    internal void SaveBinaryStream(string name, Action<BinaryWriter> action)
    {
        CheckInRepository();
        using var entry = Repository.CreateEntry(Directory, name);
        using var writer = new BinaryWriter(entry.Stream, Encoding.UTF8, leaveOpen: true);
        action(writer);
    }

    private void CheckInRepository() => Contracts.Check(InRepository, "Can't save a sub-model when writing to a single stream");

    internal void SaveStringOrNull(string str) => Writer.Write(str == null ? -1 : Strings.Add(str).Id);

    internal void SaveString(string str)
    {
        Contracts.CheckValue(str, nameof(str));
        Writer.Write(Strings.Add(str).Id);
    }

    internal void SaveString(ReadOnlyMemory<char> str) => Writer.Write(Strings.Add(str).Id);

    internal void SaveNonEmptyString(string str)
    {
        Contracts.CheckParam(!string.IsNullOrEmpty(str), nameof(str));
        Writer.Write(Strings.Add(str).Id);
    }

    internal void SaveNonEmptyString(ReadOnlyMemory<char> str) => Writer.Write(Strings.Add(str).Id);

    internal void SaveModel<T>(T value, string name) where T : class
    {
        CheckInRepository();
        SaveModel(Repository, value, Path.Combine(Directory ?? "", name));
    }

    internal static void SaveModel<T>(RepositoryWriter rep, T value, string path) where T : class
    {
        if (value is not ICanSaveModel model)
            return;
        using var ctx = new ModelSaveContext(rep, path, ModelLoadContext.ModelStreamName);
        model.Save(ctx);
        ctx.Done();
    }

    internal void SaveSubModel(string dir, Action<ModelSaveContext> fn)
    {
        CheckInRepository();
        Contracts.CheckNonEmpty(dir, nameof(dir));
        using var ctx = new ModelSaveContext(Repository, Path.Combine(Directory ?? "", dir), ModelLoadContext.ModelStreamName);
        fn(ctx);
        ctx.Done();
    }

    internal static void Save(BinaryWriter writer, Action<ModelSaveContext> fn)
    {
        using var ctx = new ModelSaveContext(writer);
        fn(ctx);
        ctx.Done();
    }

    internal void Done()
    {
        Contracts.Check(Header.ModelSignature != 0, "ModelSignature not specified!");
        ModelHeader.EndWrite(Writer, FpMin, ref Header, Strings, _loaderAssemblyName);
        Dispose();
    }

    public void Dispose()
    {
        if (!InRepository)
            return;
        Writer.Dispose();
        _entry.Dispose();
    }
}
