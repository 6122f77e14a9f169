using System;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Trains a network whose costs a solver turns into decisions.</summary>
internal sealed class DecisionTask : TrainingTask
{
    private readonly DecisionFocusedOptions _options;
    private readonly TrainableNetwork _network;
    private readonly DecisionObjective _objective;
    private readonly DecisionRows _training, _measured;
    private readonly Tensor _features, _measuredFeatures;
    private readonly Tensor? _factor, _shift;
    private readonly Device _device;

    /// <param name="options">The options, checked.</param>
    /// <param name="network">The network.</param>
    /// <param name="training">Rows to learn from.</param>
    /// <param name="measured">Rows to measure on.</param>
    /// <param name="output">From the network's values to costs in training's units; null for the values themselves.</param>
    /// <param name="seed">Of the noise.</param>
    /// <param name="device">Where the network is.</param>
    public DecisionTask(
        DecisionFocusedOptions options, TrainableNetwork network, DecisionRows training, DecisionRows measured, Scaling? output, ulong seed, Device device)
    {
        (_options, _network, _training, _measured, _device) = (options, network, training, measured, device);
        _objective = new DecisionObjective(options, seed);
        _features = ToTensor(training.Features, network.InputCount);
        _measuredFeatures = ReferenceEquals(training, measured) ? _features : ToTensor(measured.Features, network.InputCount);
        if (output is null)
            return;
        _factor = ToTensor(output.Factor, output.Factor.Length);
        _shift = ToTensor(output.Shift, output.Shift.Length);
    }

    public override nn.Module Module => _network;

    public override int Rows => _training.Count;

    /// <summary>
    /// The gradient for the costs is found outside the graph; ⟨costs, gradient⟩ has it as its own, and the difference to the loss is
    /// added as a constant.
    /// </summary>
    public override Tensor Loss(long[] rows)
    {
        Tensor costs = Costs(_features.index_select(0, tensor(rows, [rows.Length], ScalarType.Int64, _device)));
        int n = _network.OutputCount;
        var gradient = new float[rows.Length * n];
        double loss = _objective.Evaluate(
            TrainingTensors.Values(costs), DecisionRows.Select(_training.Best, n, rows), DecisionRows.Select(_training.Costs, n, rows), rows.Length, gradient);
        Tensor pulled = (costs * tensor(gradient, [rows.Length, n], ScalarType.Float32, _device)).sum();
        return pulled + ((float)loss - pulled.detach());
    }

    public override TrainingMeasure Validate()
    {
        const int AtOnce = 4096;
        int n = _network.OutputCount;
        var measure = new DecisionMeasure(_options.Solver!, _options.UsedMethod, _options.Threads);
        for (int first = 0; first < _measured.Count; first += AtOnce)
        {
            using var scope = NewDisposeScope();
            int count = Math.Min(AtOnce, _measured.Count - first);
            float[] costs = TrainingTensors.Values(Costs(_measuredFeatures.narrow(0, first, count)));
            ReadOnlySpan<float> trueCosts = _measured.Costs.Length == 0 ? [] : _measured.Costs.AsSpan(first * n, count * n);
            measure.Add(costs, _measured.Best.AsSpan(first * n, count * n), trueCosts, count);
        }

        return new TrainingMeasure(measure.Value, 0, IsFeasible: true);
    }

    private Tensor Costs(Tensor features)
    {
        Tensor values = _network.forward(features);
        if (_factor is not null)
            values = values * _factor + _shift!;
        return _options.UsesSoftplus ? nn.functional.softplus(values, 1, 20) : values;
    }

    private Tensor ToTensor(float[] values, int width) => tensor(values, [values.Length / width, width], ScalarType.Float32, _device);
}
