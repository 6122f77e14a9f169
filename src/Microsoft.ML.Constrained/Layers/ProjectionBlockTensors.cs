using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Projections;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>The constants of a <see cref="ProjectionBlock"/> on one device, and what they are good for.</summary>
internal sealed class ProjectionBlockTensors
{
    private readonly RowLimits _limits;
    private readonly bool _allEqual, _noneEqual, _anyLower, _anyUpper;
    private readonly Tensor? _matrix, _transposed, _lift, _lowerSlope, _upperSlope, _equality;
    private readonly Tensor _lower, _upper;

    public ProjectionBlockTensors(ProjectionBlock block, int dimension, ScalarType type, Device device)
    {
        Tensor Make(double[] values, params long[] shape) => tensor(values, type, device).reshape(shape);
        _limits = block.Limits;
        long m = _limits.Count, all = m * _limits.Layers, columns = _limits.Parameters;
        IsChecked = block.IsChecked;
        IsCorrected = block.IsCorrected;
        if (block.Matrix is { } matrix)
        {
            _matrix = Make(matrix, m, dimension);
            _transposed = _matrix.t();
            _lift = block.Lift is { } lift ? Make(lift, m, dimension) : null;
        }

        _lower = Make(_limits.Lower, all);
        _upper = Make(_limits.Upper, all);
        if (columns > 0)
        {
            _lowerSlope = Make(_limits.LowerSlope, all, columns).t();
            _upperSlope = Make(_limits.UpperSlope, all, columns).t();
        }

        _equality = tensor(_limits.Equality, device: device);
        _allEqual = _limits.Equality.All(e => e);

        // Limits that columns move may meet in a row of data.
        _noneEqual = columns == 0 && Enumerable.Range(0, (int)m).All(IsOpen);
        _anyLower = _limits.Lower.Any(double.IsFinite);
        _anyUpper = _limits.Upper.Any(double.IsFinite);
    }

    public bool IsChecked { get; }

    public bool IsCorrected { get; }

    public IEnumerable<Tensor?> Tensors => [_matrix, _transposed, _lift, _lower, _upper, _lowerSlope, _upperSlope, _equality];

    /// <summary>Both limits, (rows or 1) × m.</summary>
    public (Tensor Lower, Tensor Upper) LimitsOf(Tensor? parameters)
    {
        long m = _limits.Count, layers = _limits.Layers;
        Tensor lower = parameters is null ? _lower.unsqueeze(0) : parameters.matmul(_lowerSlope!) + _lower;
        Tensor upper = parameters is null ? _upper.unsqueeze(0) : parameters.matmul(_upperSlope!) + _upper;
        return layers == 1
            ? (lower, upper)
            : (lower.reshape(-1, layers, m).amax(1), upper.reshape(-1, layers, m).amin(1));
    }

    /// <summary>By how much rows have to move: residual · Lift.</summary>
    public Tensor Move(Tensor y, Tensor lower, Tensor upper)
    {
        Tensor residual = Residual(_transposed is null ? y : y.matmul(_transposed), lower, upper);
        return _lift is null ? residual : residual.matmul(_lift);
    }

    private bool IsOpen(int row)
    {
        double lower = double.NegativeInfinity, upper = double.PositiveInfinity;
        for (int i = row; i < _limits.Lower.Length; i += _limits.Count)
            (lower, upper) = (Math.Max(lower, _limits.Lower[i]), Math.Min(upper, _limits.Upper[i]));
        return !_limits.Equality[row] && lower < upper;
    }

    /// <summary>As <see cref="RowLimits.Residual"/>. A relu has no slope at 0, so that rows within their limits have the identity's Jacobian.</summary>
    private Tensor Residual(Tensor value, Tensor lower, Tensor upper)
    {
        if (_allEqual)
            return value - ((lower + upper) * 0.5);
        Tensor outside = !_anyLower ? (value - upper).relu()
            : !_anyUpper ? (lower - value).relu().neg()
            : (value - upper).relu() - (lower - value).relu();
        if (_noneEqual)
            return outside;
        Tensor closed = lower.ge(upper).logical_or(_equality!);
        return where(closed, value - ((lower + upper) * 0.5), outside);
    }
}
