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
/// From flags to points on the unit sphere, to the distances between them, to the shortest tour: two convolutions and a dense layer for
/// each flag, and <see cref="TravelingSalesmanSolver"/> in a <see cref="BlackboxSolverLayer"/>.
/// </summary>
internal sealed class TspModel : IDisposable
{
    private const int Hidden = 500;

    private readonly List<Parameter> _parameters = [];
    private readonly Tensor _flags;
    private readonly BlackboxSolverLayer _layer;
    private readonly Adam _adam;
    private readonly int _cities;

    public TspModel(TspGlobe globe, int cities, BackwardRule rule, ulong seed)
    {
        _cities = cities;
        _flags = tensor(globe.Flags, [globe.Countries, 3, TspGlobe.Height, TspGlobe.Width]);
        _flags.sub_(0.5);
        var random = new Random((int)seed);

        // 12 × 16 pixels become 5 × 7, then 1 × 2.
        AddWeights(random, 20, 3, 4, 4);
        AddWeights(random, 50, 20, 4, 4);
        AddWeights(random, Hidden, 50 * 1 * 2);
        AddWeights(random, 3, Hidden);
        _layer = new BlackboxSolverLayer(
            new TravelingSalesmanSolver(cities), rule, new BlackboxSolverLayerOptions { Seed = seed, Threads = 1 });
        _adam = optim.Adam(_parameters, 1e-3, 0.9, 0.999, 1e-8, 0, false, false);
    }

    public BlackboxSolverDiagnostics Diagnostics => _layer.Diagnostics;

    /// <summary>The margin ξ that acts in training.</summary>
    public double NoiseMargin
    {
        get => _layer.NoiseMargin;
        set => _layer.NoiseMargin = value;
    }

    /// <summary>One step of Adam on examples; gives the mean over them of the L1 distance from the right tour.</summary>
    public double Learn(long[] countries, float[] tours, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (optim.ILearningRateController group in _adam.ParamGroups)
            group.LearningRate = learningRate;
        _adam.zero_grad();
        _layer.train();
        int count = countries.Length / _cities;
        Tensor loss = nn.functional.l1_loss(Tours(countries), tensor(tours, [count, _cities * _cities]), nn.Reduction.Sum) / count;
        loss.backward();
        _adam.step();
        return loss.item<float>();
    }

    /// <summary>The adjacency matrices of tours.</summary>
    public float[] Decide(long[] countries)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        _layer.eval();
        return Tours(countries).data<float>().ToArray();
    }

    /// <summary>The mean distance between two countries, which shows how near to each other they have been moved.</summary>
    public double MeanDistance()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        Tensor points = Points();
        return Distances(points.unsqueeze(0)).mean().item<float>();
    }

    public void Dispose()
    {
        _adam.Dispose();
        _layer.Dispose();
        _flags.Dispose();
        foreach (Parameter parameter in _parameters)
            parameter.Dispose();
    }

    private Tensor Tours(long[] countries)
    {
        int count = countries.Length / _cities;
        Tensor points = Points().index_select(0, tensor(countries)).reshape(count, _cities, 3);
        return _layer.forward(Distances(points).reshape(count, _cities * _cities));
    }

    // Flags come again in many examples: each is looked at once a step.
    private Tensor Points()
    {
        Tensor x = nn.functional.conv2d(_flags, _parameters[0], _parameters[1], [2, 2]).relu();
        x = nn.functional.conv2d(x, _parameters[2], _parameters[3], [2, 2]).relu();
        x = nn.functional.linear(x.flatten(1), _parameters[4], _parameters[5]).relu();
        x = nn.functional.linear(x, _parameters[6], _parameters[7]);
        return x / (x.square().sum(1, true) + 1e-12).sqrt();
    }

    // A little is added before the root, whose slope at 0 is infinite.
    private static Tensor Distances(Tensor points) =>
        ((points.unsqueeze(2) - points.unsqueeze(1)).square().sum(3) + 1e-6).sqrt();

    private void AddWeights(Random random, params long[] shape)
    {
        long fanIn = shape.Skip(1).Aggregate(1L, (a, b) => a * b);
        float[] values = [.. Enumerable.Range(0, (int)(fanIn * shape[0])).Select(_ => (float)(((2 * random.NextDouble()) - 1) / Math.Sqrt(fanIn)))];
        _parameters.Add(new Parameter(tensor(values, shape), true));
        float[] bias = [.. Enumerable.Range(0, (int)shape[0]).Select(_ => (float)(((2 * random.NextDouble()) - 1) / Math.Sqrt(fanIn)))];
        _parameters.Add(new Parameter(tensor(bias), true));
    }
}
