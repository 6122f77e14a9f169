using System;
using System.Numerics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// {a'z = b}: z = y + ((b − a'y)/‖a‖²)·a, done twice so that rounding in y does not stay in the equation
/// (textbook: Bauschke and Combettes 2011, example 3.21). O(n). Jacobian: I − aa'/‖a‖²; ∂z/∂b = a/‖a‖².
/// With a = 0 the set is everything (b = 0) or empty.
/// </summary>
internal readonly struct HyperplaneProjection<T> : IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _unit;
    private readonly T _length;
    private readonly T _level;

    public HyperplaneProjection(ReadOnlySpan<T> normal, T level)
    {
        double[] wide = new double[normal.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = double.CreateTruncating(normal[i]);
        double length = SpanKernels.Norm(wide);
        _unit = new T[wide.Length];
        for (int i = 0; i < wide.Length; i++)
            _unit[i] = length > 0 ? T.CreateTruncating(wide[i] / length) : T.Zero;
        _length = T.CreateTruncating(length);
        _level = length > 0 ? T.CreateTruncating(double.CreateTruncating(level) / length) : level;
    }

    private HyperplaneProjection(T[] unit, T length, T level)
    {
        _unit = unit;
        _length = length;
        _level = level;
    }

    /// <summary>The same normal at another level.</summary>
    public HyperplaneProjection<T> At(T level) => new(_unit, _length, _length > T.Zero ? level / _length : level);

    /// <summary>a'y − b as a distance; b alone where a = 0.</summary>
    public T SignedDistance(ReadOnlySpan<T> y) => SpanKernels.Dot<T>(_unit, y) - _level;

    public SolverStatus Project(ReadOnlySpan<T> y, Span<T> z)
    {
        if (!T.IsFinite(_level) || !SpanKernels.AllFinite(y))
            return SolverStatus.InvalidInput;
        y.CopyTo(z);
        if (_length == T.Zero)
            return _level == T.Zero ? SolverStatus.Solved : SolverStatus.PrimalInfeasible;
        for (int round = 0; round < 2; round++)
            SpanKernels.AddScaled(_unit, -SignedDistance(z), z);
        return SolverStatus.Solved;
    }

    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input)
    {
        T along = SpanKernels.Dot<T>(_unit, gradient);
        gradient.CopyTo(input);
        SpanKernels.AddScaled(_unit, -along, input);
        return _length > T.Zero ? along / _length : T.Zero;
    }
}
