using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>A model file: a zip of named entries.</summary>
internal abstract class Repository : IDisposable
{
    public sealed class Entry : IDisposable
    {
        private readonly Repository _repository;
        private bool _disposed;

        internal Entry(Repository repository, string path, Stream stream) => (_repository, Path, Stream) = (repository, path, stream);

        public string Path { get; }

        public Stream Stream { get; }

        public void Dispose()
        {
            if (_disposed)
                return;
            _disposed = true;
            _repository.OnDispose(this);
            Stream.Dispose();
        }
    }

    protected abstract void OnDispose(Entry ent);

    public abstract void Dispose();

    protected static string PathOf(string dir, string name)
    {
        Contracts.CheckParam(dir == null || !dir.Contains(".."), nameof(dir));
        Contracts.CheckParam(!string.IsNullOrWhiteSpace(name) && !name.Contains(".."), nameof(name));
        return Path.Combine(dir ?? "", name);
    }
}

internal sealed class RepositoryWriter : Repository
{
    private readonly ZipArchive _archive;
    private readonly HashSet<string> _names = [];
    private bool _disposed;

    private RepositoryWriter(Stream stream) => _archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);

    public static RepositoryWriter CreateNew(Stream stream, IExceptionContext ectx = null, bool useFileSystem = true)
    {
        Contracts.CheckValue(stream, nameof(stream));
        var writer = new RepositoryWriter(stream);
        using var entry = writer.CreateEntry("TrainingInfo", "Version.txt");
        using var text = new StreamWriter(entry.Stream, leaveOpen: true);
        text.WriteLine(typeof(RepositoryWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>().InformationalVersion);
        return writer;
    }

    public Entry CreateEntry(string name) => CreateEntry(null, name);

    public Entry CreateEntry(string dir, string name)
    {
        string path = PathOf(dir, name);
        if (!_names.Add(path))
            throw Contracts.ExceptParam(nameof(name), $"Duplicate entry: '{path}'");
        return new Entry(this, path, new MemoryStream());
    }

    protected override void OnDispose(Entry ent)
    {
        if (_disposed)
            return;
        using var target = _archive.CreateEntry(ent.Path).Open();
        ent.Stream.Position = 0;
        ent.Stream.CopyTo(target);
    }

    public void Commit() => Dispose();

    public override void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _archive.Dispose();
    }
}

internal sealed class RepositoryReader : Repository
{
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];

    private RepositoryReader(Stream stream)
    {
        try
        {
            _archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            foreach (var entry in _archive.Entries)
                _entries[Normal(entry.FullName)] = entry;
        }
        catch (Exception e)
        {
            throw Contracts.ExceptDecode(e, "Failed to open a zip archive");
        }
    }

    // Models may have been written where the separator is a backslash.
    private static string Normal(string path) => path.Replace('\\', '/');

    public static RepositoryReader Open(Stream stream, IExceptionContext ectx = null, bool useFileSystem = true)
    {
        Contracts.CheckValue(stream, nameof(stream));
        return new RepositoryReader(stream);
    }

    public Entry OpenEntry(string name) => OpenEntry(null, name);

    public Entry OpenEntry(string dir, string name) =>
        OpenEntryOrNull(dir, name) ?? throw Contracts.Except($"Repository doesn't contain entry {PathOf(dir, name)}");

    public Entry OpenEntryOrNull(string name) => OpenEntryOrNull(null, name);

    public Entry OpenEntryOrNull(string dir, string name)
    {
        string path = PathOf(dir, name);
        if (!_entries.TryGetValue(Normal(path), out var entry))
            return null;
        var copy = new MemoryStream();
        using (var source = entry.Open())
            source.CopyTo(copy);
        copy.Position = 0;
        return new Entry(this, path, copy);
    }

    protected override void OnDispose(Entry ent) { }

    public override void Dispose() => _archive.Dispose();
}
