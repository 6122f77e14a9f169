using System;
using System.Linq;
using System.Runtime.InteropServices;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace TorchSharp.Offline.Tests;

[TestClass]
public class TensorTests : TorchTest
{
    [TestMethod]
    public void Bytes_OfContiguousTensor_AreItsOwnMemory()
    {
        using Tensor t = zeros(2, 3, dtype: float64);
        MemoryMarshal.Cast<byte, double>(t.bytes)[4] = 7;
        Assert.AreEqual(7, t[1, 1].ToDouble());
        using Tensor slice = t[1];
        Assert.AreEqual(24, slice.bytes.Length);
        Assert.AreEqual(7, MemoryMarshal.Cast<byte, double>(slice.bytes)[1]);
        Assert.ThrowsExactly<InvalidOperationException>(() => _ = t.t().bytes.Length);
    }

    [TestMethod]
    public void FromBuffer_AfterTheArrayIsForgotten_KeepsItsMemory()
    {
        static Tensor Make() => frombuffer(Enumerable.Range(0, 1000).Select(i => (double)i).ToArray(), ScalarType.Float64);
        using Tensor t = Make();
        for (int i = 0; i < 5; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            _ = new double[100_000];
        }
        Assert.AreEqual(999 * 1000 / 2, t.sum().ToDouble());
    }

    [TestMethod]
    public void FromBuffer_OutsideTheArray_Throws()
    {
        var array = new double[4];
        Assert.ThrowsExactly<ArgumentException>(() => frombuffer(array, ScalarType.Float64, 3, 2));
        Assert.ThrowsExactly<ArgumentException>(() => frombuffer(array, ScalarType.Float64, -1, 5));
    }

    [TestMethod]
    public void Arithmetic_OnRandomNumbers_EqualsTheSameInManagedCode()
    {
        double[] a = Numbers(7, 1), b = Numbers(7, 2);
        Tensor x = tensor(a), y = tensor(b);
        AreNear(a.Zip(b, (p, q) => (p + q) * 3 - p / (q * q + 1)).ToArray(), Values((x + y) * 3 - x / (y * y + 1)));
        AreNear(a.Select(p => 2 / (p + 2) - 1).ToArray(), Values(2 / (x + 2) - 1));
        AreNear(a.Select(p => Math.Tanh(p) + Math.Exp(-p)).ToArray(), Values(x.tanh() + (-x).exp()));
        AreNear(a.Select(p => Math.Max(p, 0.25) - Math.Min(p, 0)).ToArray(), Values(x.clamp_min(0.25) - x.clamp(max: 0)));
    }

    [TestMethod]
    public void Reductions_OverDimensions_EqualLoops()
    {
        double[] a = Numbers(12);
        Tensor m = tensor(a, [3, 4]);
        double[] rows = Enumerable.Range(0, 3).Select(i => a.Skip(4 * i).Take(4).Sum()).ToArray();
        AreNear(rows, Values(m.sum(1)));
        AreNear(rows.Select(r => r / 4).ToArray(), Values(m.mean([1])));
        double[] largest = Enumerable.Range(0, 4).Select(j => Enumerable.Range(0, 3).Max(i => a[4 * i + j])).ToArray();
        AreNear(largest, Values(m.max(0L).values));
        AreNear([Math.Sqrt(a.Sum(v => v * v))], Values(m.norm()));
        AreNear([a.Sum(v => Math.Pow(v - a.Average(), 2)) / 11], Values(m.var()));
    }

    [TestMethod]
    public void Indexing_MixedForms_EqualsLoops()
    {
        double[] a = Numbers(24);
        Tensor t = tensor(a, [2, 3, 4]);
        double At(int i, int j, int k) => a[12 * i + 4 * j + k];
        AreNear([At(1, 0, 1), At(1, 0, 3), At(1, 2, 1), At(1, 2, 3)],
            Values(t[1, TensorIndex.Slice(0, 3, 2), TensorIndex.Slice(1, null, 2)]));
        AreNear([At(0, 2, 3), At(1, 2, 3)], Values(t[TensorIndex.Ellipsis, 2, 3]));
        AreNear([At(0, 2, 1), At(0, 0, 1)], Values(t.index(0, TensorIndex.Tensor(tensor(new long[] { 2, 0 })), 1)));
        Assert.AreSequenceEqual(new long[] { 2, 1, 3, 4 }, t[TensorIndex.Colon, TensorIndex.Null].shape);
        t[0, .., 1] = tensor(new double[] { 5, 6, 7 });
        AreNear([5, 6, 7], Values(t[0, TensorIndex.Colon, 1]));
    }

    [TestMethod]
    public void Data_OfStridedTensor_IsInItsOwnOrder()
    {
        double[] a = Numbers(6);
        Tensor turned = tensor(a, [2, 3]).t();
        AreNear([a[0], a[3], a[1], a[4], a[2], a[5]], turned.data<double>().ToArray());
        AreNear([a[0], a[3], a[1], a[4], a[2], a[5]], turned.data<double>().ToList().ToArray());
        using var data = turned.data<double>();
        data[2, 1] = 9;
        Assert.AreEqual(9, turned[2, 1].ToDouble());
        var copy = new double[6];
        data.CopyTo(copy);
        Assert.AreEqual(9, copy[5]);
    }

    [TestMethod]
    public void Errors_OfLibtorch_CarryItsTextAndDoNotStick()
    {
        var e = Assert.ThrowsExactly<ExternalException>(() => zeros(2).add(zeros(3)));
        Assert.Contains("must match the size of tensor b (3)", e.Message);
        Assert.AreEqual(2, zeros(2).add(1).sum().ToDouble());
    }

    [TestMethod]
    public void Tensor_WithManyDimensionsOrLongLists_IsNotLimitedByStackScratch()
    {
        Tensor[] pieces = Enumerable.Range(0, 1000).Select(i => tensor((double)i)).ToArray();
        Assert.AreEqual(999 * 500, stack(pieces).sum().ToDouble());
        Assert.HasCount(1000, stack(pieces).unbind());
    }

    [TestMethod]
    public void Conversions_BetweenTypes_KeepTheValues()
    {
        Tensor t = tensor(new[] { 1.5, -2.5 });
        Assert.AreEqual(ScalarType.Float32, t.to(float32).dtype);
        AreNear([1, -2], Values(t.to(int64)));
        Tensor same = t.to(float64);
        same[0] = 4;
        Assert.AreEqual(4, t[0].ToDouble());
        using (Tensor gone = zeros(1))
            gone.to(float64, disposeAfter: true).Dispose();
    }

    [TestMethod]
    public void DisposedTensor_UsedInAnyWay_Throws()
    {
        Tensor t = ones(2);
        t.Dispose();
        Assert.IsTrue(t.IsInvalid);
        Assert.ThrowsExactly<InvalidOperationException>(() => t + 1);
        Assert.ThrowsExactly<InvalidOperationException>(() => ones(2) * t);
        Assert.ThrowsExactly<InvalidOperationException>(() => stack([ones(2), t]));
        t.Dispose();
    }

    [TestMethod]
    public void Names_OfDimensions_AreRefused() =>
        Assert.ThrowsExactly<NotSupportedException>(() => zeros(2, names: ["a"]));
}
