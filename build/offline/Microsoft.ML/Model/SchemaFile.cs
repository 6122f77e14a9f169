using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// A schema as a binary data view without rows (upstream's docs/code/IdvFileFormat.md): a header of 256 bytes; for each column the values
/// and then a table of its annotations; the table of columns; a closing signature. Hidden columns are kept.
/// </summary>
internal static class SchemaFile
{
    private const ulong Signature = 0x00425644004C4D43, TailSignature = 0x434D4C0044564200, Version = 0x0001000100010006;
    private const int HeaderSize = 256;

    public static void Save(DataViewSchema schema, Stream stream, IChannel channel)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(new byte[HeaderSize]);
        var tables = schema.Select(c => SaveAnnotations(c, writer, channel)).ToArray();
        writer.Flush();
        long toc = stream.Position;
        foreach (var column in schema)
        {
            writer.Write(column.Name);
            SaveType(writer, column.Type);
            writer.Write((byte)0);
            writer.Write7BitEncodedInt(1);
            writer.Write(toc);
            writer.Write(tables[column.Index]);
        }
        writer.Flush();
        long tail = stream.Position;
        writer.Write(TailSignature);
        writer.Flush();
        stream.Position = 0;
        foreach (ulong word in new[] { Signature, Version, Version, (ulong)toc, (ulong)tail, 0UL, (ulong)schema.Count })
            writer.Write(word);
        writer.Flush();
        stream.Position = stream.Length;
    }

    /// <summary>Where the table of the column's annotations is, 0 without any.</summary>
    private static long SaveAnnotations(DataViewSchema.Column column, BinaryWriter writer, IChannel channel)
    {
        var saved = new List<(DataViewSchema.Column Annotation, long Place, long Length)>();
        foreach (var annotation in column.Annotations.Schema.Where(a => !a.IsHidden))
        {
            var item = PrimitiveTypes.ItemOf(annotation.Type);
            if (item is not (NumberDataViewType or TextDataViewType or BooleanDataViewType or KeyDataViewType))
            {
                channel.Warning($"Could not get codec for type {annotation.Type}, dropping column '{column.Name}' index {column.Index} " +
                    $"metadata kind '{annotation.Name}'");
                continue;
            }
            writer.Flush();
            long place = writer.BaseStream.Position;
            Generics.Call<object>(typeof(SchemaFile), null, annotation.Type is VectorDataViewType ? nameof(SaveVector) : nameof(SaveScalar),
                item.RawType, writer, column.Annotations, annotation);
            writer.Flush();
            saved.Add((annotation, place, writer.BaseStream.Position - place));
        }
        if (saved.Count == 0)
            return 0;
        long table = writer.BaseStream.Position;
        writer.Write7BitEncodedInt(saved.Count);
        foreach (var (annotation, place, length) in saved)
        {
            writer.Write(annotation.Name);
            SaveType(writer, annotation.Type);
            writer.Write((byte)0);
            writer.Write(place);
            writer.Write7BitEncodedInt64(length);
        }
        return table;
    }

    // *** A type *** its name, the length of its parameters, and these: of a key the type below it and the count, of a vector the items'
    // type, how many dimensions, and these.
    private static void SaveType(BinaryWriter writer, DataViewType type)
    {
        using var parameters = new MemoryStream();
        using var inner = new BinaryWriter(parameters);
        switch (type)
        {
            case VectorDataViewType vector:
                SaveType(inner, vector.ItemType);
                inner.Write(vector.Dimensions.Length);
                foreach (int d in vector.Dimensions)
                    inner.Write(d);
                break;
            case KeyDataViewType key:
                SaveType(inner, PrimitiveTypes.Of(key.RawType));
                inner.Write(key.Count);
                break;
        }
        inner.Flush();
        writer.Write(type switch
        {
            VectorDataViewType => "VBuffer",
            KeyDataViewType => "Key2",
            TextDataViewType => "TextSpan",
            _ => type.RawType.Name,
        });
        writer.Write7BitEncodedInt((int)parameters.Length);
        writer.Write(parameters.ToArray());
    }

    private static DataViewType LoadType(BinaryReader reader)
    {
        string name = reader.ReadString();
        long end = reader.Read7BitEncodedInt();
        end += reader.BaseStream.Position;
        DataViewType type;
        if (name == "VBuffer")
        {
            var item = LoadType(reader) as PrimitiveDataViewType;
            int dimensions = reader.ReadInt32();
            Contracts.CheckDecode(item != null && dimensions is > 0 and < 1000);
            type = new VectorDataViewType(item, Enumerable.Range(0, dimensions).Select(_ => reader.ReadInt32()).ToArray());
        }
        else if (name == "Key2")
            type = new KeyDataViewType(LoadType(reader).RawType, reader.ReadUInt64());
        else
            type = PrimitiveTypes.OrNull(name) ?? throw Contracts.ExceptDecode($"The schema has a column of the unknown type '{name}'");
        Contracts.CheckDecode(reader.BaseStream.Position == end);
        return type;
    }

    private static object SaveScalar<TItem>(BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
    {
        TItem value = default;
        annotations.GetValue(annotation.Name, ref value);
        SaveItems(writer, new[] { value });
        return null;
    }

    // *** Vectors (here one) *** int: how many; int: their length; int: items, -1 when dense; int: how many indices, then these; the items.
    private static object SaveVector<TItem>(BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
    {
        VBuffer<TItem> value = default;
        annotations.GetValue(annotation.Name, ref value);
        writer.Write(1);
        writer.Write(value.Length);
        if (value.Length == 0)
            writer.Write(0);
        writer.Write(value.IsDense ? -1 : value.GetValues().Length);
        writer.Write(value.GetIndices().Length);
        foreach (int index in value.GetIndices())
            writer.Write(index);
        SaveItems(writer, value.GetValues().ToArray());
        return null;
    }

    // *** Items *** texts: int: how many, int each: where it ends, then all texts in one; bools: bits; numbers as they are.
    private static void SaveItems(BinaryWriter writer, Array items)
    {
        if (items is ReadOnlyMemory<char>[] texts)
        {
            writer.Write(texts.Length);
            int end = 0;
            foreach (var text in texts)
                writer.Write(end += text.Length);
            writer.Write(string.Concat(texts.Select(t => t.ToString())));
        }
        else if (items is bool[] flags)
            foreach (var eight in flags.Chunk(8))
                writer.Write((byte)eight.Select((f, i) => f ? 1 << i : 0).Sum());
        else
        {
            var bytes = new byte[Buffer.ByteLength(items)];
            Buffer.BlockCopy(items, 0, bytes, 0, bytes.Length);
            writer.Write(bytes);
        }
    }

    public static DataViewSchema Load(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        var head = Enumerable.Range(0, 7).Select(_ => reader.ReadUInt64()).ToArray();
        Contracts.CheckDecode(head[0] == Signature, "This does not appear to be a binary dataview file");
        Contracts.CheckDecode(head[2] <= Version && head[3] <= (ulong)stream.Length && head[4] <= (ulong)stream.Length, "Corrupt schema");
        stream.Position = (long)head[4];
        Contracts.CheckDecode(reader.ReadUInt64() == TailSignature, "Incorrect tail signature");
        int columns = (int)(uint)head[6];
        stream.Position = (long)head[3];
        var builder = new DataViewSchema.Builder();
        for (int i = 0; i < columns; i++)
        {
            string name = reader.ReadString();
            var type = LoadType(reader);
            reader.ReadByte();
            reader.Read7BitEncodedInt();
            reader.ReadInt64();
            long table = reader.ReadInt64(), next = stream.Position;
            builder.AddColumn(name, type, table == 0 ? null : LoadAnnotations(reader, table));
            stream.Position = next;
        }
        return builder.ToSchema();
    }

    private static DataViewSchema.Annotations LoadAnnotations(BinaryReader reader, long table)
    {
        reader.BaseStream.Position = table;
        int count = reader.Read7BitEncodedInt();
        var builder = new DataViewSchema.Annotations.Builder();
        for (int i = 0; i < count; i++)
        {
            string name = reader.ReadString();
            var type = LoadType(reader);
            int compression = reader.ReadByte();
            long place = reader.ReadInt64(), length = reader.Read7BitEncodedInt64(), next = reader.BaseStream.Position;
            Contracts.CheckDecode(place >= 0 && length >= 0 && length <= reader.BaseStream.Length);
            reader.BaseStream.Position = place;
            using var values = new BinaryReader(Unpacked(reader.ReadBytes((int)length), compression));
            string load = type is VectorDataViewType ? nameof(LoadVector) : nameof(LoadScalar);
            builder.Add(name, type, Generics.Call<Delegate>(typeof(SchemaFile), null, load, PrimitiveTypes.ItemOf(type).RawType, values));
            reader.BaseStream.Position = next;
        }
        return builder.ToAnnotations();
    }

    private static MemoryStream Unpacked(byte[] packed, int compression)
    {
        var block = new MemoryStream(packed);
        if (compression == 0)
            return block;
        using Stream unpacking = compression == 1
            ? new DeflateStream(block, CompressionMode.Decompress)
            : new ZLibStream(block, CompressionMode.Decompress);
        var unpacked = new MemoryStream();
        unpacking.CopyTo(unpacked);
        unpacked.Position = 0;
        return unpacked;
    }

    private static Delegate LoadScalar<TItem>(BinaryReader reader)
    {
        var value = ((TItem[])LoadItems<TItem>(reader, 1))[0];
        return (ValueGetter<TItem>)((ref TItem destination) => destination = value);
    }

    private static Delegate LoadVector<TItem>(BinaryReader reader)
    {
        Contracts.CheckDecode(reader.ReadInt32() == 1);
        int length = reader.ReadInt32();
        if (length == 0)
            length = reader.ReadInt32();
        int count = reader.ReadInt32();
        bool dense = count < 0;
        int indices = reader.ReadInt32();
        Contracts.CheckDecode(length >= 0 && count <= length && indices == Math.Max(count, 0));
        CheckRoom(reader, indices);
        var places = Enumerable.Range(0, indices).Select(_ => reader.ReadInt32()).ToArray();
        var items = (TItem[])LoadItems<TItem>(reader, dense ? length : count);
        var value = dense ? new VBuffer<TItem>(length, items) : new VBuffer<TItem>(length, count, items, places);
        return (ValueGetter<VBuffer<TItem>>)((ref VBuffer<TItem> destination) => value.CopyTo(ref destination));
    }

    // Nothing is allocated that the file has no bytes (for flags: bits) for.
    private static void CheckRoom(BinaryReader reader, int count) =>
        Contracts.CheckDecode(count / 8 <= reader.BaseStream.Length - reader.BaseStream.Position);

    private static Array LoadItems<TItem>(BinaryReader reader, int count)
    {
        CheckRoom(reader, count);
        if (typeof(TItem) == typeof(bool))
        {
            var bits = reader.ReadBytes((count + 7) / 8);
            return Enumerable.Range(0, count).Select(i => (bits[i / 8] >> i % 8 & 1) != 0).ToArray();
        }
        if (typeof(TItem) == typeof(ReadOnlyMemory<char>))
        {
            Contracts.CheckDecode(reader.ReadInt32() == count);
            var ends = Enumerable.Range(0, count).Select(_ => reader.ReadInt32() & int.MaxValue).ToArray();
            var text = reader.ReadString().AsMemory();
            return ends.Select((end, i) => text[(i == 0 ? 0 : ends[i - 1])..end]).ToArray();
        }
        var items = new TItem[count];
        var bytes = reader.ReadBytes(Buffer.ByteLength(items));
        Contracts.CheckDecode(bytes.Length == Buffer.ByteLength(items));
        Buffer.BlockCopy(bytes, 0, items, 0, bytes.Length);
        return items;
    }
}
