using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Networks;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Networks;

/// <summary>The forward pass against the same formulas written naively in double precision.</summary>
[TestClass]
public sealed class NetworkTests
{
    [TestMethod]
    [DataRow(1, 1, 1)]
    [DataRow(3, 5, 2)]
    [DataRow(24, 64, 8)]
    [DataRow(33, 100, 31)]
    [DataRow(300, 520, 17)]
    public void Network_EqualsANaiveDoubleOne(int inputs, int hidden, int outputs)
    {
        foreach (NetworkActivation activation in Enum.GetValues<NetworkActivation>())
        {
            var random = new Random(1);
            var reference = new Reference();
            Network network = reference.Scale(inputs, random).Dense(inputs, hidden, random).Activate(activation, hidden)
                .Dense(hidden, hidden, random).Activate(activation, hidden).Dense(hidden, outputs, random).Build();
            const int rows = 11;
            float[] input = Gaussians(random, rows * inputs), output = new float[rows * outputs];
            network.Forward(input, output);
            for (int r = 0; r < rows; r++)
            {
                double[] expected = reference.Run(input.Skip(r * inputs).Take(inputs).Select(v => (double)v).ToArray());
                double size = Math.Max(1, expected.Max(Math.Abs));
                for (int i = 0; i < outputs; i++)
                    Assert.AreEqual(expected[i], output[r * outputs + i], 1e-6 * size, $"{activation} row {r} output {i}");
            }
        }
    }

    [TestMethod]
    public void Activations_AreAccurateOverTheWholeRange()
    {
        var values = new List<float> { 0, -0f, float.Epsilon, 1e-30f, -1e-30f, 0.5f, 0.55f, -0.55f, 86.9f, -86.9f, 87.1f, -87.1f, 88.8f, 1e5f, -1e5f, 3e38f, -3e38f };
        for (float x = -95; x < 95; x += 0.0137f)
            values.Add(x);
        for (double x = 1e-8; x < 1; x *= 1.3)
            values.AddRange([(float)x, (float)-x]);
        foreach (NetworkActivation activation in Enum.GetValues<NetworkActivation>())
        {
            var network = new Network([new ActivationLayer(activation, values.Count)]);
            var output = new float[values.Count];
            network.Forward(values.ToArray(), output);
            for (int i = 0; i < output.Length; i++)
            {
                // Below the normal numbers there are only absolute errors.
                double expected = Reference.Of(activation, values[i]);
                Assert.AreEqual(expected, output[i], 4e-7 * Math.Abs(expected) + 2e-36, $"{activation}({values[i]})");
            }
        }
    }

    [TestMethod]
    [DataRow(1, 8, 8, 3, 1, 1, 4)]
    [DataRow(3, 7, 5, 3, 2, 0, 5)]
    [DataRow(2, 6, 6, 5, 1, 2, 3)]
    [DataRow(1, 1, 1, 1, 1, 0, 1)]
    public void Convolution_EqualsTheDoubleSum(int channels, int height, int width, int kernel, int stride, int padding, int kernels)
    {
        var random = new Random(2);
        var shape = new ImageShape(channels, height, width);
        float[] weights = Gaussians(random, kernels * channels * kernel * kernel), bias = Gaussians(random, kernels);
        var layer = new ConvolutionLayer(shape, weights, bias, kernel, stride, padding);
        var network = new Network([layer]);
        float[] images = Gaussians(random, 5 * shape.Count), output = new float[5 * network.OutputCount];
        network.Forward(images, output);
        int outHeight = (height + 2 * padding - kernel) / stride + 1, outWidth = (width + 2 * padding - kernel) / stride + 1;
        Assert.AreEqual(kernels * outHeight * outWidth, network.OutputCount);
        for (int r = 0, at = 0; r < 5; r++)
        {
            for (int k = 0; k < kernels; k++)
            {
                for (int i = 0; i < outHeight; i++)
                {
                    for (int j = 0; j < outWidth; j++)
                    {
                        double sum = bias[k];
                        for (int w = 0; w < channels * kernel * kernel; w++)
                        {
                            int c = w / (kernel * kernel), y = i * stride - padding + w / kernel % kernel, x = j * stride - padding + w % kernel;
                            if (y >= 0 && y < height && x >= 0 && x < width)
                                sum += (double)weights[k * channels * kernel * kernel + w] * images[r * shape.Count + (c * height + y) * width + x];
                        }

                        Assert.AreEqual(sum, output[at++], 1e-5);
                    }
                }
            }
        }
    }

    [TestMethod]
    public void PartialActivation_LeavesTheFirstValuesAlone()
    {
        foreach ((int kept, int changed) in new[] { (1, 1), (3, 14), (17, 2), (8, 8) })
        {
            foreach (NetworkActivation activation in Enum.GetValues<NetworkActivation>())
            {
                int width = kept + changed;
                float[] input = Gaussians(new Random(kept), 5 * width), output = new float[5 * width];
                Network.Read(new BinaryReader(new MemoryStream(Save(new Network([new PartialActivationLayer(activation, kept, changed)]))))).Forward(input, output);
                for (int i = 0; i < input.Length; i++)
                    Assert.AreEqual(i % width < kept ? input[i] : Reference.Of(activation, input[i]), output[i], i % width < kept ? 0 : 1e-6);
            }
        }

        Assert.ThrowsExactly<ArgumentException>(() => new PartialActivationLayer(NetworkActivation.ReLU, 0, 1));
        Assert.ThrowsExactly<ArgumentException>(() => new PartialActivationLayer(NetworkActivation.ReLU, 1, 0));
    }

    [TestMethod]
    public void Pooling_TakesTheLargestOrTheMean()
    {
        // 1 2 3 / 4 5 6 / 7 8 9, windows of 2 at a stride of 1.
        float[] image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        var output = new float[4];
        new Network([new PoolingLayer(new ImageShape(1, 3, 3), 2, 1, mean: false)]).Forward(image, output);
        CollectionAssert.AreEqual(new float[] { 5, 6, 8, 9 }, output);
        new Network([new PoolingLayer(new ImageShape(1, 3, 3), 2, 1, mean: true)]).Forward(image, output);
        CollectionAssert.AreEqual(new float[] { 3, 4, 6, 7 }, output);
        var one = new float[2];
        new Network([new PoolingLayer(new ImageShape(2, 3, 3), 3, 2, mean: false)]).Forward([.. image, .. image.Select(v => -v)], one);
        CollectionAssert.AreEqual(new float[] { 9, -1 }, one);
    }

    [TestMethod]
    public void Rows_DoNotDependOnBatchNeighboursOrThreads()
    {
        var random = new Random(3);
        foreach (Network network in new[] { Mixed(random), Image(random) })
        {
            int rows = 131, k = network.InputCount, n = network.OutputCount;
            float[] input = Gaussians(random, rows * k), all = new float[rows * n];
            network.Forward(input, all, threads: 3);
            foreach (int size in new[] { 1, 2, 3, 5, 67 })
            {
                for (int first = 0; first + size <= rows; first += 19)
                {
                    var some = new float[size * n];
                    network.Forward(input.AsSpan(first * k, size * k), some, threads: size % 3);
                    Assert.IsTrue(all.AsSpan(first * n, size * n).SequenceEqual(some), $"{first} {size}");
                }
            }
        }
    }

    [TestMethod]
    public void RowsThatAreNotFinite_AreNaNAndSpoilNoNeighbour()
    {
        var random = new Random(4);
        Network network = Mixed(random);
        int k = network.InputCount, n = network.OutputCount;
        float[] input = Gaussians(random, 9 * k), clean = new float[9 * n];
        network.Forward(input, clean);
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            for (int at = 0; at < k; at++)
            {
                float[] spoilt = (float[])input.Clone();
                spoilt[4 * k + at] = bad;
                var output = new float[9 * n];
                network.Forward(spoilt, output);
                for (int r = 0; r < 9; r++)
                    Assert.IsTrue(r == 4 ? output.AsSpan(r * n, n).ToArray().All(float.IsNaN) : output.AsSpan(r * n, n).SequenceEqual(clean.AsSpan(r * n, n)));
            }
        }
    }

    [TestMethod]
    public void Overflow_InsideIsNotHidden()
    {
        // 3e38 · 3e38 − 3e38 · 3e38 is a NaN, which no activation may turn into a number.
        foreach (NetworkActivation activation in Enum.GetValues<NetworkActivation>())
        {
            var network = new Network([new DenseLayer([3e38f, 3e38f], [0, 0], 1), new DenseLayer([1, -1], [0], 2), new ActivationLayer(activation, 1)]);
            var output = new float[1];
            network.Forward([3e38f], output);
            Assert.IsTrue(float.IsNaN(output[0]), activation.ToString());
        }
    }

    [TestMethod]
    public void SavedNetwork_GivesTheSameBits()
    {
        var random = new Random(5);
        foreach (Network network in new[] { Mixed(random), Image(random) })
        {
            Network loaded = Network.Read(new BinaryReader(new MemoryStream(Save(network))));
            float[] input = Gaussians(random, 6 * network.InputCount), first = new float[6 * network.OutputCount], second = new float[first.Length];
            network.Forward(input, first);
            loaded.Forward(input, second);
            CollectionAssert.AreEqual(first, second);
        }
    }

    [TestMethod]
    public void DamagedFile_GivesAFormatExceptionOrANetwork()
    {
        var random = new Random(6);
        foreach (byte[] saved in new[] { Save(Mixed(random)), Save(Image(random)) })
        {
            for (int i = 0; i < 1500; i++)
            {
                byte[] damaged = (byte[])saved.Clone();
                if (i % 3 == 0)
                {
                    damaged = damaged[..random.Next(damaged.Length)];
                    Assert.ThrowsExactly<FormatException>(() => Network.Read(new BinaryReader(new MemoryStream(damaged))));
                    continue;
                }

                for (int flips = 1 + random.Next(3); flips > 0; flips--)
                    damaged[random.Next(i % 2 == 0 ? 60 : damaged.Length)] ^= (byte)(1 << random.Next(8));
                long before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    Network.Read(new BinaryReader(new MemoryStream(damaged)));
                }
                catch (FormatException)
                {
                    // Named and caught; anything else fails the test.
                }

                Assert.IsLessThan(64L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }
    }

    [TestMethod]
    public void Convolution_OfALargeImage_IsReadAsItWasWritten()
    {
        var random = new Random(11);
        var image = new ImageShape(1, 200, 200);
        var network = new Network([new ConvolutionLayer(image, Gaussians(random, 64 * 49), Gaussians(random, 64), 7, 1, 3), new ActivationLayer(NetworkActivation.ReLU, 64 * 200 * 200)]);
        var stream = new MemoryStream();
        network.Write(new BinaryWriter(stream));
        stream.Position = 0;
        float[] pixels = Gaussians(random, image.Count), expected = new float[network.OutputCount], read = new float[network.OutputCount];
        network.Forward(pixels, expected);
        Network.Read(new BinaryReader(stream)).Forward(pixels, read);
        Assert.IsTrue(expected.AsSpan().SequenceEqual(read));
    }

    [TestMethod]
    [DataRow(1, 1 << 11, 1 << 11, 1, 2, 0, "gives 8388608 values")]
    [DataRow(1, 100, 100, 5000, 1, 4999, "side of 5000")]
    [DataRow(64, 256, 256, 9, 64, 4, "too large")]
    [DataRow(4096, 1, 1, 1024, 1, 1023, "too large")]
    public void Convolution_WithoutEnd_IsRefusedWhenRead(int channels, int height, int width, int kernel, int kernels, int padding, string part)
    {
        var stream = new MemoryStream();
        var writer = new BinaryWriter(stream);
        writer.Write(1);
        writer.Write(ConvolutionLayer.KindNumber);
        foreach (int value in new[] { channels, height, width, kernels, kernel, 1, padding })
            writer.Write(value);
        stream.Position = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        StringAssert.Contains(Assert.ThrowsExactly<FormatException>(() => Network.Read(new BinaryReader(stream))).Message, part);
        Assert.IsLessThan(1 << 20, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Mistakes_AreNamed()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new Network([new DenseLayer(new float[6], new float[2], 3), new ActivationLayer(NetworkActivation.ReLU, 3)])).Message,
            "Layer 1 takes 3 values but layer 0 gives 2");
        Assert.ThrowsExactly<ArgumentException>(() => new Network([]));
        Assert.ThrowsExactly<ArgumentException>(() => new DenseLayer(new float[5], new float[2], 3));
        Assert.ThrowsExactly<ArgumentException>(() => new ScalingLayer(new float[5], new float[2]));
        Assert.ThrowsExactly<ArgumentException>(() => new PoolingLayer(new ImageShape(1, 3, 3), 4, 1, mean: true));
        Assert.ThrowsExactly<ArgumentException>(() => new ConvolutionLayer(new ImageShape(1, 3, 3), new float[5], new float[1], 3, 1, 0));
        Network network = Mixed(new Random(7));
        Assert.ThrowsExactly<ArgumentException>(() => network.Forward(new float[network.InputCount + 1], new float[network.OutputCount]));
        Assert.ThrowsExactly<ArgumentException>(() => network.Forward(new float[network.InputCount], new float[network.OutputCount + 1]));
        network.Forward([], []);
    }

    private static Network Mixed(Random random)
    {
        var reference = new Reference().Scale(13, random);
        foreach (NetworkActivation activation in Enum.GetValues<NetworkActivation>())
            reference.Dense(13, 29, random).Activate(activation, 29).Dense(29, 13, random);
        return reference.Dense(13, 3, random).Build();
    }

    private static Network Image(Random random)
    {
        var shape = new ImageShape(1, 8, 8);
        return new Network(
        [
            new ConvolutionLayer(shape, Gaussians(random, 6 * 9), Gaussians(random, 6), 3, 1, 1),
            new ActivationLayer(NetworkActivation.ReLU, 6 * 64),
            new PoolingLayer(new ImageShape(6, 8, 8), 2, 2, mean: false),
            new ConvolutionLayer(new ImageShape(6, 4, 4), Gaussians(random, 10 * 6 * 9), Gaussians(random, 10), 3, 1, 0),
            new PoolingLayer(new ImageShape(10, 2, 2), 2, 1, mean: true),
            new DenseLayer(Gaussians(random, 40), Gaussians(random, 4), 10),
        ]);
    }

    private static byte[] Save(Network network)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
            network.Write(writer);
        return stream.ToArray();
    }

    private static float[] Gaussians(Random random, int count)
    {
        var values = new float[count];
        foreach (ref float value in values.AsSpan())
            value = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    /// <summary>Builds a network and the same steps in double precision.</summary>
    private sealed class Reference
    {
        private readonly List<NetworkLayer> _layers = [];
        private readonly List<Func<double[], double[]>> _steps = [];

        public Reference Scale(int count, Random random)
        {
            float[] factor = Gaussians(random, count), shift = Gaussians(random, count);
            _layers.Add(new ScalingLayer(factor, shift));
            _steps.Add(x => [.. x.Select((v, i) => v * factor[i] + shift[i])]);
            return this;
        }

        public Reference Dense(int inputs, int outputs, Random random)
        {
            float[] weights = [.. Gaussians(random, inputs * outputs).Select(v => v / MathF.Sqrt(inputs))], bias = Gaussians(random, outputs);
            _layers.Add(new DenseLayer(weights, bias, inputs));
            _steps.Add(x => [.. bias.Select((c, o) => c + x.Select((v, i) => v * weights[o * inputs + i]).Sum())]);
            return this;
        }

        public Reference Activate(NetworkActivation activation, int count)
        {
            _layers.Add(new ActivationLayer(activation, count));
            _steps.Add(x => [.. x.Select(v => Of(activation, v))]);
            return this;
        }

        public Network Build() => new(_layers);

        public double[] Run(double[] input) => _steps.Aggregate(input, (x, step) => step(x));

        public static double Of(NetworkActivation activation, double x) => activation switch
        {
            NetworkActivation.ReLU => Math.Max(x, 0),
            NetworkActivation.Tanh => Math.Tanh(x),
            NetworkActivation.Sigmoid => 1 / (1 + Math.Exp(-x)),
            NetworkActivation.Softplus => x > 30 ? x : x < -9 ? Math.Exp(x) * (1 - Math.Exp(x) / 2 + Math.Exp(2 * x) / 3) : Math.Log(1 + Math.Exp(x)),
            NetworkActivation.SiLU => x / (1 + Math.Exp(-x)),
            _ => throw new ArgumentOutOfRangeException(nameof(activation)),
        };
    }
}
