using System;
using System.Numerics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// {z₁ ≤ z₂ ≤ …} or {z₁ ≥ z₂ ≥ …}, in a diagonal metric w: pool adjacent violators (Barlow, Bartholomew, Bremner and Brunk 1972;
/// Best and Chakravarti 1990): blocks of equal value, each the weighted mean of y over it. O(n).
/// Jacobian: the weighted mean over each block of equal values.
/// </summary>
internal readonly struct MonotoneProjection<T> : IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int OnStack = 256;
    private readonly bool _decreasing;
    private readonly T[]? _weights;

    /// <param name="decreasing">Whether the order is decreasing.</param>
    /// <param name="weights">w, positive; null for ones.</param>
    public MonotoneProjection(bool decreasing, T[]? weights = null)
    {
        _decreasing = decreasing;
        _weights = weights;
    }

    public SolverStatus Project(ReadOnlySpan<T> y, Span<T> z)
    {
        int n = y.Length;
        if (!SpanKernels.AllFinite(y))
            return SolverStatus.InvalidInput;
        Span<T> means = n <= OnStack ? stackalloc T[OnStack] : new T[n];
        Span<T> sizes = n <= OnStack ? stackalloc T[OnStack] : new T[n];
        Span<int> ends = n <= OnStack ? stackalloc int[OnStack] : new int[n];
        int blocks = 0;
        for (int i = 0; i < n; i++)
        {
            int at = _decreasing ? n - 1 - i : i;
            T mean = y[at];
            T size = Weight(at);
            while (blocks > 0 && means[blocks - 1] > mean)
            {
                blocks--;
                T joint = size + sizes[blocks];

                // Shares instead of a difference of means, which could overflow.
                T share = size / joint;
                mean = (means[blocks] * (T.One - share)) + (mean * share);
                size = joint;
            }

            means[blocks] = mean;
            sizes[blocks] = size;
            ends[blocks++] = i + 1;
        }

        for (int b = 0, i = 0; b < blocks; b++)
        {
            for (; i < ends[b]; i++)
                z[_decreasing ? n - 1 - i : i] = means[b];
        }

        return SolverStatus.Solved;
    }

    /// <inheritdoc/>
    /// <remarks>An order has no right-hand side: the result is 0.</remarks>
    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input)
    {
        for (int start = 0; start < z.Length;)
        {
            int end = start;
            T total = T.Zero;
            T size = T.Zero;
            for (; end < z.Length && z[end] == z[start]; end++)
            {
                total += gradient[end];
                size += Weight(end);
            }

            for (; start < end; start++)
                input[start] = Weight(start) * total / size;
        }

        return T.Zero;
    }

    private T Weight(int index) => _weights is null ? T.One : _weights[index];
}
