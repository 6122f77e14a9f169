using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>The baseline: a fully connected network with one hidden layer and ReLU, in float32.</summary>
internal sealed class DenoiseNetwork : IDisposable
{
    private const float Highest = 99;

    private readonly Parameter[] _parameters;
    private readonly Adam _adam;

    public DenoiseNetwork(int hidden, Random random)
    {
        int length = DenoiseSignals.Length;
        _parameters =
        [
            Uniform(random, length, length, hidden), Uniform(random, length, hidden),
            Uniform(random, hidden, hidden, length), Uniform(random, hidden, length),
        ];
        _adam = optim.Adam(new List<Parameter>(_parameters), 1e-3, 0.9, 0.999, 1e-8, 0, false, false);
    }

    /// <summary>One step of Adam on a batch.</summary>
    public void Learn(Tensor noisy, Tensor clean, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (optim.ILearningRateController group in _adam.ParamGroups)
            group.LearningRate = learningRate;
        _adam.zero_grad();
        (nn.functional.mse_loss(Forward(noisy), clean.to(ScalarType.Float32)) / (Highest * Highest)).backward();
        _adam.step();
    }

    /// <summary>The signals without their noise.</summary>
    public double[] Apply(Tensor noisy)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        return [.. Forward(noisy).data<float>().ToArray().Select(value => (double)value)];
    }

    public void Dispose()
    {
        _adam.Dispose();
        foreach (Parameter parameter in _parameters)
            parameter.Dispose();
    }

    // Between 0 and about 1, back and forth.
    private Tensor Forward(Tensor noisy)
    {
        Tensor units = ((noisy.to(ScalarType.Float32) / Highest).matmul(_parameters[0]) + _parameters[1]).relu();
        return (units.matmul(_parameters[2]) + _parameters[3]) * Highest;
    }

    /// <summary>Between ±1/√fan-in, from the sample's own generator.</summary>
    private static Parameter Uniform(Random random, int fanIn, params long[] shape)
    {
        long count = shape.Aggregate(1L, (a, b) => a * b);
        float[] values = [.. Enumerable.Range(0, (int)count).Select(_ => (float)(((2 * random.NextDouble()) - 1) / Math.Sqrt(fanIn)))];
        return new Parameter(tensor(values, shape), true);
    }
}
