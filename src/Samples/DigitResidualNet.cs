using System;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// A first 3 × 3 convolution, two residual blocks x + C₂ ReLU(C₁ x) of 3 × 3 convolutions with a ReLU after each, the mean over each quarter of the image, and ten logits.
/// </summary>
internal sealed class DigitResidualNet : nn.Module<Tensor, Tensor>
{
    private const int Blocks = 2;

    private readonly Parameter[] _weights;
    private readonly Parameter[] _biases;

    public DigitResidualNet(int channels, Random random)
        : base(nameof(DigitResidualNet))
    {
        _weights =
        [
            DigitPerceptron.Uniform(random, 9, channels, 1, 3, 3),
            .. Enumerable.Range(0, 2 * Blocks).Select(_ => DigitPerceptron.Uniform(random, 9 * channels, channels, channels, 3, 3)),
            DigitPerceptron.Uniform(random, 4 * channels, 10, 4 * channels),
        ];
        _biases = [.. _weights.Select(w => nn.Parameter(zeros(w.shape[0])))];
        for (int i = 0; i < _weights.Length; i++)
        {
            register_parameter($"weight{i}", _weights[i]);
            register_parameter($"bias{i}", _biases[i]);
        }
    }

    public override Tensor forward(Tensor input)
    {
        Tensor x = Convolve(input.reshape(-1, 1, DigitImages.Side, DigitImages.Side), 0).relu();
        for (int block = 0; block < Blocks; block++)
            x = (x + Convolve(Convolve(x, (2 * block) + 1).relu(), (2 * block) + 2)).relu();
        const int Half = DigitImages.Side / 2;
        Tensor pooled = (x.reshape(x.shape[0], x.shape[1], 2, Half, 2, Half).sum(5).sum(3) / (Half * Half)).flatten(1);
        return nn.functional.linear(pooled, _weights[^1], _biases[^1]);
    }

    private Tensor Convolve(Tensor x, int i) => nn.functional.conv2d(x, _weights[i], _biases[i], padding: [1L, 1L]);
}
