using System;
using System.Numerics;
using System.Runtime.Intrinsics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// {l ≤ z ≤ u}: z = min(max(y, l), u), in any diagonal metric (textbook: Boyd and Vandenberghe 2004, section 8.1). O(n).
/// Jacobian: 1 strictly between the bounds, 0 at and beyond them.
/// </summary>
internal readonly unsafe struct BoxProjection<T> : IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _lower;
    private readonly T[] _upper;

    /// <param name="lower">One for each slot; −∞ where there is none.</param>
    /// <param name="upper">One for each slot; +∞ where there is none.</param>
    public BoxProjection(T[] lower, T[] upper)
    {
        if (lower.Length != upper.Length)
            throw new ArgumentException($"There are {upper.Length} upper bounds but {lower.Length} lower ones.", nameof(upper));
        _lower = lower;
        _upper = upper;
    }

    public SolverStatus Project(ReadOnlySpan<T> y, Span<T> z)
    {
        if (!SpanKernels.AllFinite(y))
            return SolverStatus.InvalidInput;
        fixed (T* from = y, to = z, lower = _lower.AsSpan(0, y.Length), upper = _upper)
        {
            int n = y.Length;
            return
                Vector512.IsHardwareAccelerated ? Project<Simd512<T>>(from, lower, upper, to, n) :
                Vector256.IsHardwareAccelerated ? Project<Simd256<T>>(from, lower, upper, to, n) :
                Vector128.IsHardwareAccelerated ? Project<Simd128<T>>(from, lower, upper, to, n) :
                Project<SimdScalar<T>>(from, lower, upper, to, n);
        }
    }

    /// <inheritdoc/>
    /// <remarks>A box has no scalar right-hand side: the result is 0, see <see cref="AdjointOfBounds"/>.</remarks>
    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input)
    {
        for (int i = 0; i < y.Length; i++)
            input[i] = y[i] > _lower[i] && y[i] < _upper[i] ? gradient[i] : T.Zero;
        return T.Zero;
    }

    /// <summary>Adds ∂loss/∂l and ∂loss/∂u to the two spans.</summary>
    public void AdjointOfBounds(ReadOnlySpan<T> y, ReadOnlySpan<T> gradient, Span<T> lower, Span<T> upper)
    {
        for (int i = 0; i < y.Length; i++)
        {
            if (y[i] < _lower[i])
                lower[i] += gradient[i];
            else if (y[i] > _upper[i])
                upper[i] += gradient[i];
        }
    }

    private static SolverStatus Project<V>(T* y, T* lower, T* upper, T* z, int n)
        where V : struct, ISimd<V, T>
    {
        bool empty = false;
        V gap = V.Broadcast(T.Zero);
        int i = 0;
        for (; i + V.Count <= n; i += V.Count)
        {
            V low = V.Load(lower + i);
            V high = V.Load(upper + i);

            // The maximum of the differences l − u shows a contradiction; ∞ − ∞ cannot arise, as the infinities have their own side.
            gap = V.Max(V.Subtract(low, high), gap);
            V.Store(V.Min(V.Max(V.Load(y + i), low), high), z + i);
        }

        for (; i < n; i++)
        {
            empty |= lower[i] > upper[i];
            z[i] = y[i] < lower[i] ? lower[i] : y[i] > upper[i] ? upper[i] : y[i];
        }

        return empty || V.MaxAcross(gap) > T.Zero ? SolverStatus.PrimalInfeasible : SolverStatus.Solved;
    }
}
