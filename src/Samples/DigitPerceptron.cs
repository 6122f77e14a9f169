using System;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>64 pixels, one layer of ReLU, ten logits; initial weights between ±1/√fan-in from the sample's own generator.</summary>
internal sealed class DigitPerceptron : nn.Module<Tensor, Tensor>
{
    private readonly Parameter _first;
    private readonly Parameter _firstBias;
    private readonly Parameter _second;
    private readonly Parameter _secondBias;

    public DigitPerceptron(int hidden, Random random)
        : base(nameof(DigitPerceptron))
    {
        const int Pixels = DigitImages.Side * DigitImages.Side;
        _first = Uniform(random, Pixels, hidden, Pixels);
        _firstBias = Uniform(random, Pixels, hidden);
        _second = Uniform(random, hidden, 10, hidden);
        _secondBias = Uniform(random, hidden, 10);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) =>
        nn.functional.linear(nn.functional.linear(input, _first, _firstBias).relu(), _second, _secondBias);

    internal static Parameter Uniform(Random random, int fanIn, params long[] shape)
    {
        float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(((2 * random.NextDouble()) - 1) / Math.Sqrt(fanIn));
        return nn.Parameter(tensor(values, shape));
    }
}
