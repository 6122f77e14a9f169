using System;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Constraints;

[TestClass]
public class ConstraintReaderTests
{
    private static ConstraintSet Sample => ConstraintSet.Over("x", "my y", "z")
        .Nonnegative().Bounds([0, 1, 2], [1, 2, Bound.Column("Max")]).Linear("budget", "x + [my y] <= 0.3 * z + @[a b]")
        .Hyperplane([1, -2.5, 0], 3).Simplex().CappedSimplex(2, 1.5).Ball(Norm.L1, Bound.Column("R"), [1, 0, -1])
        .Increasing("z", "x").WithName("order").SecondOrderCone("x", 0.5, [1], "z");

    private static byte[] Write(ConstraintSet set)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        set.Write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static ConstraintSet Read(byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        using BinaryReader reader = new(stream);
        ConstraintSet set = ConstraintSet.Read(reader);
        Assert.AreEqual(bytes.Length, stream.Position, "Not everything was read.");
        return set;
    }

    private static string Refusal(byte[] bytes) => Assert.Throws<FormatException>(() => Read(bytes)).Message;

    [TestMethod]
    public void Read_OfRandomSets_IsEqual()
    {
        Random random = new(23);
        for (int i = 0; i < 1000; i++)
        {
            ConstraintSet set = RandomConstraintSets.Create(random);
            ConstraintSet back = Read(Write(set));
            Assert.AreEqual(set, back);
            Assert.AreEqual(set.ToString(), back.ToString());
            CollectionAssert.AreEqual(set.Columns.ToArray(), back.Columns.ToArray());
            CollectionAssert.AreEqual(set.Lower().Upper, back.Lower().Upper);
        }
    }

    [TestMethod]
    public void Read_OfAText_KeepsTheWording()
    {
        ConstraintSet back = Read(Write(Sample));
        Assert.AreEqual(Sample, back);
        Assert.AreEqual("x + [my y] <= 0.3 * z + @[a b]", back.Constraints[2].ToString());
        Assert.AreEqual("budget", back.Constraints[2].Name);
    }

    [TestMethod]
    public void Read_OfASetWithoutConstraints_Works() => Assert.AreEqual(ConstraintSet.Over("x"), Read(Write(ConstraintSet.Over("x"))));

    /// <summary>The first version's bytes, so that an accidental change of the layout is seen.</summary>
    [TestMethod]
    public void Write_OfASmallSet_HasTheStatedLayout()
    {
        byte[] bytes = Write(ConstraintSet.Over("x", "é").Linear("n", "x + [é] <= @C"));
        using MemoryStream expected = new();
        using BinaryWriter writer = new(expected);
        writer.Write(1);
        writer.Write(2);
        writer.Write(1);
        writer.Write("x"u8);
        writer.Write(2);
        writer.Write("é"u8);
        writer.Write(1);
        writer.Write((byte)2);
        writer.Write((byte)2);
        writer.Write(1);
        writer.Write("n"u8);
        writer.Write(2);
        writer.Write(0);
        writer.Write(1);
        writer.Write(1.0);
        writer.Write(1.0);
        writer.Write(double.NegativeInfinity);
        writer.Write(0);
        writer.Write(0.0);
        writer.Write(1);
        writer.Write(1);
        writer.Write("C"u8);
        writer.Write(1.0);
        writer.Write(14);
        writer.Write("x + [é] <= @C"u8);
        CollectionAssert.AreEqual(expected.ToArray(), bytes);
    }

    [TestMethod]
    public void Read_OfEveryTruncation_NamesThePart()
    {
        byte[] bytes = Write(Sample);
        for (int length = 0; length < bytes.Length; length++)
            StringAssert.Contains(Refusal(bytes[..length]), "ends too early");
        StringAssert.Contains(Refusal(bytes[..^1]), "constraint 9 of 9");
        StringAssert.Contains(Refusal(bytes[..9]), "the variables");
    }

    [TestMethod]
    public void Read_OfMutations_GivesAFormatExceptionOrAValidSet()
    {
        Random random = new(29);
        byte[] bytes = Write(Sample);
        int refused = 0;
        for (int i = 0; i < 5000; i++)
        {
            byte[] spoiled = bytes.ToArray();
            for (int k = random.Next(1, 4); k > 0; k--)
                spoiled[random.Next(spoiled.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)255;
            try
            {
                using BinaryReader reader = new(new MemoryStream(spoiled));
                ConstraintSet set = ConstraintSet.Read(reader);
                Assert.AreEqual(set, Read(Write(set)));
            }
            catch (FormatException e)
            {
                StringAssert.Contains(e.Message, "saved constraint set");
                refused++;
            }
        }

        Assert.IsTrue(refused > 1000);
    }

    [TestMethod]
    public void Read_OfHugeCounts_TakesNoMemoryForThem()
    {
        byte[] bytes = Write(Sample);
        // The counts of variables, the length of the first name, and the count of constraints.
        int constraintCount = 8 + 5 + 8 + 5;
        foreach (int at in new[] { 4, 8, constraintCount })
        {
            foreach (int value in new[] { int.MaxValue, -1, int.MinValue })
            {
                byte[] spoiled = bytes.ToArray();
                BitConverter.TryWriteBytes(spoiled.AsSpan(at), value);
                long before = GC.GetAllocatedBytesForCurrentThread();
                StringAssert.Contains(Refusal(spoiled), "expected");
                Assert.IsTrue(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
            }
        }
    }

    [TestMethod]
    public void Read_OfAnotherVersion_SaysSo()
    {
        byte[] bytes = Write(Sample);
        bytes[0] = 2;
        StringAssert.Contains(Refusal(bytes), "version is 2, this library reads version 1");
    }

    [TestMethod]
    public void Read_OfAChangedNumber_DisagreesWithTheWording()
    {
        byte[] bytes = Write(ConstraintSet.Over("x", "y").Linear("x + 3*y <= 5"));
        int at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(3.0));
        BitConverter.TryWriteBytes(bytes.AsSpan(at), 4.0);
        StringAssert.Contains(Refusal(bytes), "its text does not state what its numbers do");
    }

    [TestMethod]
    public void Read_OfBadNumbers_NamesTheConstraint()
    {
        byte[] bytes = Write(ConstraintSet.Over("x", "y").Ball(Norm.L2, 5).WithName("ball"));
        int at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(5.0));
        BitConverter.TryWriteBytes(bytes.AsSpan(at), -5.0);
        StringAssert.Contains(Refusal(bytes), "constraint 1 of 1 ('ball'): Constraint 'ball' has a radius of -5");
        BitConverter.TryWriteBytes(bytes.AsSpan(at), double.NaN);
        StringAssert.Contains(Refusal(bytes), "NaN");
    }

    [TestMethod]
    public void Read_OfInvalidUtf8_NamesThePart()
    {
        byte[] bytes = Write(ConstraintSet.Over("ab"));
        bytes[12] = 0xFF;
        StringAssert.Contains(Refusal(bytes), "the variables: a string is not UTF-8");
    }
}
