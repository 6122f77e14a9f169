using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Constrained.Layers;
using Microsoft.ML.Constrained.Networks;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

/// <summary>The tensor operations of a trained network against its managed forward pass, on the CPU and on a CUDA device where there is one.</summary>
[TestClass]
public sealed class NetworkTensorsTests : LayerTest
{
    private static readonly ImageShape s_image = new(2, 9, 7);

    private static IEnumerable<Device> Devices => cuda.is_available() ? [CPU, CUDA] : [CPU];

    [TestMethod]
    public void Forward_EqualsTheManagedOne()
    {
        foreach (Device device in Devices)
        {
            foreach (Network network in Networks(new Random(1)))
            {
                foreach (int rows in new[] { 1, 2, 77 })
                {
                    using var tensors = new NetworkTensors(network, device);
                    float[] input = Numbers(new Random(rows), rows * network.InputCount), expected = new float[rows * network.OutputCount];
                    float[] output = new float[expected.Length];
                    network.Forward(input, expected);
                    tensors.Forward(input, output);
                    float size = Math.Max(1, expected.Max(Math.Abs));
                    for (int i = 0; i < output.Length; i++)
                        Assert.AreEqual(expected[i], output[i], 2e-6 * size, $"{device}, {rows} rows, value {i}");
                }
            }
        }
    }

    [TestMethod]
    public void Forward_BadRows_AreMissingAndSpoilNoNeighbour()
    {
        foreach (Device device in Devices)
        {
            foreach (Network network in Networks(new Random(2)))
            {
                using var tensors = new NetworkTensors(network, device);
                int inputs = network.InputCount, outputs = network.OutputCount;
                float[] input = Numbers(new Random(3), 5 * inputs), clean = new float[5 * outputs], output = new float[5 * outputs];
                tensors.Forward(input, clean);
                input[inputs] = float.NaN;
                input[(4 * inputs) - 1] = float.PositiveInfinity;
                tensors.Forward(input, output);
                for (int i = 0; i < output.Length; i++)
                {
                    if (i / outputs is 1 or 3)
                        Assert.IsTrue(float.IsNaN(output[i]));
                    else
                        Assert.AreEqual(clean[i], output[i], $"value {i}");
                }
            }
        }
    }

    [TestMethod]
    public void Forward_NoRowsOrWrongLengths()
    {
        Network network = Networks(new Random(4)).First();
        using var tensors = new NetworkTensors(network, CPU);
        tensors.Forward([], []);
        Assert.ThrowsExactly<ArgumentException>(() => tensors.Forward(new float[network.InputCount + 1], new float[network.OutputCount]));
        Assert.ThrowsExactly<ArgumentException>(() => tensors.Forward(new float[network.InputCount], new float[network.OutputCount + 1]));
    }

    [TestMethod]
    public void Forward_FromManyThreads_GivesEachItsOwn()
    {
        Network network = Networks(new Random(5)).First();
        using var tensors = new NetworkTensors(network, CPU);
        Parallel.For(0, 40, k =>
        {
            float[] input = Numbers(new Random(k), 9 * network.InputCount), expected = new float[9 * network.OutputCount], output = new float[expected.Length];
            network.Forward(input, expected);
            tensors.Forward(input, output);
            if (k % 8 == 0)
                tensors.Dispose();
            for (int i = 0; i < output.Length; i++)
                Assert.AreEqual(expected[i], output[i], 1e-5);
        });
    }

    [TestMethod]
    [DoNotParallelize] // counts live tensors
    public void Dispose_FreesWhatTheDeviceHolds_AndALaterBatchBringsItBack()
    {
        foreach (Network network in Networks(new Random(6)))
        {
            using var tensors = new NetworkTensors(network, CPU);
            float[] input = Numbers(new Random(7), 3 * network.InputCount), first = new float[3 * network.OutputCount], second = new float[first.Length];
            GC.Collect();
            GC.WaitForPendingFinalizers();
            long before = Tensor.TotalCount;
            tensors.Forward(input, first);
            Assert.IsTrue(tensors.IsLoaded);
            int parameters = 2 * network.Layers.Count(l => l is DenseLayer or ConvolutionLayer or ScalingLayer);
            Assert.AreEqual(before + parameters, Tensor.TotalCount);
            tensors.Dispose();
            Assert.IsFalse(tensors.IsLoaded);
            Assert.AreEqual(before, Tensor.TotalCount);
            tensors.Forward(input, second);
            CollectionAssert.AreEqual(first, second);
        }
    }

    private static IEnumerable<Network> Networks(Random random)
    {
        var layers = new List<NetworkLayer> { new ScalingLayer(Numbers(random, 13), Numbers(random, 13)) };
        foreach (NetworkActivation activation in Enum.GetValues<NetworkActivation>())
            layers.AddRange([Dense(random, 13, 29), new ActivationLayer(activation, 29), Dense(random, 29, 13), new PartialActivationLayer(activation, 4, 9)]);
        layers.Add(Dense(random, 13, 3));
        yield return new Network(layers);

        // 2 × 9 × 7 → 5 × 5 × 4 → 5 × 4 × 3 → 6 × 2 × 1 → 2.
        yield return new Network(
        [
            new ConvolutionLayer(s_image, Numbers(random, 5 * 2 * 9), Numbers(random, 5), 3, 2, 1),
            new ActivationLayer(NetworkActivation.ReLU, 100),
            new PoolingLayer(new ImageShape(5, 5, 4), 2, 1, mean: false),
            new ConvolutionLayer(new ImageShape(5, 4, 3), Numbers(random, 6 * 5 * 9), Numbers(random, 6), 3, 1, 0),
            new PoolingLayer(new ImageShape(6, 2, 1), 1, 1, mean: true),
            new PoolingLayer(new ImageShape(3, 2, 2), 2, 2, mean: true),
            Dense(random, 3, 2),
        ]);
    }

    private static DenseLayer Dense(Random random, int inputs, int outputs) =>
        new([.. Numbers(random, inputs * outputs).Select(v => v / MathF.Sqrt(inputs))], Numbers(random, outputs), inputs);

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((4 * random.NextDouble()) - 2))];
}
