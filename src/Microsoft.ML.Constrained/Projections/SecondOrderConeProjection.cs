using System;
using System.Numerics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// {‖x − c‖₂ ≤ t + r} over rows (x, t) with the height t last. With d = x − c and h = t + r: inside y; where ‖d‖ ≤ −h the apex
/// (c, −r); else with α = (‖d‖ + h)/2, (c + αd/‖d‖, α − r) (Bauschke and Combettes 2011, example 29.12). O(n).
/// Jacobian in the third case, u = d/‖d‖, ρ = h/‖d‖: ½[(1 + ρ)I − ρuu', u; u', 1]; ∂z/∂r is the column of t, less 1 in t.
/// </summary>
internal readonly struct SecondOrderConeProjection<T> : IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _radius;
    private readonly T[]? _centre;

    /// <param name="radius">r.</param>
    /// <param name="centre">c, without a place for the height; null for the origin.</param>
    public SecondOrderConeProjection(T radius, T[]? centre = null)
    {
        _radius = radius;
        _centre = centre;
    }

    public SolverStatus Project(ReadOnlySpan<T> y, Span<T> z)
    {
        if (!T.IsFinite(_radius) || !SpanKernels.AllFinite(y))
            return SolverStatus.InvalidInput;
        int last = y.Length - 1;
        T length = Length(y[..last]);
        T height = y[last] + _radius;
        if (length <= height)
        {
            y.CopyTo(z);
            return SolverStatus.Solved;
        }

        T half = T.One / (T.One + T.One);
        T level = length <= -height ? T.Zero : (half * length) + (half * height);
        for (int i = 0; i < last; i++)
            z[i] = Centre(i) + (level == T.Zero ? T.Zero : level * (Offset(y, i) / length));
        z[last] = level - _radius;
        return SolverStatus.Solved;
    }

    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input)
    {
        int last = y.Length - 1;
        T length = Length(y[..last]);
        T height = y[last] + _radius;
        T up = gradient[last];
        if (length <= height)
        {
            gradient.CopyTo(input);
            return T.Zero;
        }

        if (length <= -height)
        {
            input.Clear();
            return -up;
        }

        T half = T.One / (T.One + T.One);
        T along = T.Zero;
        for (int i = 0; i < last; i++)
            along += Offset(y, i) / length * gradient[i];
        T ratio = height / length;
        for (int i = 0; i < last; i++)
            input[i] = half * (((T.One + ratio) * gradient[i]) + ((up - (ratio * along)) * (Offset(y, i) / length)));
        input[last] = half * (along + up);
        return input[last] - up;
    }

    private T Centre(int i) => _centre is null ? T.Zero : _centre[i];

    private T Offset(ReadOnlySpan<T> y, int i) => _centre is null ? y[i] : y[i] - _centre[i];

    private T Length(ReadOnlySpan<T> x)
    {
        T size = T.Zero;
        for (int i = 0; i < x.Length; i++)
            size = T.Max(size, T.Abs(Offset(x, i)));
        if (size == T.Zero)
            return T.Zero;
        T sum = T.Zero;
        for (int i = 0; i < x.Length; i++)
        {
            T part = Offset(x, i) / size;
            sum += part * part;
        }

        return size * T.Sqrt(sum);
    }
}
