using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Trainers;

/// <summary>Where trained networks score. The device asked for is one that no machine has.</summary>
[TestClass]
public sealed class ScoringNetworkTests : LayerTest
{
    private const int Nowhere = 1000;

    private static readonly Network s_small = Net(10), s_large = Net(1000);

    private readonly MLContext _mlContext = new(1);
    private readonly List<string> _warnings = [];

    [TestMethod]
    public void Place_WithoutAGpuChosen_AsksForNone()
    {
        _mlContext.FallbackToCpu = false;
        foreach (Network network in new[] { s_small, s_large })
        {
            Assert.IsFalse(Place(network, TrainerDevice.Auto).UsesDevice);
            Assert.IsFalse(Place(network, TrainerDevice.Cpu).UsesDevice);
        }

        Assert.IsEmpty(_warnings);
    }

    [TestMethod]
    public void Place_AutoWithASmallNetwork_StaysOnTheCpu()
    {
        (_mlContext.GpuDeviceId, _mlContext.FallbackToCpu) = (Nowhere, false);
        Assert.IsFalse(Place(s_small, TrainerDevice.Auto).UsesDevice);
        Assert.IsFalse(Place(s_large, TrainerDevice.Cpu).UsesDevice);
    }

    [TestMethod]
    [DataRow(TrainerDevice.Auto, true)]
    [DataRow(TrainerDevice.Cuda, true)]
    [DataRow(TrainerDevice.Cuda, false)]
    public void Place_GpuThatIsNotThere_FallsBackWithAWarningOrThrows(TrainerDevice device, bool large)
    {
        Network network = large ? s_large : s_small;
        (_mlContext.GpuDeviceId, _mlContext.FallbackToCpu) = (Nowhere, true);
        Assert.IsFalse(Place(network, device).UsesDevice);
        Assert.HasCount(1, _warnings);
        Assert.Contains("Scoring was to run on CUDA device 1000", _warnings[0]);
        _mlContext.FallbackToCpu = false;
        Assert.Contains("FallbackToCpu", Assert.ThrowsExactly<InvalidOperationException>(() => Place(network, device)).Message);
    }

    [TestMethod]
    public void OnDevice_WithoutLibtorch_FallsBackWithAWarningOrThrows()
    {
        // What TorchSharp does where its native part is missing, by version and platform.
        Exception[] failures =
        [
            new TypeInitializationException("TorchSharp.torch", new DllNotFoundException("LibTorchSharp is missing")),
            new DllNotFoundException("LibTorchSharp is missing"), new NotSupportedException("LibTorchSharp is missing"),
        ];
        _mlContext.Log += Note;
        foreach (Exception failure in failures)
        {
            _warnings.Clear();
            _mlContext.FallbackToCpu = true;
            Assert.IsNull(ScoringNetwork.OnDevice(s_large, () => throw failure, Host()));
            Assert.HasCount(1, _warnings);
            Assert.Contains("LibTorchSharp is missing", _warnings[0]);
            _mlContext.FallbackToCpu = false;
            InvalidOperationException e = Assert.ThrowsExactly<InvalidOperationException>(() => ScoringNetwork.OnDevice(s_large, () => throw failure, Host()));
            Assert.Contains("libtorch cannot be loaded", e.Message);
            Assert.Contains("FallbackToCpu", e.Message);
            Assert.AreSame(failure, e.InnerException);
        }

        _mlContext.Log -= Note;
    }

    [TestMethod]
    public void Place_Cuda_IsUsedWhereThereIsOne()
    {
        _mlContext.FallbackToCpu = true;
        using ScoringNetwork network = Place(s_large, TrainerDevice.Cuda);
        Assert.AreEqual(cuda.is_available(), network.UsesDevice);
    }

    [TestMethod]
    public void Forward_BatchesGoToTheDevice_SingleRowsDoNot()
    {
        const int rows = 8;
        float[] input = [.. Enumerable.Range(0, rows * s_large.InputCount).Select(i => MathF.Sin(i))];
        float[] expected = new float[rows * s_large.OutputCount], batch = new float[expected.Length], single = new float[expected.Length];
        s_large.Forward(input, expected);
        var tensors = new NetworkTensors(s_large, CPU);
        using var network = new ScoringNetwork(s_large, 1, tensors);
        for (int i = 0; i < rows; i++)
            network.Forward(input.AsSpan(i * s_large.InputCount, s_large.InputCount), single.AsSpan(i * s_large.OutputCount, s_large.OutputCount));
        Assert.IsFalse(tensors.IsLoaded);
        CollectionAssert.AreEqual(expected, single);
        network.Forward(input, batch);
        Assert.IsTrue(tensors.IsLoaded);
        for (int i = 0; i < batch.Length; i++)
            Assert.AreEqual(expected[i], batch[i], 1e-5);
    }

    [TestMethod]
    public void LoadedModel_GoesByTheContextThatLoadsIt()
    {
        IDataView view = _mlContext.Data.LoadFromEnumerable(RegressionRow.Create(30, 2));
        using ConstrainedRegressionTransformer model = _mlContext.Regression.Trainers.ConstrainedRegression(
            new ConstrainedRegressionOptions { HiddenLayers = [1000, 600], Epochs = 1, Device = TrainerDevice.Cpu }).Fit(view);
        using var stream = new MemoryStream();
        _mlContext.Model.Save(model, view.Schema, stream);
        float[] expected = [.. model.Transform(view).GetColumn<float>("Score")];

        (_mlContext.GpuDeviceId, _mlContext.FallbackToCpu) = (Nowhere, true);
        _mlContext.Log += Note;
        ITransformer loaded = Load();
        Assert.HasCount(1, _warnings);
        CollectionAssert.AreEqual(expected, loaded.Transform(view).GetColumn<float>("Score").ToArray());
        _mlContext.FallbackToCpu = false;
        Exception e = Assert.Throws<Exception>(() => Load()).GetBaseException();
        Assert.IsInstanceOfType<InvalidOperationException>(e);
        Assert.Contains("FallbackToCpu", e.Message);

        ITransformer Load()
        {
            stream.Position = 0;
            return _mlContext.Model.Load(stream, out _);
        }
    }

    [TestMethod]
    public void DisposedTransformer_StaysUsable()
    {
        IDataView view = _mlContext.Data.LoadFromEnumerable(RegressionRow.Create(30, 2));
        ConstrainedRegressionTransformer model = _mlContext.Regression.Trainers.ConstrainedRegression(new ConstrainedRegressionOptions { Epochs = 1 }).Fit(view);
        float[] expected = [.. model.Transform(view).GetColumn<float>("Score")];
        model.Dispose();
        CollectionAssert.AreEqual(expected, model.Transform(view).GetColumn<float>("Score").ToArray());
    }

    private static Network Net(int width)
    {
        var random = new Random(width);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
        return new Network([new DenseLayer(Numbers(width * width), Numbers(width), width), new ActivationLayer(NetworkActivation.Tanh, width)]);
    }

    /// <summary>A new one: a host keeps the choice that the context had.</summary>
    private IHost Host() => ((IHostEnvironment)_mlContext).Register("test");

    private ScoringNetwork Place(Network network, TrainerDevice device)
    {
        _warnings.Clear();
        _mlContext.Log += Note;
        try
        {
            var placed = new ScoringNetwork(network, 1);
            placed.Place(device, Host());
            return placed;
        }
        finally
        {
            _mlContext.Log -= Note;
        }
    }

    private void Note(object? sender, LoggingEventArgs e)
    {
        if (e.Kind == ChannelMessageKind.Warning)
            _warnings.Add(e.Message);
    }
}
