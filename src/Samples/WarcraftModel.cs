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
/// From the picture of a map to the costs of its tiles, and through <see cref="BlackboxSolverLayer"/> to a path. The costs come from three
/// convolutions of stride 2, so that a tile of 8 × 8 pixels becomes one number, or, as control, from one linear map of a tile's pixels.
/// </summary>
internal sealed class WarcraftModel : IDisposable
{
    private readonly bool _linear;
    private readonly List<Parameter> _parameters = [];
    private readonly BlackboxSolverLayer _layer;
    private readonly Adam _adam;
    private readonly BatchNorm2d _norm;
    private readonly Parameter _gain;
    private readonly int _size;

    public WarcraftModel(int size, BackwardRule rule, bool linear, Random random)
    {
        _size = size;
        _linear = linear;
        (int In, int Out, int Kernel)[] shapes = linear ? [(3, 1, WarcraftMaps.Tile)] : [(3, 16, 4), (16, 32, 4), (32, 32, 2), (32, 1, 1)];
        foreach ((int input, int output, int kernel) in shapes)
        {
            _parameters.Add(Normal(random, Math.Sqrt(2.0 / (input * kernel * kernel)), output, input, kernel, kernel));
            _parameters.Add(new Parameter(zeros(output), true));
        }

        _norm = nn.BatchNorm2d(1, affine: false);
        _gain = new Parameter(ones(1), true);
        _parameters.Add(_gain);
        _layer = new BlackboxSolverLayer(new GridShortestPathSolver(size, size), rule);
        _adam = optim.Adam(_parameters, 1e-3, 0.9, 0.999, 1e-8, 0, false, false);
    }

    public BlackboxSolverDiagnostics Diagnostics => _layer.Diagnostics;

    /// <summary>One step of Adam on a batch; gives the number of tiles by which a path differs from the right one, on average.</summary>
    public double Learn(byte[] pixels, float[] paths, int count, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (optim.ILearningRateController group in _adam.ParamGroups)
            group.LearningRate = learningRate;
        _adam.zero_grad();
        _norm.train();
        Tensor right = tensor(paths, [count, _size * _size]);
        Tensor loss = nn.functional.l1_loss(_layer.forward(Costs(pixels, count)), right, nn.Reduction.Sum) / count;
        loss.backward();
        _adam.step();
        return loss.item<float>();
    }

    /// <summary>The costs of the tiles of some maps.</summary>
    public float[] Predict(byte[] pixels, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        _norm.eval();
        return Costs(pixels, count).data<float>().ToArray();
    }

    public void Dispose()
    {
        _adam.Dispose();
        _layer.Dispose();
        foreach (Parameter parameter in _parameters)
            parameter.Dispose();
    }

    private Tensor Costs(byte[] pixels, int count)
    {
        int side = _size * WarcraftMaps.Tile;
        Tensor x = (tensor(pixels, [count, 3, side, side]).to(ScalarType.Float32) - 115) / 40;
        if (_linear)
            x = nn.functional.conv2d(x, _parameters[0], _parameters[1], [WarcraftMaps.Tile, WarcraftMaps.Tile]);
        else
        {
            x = nn.functional.conv2d(x, _parameters[0], _parameters[1], [2, 2], [1, 1]).relu();
            x = nn.functional.conv2d(x, _parameters[2], _parameters[3], [2, 2], [1, 1]).relu();
            x = nn.functional.conv2d(x, _parameters[4], _parameters[5], [2, 2]).relu();
            x = nn.functional.conv2d(x, _parameters[6], _parameters[7]);
        }

        return nn.functional.softplus(_norm.forward(x).reshape(count, _size * _size) * _gain, 1, 20);
    }

    private static Parameter Normal(Random random, double deviation, params long[] shape)
    {
        long count = shape.Aggregate(1L, (a, b) => a * b);
        var values = new float[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return new Parameter(tensor(values, shape), true);
    }
}
