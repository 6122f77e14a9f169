using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>Fills a <see cref="ConstraintSystem"/> row by row.</summary>
internal sealed class SystemWriter
{
    private readonly int _dimension;
    private readonly int _parameters;
    private readonly double[] _matrix;
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly double[] _lowerSlope;
    private readonly double[] _upperSlope;
    private readonly int[] _owner;
    private readonly List<NormBlock> _norms = [];
    private int _row = -1;

    public SystemWriter(int dimension, int parameters, int rows)
    {
        _dimension = dimension;
        _parameters = parameters;
        _matrix = new double[rows * dimension];
        _lower = new double[rows];
        _upper = new double[rows];
        _lowerSlope = new double[rows * parameters];
        _upperSlope = new double[rows * parameters];
        _owner = new int[rows];
        Array.Fill(_lower, double.NegativeInfinity);
        Array.Fill(_upper, double.PositiveInfinity);
    }

    /// <summary>The constraint that the following rows and blocks come from.</summary>
    public int Owner { get; set; }

    /// <summary>Starts a row without coefficients and limits.</summary>
    public void NextRow() => _owner[++_row] = Owner;

    public void Coefficient(int variable, double value) => _matrix[_row * _dimension + variable] = value;

    /// <summary>The row's lower limit becomes <c>offset + factor · bound</c>.</summary>
    public void Lower(in ResolvedBound bound, double offset = 0, double factor = 1) =>
        _lower[_row] = Set(bound, offset, factor, _lowerSlope.AsSpan(_row * _parameters, _parameters));

    /// <summary>The row's upper limit becomes <c>offset + factor · bound</c>.</summary>
    public void Upper(in ResolvedBound bound, double offset = 0, double factor = 1) =>
        _upper[_row] = Set(bound, offset, factor, _upperSlope.AsSpan(_row * _parameters, _parameters));

    public void Lower(double value) => _lower[_row] = value;

    public void Norm(Norm norm, ReadOnlySpan<int> variables, ReadOnlySpan<double> centre, int height, in ResolvedBound radius)
    {
        double[] slope = new double[_parameters];
        _norms.Add(new NormBlock
        {
            Norm = norm,
            Variables = variables.ToArray(),
            Centre = centre.ToArray(),
            Height = height,
            Radius = Set(radius, 0, 1, slope),
            RadiusSlope = slope,
            Owner = Owner,
        });
    }

    public ConstraintSystem Finish() => new()
    {
        Dimension = _dimension,
        ParameterCount = _parameters,
        Matrix = _matrix,
        Lower = _lower,
        Upper = _upper,
        LowerSlope = _lowerSlope,
        UpperSlope = _upperSlope,
        RowOwner = _owner,
        Norms = _norms,
    };

    private static double Set(in ResolvedBound bound, double offset, double factor, Span<double> slope)
    {
        for (int i = 0; i < bound.Indices.Length; i++)
            slope[bound.Indices[i]] = factor * bound.Slopes[i];
        return offset + factor * bound.Constant;
    }
}
