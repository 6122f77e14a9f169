using System;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace TorchSharp.Offline.Tests;

[TestClass]
public class DeviceTests : TorchTest
{
    [TestMethod]
    public void Description_OfDevice_RoundTrips()
    {
        Assert.AreEqual("cpu", new Device("cpu").ToString());
        Assert.AreEqual("cuda:2", new Device("CUDA:2").ToString());
        Assert.AreEqual("cuda", new Device(DeviceType.CUDA).ToString());
        Assert.ThrowsExactly<ArgumentException>(() => new Device("abacus"));
    }

    [TestMethod]
    public void Cuda_WhereThereIsNone_IsRefused()
    {
        if (cuda.is_available())
            Assert.Inconclusive("There is a CUDA device.");
        Assert.AreEqual(0, cuda.device_count());
        Assert.ThrowsExactly<InvalidOperationException>(() => device("cuda"));
        Assert.ThrowsExactly<InvalidOperationException>(() => zeros(1, device: new Device("cuda")));
        Assert.ThrowsExactly<InvalidOperationException>(() => nn.Linear(1, 1).to(DeviceType.CUDA));
    }

    [TestMethod]
    public void Cuda_WhereThereIsOne_ComputesTheSame()
    {
        if (!cuda.is_available())
            Assert.Inconclusive("There is no CUDA device.");
        Tensor a = Some(30, 30);
        Tensor there = a.cuda();
        Assert.IsTrue(there.is_cuda);
        AreNear(Values(linalg.solve(a, a.matmul(a))), Values(linalg.solve(there, there.matmul(there)).cpu()), 1e-8);
        using var generator = new Generator(1, CUDA);
        Assert.AreEqual(DeviceType.CUDA, rand(3, device: CUDA, generator: generator).device_type);
        cuda.synchronize();
    }

    [TestMethod]
    public void DefaultType_Changed_IsUsedAndRestored()
    {
        set_default_dtype(float64);
        try
        {
            Assert.AreEqual(ScalarType.Float64, zeros(1).dtype);
        }
        finally
        {
            set_default_dtype(float32);
        }
        Assert.AreEqual(ScalarType.Float32, zeros(1).dtype);
    }
}
