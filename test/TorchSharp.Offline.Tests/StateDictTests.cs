using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Offline.Tests;

[TestClass]
public class StateDictTests : TorchTest
{
    /// <summary>A stored module put together byte by byte: entries, then name, type, dimensions and elements of each.</summary>
    private static byte[] ByHand(params (string Name, byte Type, byte[] Shape, byte[] Elements)[] entries)
    {
        var bytes = new List<byte> { (byte)entries.Length };
        foreach (var (name, type, shape, elements) in entries)
        {
            bytes.Add((byte)name.Length);
            bytes.AddRange(Encoding.UTF8.GetBytes(name));
            bytes.Add(type);
            bytes.Add((byte)shape.Length);
            bytes.AddRange(shape);
            bytes.AddRange(elements);
        }
        return bytes.ToArray();
    }

    private static byte[] Floats(params float[] values) => MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private static byte[] Saved(nn.Module module)
    {
        using var stream = new MemoryStream();
        module.save(stream);
        return stream.ToArray();
    }

    [TestMethod]
    public void LoadAndSave_OfBytesPutTogetherByHand_AreUpstreamsFormat()
    {
        byte[] stored = ByHand(
            ("weight", 6, [2, 3], Floats(1, 2, 3, 4, 5, 6)),
            ("bias", 6, [2], Floats(-1, 0.5f)));
        Linear layer = nn.Linear(3, 2);
        layer.load(new MemoryStream(stored));
        AreNear([1, 2, 3, 4, 5, 6], Values(layer.weight));
        AreNear([5, 15.5], Values(layer.forward(ones(3))));
        Assert.AreSequenceEqual(stored, Saved(layer));
    }

    [TestMethod]
    public void Save_OfLongDimension_TakesTwoBytesForIt()
    {
        byte[] stored = Saved(nn.Linear(300, 1, hasBias: false));
        Assert.AreSequenceEqual(new byte[] { 1, 6 }, stored[..2]);
        Assert.AreSequenceEqual(new byte[] { 6, 2, 1, 300 % 128 + 128, 300 / 128 }, stored[8..13]);
        Assert.HasCount(13 + 1200, stored);
    }

    [TestMethod]
    public void Load_OfDamagedStreams_ThrowsWithoutChangingMuch()
    {
        byte[] good = Saved(nn.Linear(3, 2));
        for (int length = 0; length < good.Length; length++)
            AssertRefused(good[..length]);
        byte[] wrongType = (byte[])good.Clone();
        wrongType[8] = 99;
        AssertRefused(wrongType);
        byte[] hugeShape = (byte[])good.Clone();
        hugeShape[10] = 255;
        AssertRefused(hugeShape);
    }

    private static void AssertRefused(byte[] bytes)
    {
        try
        {
            nn.Linear(3, 2).load(new MemoryStream(bytes));
        }
        catch (Exception e) when (e is ArgumentException or EndOfStreamException or InvalidDataException or ExternalException or OverflowException)
        {
            return;
        }
        Assert.Fail("A damaged state was loaded.");
    }

    [TestMethod]
    public void LoadStateDict_ReportsWhatIsMissing()
    {
        Linear layer = nn.Linear(2, 1);
        var state = new Dictionary<string, Tensor> { ["weight"] = ones(1, 2), ["other"] = ones(1) };
        var (missing, unexpected) = layer.load_state_dict(state, strict: false);
        Assert.AreSequenceEqual(new[] { "bias" }, missing);
        Assert.AreSequenceEqual(new[] { "other" }, unexpected);
        AreNear([1, 1], Values(layer.weight));
        Assert.ThrowsExactly<InvalidOperationException>(() => layer.load_state_dict(state));
    }

    [TestMethod]
    public void TensorFile_IsLibtorchsZipWithTheElementsInside()
    {
        string path = Path.Combine(Path.GetTempPath(), "offline-torch-" + Guid.NewGuid().ToString("N"));
        try
        {
            tensor(new[] { 1.5, -2, 3 }).save(path);
            AreNear([1.5, -2, 3], Values(load(path)));
            byte[] elements = MemoryMarshal.AsBytes(new[] { 1.5, -2, 3 }.AsSpan()).ToArray();
            using ZipArchive zip = ZipFile.OpenRead(path);
            Assert.IsTrue(zip.Entries.Any(e => e.Length == 24 && Content(e).SequenceEqual(elements)));
        }
        finally
        {
            File.Delete(path);
        }
        Assert.ThrowsExactly<ExternalException>(() => load(path));
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
