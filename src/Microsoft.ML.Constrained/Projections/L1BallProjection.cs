using System;
using System.Numerics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// {‖z − c‖₁ ≤ r}: inside, y; outside, |z − c| is the projection of |y − c| onto the simplex of sum r, with the signs of y − c
/// (Duchi, Shalev-Shwartz, Singer and Chandra 2008). O(n) a pass of the simplex.
/// </summary>
internal readonly struct L1BallProjection<T> : IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _radius;
    private readonly T[]? _centre;

    /// <param name="radius">r; a negative one makes the set empty.</param>
    /// <param name="centre">c; null for the origin.</param>
    public L1BallProjection(T radius, T[]? centre = null)
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

        // Not in z: it may be y, whose signs are still needed.
        const int OnStack = 256;
        Span<T> magnitudes = y.Length <= OnStack ? stackalloc T[OnStack] : new T[y.Length];
        magnitudes = magnitudes[..y.Length];
        T sum = T.Zero;
        for (int i = 0; i < y.Length; i++)
        {
            magnitudes[i] = T.Abs(Offset(y, i));
            sum += magnitudes[i];
        }

        if (sum <= _radius)
        {
            y.CopyTo(z);
            return SolverStatus.Solved;
        }

        SolverStatus status = new SimplexProjection<T>(_radius).Project(magnitudes, magnitudes);
        for (int i = 0; i < y.Length; i++)
            z[i] = Centre(i) + T.CopySign(magnitudes[i], Offset(y, i));
        return status;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Inside: g. Outside, on the support S with signs σ: g − σ·mean(σg over S), and ∂z/∂r spreads σ evenly over S. With r = 0 what more there
    /// would be goes to the largest element.
    /// </remarks>
    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input)
    {
        T sum = T.Zero;
        for (int i = 0; i < y.Length; i++)
            sum += T.Abs(Offset(y, i));
        if (_radius > T.Zero && sum <= _radius)
        {
            gradient.CopyTo(input);
            return T.Zero;
        }

        T total = T.Zero;
        T size = T.Zero;
        for (int i = 0; i < y.Length; i++)
        {
            T sign = Sign(z, i);
            total += sign * gradient[i];
            size += T.Abs(sign);
        }

        if (size == T.Zero)
        {
            input.Clear();
            int largest = 0;
            for (int i = 1; i < y.Length; i++)
                largest = T.Abs(Offset(y, i)) > T.Abs(Offset(y, largest)) ? i : largest;
            return y.Length > 0 ? Sign(y, largest) * gradient[largest] : T.Zero;
        }

        T mean = total / size;
        for (int i = 0; i < y.Length; i++)
        {
            T sign = Sign(z, i);
            input[i] = sign == T.Zero ? T.Zero : gradient[i] - (sign * mean);
        }

        return mean;
    }

    private T Centre(int i) => _centre is null ? T.Zero : _centre[i];

    private T Offset(ReadOnlySpan<T> y, int i) => _centre is null ? y[i] : y[i] - _centre[i];

    private T Sign(ReadOnlySpan<T> z, int i)
    {
        T offset = Offset(z, i);
        return offset > T.Zero ? T.One : offset < T.Zero ? -T.One : T.Zero;
    }
}
