using System;
using System.Numerics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// {‖z − c‖∞ ≤ r}: each element of y brought between c − r and c + r, in any diagonal metric (a box around c). O(n).
/// Jacobian: 1 strictly inside, 0 at and beyond a face; ∂zᵢ/∂r = ±1 there.
/// </summary>
internal readonly struct LInfinityBallProjection<T> : IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _radius;
    private readonly T[]? _centre;

    /// <param name="radius">r; a negative one makes the set empty.</param>
    /// <param name="centre">c; null for the origin.</param>
    public LInfinityBallProjection(T radius, T[]? centre = null)
    {
        _radius = radius;
        _centre = centre;
    }

    public SolverStatus Project(ReadOnlySpan<T> y, Span<T> z)
    {
        if (T.IsNaN(_radius) || !SpanKernels.AllFinite(y))
            return SolverStatus.InvalidInput;
        if (_radius < T.Zero)
            return SolverStatus.PrimalInfeasible;
        for (int i = 0; i < y.Length; i++)
        {
            T centre = _centre is null ? T.Zero : _centre[i];
            T low = centre - _radius;
            T high = centre + _radius;
            z[i] = y[i] < low ? low : y[i] > high ? high : y[i];
        }

        return SolverStatus.Solved;
    }

    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input)
    {
        T side = T.Zero;
        for (int i = 0; i < y.Length; i++)
        {
            T centre = _centre is null ? T.Zero : _centre[i];
            T g = gradient[i];
            if (y[i] < centre - _radius)
                side -= g;
            else if (y[i] > centre + _radius)
                side += g;
            input[i] = y[i] > centre - _radius && y[i] < centre + _radius ? g : T.Zero;
        }

        return side;
    }
}
