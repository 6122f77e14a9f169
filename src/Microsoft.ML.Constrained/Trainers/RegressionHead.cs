using System;
using Microsoft.ML.Constrained.Layers;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>From a network's outputs to scores, in the label's units, that satisfy the constraints.</summary>
internal sealed class RegressionHead : IDisposable
{
    private readonly ConstrainedRegressionOptions _options;
    private readonly Tensor _factor, _shift, _spread;
    private readonly ProjectionLayer? _projection;
    private readonly DifferentiableProjectionLayer? _differentiable;
    private readonly PolyhedralLayer? _polyhedral;

    /// <param name="options">How constraints are brought about.</param>
    /// <param name="label">From standard deviations of the label to its units.</param>
    /// <param name="constraints">What must hold; null for nothing.</param>
    /// <param name="weights">The projection's metric; empty for all ones.</param>
    /// <param name="device">Where tensors are.</param>
    /// <exception cref="ArgumentException">The constraints are none that the way can have; the message names one.</exception>
    /// <exception cref="InvalidOperationException">The set is a single point, which has no parameters.</exception>
    public RegressionHead(ConstrainedRegressionOptions options, Scaling label, ConstraintSet? constraints, double[] weights, Device device)
    {
        _options = options;
        NetworkScaling = label;
        if (constraints is not null)
        {
            // While training, a row without a solution stays as it is: it learns as if there were no constraints, and spoils no loss.
            var projection = new ProjectorOptions { Weights = weights.Length == 0 ? null : weights, Policy = RowPolicy.KeepInput, Threads = options.Threads };
            switch (options.OutputConstraint)
            {
                case OutputConstraint.Parameterization:
                    Parameterization = new PolyhedralParameterization(constraints, cancellation: options.CancellationToken);
                    NetworkScaling = CoefficientScaling.Create(Parameterization, label);
                    _polyhedral = new PolyhedralLayer(Parameterization);
                    break;
                case OutputConstraint.DifferentiableProjection:
                    _differentiable = new DifferentiableProjectionLayer(constraints, options.ToDifferentiable());
                    break;
                case OutputConstraint.Projection:
                    _projection = new ProjectionLayer(constraints, projection);
                    break;
            }

            Projector = Parameterization is null ? new Projector(constraints, projection) : null;
        }

        _factor = tensor(NetworkScaling.Factor, ScalarType.Float64, device);
        _shift = tensor(NetworkScaling.Shift, ScalarType.Float64, device);
        _spread = tensor(label.Factor, ScalarType.Float64, device);
    }

    /// <summary>From what the network gives to the label's units, or to coefficients of about that size.</summary>
    public Scaling NetworkScaling { get; }

    /// <summary>What finishes scores; null without constraints or with <see cref="Parameterization"/>.</summary>
    public Projector? Projector { get; }

    /// <summary>What makes scores of coefficients; null where the network gives scores.</summary>
    public PolyhedralParameterization? Parameterization { get; }

    /// <summary>Values that the network gives for a row.</summary>
    public int OutputCount => NetworkScaling.Factor.Length;

    /// <summary>
    /// Which rows stay as they are because their own limits contradict each other, rows × 1; null for none. Exact projections find
    /// out by themselves; sweeps would end somewhere between the limits.
    /// </summary>
    /// <param name="parameters">The constraints' columns, or null where they have none.</param>
    public Tensor? Contradictory(Tensor? parameters) =>
        _differentiable is null || parameters is null ? null : ContradictoryRows.Find(Projector!, parameters);

    /// <summary>Scores as the loss sees them, and what is added to the loss, if anything.</summary>
    /// <param name="outputs">The network's outputs.</param>
    /// <param name="parameters">The constraints' columns, or null where they have none.</param>
    /// <param name="contradictory">What <see cref="Contradictory"/> said of these rows.</param>
    public (Tensor Scores, Tensor? Penalty) Forward(Tensor outputs, Tensor? parameters, Tensor? contradictory)
    {
        Tensor units = ToUnits(outputs);
        if (_polyhedral is not null)
            return (_polyhedral.forward(units), null);
        if (_projection is null && _differentiable is null)
            return (units, null);
        Tensor scores = _projection is null ? Differentiable(units, parameters, contradictory)
            : parameters is null ? _projection.forward(units) : _projection.forward(units, parameters);
        return (scores, _options.ProjectionPenalty == 0 ? null : Residual(units, scores).square().mean() * _options.ProjectionPenalty);
    }

    /// <summary>Scores as they will come out, but for rounding, on the CPU.</summary>
    /// <param name="outputs">The network's outputs.</param>
    /// <param name="parameters">The constraints' columns, or null where they have none.</param>
    /// <param name="contradictory">What <see cref="Contradictory"/> said of these rows.</param>
    /// <param name="statuses">Receives a status for each row.</param>
    public Tensor Finish(Tensor outputs, Tensor? parameters, Tensor? contradictory, SolverStatus[] statuses)
    {
        Tensor units = ToUnits(outputs);
        if (_polyhedral is not null || Projector is null)
        {
            Array.Fill(statuses, SolverStatus.Solved);
            return (_polyhedral is null ? units : _polyhedral.forward(units)).cpu();
        }

        Tensor rows = (_differentiable is null ? units : Differentiable(units, parameters, contradictory)).cpu().contiguous();
        Tensor scores = empty_like(rows);
        Projector.Project(TensorMemory.Of(rows).Span, TensorMemory.Of(parameters?.cpu().contiguous()).Span, TensorMemory.Of(scores).Span, statuses);
        if (_options.Levels is { Length: > 1 } levels)
            QuantileOrder.Restore(TensorMemory.Of(scores).Span, levels.Length, statuses);
        return scores;
    }

    /// <summary>label − score in standard deviations of the label.</summary>
    public Tensor Residual(Tensor labels, Tensor scores) => (labels - scores) / _spread;

    public void Dispose()
    {
        _factor.Dispose();
        _shift.Dispose();
        _spread.Dispose();
        _projection?.Dispose();
        _differentiable?.Dispose();
        _polyhedral?.Dispose();
    }

    /// <summary>In double precision, for labels far from 0.</summary>
    private Tensor ToUnits(Tensor outputs) => (outputs.to(ScalarType.Float64) * _factor) + _shift;

    private Tensor Differentiable(Tensor units, Tensor? parameters, Tensor? contradictory)
    {
        if (parameters is null)
            return _differentiable!.forward(units);
        Tensor moved = _differentiable!.forward(units, parameters);
        return contradictory is null ? moved : where(contradictory, units, moved);
    }
}
