using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>The classes of a label: what its keys stand for, in the type that they have, and as text.</summary>
internal abstract class ClassValues
{
    /// <summary>The number of a class in its place, for labels whose keys stand for nothing.</summary>
    private static readonly Kind<float> s_indices = new(1, NumberDataViewType.Single, w => w.Write, r => r.ReadSingle);

    private static readonly Kind[] s_kinds =
    [
        new Kind<ReadOnlyMemory<char>>(0, TextDataViewType.Instance, w => v => w.Write(v.ToString()), r => () => r.ReadString().AsMemory()),
        s_indices,
        new Kind<double>(2, NumberDataViewType.Double, w => w.Write, r => r.ReadDouble),
        new Kind<sbyte>(3, NumberDataViewType.SByte, w => w.Write, r => r.ReadSByte),
        new Kind<short>(4, NumberDataViewType.Int16, w => w.Write, r => r.ReadInt16),
        new Kind<int>(5, NumberDataViewType.Int32, w => w.Write, r => r.ReadInt32),
        new Kind<long>(6, NumberDataViewType.Int64, w => w.Write, r => r.ReadInt64),
        new Kind<byte>(7, NumberDataViewType.Byte, w => w.Write, r => r.ReadByte),
        new Kind<ushort>(8, NumberDataViewType.UInt16, w => w.Write, r => r.ReadUInt16),
        new Kind<uint>(9, NumberDataViewType.UInt32, w => w.Write, r => r.ReadUInt32),
        new Kind<ulong>(10, NumberDataViewType.UInt64, w => w.Write, r => r.ReadUInt64),
        new Kind<bool>(11, BooleanDataViewType.Instance, w => w.Write, r => r.ReadBoolean),
    ];

    /// <summary>The classes as text, in the invariant culture.</summary>
    public abstract IReadOnlyList<string> Names { get; }

    /// <summary>What the keys of a label column stand for; their numbers from 0 where that is nothing, or of an unusual type.</summary>
    public static ClassValues Of(DataViewSchema.Column label)
    {
        int count = checked((int)((KeyDataViewType)label.Type).Count);
        return label.Annotations.Schema.GetColumnOrNull(Annotate.KeyValuesKind)?.Type is VectorDataViewType values && values.Size == count
            && Find(values.ItemType) is { } kind
            ? kind.FromAnnotation(label)
            : Indices(count);
    }

    /// <summary>The classes 0, 1, …</summary>
    public static ClassValues Indices(int count) => s_indices.From([.. Enumerable.Range(0, count).Select(i => (float)i)]);

    /// <summary>The type of the values, as far as a schema's promise of the label tells.</summary>
    public static DataViewType Promised(SchemaShape.Column label)
    {
        SchemaShape.Column values = label.Annotations.FirstOrDefault(a => a.Name == Annotate.KeyValuesKind);
        return label.IsKey && values.Name is not null && values.Kind == SchemaShape.Column.VectorKind.Vector && Find(values.ItemType) is not null
            ? values.ItemType
            : NumberDataViewType.Single;
    }

    /// <summary>Adds the values as an annotation.</summary>
    public abstract void AddTo(DataViewSchema.Annotations.Builder builder, string kind);

    // *** Binary format *** (all numbers little-endian)
    // byte       type of the values, see s_kinds
    // int32      number of classes
    // for each   its value
    public abstract void Write(BinaryWriter writer);

    /// <exception cref="FormatException">The content is none that <see cref="Write"/> writes.</exception>
    public static ClassValues Read(BinaryReader reader)
    {
        byte code = reader.ReadByte();
        int count = reader.ReadInt32();
        if (count < 2 || count > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new FormatException($"it claims {count} classes");
        return code < s_kinds.Length ? s_kinds[code].Read(reader, count) : throw new FormatException($"class values of type {code} are unknown");
    }

    private static Kind? Find(DataViewType item) => Array.Find(s_kinds, k => k.Type.Equals(item));

    /// <summary>A type that values may have.</summary>
    private abstract class Kind(DataViewType type)
    {
        public DataViewType Type => type;

        public abstract ClassValues FromAnnotation(DataViewSchema.Column label);

        public abstract ClassValues Read(BinaryReader reader, int count);
    }

    private sealed class Kind<T>(byte code, PrimitiveDataViewType type, Func<BinaryWriter, Action<T>> writer, Func<BinaryReader, Func<T>> reader)
        : Kind(type)
    {
        public byte Code => code;

        public PrimitiveDataViewType Item => type;

        public ClassValues From(T[] values) => new Typed<T>(this, values);

        public override ClassValues FromAnnotation(DataViewSchema.Column label)
        {
            VBuffer<T> values = default;
            label.Annotations.GetValue(Annotate.KeyValuesKind, ref values);
            return From([.. values.DenseValues()]);
        }

        public override ClassValues Read(BinaryReader source, int count)
        {
            var values = new T[count];
            Func<T> read = reader(source);
            for (int i = 0; i < count; i++)
                values[i] = read();
            return From(values);
        }

        public Action<T> WriterTo(BinaryWriter target) => writer(target);
    }

    private sealed class Typed<T>(Kind<T> kind, T[] values) : ClassValues
    {
        public override IReadOnlyList<string> Names { get; } =
            [.. values.Select(v => v is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : v!.ToString()!)];

        public override void AddTo(DataViewSchema.Annotations.Builder builder, string name)
        {
            ValueGetter<VBuffer<T>> getter = (ref VBuffer<T> target) =>
            {
                VBufferEditor<T> editor = VBufferEditor.Create(ref target, values.Length);
                values.CopyTo(editor.Values);
                target = editor.Commit();
            };
            builder.Add(name, new VectorDataViewType(kind.Item, values.Length), getter);
        }

        public override void Write(BinaryWriter writer)
        {
            writer.Write(kind.Code);
            writer.Write(values.Length);
            Action<T> write = kind.WriterTo(writer);
            foreach (T value in values)
                write(value);
        }
    }
}
