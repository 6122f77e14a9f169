using System;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>
/// The loss of class probabilities: for a row of class y with probabilities p from the network and p̂ after the constraints
/// −(1 − w) log(p̂ᵧ + ε) − w log pᵧ, without the second part where nothing is projected, and −log pᵧ alone where that is done only later.
/// </summary>
internal sealed class ClassificationTask : TrainingTask, IDisposable
{
    /// <summary>Validation rows that go through the network together.</summary>
    private const int RowsAtOnce = 8192;

    private readonly ConstrainedClassificationOptions _options;
    private readonly NetworkModule _module;
    private readonly ClassificationHead _head;
    private readonly Tensor _features, _labels;
    private readonly Tensor? _parameters, _contradictory;
    private readonly Part _validation;
    private readonly nn.Module? _layer;
    private readonly Device _device;

    /// <param name="options">Loss, and how constraints are brought about.</param>
    /// <param name="module">The network.</param>
    /// <param name="constraints">Constraints over the classes, the simplex among them.</param>
    /// <param name="parameterization">What the network's outputs are activations of, or null.</param>
    /// <param name="training">Rows to learn from.</param>
    /// <param name="validation">Rows to measure on.</param>
    /// <param name="device">Where tensors are.</param>
    public ClassificationTask(
        ConstrainedClassificationOptions options,
        NetworkModule module,
        ConstraintSet constraints,
        PolyhedralParameterization? parameterization,
        Part training,
        Part validation,
        Device device)
    {
        (_options, _module, _validation, _device) = (options, module, validation, device);

        // A row without a solution learns, and is measured, as if there were no constraints, whatever the policy makes of it when scoring.
        _head = new ClassificationHead(constraints, options.IsLimited, parameterization, RowPolicy.KeepInput, options.Threads);
        Rows = training.Labels.Length;
        int[] all = [.. Enumerable.Range(0, Rows)];
        _features = TrainingTensors.Rows(training.Features, module.InputCount, all, device);
        _labels = tensor(training.Labels, ScalarType.Int64, device);
        if (constraints.Columns.Count > 0)
            _parameters = TrainingTensors.Rows(training.Parameters, constraints.Columns.Count, all, device);
        _layer = CreateLayer(constraints, parameterization);
        if (_layer is DifferentiableProjectionLayer && _parameters is not null)
            _contradictory = ContradictoryRows.Find(_head.Projector!, _parameters.to(ScalarType.Float64));
    }

    public override nn.Module Module => _module;

    public override int Rows { get; }

    public override Tensor Loss(long[] rows)
    {
        Tensor index = tensor(rows, ScalarType.Int64, _device);
        Tensor outputs = _module.call(_features.index_select(0, index)).to(ScalarType.Float64);
        Tensor labels = _labels.index_select(0, index);
        if (_layer is PolyhedralLayer polyhedral)
            return Projected(polyhedral.call(outputs), labels);
        Tensor logarithms = outputs.log_softmax(1);
        Tensor plain = nn.functional.nll_loss(logarithms, labels);
        Tensor? parameters = _parameters?.index_select(0, index);
        Tensor points;
        switch (_layer)
        {
            case ProjectionLayer exact:
                points = parameters is null ? exact.call(logarithms.exp()) : exact.forward(logarithms.exp(), parameters);
                break;
            case DifferentiableProjectionLayer sweeps:
                Tensor shares = logarithms.exp();
                points = parameters is null ? sweeps.call(shares) : sweeps.forward(shares, parameters);
                if (_contradictory is not null)
                    points = where(_contradictory.index_select(0, index), shares, points);
                break;
            default:
                return plain;
        }

        double share = _options.UnprojectedLossShare;
        return (Projected(points, labels) * (1 - share)) + (plain * share);
    }

    public override TrainingMeasure Validate()
    {
        int count = _validation.Labels.Length, classes = _head.Constraints.Dimension, columns = _head.Constraints.Columns.Count;
        float[] scores = new float[count * classes];
        var statuses = new SolverStatus[count];
        for (int first = 0; first < count; first += RowsAtOnce)
        {
            int rows = Math.Min(RowsAtOnce, count - first);
            int[] index = [.. Enumerable.Range(first, rows)];
            float[] outputs = TrainingTensors.Values(_module.call(TrainingTensors.Rows(_validation.Features, _module.InputCount, index, _device)));
            _head.Apply(
                outputs, _validation.Parameters.AsSpan(first * columns, rows * columns), scores.AsSpan(first * classes, rows * classes), statuses.AsSpan(first, rows));
        }

        double loss = 0, violation = 0;
        bool feasible = true;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> row = scores.AsSpan(i * classes, classes);
            float own = row[(int)_validation.Labels[i]];
            if (statuses[i] == SolverStatus.InvalidInput)
                loss = double.NaN;
            loss -= Math.Log((float.IsNaN(own) ? 0 : own) + _options.ProbabilityFloor);
            if (statuses[i] != SolverStatus.Solved)
                continue;
            ReadOnlySpan<float> limits = _validation.Parameters.AsSpan(i * columns, columns);
            violation = Math.Max(violation, _head.Constraints.Violation(row, limits));
            feasible &= _head.Constraints.Contains(row, limits);
        }

        return new TrainingMeasure(loss / count, violation, feasible);
    }

    public void Dispose()
    {
        _features.Dispose();
        _labels.Dispose();
        _parameters?.Dispose();
        _contradictory?.Dispose();
        _layer?.Dispose();
    }

    private nn.Module? CreateLayer(ConstraintSet constraints, PolyhedralParameterization? parameterization)
    {
        if (parameterization is not null)
            return new PolyhedralLayer(parameterization);
        if (!_options.IsLimited)
            return null;
        return _options.OutputConstraint switch
        {
            OutputConstraint.Projection => new ProjectionLayer(constraints, new ProjectorOptions { Policy = RowPolicy.KeepInput, Threads = _options.Threads }),
            OutputConstraint.DifferentiableProjection => new DifferentiableProjectionLayer(constraints),
            _ => null,
        };
    }

    /// <summary>−log(p̂ᵧ + ε), the mean over rows; a point that sweeps left outside may be below 0.</summary>
    private Tensor Projected(Tensor points, Tensor labels) =>
        -(points.gather(1, labels.unsqueeze(1)).clamp_min(0) + _options.ProbabilityFloor).log().mean();

    /// <summary>Rows of the data.</summary>
    /// <param name="Features">Rows × features, as the network takes them.</param>
    /// <param name="Labels">Classes from 0.</param>
    /// <param name="Parameters">Rows × columns of the constraints.</param>
    internal sealed record Part(float[] Features, long[] Labels, float[] Parameters);
}
