using System;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Constraints;

/// <summary>Texts written and read back, and texts spoiled on purpose.</summary>
[TestClass]
public class ConstraintTextTests
{
    private static ConstraintSet Parse(string text) => ConstraintSet.Parse(text, "x", "y", "z", "my name");

    [TestMethod]
    public void ToString_OfRandomSets_ReadsBackEqual()
    {
        Random random = new(11);
        for (int i = 0; i < 1500; i++)
        {
            ConstraintSet set = RandomConstraintSets.Create(random);
            string text = set.ToString();
            ConstraintSet back = ConstraintSet.Parse(text, set.Variables.ToArray());
            Assert.AreEqual(set, back, text);
            Assert.AreEqual(set.GetHashCode(), back.GetHashCode());
            Assert.AreEqual(text, back.ToString());
            CollectionAssert.AreEqual(set.Columns.ToArray(), back.Columns.ToArray());
            CollectionAssert.AreEqual(set.Lower().Matrix, back.Lower().Matrix);
        }
    }

    [TestMethod]
    [DataRow("de-DE")]
    [DataRow("tr-TR")]
    [DataRow("ar-SA")]
    public void ToString_UnderAnotherCulture_IsTheSameText(string culture)
    {
        string expected = Text();
        CultureInfo before = Thread.CurrentThread.CurrentCulture;
        try
        {
            Thread.CurrentThread.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            Assert.AreEqual(expected, Text());
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }

        static string Text()
        {
            Random random = new(5);
            StringBuilder text = new();
            for (int i = 0; i < 50; i++)
            {
                ConstraintSet set = RandomConstraintSets.Create(random);
                text.AppendLine(set.ToString());
                Assert.AreEqual(set, ConstraintSet.Parse(set.ToString(), set.Variables.ToArray()));
            }

            ConstraintSet turkish = ConstraintSet.Parse(
                "INCREASING(I, ı, İ, i); NORMINF(i - 1.5, I) <= 2.5e-1; Simplex(i) = 1", "I", "ı", "İ", "i");
            return text.Append(turkish).ToString();
        }
    }

    [TestMethod]
    public void Numbers_RoundTripToTheLastBit()
    {
        Random random = new(13);
        for (int i = 0; i < 1500; i++)
        {
            double a = Bits(random), b = Bits(random);
            ConstraintSet set = ConstraintSet.Over("x", "y").Linear(null, [a, 2], double.NegativeInfinity, b + a * Bound.Column("c"));
            ConstraintSystem system = set.Lower(), back = ConstraintSet.Parse(set.ToString(), "x", "y").Lower();
            Assert.AreEqual(a + 0.0, back.Matrix[0]);
            Assert.AreEqual(b + 0.0, back.Upper[0]);
            Assert.AreEqual(system.UpperSlope.FirstOrDefault(), back.UpperSlope.FirstOrDefault());
        }

        static double Bits(Random random)
        {
            double value;
            do
                value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            while (!double.IsFinite(value));
            return value;
        }
    }

    [TestMethod]
    public void Parse_OfRandomStrings_GivesASetOrAFormatException()
    {
        Random random = new(17);
        string[] pieces =
        [
            "x", "y", "[my name]", "@a", "@", "[", "]", "1", "2.5", "1e9", ".", "+", "-", "*", "/", "(", ")", ",", ":", ";", "\n", "#", " ",
            "<=", ">=", "=", "<", "sum(", "each(", "norm2(", "norm1(", "simplex(", "cappedsimplex(", "cap =",
            "bounds(", "increasing(", "*)", "\0", "é", "∞", "\ud800",
        ];
        int sets = 0;
        for (int i = 0; i < 10_000; i++)
        {
            StringBuilder text = new();
            for (int k = random.Next(1, 24); k > 0; k--)
                text.Append(i % 10 == 0 ? ((char)random.Next(0x10000)).ToString() : pieces[random.Next(pieces.Length)]);
            try
            {
                ConstraintSet set = Parse(text.ToString());
                Assert.AreEqual(set, Parse(set.ToString()));
                sets++;
            }
            catch (ConstraintFormatException e)
            {
                Assert.IsTrue(e.Position >= 0 && e.Position <= text.Length);
            }
        }

        Assert.IsTrue(sets > 0);
    }

    [TestMethod]
    public void Parse_OfSpoiledTexts_GivesASetOrAFormatException()
    {
        Random random = new(19);
        int sets = 0, errors = 0;
        for (int i = 0; i < 5000; i++)
        {
            ConstraintSet set = RandomConstraintSets.Create(random, 2);
            StringBuilder text = new(set.ToString());
            for (int k = random.Next(1, 3); k > 0 && text.Length > 1; k--)
            {
                int at = random.Next(text.Length);
                if (random.Next(2) == 0)
                    text.Remove(at, 1);
                else
                    text[at] = text[random.Next(text.Length)];
            }

            try
            {
                ConstraintSet read = ConstraintSet.Parse(text.ToString(), set.Variables.ToArray());
                Assert.AreEqual(read, ConstraintSet.Parse(read.ToString(), set.Variables.ToArray()), text.ToString());
                sets++;
            }
            catch (ConstraintFormatException)
            {
                errors++;
            }
        }

        Assert.IsTrue(sets > 100 && errors > 100, $"{sets} sets, {errors} errors: the sample says nothing.");
    }
}
