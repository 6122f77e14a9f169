using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// Rows of unit length that are independent, orthogonalised one by one (Gram and Schmidt, twice): Aᵀ = QR, so that A⁺ = QR⁻ᵀ.
/// </summary>
internal sealed class IndependentDirections
{
    /// <summary>A row that the rows before leave less of is taken to depend on them: A⁺ would move rows a million times too far.</summary>
    private const double Dependent = 1e-6;

    private readonly int _dimension;
    private readonly List<double[]> _basis = [], _triangle = [];

    public IndependentDirections(int dimension) => _dimension = dimension;

    public int Count => _basis.Count;

    /// <summary>Takes a row up, unless it depends on those before.</summary>
    public bool TryAdd(double[] row)
    {
        if (Count == _dimension)
            return false;
        double[] rest = (double[])row.Clone();
        var coefficients = new double[Count + 1];
        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 0; i < Count; i++)
            {
                double dot = SpanKernels.Dot<double>(_basis[i], rest);
                coefficients[i] += dot;
                SpanKernels.AddScaled<double>(_basis[i], -dot, rest);
            }
        }

        double length = SpanKernels.Norm(rest);
        if (!(length > Dependent))
            return false;
        for (int j = 0; j < rest.Length; j++)
            rest[j] /= length;
        coefficients[Count] = length;
        _basis.Add(rest);
        _triangle.Add(coefficients);
        return true;
    }

    /// <summary>(A⁺)ᵀ = R⁻¹Qᵀ, m × n.</summary>
    public double[] TransposedPseudoinverse()
    {
        int n = _dimension;
        var result = new double[Count * n];
        for (int i = Count - 1; i >= 0; i--)
        {
            Span<double> row = result.AsSpan(i * n, n);
            _basis[i].CopyTo(row);
            for (int k = i + 1; k < Count; k++)
                SpanKernels.AddScaled<double>(result.AsSpan(k * n, n), -_triangle[k][i], row);
            for (int j = 0; j < n; j++)
                row[j] /= _triangle[i][i];
        }

        return result;
    }
}
