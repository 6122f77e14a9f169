using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Trainers;

/// <summary>Which device a trainer runs on. The device asked for is one that no machine has.</summary>
[TestClass]
public sealed class TrainingTensorsTests : LayerTest
{
    private const int Nowhere = 1000;

    private readonly MLContext _mlContext = new(1);
    private readonly List<string> _warnings = [];

    [TestMethod]
    public void Resolve_WithoutAGpuChosen_AutoIsTheCpu()
    {
        Assert.AreEqual(DeviceType.CPU, Resolve(TrainerDevice.Auto).type);
        Assert.AreEqual(DeviceType.CPU, Resolve(TrainerDevice.Cpu).type);
        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    [DataRow(TrainerDevice.Auto)]
    [DataRow(TrainerDevice.Cuda)]
    public void Resolve_GpuThatIsNotThere_FallsBackWithAWarningOrThrows(TrainerDevice option)
    {
        _mlContext.GpuDeviceId = Nowhere;
        _mlContext.FallbackToCpu = true;
        Assert.AreEqual(DeviceType.CPU, Resolve(option).type);
        Assert.HasCount(1, _warnings);
        Assert.Contains("CUDA device 1000", _warnings[0]);
        _mlContext.FallbackToCpu = false;
        var e = Assert.ThrowsExactly<InvalidOperationException>(() => Resolve(option));
        Assert.Contains("FallbackToCpu", e.Message);
        Assert.AreEqual(DeviceType.CPU, Resolve(TrainerDevice.Cpu).type);
    }

    [TestMethod]
    public void Resolve_Cuda_IsTheFirstDeviceWhereThereIsOne()
    {
        _mlContext.FallbackToCpu = true;
        Assert.AreEqual(cuda.is_available() ? DeviceType.CUDA : DeviceType.CPU, Resolve(TrainerDevice.Cuda).type);
    }

    private Device Resolve(TrainerDevice option)
    {
        _warnings.Clear();
        _mlContext.Log += Note;
        Device device = TrainingTensors.Resolve(option, ((IHostEnvironment)_mlContext).Register("test"));
        _mlContext.Log -= Note;
        return device;
    }

    private void Note(object? sender, LoggingEventArgs e)
    {
        if (e.Kind == ChannelMessageKind.Warning)
            _warnings.Add(e.Message);
    }
}
