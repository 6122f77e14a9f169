using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class NetworkModuleTests : LayerTest
{
    [TestMethod]
    [DataRow(HiddenActivation.ReLU)]
    [DataRow(HiddenActivation.Tanh)]
    [DataRow(HiddenActivation.Sigmoid)]
    [DataRow(HiddenActivation.Softplus)]
    [DataRow(HiddenActivation.SiLU)]
    public void ToNetwork_EachActivation_EqualsTheModule(HiddenActivation activation) =>
        AssertExport(new NetworkShape(5, 3, [17, 8], (NetworkActivation)activation));

    [TestMethod]
    public void ToNetwork_NoHiddenLayer_EqualsTheModule() => AssertExport(new NetworkShape(4, 2, [], NetworkActivation.ReLU));

    [TestMethod]
    public void ToNetwork_BatchNormalization_IsFolded() =>
        AssertExport(new NetworkShape(5, 3, [16, 16], NetworkActivation.ReLU) { BatchNormalization = true });

    [TestMethod]
    public void ToNetwork_Convolutions_EqualTheModule() => AssertExport(new NetworkShape(3 * 12 * 10, 4, [20], NetworkActivation.ReLU)
    {
        Image = new ImageShape(3, 12, 10),
        Convolutions = [new ConvolutionBlock(6, 3, 1, 1, 2), new ConvolutionBlock(8, 2, 1, 0, 2)],
        BatchNormalization = true,
    });

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    public void ToNetwork_PerPlace_EqualsTheModule(int hidden) => AssertExport(new NetworkShape(2 * 6 * 8, 12, new int[hidden].Select(_ => 5).ToArray(), NetworkActivation.Tanh)
    {
        Image = new ImageShape(2, 6, 8),
        Convolutions = [new ConvolutionBlock(7, 2, 2)],
        BatchNormalization = true,
        PerPlace = true,
    });

    [TestMethod]
    public void Forward_Dropout_ActsInTrainingOnlyAndFollowsItsSeed()
    {
        AssertDropout(new NetworkShape(3, 2, [50], NetworkActivation.Tanh) { Dropout = 0.5 });
    }

    [TestMethod]
    public void Forward_DropoutPerPlace_ActsInTrainingOnlyAndFollowsItsSeed()
    {
        // The hidden layer is a convolution of single pixels.
        AssertDropout(new NetworkShape(3, 2, [50], NetworkActivation.Tanh)
        {
            Dropout = 0.5, Image = new ImageShape(1, 1, 3), Convolutions = [new ConvolutionBlock(4, 1), new ConvolutionBlock(4, 1, 2)], PerPlace = true,
        });
    }

    [TestMethod]
    public void Constructor_DrawsNothingFromTheGlobalGenerator()
    {
        manual_seed(3);
        Tensor expected = rand(4);
        manual_seed(3);
        using var module = new NetworkModule(new NetworkShape(3, 2, [5], NetworkActivation.ReLU) { Dropout = 0.3 }, new Random(1), CPU);
        module.forward(zeros(2, 3)).Dispose();
        AreClose(expected, rand(4), 0);
    }

    private static void AssertDropout(NetworkShape shape)
    {
        using var first = new NetworkModule(shape, new Random(4), CPU);
        using var second = new NetworkModule(shape, new Random(4), CPU);
        Tensor x = Normal(new Random(1), 6, 3).to(ScalarType.Float32);
        Tensor one = first.forward(x), two = first.forward(x);
        Assert.IsGreaterThan(1e-3, LargestDifference(one, two));
        AreClose(one, second.forward(x), 0);
        first.eval();
        second.eval();
        AreClose(first.forward(x), second.forward(x), 0);
        AreClose(first.forward(x), first.forward(x), 0);
    }

    private static void AssertExport(NetworkShape shape)
    {
        using var module = new NetworkModule(shape, new Random(2), CPU);
        Tensor x = Normal(new Random(3), 40, shape.Inputs).to(ScalarType.Float32);

        // Statistics that are not those of the start.
        for (int i = 0; i < 5; i++)
            module.forward(x * (i + 1)).Dispose();
        module.eval();
        float[] factor = [.. Enumerable.Range(0, shape.Inputs).Select(i => 0.5f + (0.1f * (i % 7)))], shift = [.. factor.Select(f => f - 1)];
        var input = new Scaling(factor, shift);
        var output = new Scaling([.. Enumerable.Range(0, shape.Outputs).Select(i => 3f + i)], [.. Enumerable.Range(0, shape.Outputs).Select(i => 10f * i)]);
        Network network = Reread(module.ToNetwork(input, output));
        Assert.AreEqual(shape.Inputs, network.InputCount);
        Assert.AreEqual(shape.Outputs, network.OutputCount);
        float[] rows = TrainingTensors.Values(x), scaled = (float[])rows.Clone(), scores = new float[40 * shape.Outputs];
        input.Apply(scaled);
        network.Forward(rows, scores);
        float[] expected = TrainingTensors.Values(module.forward(tensor(scaled, [40, shape.Inputs])));
        for (int i = 0; i < scores.Length; i++)
        {
            double value = ((double)expected[i] * output.Factor[i % shape.Outputs]) + output.Shift[i % shape.Outputs];
            Assert.AreEqual(value, scores[i], 1e-6 * Math.Max(10, Math.Abs(value)) * 2);
        }
    }

    private static Network Reread(Network network)
    {
        var stream = new MemoryStream();
        network.Write(new BinaryWriter(stream));
        stream.Position = 0;
        return Network.Read(new BinaryReader(stream));
    }
}
