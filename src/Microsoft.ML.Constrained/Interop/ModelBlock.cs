using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.Constrained.Interop;

/// <summary>
/// Writes and reads a stage's own part of a saved model. Its length and checksum are verified before anything in it is
/// looked at, so that a damaged file gives an exception that names the block and never a different model.
/// </summary>
internal static class ModelBlock
{
    // *** Binary format *** (the stream "Payload" beside the component's "Model.key", which holds ML.NET's header alone)
    // int64      length of the payload in bytes, at most MaxLength
    // byte[32]   SHA-256 of the payload
    // byte[]     payload

    /// <summary>Largest payload in bytes that is read or written: 256 MiB.</summary>
    public const long MaxLength = 256L << 20;

    private const int ChecksumLength = 32;

    /// <summary>A stream of its own, so that a truncated one still comes to us and can be named.</summary>
    private const string Stream = "Payload";

    /// <summary>Writes the stage's block.</summary>
    public static void Save(ModelSaveContext context, BlockFormat format, Action<BinaryWriter> write)
    {
        Check.NotNull(context, nameof(context));
        UpstreamProbe.Verify();
        using var payload = new MemoryStream();
        using (var writer = new BinaryWriter(payload, Encoding.UTF8, leaveOpen: true))
            write(writer);
        if (payload.Length > MaxLength)
            throw new InvalidOperationException($"The block '{format.Name}' would have {payload.Length} bytes; at most {MaxLength} are stored.");
        SaveCore(context, format, payload.GetBuffer().AsMemory(0, (int)payload.Length));
    }

    /// <summary>Reads a block that <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">The block is truncated, altered, of an unknown version, or its content contradicts itself.</exception>
    public static T Load<T>(ModelLoadContext context, BlockFormat format, Func<BinaryReader, T> read)
    {
        Check.NotNull(context, nameof(context));
        UpstreamProbe.Verify();
        byte[] payload = LoadCore(context, format);
        using var reader = new BinaryReader(new MemoryStream(payload, writable: false), Encoding.UTF8);
        T result;
        try
        {
            result = read(reader);
        }
        catch (Exception e) when (e is FormatException or IOException or ArgumentException or OverflowException or InvalidOperationException)
        {
            throw new FormatException($"The block '{format.Name}' of the model cannot be used: {e.Message}", e);
        }

        return reader.BaseStream.Position == payload.Length
            ? result
            : throw Damaged(format, $"{payload.Length - reader.BaseStream.Position} bytes follow its end");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SaveCore(ModelSaveContext context, BlockFormat format, ReadOnlyMemory<byte> payload)
    {
        context.CheckAtModel();
        context.SetVersionInfo(Version(format));
        context.SaveBinaryStream(Stream, writer =>
        {
            writer.Write((long)payload.Length);
            writer.Write(SHA256.HashData(payload.Span));
            writer.Write(payload.Span);
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte[] LoadCore(ModelLoadContext context, BlockFormat format)
    {
        context.CheckAtModel(Version(format));
        byte[]? payload = null;
        try
        {
            if (!context.TryLoadBinaryStream(Stream, reader => payload = ReadPayload(reader, format)))
                throw Damaged(format, $"its stream '{Stream}' is missing");
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw Damaged(format, "it ends too early or does not decompress", e);
        }

        return payload!;
    }

    private static byte[] ReadPayload(BinaryReader reader, BlockFormat format)
    {
        long length = reader.ReadInt64();
        if (length is < 0 or > MaxLength)
            throw Damaged(format, $"it claims a length of {length} bytes, at most {MaxLength} are allowed");
        byte[] expected = ReadExactly(reader, format, ChecksumLength);
        byte[] payload = ReadExactly(reader, format, (int)length);
        if (!expected.AsSpan().SequenceEqual(SHA256.HashData(payload)))
            throw Damaged(format, "its checksum does not match its content");
        return payload;
    }

    /// <summary>Reads in steps, so that a false length allocates no more than a little above what the file really holds.</summary>
    private static byte[] ReadExactly(BinaryReader reader, BlockFormat format, int count)
    {
        var buffer = new byte[Math.Min(count, 1 << 16)];
        int read = 0;
        while (read < count)
        {
            if (read == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(count, 2L * buffer.Length));
            int got = reader.Read(buffer, read, buffer.Length - read);
            if (got <= 0)
                throw Damaged(format, $"it has {read} of {count} bytes");
            read += got;
        }

        return buffer;
    }

    private static VersionInfo Version(BlockFormat format) => new(
        format.ModelSignature,
        format.Written,
        format.Readable,
        format.Oldest,
        loaderAssemblyName: typeof(ModelBlock).Assembly.GetName().Name,
        loaderSignature: format.LoaderSignature);

    private static FormatException Damaged(BlockFormat format, string reason, Exception? inner = null) =>
        new($"The block '{format.Name}' of the model is truncated or altered: {reason}.", inner);
}
