using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// The first 256 bytes of a model file, laid out as upstream does. After it: the model block, the strings' ends (in bytes, 8 each) and
/// their UTF-16 characters, the loader's assembly name, and a closing signature. Places count from the header's own.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = Size)]
internal struct ModelHeader
{
    public const int Size = 0x100;
    public const ulong SignatureValue = 0x4C45444F4D004C4DUL;       // "ML\0MODEL"
    public const ulong TailSignatureValue = 0x4D4C004D4F44454CUL;   // "LEDOM\0LM"
    private const uint Written = 0x00010002, Readable = 0x00010002, OldestRead = 0x00010001, FirstWithAssembly = 0x00010002;

    public ulong Signature;
    public uint VerWritten;
    public uint VerReadable;
    public long FpModel;
    public long CbModel;
    public long FpStringTable;
    public long CbStringTable;
    public long FpStringChars;
    public long CbStringChars;
    public ulong ModelSignature;
    public uint ModelVerWritten;
    public uint ModelVerReadable;
    public ulong LoaderSignature0;
    public ulong LoaderSignature1;
    public ulong LoaderSignature2;
    public ulong LoaderSignatureAlt0;
    public ulong LoaderSignatureAlt1;
    public ulong LoaderSignatureAlt2;
    public long FpTail;
    public long FpLim;
    public long FpAssemblyName;
    public uint CbAssemblyName;

    public static void BeginWrite(BinaryWriter writer, out long fpMin, out ModelHeader header)
    {
        writer.Flush();
        fpMin = writer.BaseStream.Position;
        header = new ModelHeader { Signature = SignatureValue, VerWritten = Written, VerReadable = Readable, FpModel = Size };
        writer.Write(new byte[Size]);
    }

    public static void SetVersionInfo(ref ModelHeader header, VersionInfo ver)
    {
        header.ModelSignature = ver.ModelSignature;
        header.ModelVerWritten = ver.VerWrittenCur;
        header.ModelVerReadable = ver.VerReadableCur;
        (header.LoaderSignature0, header.LoaderSignature1, header.LoaderSignature2) = Packed(ver.LoaderSignature);
        (header.LoaderSignatureAlt0, header.LoaderSignatureAlt1, header.LoaderSignatureAlt2) = Packed(ver.LoaderSignatureAlt);
    }

    private static (ulong, ulong, ulong) Packed(string signature)
    {
        Span<ulong> words = [0, 0, 0];
        Contracts.Check((signature?.Length ?? 0) <= 24, "A loader signature has at most 24 characters");
        for (int i = 0; i < signature?.Length; i++)
            words[i / 8] |= (ulong)(byte)signature[i] << i % 8 * 8;
        return (words[0], words[1], words[2]);
    }

    private static string Unpacked(params ReadOnlySpan<ulong> words) =>
        Encoding.Latin1.GetString(MemoryMarshal.AsBytes(words)).TrimEnd('\0');

    public static string GetLoaderSig(ref ModelHeader header) =>
        Unpacked(header.LoaderSignature0, header.LoaderSignature1, header.LoaderSignature2);

    public static string GetLoaderSigAlt(ref ModelHeader header) =>
        Unpacked(header.LoaderSignatureAlt0, header.LoaderSignatureAlt1, header.LoaderSignatureAlt2);

    public static void EndWrite(BinaryWriter writer, long fpMin, ref ModelHeader header, NormStr.Pool pool = null,
        string loaderAssemblyName = null)
    {
        writer.Flush();
        header.CbModel = writer.BaseStream.Position - fpMin - header.FpModel;
        if (pool?.Count > 0)
        {
            header.FpStringTable = header.FpModel + header.CbModel;
            header.CbStringTable = pool.Count * (long)sizeof(long);
            header.FpStringChars = header.FpStringTable + header.CbStringTable;
            foreach (var item in pool)
                writer.Write(header.CbStringChars += item.Value.Length * (long)sizeof(char));
            foreach (var item in pool)
                writer.Write(MemoryMarshal.AsBytes(item.Value.Span));
        }
        long at = header.FpStringTable == 0 ? header.FpModel + header.CbModel : header.FpStringChars + header.CbStringChars;
        if (!string.IsNullOrEmpty(loaderAssemblyName))
        {
            header.FpAssemblyName = at;
            header.CbAssemblyName = (uint)loaderAssemblyName.Length * sizeof(char);
            writer.Write(MemoryMarshal.AsBytes(loaderAssemblyName.AsSpan()));
        }
        header.FpTail = at + header.CbAssemblyName;
        header.FpLim = header.FpTail + sizeof(ulong);
        writer.Write(TailSignatureValue);
        writer.Flush();
        writer.BaseStream.Position = fpMin;
        writer.Write(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref header, 1)));
        writer.Flush();
        writer.BaseStream.Position = fpMin + header.FpLim;
    }

    public static void BeginRead(out long fpMin, out ModelHeader header, out string[] strings, out string loaderAssemblyName,
        BinaryReader reader)
    {
        fpMin = reader.BaseStream.Position;
        var bytes = reader.ReadBytes(Size);
        Contracts.CheckDecode(bytes.Length == Size);
        header = MemoryMarshal.Read<ModelHeader>(bytes);
        Validate(in header, reader.BaseStream.Length - fpMin);
        strings = ReadStrings(in header, fpMin, reader);
        loaderAssemblyName = null;
        if (header.VerWritten >= FirstWithAssembly && header.FpAssemblyName > 0)
            loaderAssemblyName = ReadText(reader, fpMin + header.FpAssemblyName, header.CbAssemblyName);
        reader.BaseStream.Position = fpMin + header.FpTail;
        Contracts.CheckDecode(reader.ReadUInt64() == TailSignatureValue, "Corrupt model file tail");
        reader.BaseStream.Position = fpMin + header.FpModel;
    }

    private static void Validate(in ModelHeader h, long size)
    {
        Contracts.CheckDecode(h.Signature == SignatureValue, "Wrong file type");
        Contracts.CheckDecode(h.VerReadable <= h.VerWritten, "Corrupt file header");
        Contracts.CheckDecode(h.VerReadable <= Written, "File is too new");
        Contracts.CheckDecode(h.VerWritten >= OldestRead, "File is too old");
        Contracts.CheckDecode(h.FpModel == Size && h.CbModel >= 0 && h.CbModel <= size);
        long end = h.FpModel + h.CbModel;
        if (h.FpStringTable != 0)
        {
            Contracts.CheckDecode(h.FpStringTable == end && h.CbStringTable > 0 && h.CbStringTable <= size &&
                h.CbStringTable % sizeof(long) == 0);
            Contracts.CheckDecode(h.FpStringChars == end + h.CbStringTable && h.CbStringChars >= 0 && h.CbStringChars <= size &&
                h.CbStringChars % sizeof(char) == 0);
            end = h.FpStringChars + h.CbStringChars;
        }
        else
            Contracts.CheckDecode(h.CbStringTable == 0 && h.FpStringChars == 0 && h.CbStringChars == 0);
        if (h.VerWritten >= FirstWithAssembly && h.FpAssemblyName != 0)
        {
            Contracts.CheckDecode(h.FpAssemblyName == end && h.CbAssemblyName <= size && h.CbAssemblyName % sizeof(char) == 0);
            end += h.CbAssemblyName;
        }
        Contracts.CheckDecode(h.FpTail == end && h.FpLim == end + sizeof(ulong) && size >= h.FpLim);
    }

    private static string[] ReadStrings(in ModelHeader header, long fpMin, BinaryReader reader)
    {
        if (header.FpStringTable == 0)
            return null;
        reader.BaseStream.Position = fpMin + header.FpStringTable;
        var ends = new long[header.CbStringTable / sizeof(long)];
        for (int i = 0; i < ends.Length; i++)
            ends[i] = reader.ReadInt64();
        var strings = new string[ends.Length];
        long start = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            Contracts.CheckDecode(start <= ends[i] && ends[i] <= header.CbStringChars && ends[i] % sizeof(char) == 0);
            strings[i] = ReadText(reader, fpMin + header.FpStringChars + start, ends[i] - start);
            start = ends[i];
        }
        Contracts.CheckDecode(start == header.CbStringChars);
        return strings;
    }

    private static string ReadText(BinaryReader reader, long place, long bytes)
    {
        reader.BaseStream.Position = place;
        return Encoding.Unicode.GetString(reader.ReadBytes(checked((int)bytes)));
    }

    public static void EndRead(long fpMin, ref ModelHeader header, BinaryReader reader)
    {
        Contracts.CheckDecode(reader.BaseStream.Position - fpMin == header.FpModel + header.CbModel);
        reader.BaseStream.Position = fpMin + header.FpLim;
    }

    public static void CheckVersionInfo(ref ModelHeader header, VersionInfo ver)
    {
        Contracts.CheckDecode(header.ModelSignature == ver.ModelSignature, "Unknown file type");
        Contracts.CheckDecode(header.ModelVerReadable <= header.ModelVerWritten, "Corrupt file header");
        string version = typeof(VersionInfo).Assembly.GetName().Version.ToString();
        if (header.ModelVerReadable > ver.VerWrittenCur)
            throw Contracts.ExceptDecode(
                $"Cause: ML.NET {version} cannont read component '{ver.LoaderSignature}' of the model, because the model " +
                $"is too new.\nSuggestion: Make sure the model is trained with ML.NET {version} or older.\n" +
                $"Debug details: Maximum expected version {header.ModelVerReadable}, got {ver.VerWrittenCur}.");
        if (header.ModelVerWritten < ver.VerWeCanReadBack)
            throw Contracts.ExceptDecode(
                $"Cause: ML.NET {version} cannot read component '{ver.LoaderSignature}' of the model, because the model " +
                $"is too old.\nSuggestion: Make sure the model is trained with ML.NET {version}.\n" +
                $"Debug details: Minimum expected version {header.ModelVerReadable}, got {ver.VerWrittenCur}.");
    }
}
