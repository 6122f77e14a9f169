using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>A <see cref="Bound"/> whose columns are indices into the parameters θ of a set.</summary>
internal readonly struct ResolvedBound
{
    private readonly int[]? _indices;
    private readonly double[]? _slopes;

    public ResolvedBound(Bound bound, IReadOnlyDictionary<string, int> columns)
    {
        Constant = bound.Constant;
        if (bound.IsConstant)
            return;
        _indices = new int[bound.ColumnSpan.Length];
        _slopes = bound.Coefficients.ToArray();
        for (int i = 0; i < _indices.Length; i++)
            _indices[i] = columns[bound.ColumnSpan[i]];
        // The order of the lowered system, so that both give the same number to the last bit.
        Array.Sort(_indices, _slopes);
    }

    public double Constant { get; }

    public bool IsConstant => _indices is null;

    /// <summary>Which parameters the value depends on, ascending.</summary>
    public ReadOnlySpan<int> Indices => _indices;

    /// <summary>The factor of each of <see cref="Indices"/>.</summary>
    public ReadOnlySpan<double> Slopes => _slopes;

    public double Evaluate(ReadOnlySpan<double> parameters)
    {
        double value = Constant;
        for (int i = 0; i < Indices.Length; i++)
            value += _slopes![i] * parameters[_indices![i]];
        return value;
    }
}
