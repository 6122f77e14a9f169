using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// A discrete variational autoencoder: the encoder gives a logit for each entry of some codes, sum-of-gamma noise is added, the k greatest
/// of each code become its ones, and the decoder makes a picture of the ones.
/// </summary>
internal sealed class DvaeModel : IDisposable
{
    /// <summary>Codes of a picture, entries of a code, and ones among them.</summary>
    private const int Codes = 10, Length = 20, Ones = 10;

    private const int Pixels = 64, Wide = 128, Narrow = 64;

    private readonly List<Parameter> _parameters = [];
    private readonly BlackboxSolverLayer _layer;
    private readonly CostNoise _noise;
    private readonly RandomSource _random;
    private readonly Adam _adam;

    public DvaeModel(CostProjection projection, double tau, ulong seed)
    {
        _noise = CostNoise.SumOfGamma(Ones, tau, terms: 10);
        var random = new Random((int)seed);
        int[] sizes = [Pixels, Wide, Narrow, Codes * Length, Narrow, Wide, Pixels];
        for (int i = 1; i < sizes.Length; i++)
        {
            double bound = 1 / Math.Sqrt(sizes[i - 1]);
            _parameters.Add(Uniform(random, bound, sizes[i], sizes[i - 1]));
            _parameters.Add(Uniform(random, bound, sizes[i]));
        }

        _random = new RandomSource(seed);
        _layer = new BlackboxSolverLayer(new TopKSolver(Length, Ones), new IdentityRule(projection));
        _adam = optim.Adam(_parameters, 1e-3, 0.9, 0.999, 1e-8, 0, false, false);
    }

    /// <summary>One step of Adam on pictures; gives their mean loss before it.</summary>
    public double Learn(float[] pictures)
    {
        using DisposeScope scope = NewDisposeScope();
        _adam.zero_grad();
        Tensor loss = Loss(pictures);
        loss.backward();
        _adam.step();
        return loss.item<float>();
    }

    /// <summary>The mean loss of pictures.</summary>
    public double Evaluate(float[] pictures)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        return Loss(pictures).item<float>();
    }

    public void Dispose()
    {
        _adam.Dispose();
        _layer.Dispose();
        foreach (Parameter parameter in _parameters)
            parameter.Dispose();
    }

    /// <summary>
    /// What is lost of a picture, in nats: binary cross-entropy summed over its pixels, and over the codes the divergence of the softmax of
    /// their logits from evenly spread ones.
    /// </summary>
    private Tensor Loss(float[] pictures)
    {
        int count = pictures.Length / Pixels;
        Tensor x = tensor(pictures, [count, Pixels]);
        Tensor logits = Dense(Dense(Dense(x, 0).relu(), 1).relu(), 2).reshape(count, Codes, Length);
        float[] noise = new float[count * Codes * Length];
        _noise.Fill(noise, _random);
        Tensor codes = _layer.forward(logits + tensor(noise, [count, Codes, Length]));
        Tensor decoded = Dense(Dense(Dense(codes.reshape(count, Codes * Length), 3).relu(), 4).relu(), 5);
        Tensor lost = nn.functional.binary_cross_entropy_with_logits(decoded, x, null, nn.Reduction.Sum, null);
        Tensor logShare = logits.log_softmax(2);
        Tensor divergence = (logShare.exp() * (logShare + Math.Log(Length))).sum();
        return (lost + divergence) / count;
    }

    private Tensor Dense(Tensor input, int layer) => nn.functional.linear(input, _parameters[2 * layer], _parameters[(2 * layer) + 1]);

    private static Parameter Uniform(Random random, double bound, params long[] shape)
    {
        long count = shape.Aggregate(1L, (a, b) => a * b);
        float[] values = [.. Enumerable.Range(0, (int)count).Select(_ => (float)(((2 * random.NextDouble()) - 1) * bound))];
        return new Parameter(tensor(values, shape), true);
    }
}
