using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Security.Cryptography;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Transforms;

/// <summary>Damaged model files: an exception or the same scores, never other scores, a hang, or a great allocation.</summary>
[TestClass]
public sealed class SavedModelTests
{
    private const int HeaderLength = sizeof(long) + 32;

    /// <summary>The block's own content is below 1 KiB; ML.NET's reading of a file allocates a few hundred KiB.</summary>
    private const long AllocationLimit = 16 << 20;

    private static readonly Row[] s_rows = [new() { V = [1, 2, 3], Cap = 2 }, new() { V = [-1, 0.5f, 9], Cap = 1 }, new() { V = [5, 5, 5], Cap = -1 }];

    private readonly MLContext _mlContext = new(1);

    [TestMethod]
    public void Block_TruncatedOrAltered_GivesAnExceptionThatNamesIt()
    {
        byte[] model = Saved();
        byte[] content = Entry(model, out string entry);
        int start = PayloadStart(content), end = start + HeaderLength + (int)BitConverter.ToInt64(content, start);
        var random = new Random(5);
        for (int i = 0; i < 1000; i++)
        {
            byte[] damaged = (byte[])content.Clone();
            if (i % 4 == 0)
            {
                damaged = damaged[..random.Next(start, end)];
            }
            else
            {
                for (int flips = 1 + random.Next(3); flips > 0; flips--)
                    damaged[random.Next(start, end)] ^= (byte)(1 << random.Next(8));
                if (damaged.AsSpan().SequenceEqual(content))
                    continue;
            }

            Exception? e = Load(WithEntry(model, entry, damaged), out _);
            Assert.IsNotNull(e, $"case {i} was loaded");
            Assert.IsTrue(Chain(e).Any(x => x is FormatException && x.Message.Contains("block 'ConstrainedProjection'", StringComparison.Ordinal)), $"case {i}: {e}");
        }
    }

    [TestMethod]
    public void File_TruncatedOrAltered_GivesAnExceptionOrTheSameScores()
    {
        byte[] model = Saved();
        Assert.IsNull(Load(model, out float[][]? expected));
        var random = new Random(6);
        for (int i = 0; i < 1000; i++)
        {
            byte[] damaged = (byte[])model.Clone();
            if (i % 5 == 0)
            {
                damaged = damaged[..random.Next(damaged.Length)];
            }
            else
            {
                for (int flips = 1 + random.Next(3); flips > 0; flips--)
                    damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            }

            if (Load(damaged, out float[][]? scores, onlyOurBlockIsDamaged: false) is null)
            {
                for (int row = 0; row < expected!.Length; row++)
                    CollectionAssert.AreEqual(expected[row], scores![row], $"case {i} gives other scores");
            }
        }
    }

    [TestMethod]
    public void Block_WithAFalseLength_AllocatesLittle()
    {
        byte[] model = Saved();
        byte[] content = Entry(model, out string entry);
        int start = PayloadStart(content);
        foreach (long length in new[] { -1, 255L << 20, 257L << 20, int.MaxValue, long.MaxValue, long.MinValue })
        {
            BitConverter.TryWriteBytes(content.AsSpan(start), length);
            Exception? e = Load(WithEntry(model, entry, content), out _);
            Assert.IsNotNull(e);
            Assert.IsTrue(Chain(e).Any(x => x.Message.Contains("block 'ConstrainedProjection'", StringComparison.Ordinal)), e.ToString());
        }
    }

    [TestMethod]
    public void Block_OfContradictoryContentButRightChecksum_NamesTheFault()
    {
        byte[] model = Saved();
        byte[] content = Entry(model, out string entry);
        int start = PayloadStart(content), payload = start + HeaderLength;

        // The first payload byte is the length of the output column's name: make the name empty.
        byte[] changed = (byte[])content.Clone();
        changed[payload] = 0;
        SHA256.HashData(changed.AsSpan(payload, (int)BitConverter.ToInt64(content, start))).CopyTo(changed, start + sizeof(long));
        Exception? e = Load(WithEntry(model, entry, changed), out _);
        Assert.IsNotNull(e);
        Assert.IsTrue(Chain(e).Any(x => x is FormatException && x.Message.Contains("block 'ConstrainedProjection'", StringComparison.Ordinal)), e.ToString());
    }

    private byte[] Saved()
    {
        IDataView view = _mlContext.Data.LoadFromEnumerable(s_rows);
        ConstraintSet set = ConstraintSet.Over("a", "b", "c").Nonnegative().Linear("a + b + c <= @Cap").Ball(Norm.L2, 3);
        ITransformer model = _mlContext.Transforms.ConstrainedProjection("P", "V", set).Fit(view);
        using var stream = new MemoryStream();
        _mlContext.Model.Save(model, view.Schema, stream);
        return stream.ToArray();
    }

    private static Exception? Load(byte[] file, out float[][]? scores, bool onlyOurBlockIsDamaged = true)
    {
        scores = null;
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var mlContext = new MLContext(1);
            ITransformer model = mlContext.Model.Load(new MemoryStream(file), out _);
            scores = [.. model.Transform(mlContext.Data.LoadFromEnumerable(s_rows)).GetColumn<float[]>("P")];
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
        finally
        {
            // What ML.NET allocates for its own damaged parts is not ours to limit.
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsTrue(!onlyOurBlockIsDamaged || allocated < AllocationLimit, $"{allocated} bytes were allocated.");
        }
    }

    private static IEnumerable<Exception> Chain(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
            yield return e;
    }

    /// <summary>The content and name of the entry that holds our block.</summary>
    private static byte[] Entry(byte[] model, out string name)
    {
        using var zip = new ZipArchive(new MemoryStream(model));
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using var content = new MemoryStream();
            using (Stream stream = entry.Open())
                stream.CopyTo(content);
            name = entry.FullName;
            if (FindPayload(content.ToArray()) >= 0)
                return content.ToArray();
        }

        throw new InvalidOperationException("No entry holds a block with a checksum.");
    }

    private static int PayloadStart(byte[] content) => FindPayload(content);

    /// <summary>The place where a length and a checksum stand that fit what follows.</summary>
    private static int FindPayload(byte[] content)
    {
        for (int i = 0; i + HeaderLength < content.Length; i++)
        {
            long length = BitConverter.ToInt64(content, i);
            if (length > 0 && i + HeaderLength + length <= content.Length &&
                SHA256.HashData(content.AsSpan(i + HeaderLength, (int)length)).AsSpan().SequenceEqual(content.AsSpan(i + sizeof(long), 32)))
            {
                return i;
            }
        }

        return -1;
    }

    private static byte[] WithEntry(byte[] model, string name, byte[] content)
    {
        using var source = new ZipArchive(new MemoryStream(model));
        using var result = new MemoryStream();
        using (var target = new ZipArchive(result, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in source.Entries)
            {
                using Stream written = target.CreateEntry(entry.FullName).Open();
                using Stream read = entry.FullName == name ? new MemoryStream(content) : entry.Open();
                read.CopyTo(written);
            }
        }

        return result.ToArray();
    }

    private sealed class Row
    {
        [VectorType(3)]
        public float[] V { get; set; } = new float[3];

        public float Cap { get; set; }
    }
}
