using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class ClassValuesTests
{
    [TestMethod]
    public void Of_EachType_KeepsValuesAndTypeThroughSaving()
    {
        Verify(TextDataViewType.Instance, ["a".AsMemory(), "Été".AsMemory(), "".AsMemory()], "a", "Été", "");
        Verify(NumberDataViewType.Single, [1.5f, -3e30f], "1.5", "-3E+30");
        Verify(NumberDataViewType.Double, [0.1, 2.0], "0.1", "2");
        Verify(NumberDataViewType.SByte, [(sbyte)-1, (sbyte)2], "-1", "2");
        Verify(NumberDataViewType.Int16, [(short)-300, (short)2], "-300", "2");
        Verify(NumberDataViewType.Int32, [-70000, 2], "-70000", "2");
        Verify(NumberDataViewType.Int64, [long.MinValue, 2], "-9223372036854775808", "2");
        Verify(NumberDataViewType.Byte, [(byte)255, (byte)2], "255", "2");
        Verify(NumberDataViewType.UInt16, [(ushort)65535, (ushort)2], "65535", "2");
        Verify(NumberDataViewType.UInt32, [uint.MaxValue, 2u], "4294967295", "2");
        Verify(NumberDataViewType.UInt64, [ulong.MaxValue, 2ul], "18446744073709551615", "2");
        Verify(BooleanDataViewType.Instance, [false, true], "False", "True");
    }

    [TestMethod]
    public void Of_OtherTypesOrNothing_AreTheNumbersOfTheClasses()
    {
        CollectionAssert.AreEqual(new[] { "0", "1" }, ClassValues.Of(Column(DateTimeDataViewType.Instance, [DateTime.UnixEpoch, DateTime.UnixEpoch.AddDays(1)])).Names.ToArray());
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Label", new KeyDataViewType(typeof(uint), 3));
        CollectionAssert.AreEqual(new[] { "0", "1", "2" }, ClassValues.Of(builder.ToSchema()["Label"]).Names.ToArray());

        // As many values as keys, or they say nothing.
        CollectionAssert.AreEqual(new[] { "0", "1", "2" }, ClassValues.Of(Column(NumberDataViewType.Int32, [7, 8], keys: 3)).Names.ToArray());
    }

    [TestMethod]
    public void Read_Nonsense_Throws()
    {
        void Fails(string part, byte code, int count)
        {
            byte[] bytes = [code, .. BitConverter.GetBytes(count), .. new byte[16]];
            string message = Assert.ThrowsExactly<FormatException>(() => ClassValues.Read(new BinaryReader(new MemoryStream(bytes)))).Message;
            StringAssert.Contains(message, part);
        }

        Fails("type 12", 12, 2);
        Fails("1 classes", 1, 1);
        Fails("-1 classes", 1, -1);
        Fails("2147483647 classes", 1, int.MaxValue);
    }

    private static void Verify<T>(PrimitiveDataViewType type, T[] values, params string[] names)
    {
        ClassValues found = ClassValues.Of(Column(type, values));
        using var stream = new MemoryStream();
        found.Write(new BinaryWriter(stream));
        stream.Position = 0;
        foreach (ClassValues one in new[] { found, ClassValues.Read(new BinaryReader(stream)) })
        {
            CollectionAssert.AreEqual(names, one.Names.ToArray());
            var builder = new DataViewSchema.Annotations.Builder();
            one.AddTo(builder, "KeyValues");
            DataViewSchema.Annotations annotations = builder.ToAnnotations();
            Assert.AreEqual(new VectorDataViewType(type, values.Length), annotations.Schema["KeyValues"].Type);
            VBuffer<T> read = default;
            annotations.GetValue("KeyValues", ref read);
            CollectionAssert.AreEqual(values.Select(v => v!.ToString()).ToArray(), read.DenseValues().Select(v => v!.ToString()).ToArray());
        }

        Assert.AreEqual(stream.Length, stream.Position);
    }

    private static DataViewSchema.Column Column<T>(PrimitiveDataViewType type, T[] values, int keys = 0)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        ValueGetter<VBuffer<T>> getter = (ref VBuffer<T> target) => target = new VBuffer<T>(values.Length, [.. values]);
        annotations.Add("KeyValues", new VectorDataViewType(type, values.Length), getter);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Label", new KeyDataViewType(typeof(uint), keys == 0 ? values.Length : keys), annotations.ToAnnotations());
        return builder.ToSchema()["Label"];
    }
}
