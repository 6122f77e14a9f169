using System;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Regression as <see cref="TrainingLoop"/> sees it.</summary>
internal sealed class RegressionTask : TrainingTask
{
    private readonly ConstrainedRegressionOptions _options;
    private readonly TrainableNetwork _network;
    private readonly RegressionHead _head;
    private readonly RegressionRows _training, _measured;
    private readonly ConstraintSet? _constraints;
    private readonly Tensor? _levels;

    /// <param name="options">The loss.</param>
    /// <param name="network">The model.</param>
    /// <param name="head">From its outputs to scores.</param>
    /// <param name="training">Rows to learn from.</param>
    /// <param name="measured">Rows to measure on.</param>
    /// <param name="device">Where tensors are.</param>
    public RegressionTask(
        ConstrainedRegressionOptions options, TrainableNetwork network, RegressionHead head, RegressionRows training, RegressionRows measured, Device device)
    {
        (_options, _network, _head, _training, _measured) = (options, network, head, training, measured);
        _constraints = options.EffectiveConstraints();
        _levels = options.Levels is { } levels ? tensor(levels, ScalarType.Float64, device) : null;
    }

    public override nn.Module Module => _network;

    public override int Rows => _training.Count;

    /// <summary>Rows of the last measurement that had no solution.</summary>
    public int Unsolved { get; private set; }

    public override Tensor Loss(long[] rows)
    {
        Tensor index = tensor(rows, ScalarType.Int64, _training.Features.device);
        Tensor outputs = _network.forward(_training.Features.index_select(0, index));
        (Tensor scores, Tensor? penalty) = _head.Forward(
            outputs, _training.Parameters?.index_select(0, index), _training.Contradictory?.index_select(0, index));
        Tensor loss = Reduce(_head.Residual(_training.Labels.index_select(0, index), scores));
        return penalty is null ? loss : loss + penalty;
    }

    /// <summary>Of the scores as they will come out: constrained, and rounded.</summary>
    public override TrainingMeasure Validate()
    {
        var statuses = new SolverStatus[_measured.Count];
        Tensor scores = _head.Finish(_network.forward(_measured.Features), _measured.Parameters, _measured.Contradictory, statuses);
        double loss = Reduce(_head.Residual(_measured.Labels, scores.to(_measured.Labels.device))).item<double>();
        if (_constraints is null)
            return new TrainingMeasure(loss, 0, true);
        (double violation, bool feasible) = Check(_constraints, TrainingTensors.Values(scores), statuses);
        return new TrainingMeasure(loss, violation, feasible);
    }

    /// <summary>Rows whose own limits contradict each other are the data's fault and not the model's: they do not count.</summary>
    private (double Violation, bool IsFeasible) Check(ConstraintSet set, float[] scores, SolverStatus[] statuses)
    {
        int n = set.Dimension, columns = set.Columns.Count;
        float[] parameters = _measured.Parameters is null ? [] : TrainingTensors.Values(_measured.Parameters);
        double worst = 0;
        bool feasible = true;
        Unsolved = 0;
        for (int i = 0; i < statuses.Length; i++)
        {
            if (statuses[i] == SolverStatus.PrimalInfeasible)
            {
                Unsolved++;
                continue;
            }

            ReadOnlySpan<float> row = scores.AsSpan(i * n, n), limits = parameters.AsSpan(i * columns, columns);
            worst = Math.Max(worst, set.Violation(row, limits));
            feasible &= set.Contains(row, limits);
        }

        return (worst, feasible);
    }

    private Tensor Reduce(Tensor residual) => _options.Loss switch
    {
        RegressionLoss.Squared => residual.square().mean(),
        RegressionLoss.Absolute => residual.abs().mean(),
        RegressionLoss.Huber => nn.functional.huber_loss(residual, zeros_like(residual), _options.HuberDelta),
        _ => maximum(residual * _levels!, residual * (_levels! - 1)).mean(),
    };
}
