using System;
using System.Numerics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// {‖z − c‖₂ ≤ r}: with d = y − c, inside y, outside c + r·d/‖d‖ (textbook: Bauschke and Combettes 2011, example 3.18). O(n).
/// Jacobian outside: (r/‖d‖)(I − uu'), u = d/‖d‖; ∂z/∂r = u.
/// </summary>
internal readonly struct L2BallProjection<T> : IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _radius;
    private readonly T[]? _centre;

    /// <param name="radius">r; a negative one makes the set empty.</param>
    /// <param name="centre">c; null for the origin.</param>
    public L2BallProjection(T radius, T[]? centre = null)
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
        T size = Largest(y);
        T length = Length(y, size);
        if (size == T.Zero || length * size <= _radius)
        {
            y.CopyTo(z);
            return SolverStatus.Solved;
        }

        // r·(d/size)/length: no product or quotient on the way leaves the range.
        for (int i = 0; i < y.Length; i++)
            z[i] = Centre(i) + (_radius * (Offset(y, i) / size / length));
        return SolverStatus.Solved;
    }

    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input)
    {
        T size = Largest(y);
        T length = Length(y, size);
        if (_radius > T.Zero && (size == T.Zero || length * size <= _radius))
        {
            gradient.CopyTo(input);
            return T.Zero;
        }

        if (size == T.Zero)
        {
            input.Clear();
            return T.Zero;
        }

        T along = T.Zero;
        for (int i = 0; i < y.Length; i++)
            along += Offset(y, i) / size / length * gradient[i];
        T ratio = _radius / size / length;
        for (int i = 0; i < y.Length; i++)
            input[i] = ratio * (gradient[i] - (along * (Offset(y, i) / size / length)));
        return along;
    }

    private T Centre(int i) => _centre is null ? T.Zero : _centre[i];

    private T Offset(ReadOnlySpan<T> y, int i) => _centre is null ? y[i] : y[i] - _centre[i];

    private T Largest(ReadOnlySpan<T> y)
    {
        T largest = T.Zero;
        for (int i = 0; i < y.Length; i++)
            largest = T.Max(largest, T.Abs(Offset(y, i)));
        return largest;
    }

    /// <summary>‖d‖ in units of the largest element, so that no square leaves the range.</summary>
    private T Length(ReadOnlySpan<T> y, T size)
    {
        if (size == T.Zero)
            return T.Zero;
        T sum = T.Zero;
        for (int i = 0; i < y.Length; i++)
        {
            T part = Offset(y, i) / size;
            sum += part * part;
        }

        return T.Sqrt(sum);
    }
}
