using System;
using Microsoft.ML.Constrained.Layers;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>From a network's outputs, in standard deviations of the label, to scores in its units that satisfy the constraints.</summary>
internal sealed class RegressionHead : IDisposable
{
    private readonly Tensor _factor, _shift;
    private readonly ProjectionLayer? _projection;

    /// <param name="options">How constraints are brought about.</param>
    /// <param name="scaling">From the network's units to the label's.</param>
    /// <param name="constraints">What must hold; null for nothing.</param>
    /// <param name="weights">The projection's metric; empty for all ones.</param>
    /// <param name="device">Where tensors are.</param>
    public RegressionHead(ConstrainedRegressionOptions options, Scaling scaling, ConstraintSet? constraints, double[] weights, Device device)
    {
        _factor = tensor(scaling.Factor, ScalarType.Float64, device);
        _shift = tensor(scaling.Shift, ScalarType.Float64, device);
        if (constraints is null)
            return;

        // While training, a row without a solution has no gradient; as it is, it spoils no loss.
        var projection = new ProjectorOptions { Weights = weights.Length == 0 ? null : weights, Policy = RowPolicy.KeepInput, Threads = options.Threads };
        Projector = new Projector(constraints, projection);
        if (options.OutputConstraint == OutputConstraint.Projection)
            _projection = new ProjectionLayer(constraints, projection);
    }

    /// <summary>What finishes scores; null without constraints.</summary>
    public Projector? Projector { get; }

    /// <summary>Outputs in the label's units, not yet constrained. In double precision, for labels far from 0.</summary>
    public Tensor ToUnits(Tensor outputs) => (outputs.to(ScalarType.Float64) * _factor) + _shift;

    /// <summary>Scores as the loss sees them.</summary>
    /// <param name="outputs">The network's outputs.</param>
    /// <param name="parameters">The constraints' columns, or null where they have none.</param>
    public Tensor Forward(Tensor outputs, Tensor? parameters)
    {
        Tensor units = ToUnits(outputs);
        return _projection is null ? units : parameters is null ? _projection.forward(units) : _projection.forward(units, parameters);
    }

    /// <summary>label − score in standard deviations of the label.</summary>
    public Tensor Residual(Tensor labels, Tensor scores) => (labels - scores) / _factor;

    public void Dispose()
    {
        _factor.Dispose();
        _shift.Dispose();
        _projection?.Dispose();
    }
}
