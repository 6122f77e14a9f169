using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// {z ≥ 0, Σz = s}: z = max(y − τ, 0) with τ such that the sum comes out (Held, Wolfe and Crowder 1974; Condat 2016).
/// τ by Newton's method on the convex, piecewise linear excess, from max(max y − s, (Σy − s)/n) ≤ τ: monotone and exact once the
/// set of positive elements stays, after a few passes over a row in the nearest cache. O(n) a pass.
/// All in terms of δ = y − max y, which is exact where it matters, and with the last correction kept apart from τ:
/// the sum is right to rounding of s, however large y is or n.
/// </summary>
internal readonly unsafe struct SimplexProjection<T> : IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _sum;

    /// <param name="sum">s; a negative one makes the set empty.</param>
    public SimplexProjection(T sum) => _sum = sum;

    public SolverStatus Project(ReadOnlySpan<T> y, Span<T> z)
    {
        int n = y.Length;
        if (!(_sum > T.Zero) || n == 0)
            return ProjectToOrigin(y, z);
        fixed (T* from = y, to = z)
        {
            bool finite =
                Vector512.IsHardwareAccelerated && n >= Vector512<T>.Count ? Project<Simd512<T>>(from, to, n) :
                Vector256.IsHardwareAccelerated && n >= Vector256<T>.Count ? Project<Simd256<T>>(from, to, n) :
                Vector128.IsHardwareAccelerated && n >= Vector128<T>.Count ? Project<Simd128<T>>(from, to, n) :
                Project<SimdScalar<T>>(from, to, n);
            return finite ? SolverStatus.Solved : SolverStatus.InvalidInput;
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// On the support S of z: g − mean(g over S), and ∂z/∂s spreads evenly over S; elsewhere 0. With s = 0 what more there would be goes to
    /// the largest element.
    /// </remarks>
    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input)
    {
        if (!(_sum > T.Zero))
        {
            input.Clear();
            int largest = 0;
            for (int i = 1; i < y.Length; i++)
                largest = y[i] > y[largest] ? i : largest;
            return y.Length > 0 ? gradient[largest] : T.Zero;
        }

        fixed (T* at = z, g = gradient, to = input)
        {
            int n = z.Length;
            return
                Vector512.IsHardwareAccelerated && n >= Vector512<T>.Count ? Adjoint<Simd512<T>>(at, g, to, n) :
                Vector256.IsHardwareAccelerated && n >= Vector256<T>.Count ? Adjoint<Simd256<T>>(at, g, to, n) :
                Vector128.IsHardwareAccelerated && n >= Vector128<T>.Count ? Adjoint<Simd128<T>>(at, g, to, n) :
                Adjoint<SimdScalar<T>>(at, g, to, n);
        }
    }

    private SolverStatus ProjectToOrigin(ReadOnlySpan<T> y, Span<T> z)
    {
        if (T.IsNaN(_sum) || !SpanKernels.AllFinite(y))
            return SolverStatus.InvalidInput;
        z.Clear();
        return _sum == T.Zero ? SolverStatus.Solved : SolverStatus.PrimalInfeasible;
    }

    private bool Project<V>(T* y, T* z, int n)
        where V : struct, ISimd<V, T>
    {
        int rest = n % V.Count;
        int whole = n - rest;
        V zero = V.Broadcast(T.Zero);
        T largest = Largest<V>(y, n, out bool bounded);

        // The last elements are loaded first, since z may be y. Those among them that were counted already are masked.
        V shift = V.Broadcast(largest);
        V end = V.Subtract(V.Load(y + n - V.Count), shift);
        T* ends = stackalloc T[2 * V.Count];
        V.Store(V.Broadcast(T.NegativeInfinity), ends);
        V.Store(V.Broadcast(T.PositiveInfinity), ends + V.Count);
        V mask = V.Load(ends + rest);
        V sum0 = V.SelectGreater(mask, zero, end, zero);
        V sum1 = zero;
        int i = 0;
        for (; i + (2 * V.Count) <= whole; i += 2 * V.Count)
        {
            V d0 = V.Subtract(V.Load(y + i), shift);
            V d1 = V.Subtract(V.Load(y + i + V.Count), shift);
            V.Store(d0, z + i);
            V.Store(d1, z + i + V.Count);
            sum0 = V.Add(sum0, d0);
            sum1 = V.Add(sum1, d1);
        }

        if (i < whole)
        {
            V d0 = V.Subtract(V.Load(y + i), shift);
            V.Store(d0, z + i);
            sum0 = V.Add(sum0, d0);
        }

        // Differences may overflow to −∞, which is right for them; only a NaN among the data makes their sum a NaN.
        T total = V.Sum(V.Add(sum0, sum1));
        if (!bounded || T.IsNaN(total))
            return false;
        T start = T.Min(_sum, (_sum - total) / T.CreateTruncating(n));
        T level = Descend<V>(z, whole, V.Min(end, mask), start, n, out T correction);
        V u = V.Broadcast(level);
        V c = V.Broadcast(correction);
        for (i = 0; i < whole; i += V.Count)
            V.Store(V.Max(V.Add(V.Add(V.Load(z + i), u), c), zero), z + i);
        V.Store(V.Max(V.Add(V.Add(end, u), c), zero), z + n - V.Count);
        return true;
    }

    /// <summary>The largest element, and whether it and the smallest are finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Largest<V>(T* y, int n, out bool bounded)
        where V : struct, ISimd<V, T>
    {
        V max0 = V.Load(y + n - V.Count);
        V max1 = max0;
        V min0 = max0;
        V min1 = max0;
        int i = 0;
        for (; i + (2 * V.Count) <= n; i += 2 * V.Count)
        {
            V first = V.Load(y + i);
            V second = V.Load(y + i + V.Count);
            max0 = V.Max(first, max0);
            max1 = V.Max(second, max1);
            min0 = V.Min(first, min0);
            min1 = V.Min(second, min1);
        }

        if (i + V.Count <= n)
        {
            V first = V.Load(y + i);
            max0 = V.Max(first, max0);
            min0 = V.Min(first, min0);
        }

        T largest = V.MaxAcross(V.Max(max0, max1));
        T smallest = -V.MaxAcross(V.Subtract(V.Broadcast(T.Zero), V.Min(min0, min1)));
        bounded = T.IsFinite(largest) && T.IsFinite(smallest);
        return largest;
    }

    /// <summary>Newton's method for Σ max(δ + u, 0) = s; the root is the level plus the correction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Descend<V>(T* differences, int whole, V end, T level, int n, out T correction)
        where V : struct, ISimd<V, T>
    {
        V zero = V.Broadcast(T.Zero);
        V one = V.Broadcast(T.One);
        T previous = -T.One;
        for (int pass = 0; ; pass++)
        {
            V u = V.Broadcast(level);
            V t = V.Add(end, u);
            V sum0 = V.Max(t, zero);
            V count0 = V.SelectGreater(t, zero, one, zero);
            V sum1 = zero;
            V count1 = zero;
            int i = 0;
            for (; i + (2 * V.Count) <= whole; i += 2 * V.Count)
            {
                V t0 = V.Add(V.Load(differences + i), u);
                V t1 = V.Add(V.Load(differences + i + V.Count), u);
                sum0 = V.Add(sum0, V.Max(t0, zero));
                sum1 = V.Add(sum1, V.Max(t1, zero));
                count0 = V.Add(count0, V.SelectGreater(t0, zero, one, zero));
                count1 = V.Add(count1, V.SelectGreater(t1, zero, one, zero));
            }

            if (i < whole)
            {
                V t0 = V.Add(V.Load(differences + i), u);
                sum0 = V.Add(sum0, V.Max(t0, zero));
                count0 = V.Add(count0, V.SelectGreater(t0, zero, one, zero));
            }

            T count = T.Max(V.Sum(V.Add(count0, count1)), T.One);
            correction = (_sum - V.Sum(V.Add(sum0, sum1))) / count;
            if (count == previous || correction == T.Zero || pass > n)
                return level;
            previous = count;
            level += correction;
        }
    }

    private static T Adjoint<V>(T* z, T* gradient, T* input, int n)
        where V : struct, ISimd<V, T>
    {
        V zero = V.Broadcast(T.Zero);
        V one = V.Broadcast(T.One);
        V sum = zero;
        V count = zero;
        int i = 0;
        for (; i + V.Count <= n; i += V.Count)
        {
            V at = V.Load(z + i);
            sum = V.Add(sum, V.SelectGreater(at, zero, V.Load(gradient + i), zero));
            count = V.Add(count, V.SelectGreater(at, zero, one, zero));
        }

        T total = V.Sum(sum);
        T size = V.Sum(count);
        for (; i < n; i++)
        {
            if (z[i] > T.Zero)
            {
                total += gradient[i];
                size += T.One;
            }
        }

        T mean = size > T.Zero ? total / size : T.Zero;
        V shift = V.Broadcast(mean);
        for (i = 0; i + V.Count <= n; i += V.Count)
            V.Store(V.SelectGreater(V.Load(z + i), zero, V.Subtract(V.Load(gradient + i), shift), zero), input + i);
        for (; i < n; i++)
            input[i] = z[i] > T.Zero ? gradient[i] - mean : T.Zero;
        return mean;
    }
}
