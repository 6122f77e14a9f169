using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>A network of tensors that can become a managed one. Weights and masks come from its own generators.</summary>
internal abstract class TrainableNetwork(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>Values a row in.</summary>
    public abstract int InputCount { get; }

    /// <summary>Values a row out.</summary>
    public abstract int OutputCount { get; }

    /// <summary>
    /// The network in its present state, without libtorch: <paramref name="input"/> before it, and <paramref name="output"/>, if there
    /// is one, folded into its last step.
    /// </summary>
    public Network ToNetwork(Scaling? input, Scaling? output)
    {
        using var scope = NewDisposeScope();
        using IDisposable off = no_grad();
        var layers = new List<NetworkLayer>();
        if (input is not null)
            layers.Add(input.ToLayer());
        Export(layers, output);
        return new Network(layers);
    }

    /// <summary>Adds the steps, the last of which gives outputs scaled by <paramref name="output"/>.</summary>
    protected abstract void Export(List<NetworkLayer> layers, Scaling? output);

    /// <summary>A dense step with its outputs scaled.</summary>
    protected static DenseLayer Dense(float[] weights, float[] bias, Scaling? output)
    {
        int inputs = weights.Length / bias.Length;
        if (output is not null)
        {
            for (int i = 0; i < weights.Length; i++)
                weights[i] = (float)((double)weights[i] * output.Factor[i / inputs]);
            for (int i = 0; i < bias.Length; i++)
                bias[i] = (float)(((double)bias[i] * output.Factor[i]) + output.Shift[i]);
        }

        return new DenseLayer(weights, bias, inputs);
    }

    /// <summary>Parameters between ±1/√fan-in.</summary>
    protected static Parameter Uniform(Random random, int fanIn, Device device, params long[] shape)
    {
        long count = 1;
        foreach (long length in shape)
            count *= length;
        double bound = 1 / Math.Sqrt(fanIn);
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(((2 * random.NextDouble()) - 1) * bound);
        return new Parameter(tensor(values, shape, ScalarType.Float32, device), true);
    }
}
