using System;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// A variational autoencoder of images (Kingma and Welling 2014): an encoder with one hidden layer that gives mean and log-variance of a
/// normal code, and a decoder with one hidden layer that ends in a polyhedral layer, or in a linear map and tanh.
/// </summary>
internal sealed class VaeModel : nn.Module<Tensor, Tensor>
{
    public const int CodeSize = 8;

    private const int Hidden = 256;

    private readonly PolyhedralLayer? _polyhedral;

    public VaeModel(ConstraintSet? cone, int seed)
        : base(nameof(VaeModel))
    {
        // A generator each, so that the two kinds start from the same weights as far as they share them.
        var random = new Random(seed);
        Register("encode", Digits.Pixels, Hidden, random);
        Register("code", Hidden, 2 * CodeSize, random);
        Register("decode", CodeSize, Hidden, random);
        if (cone is null)
        {
            Register("pixels", Hidden, Digits.Pixels, random);
            return;
        }

        _polyhedral = new PolyhedralLayer(cone, new PolyhedralLayerOptions
        {
            InputSize = Hidden, Seed = seed, Settings = new PolyhedralSettings { BoxRadius = 1 },
        });
        register_module("image", _polyhedral);
    }

    /// <summary>Mean and log-variance of the codes of images.</summary>
    public (Tensor Mean, Tensor LogVariance) Encode(Tensor images)
    {
        Tensor code = Linear("code", Linear("encode", images).relu());
        return (code.narrow(1, 0, CodeSize), code.narrow(1, CodeSize, CodeSize));
    }

    /// <summary>Images of codes.</summary>
    public Tensor Decode(Tensor codes)
    {
        Tensor units = Linear("decode", codes).relu();
        return _polyhedral is null ? Linear("pixels", units).tanh() : _polyhedral.call(units);
    }

    /// <summary>Images of the codes' means.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return scope.MoveToOuter(Decode(Encode(input).Mean));
    }

    private Tensor Linear(string name, Tensor input) =>
        nn.functional.linear(input, get_parameter(name + "_weight")!, get_parameter(name + "_bias")!);

    private void Register(string name, int inputs, int outputs, Random random)
    {
        float[] values = [.. Enumerable.Range(0, inputs * outputs).Select(_ => (float)((2 * random.NextDouble() - 1) / Math.Sqrt(inputs)))];
        register_parameter(name + "_weight", new Parameter(tensor(values).reshape(outputs, inputs)));
        register_parameter(name + "_bias", new Parameter(zeros(outputs)));
    }
}
