using System;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// As many networks as there are seeds, trained side by side: every tensor has the seed as its first dimension and the loss is a sum over seeds, so each
/// network has its own data, initial weights, batches and noise, and learns as it would alone. 2 inputs, a layer of ReLU, one logit.
/// </summary>
internal sealed class SpiralNets : nn.Module<Tensor, Tensor>
{
    private readonly Parameter _first;
    private readonly Parameter _firstBias;
    private readonly Parameter _second;
    private readonly Parameter _secondBias;

    /// <summary>Initial weights between ±1/√fan-in, biases too, from one generator for each seed.</summary>
    public SpiralNets(int[] seeds, int hidden)
        : base(nameof(SpiralNets))
    {
        Random[] random = [.. seeds.Select(seed => new Random(seed))];
        _first = Uniform(random, 2, 2, hidden);
        _firstBias = Uniform(random, 2, 1, hidden);
        _second = Uniform(random, hidden, hidden, 1);
        _secondBias = Uniform(random, hidden, 1, 1);
        RegisterComponents();
    }

    /// <summary>The weights of the first layer, those of the second, and the biases.</summary>
    public (Parameter First, Parameter Second, Parameter[] Biases) Groups => (_first, _second, [_firstBias, _secondBias]);

    /// <summary>Logits, seeds × points, of points seeds × points × 2.</summary>
    public override Tensor forward(Tensor points) =>
        ((points.matmul(_first) + _firstBias).relu().matmul(_second) + _secondBias).squeeze(-1);

    private static Parameter Uniform(Random[] random, int fanIn, int rows, int columns)
    {
        float[] values = new float[random.Length * rows * columns];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(((2 * random[i / (rows * columns)].NextDouble()) - 1) / Math.Sqrt(fanIn));
        return nn.Parameter(tensor(values, [random.Length, rows, columns]));
    }
}
