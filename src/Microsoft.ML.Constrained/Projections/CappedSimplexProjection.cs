using System;
using System.Numerics;
using System.Runtime.Intrinsics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// {0 ≤ z ≤ cap, Σz = s}: z = clip(y − τ, 0, cap) with τ such that the sum comes out (Wang and Lu 2015; Brucker 1984).
/// τ by Newton's method on the decreasing, piecewise linear sum, kept between two brackets and halving them where a step leaves them;
/// exact once the set of elements strictly between the limits stays. O(n) a pass. The last correction is kept apart from τ,
/// so that the sum is right to rounding of s however large y is.
/// </summary>
internal readonly unsafe struct CappedSimplexProjection<T> : IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int PassLimit = 2000;
    private readonly T _sum;
    private readonly T _cap;

    /// <param name="sum">s; the set is empty unless 0 ≤ s ≤ n·cap.</param>
    /// <param name="cap">Upper limit of each element.</param>
    public CappedSimplexProjection(T sum, T cap)
    {
        _sum = sum;
        _cap = cap;
    }

    public SolverStatus Project(ReadOnlySpan<T> y, Span<T> z)
    {
        int n = y.Length;
        if (!T.IsFinite(_sum) || !T.IsFinite(_cap) || !SpanKernels.AllFinite(y))
            return SolverStatus.InvalidInput;
        T room = T.CreateTruncating(n) * _cap;
        if (_sum < T.Zero || _cap < T.Zero || _sum > room)
            return SolverStatus.PrimalInfeasible;
        if (n == 0)
            return SolverStatus.Solved;
        if (_sum == T.Zero || _sum == room)
        {
            z.Fill(_sum == T.Zero ? T.Zero : _cap);
            return SolverStatus.Solved;
        }

        fixed (T* from = y, to = z)
        {
            if (Vector512.IsHardwareAccelerated)
                Project<Simd512<T>>(from, to, n);
            else if (Vector256.IsHardwareAccelerated)
                Project<Simd256<T>>(from, to, n);
            else if (Vector128.IsHardwareAccelerated)
                Project<Simd128<T>>(from, to, n);
            else
                Project<SimdScalar<T>>(from, to, n);
        }

        return SolverStatus.Solved;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// On the elements F strictly between the limits: g − mean(g over F), and ∂z/∂s spreads evenly over F; elsewhere 0. Where F is empty, what
    /// more there would be of the sum goes to the largest element below the cap, and what less to the smallest one where all are at it.
    /// </remarks>
    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input) =>
        Adjoint(y, z, gradient, input, out _);

    /// <summary>The same, with ∂loss/∂cap: what the capped elements gain, less what the free ones give for it.</summary>
    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input, out T cap)
    {
        T total = T.Zero;
        T free = T.Zero;
        T capped = T.Zero;
        cap = T.Zero;
        for (int i = 0; i < z.Length; i++)
        {
            if (z[i] > T.Zero && z[i] < _cap)
            {
                total += gradient[i];
                free += T.One;
            }
            else if (z[i] >= _cap)
            {
                cap += gradient[i];
                capped += T.One;
            }
        }

        T mean = free > T.Zero ? total / free : z.Length > 0 ? gradient[Next(y, z)] : T.Zero;
        for (int i = 0; i < z.Length; i++)
            input[i] = z[i] > T.Zero && z[i] < _cap ? gradient[i] - mean : T.Zero;
        cap -= capped * mean;
        return mean;
    }

    /// <summary>The element that is the first to leave its limit where all of them are at one.</summary>
    private int Next(ReadOnlySpan<T> y, ReadOnlySpan<T> z)
    {
        int largest = -1, smallest = 0;
        for (int i = 0; i < z.Length; i++)
        {
            if (z[i] < _cap && (largest < 0 || y[i] > y[largest]))
                largest = i;
            if (y[i] < y[smallest])
                smallest = i;
        }

        return largest < 0 ? smallest : largest;
    }

    private void Project<V>(T* y, T* z, int n)
        where V : struct, ISimd<V, T>
    {
        T smallest = y[0];
        T largest = y[0];
        for (int i = 1; i < n; i++)
        {
            smallest = y[i] < smallest ? y[i] : smallest;
            largest = y[i] > largest ? y[i] : largest;
        }

        // At the low end every element is at its cap, at the high end at zero; rounding of the difference must not shut the solution out.
        T low = T.BitDecrement(smallest - _cap);
        T high = largest;
        T* values = y;
        if (!Search<V>(values, n, ref low, ref high, out T level, out T correction))
        {
            // Once more from the level found: differences from it have the resolution that y lacks.
            T origin = high;
            for (int i = 0; i < n; i++)
                z[i] = y[i] - origin;
            values = z;
            low -= origin;
            high = T.Zero;
            if (!Search<V>(values, n, ref low, ref high, out level, out correction))
            {
                Share(values, z, n, low, high);
                return;
            }
        }

        for (int i = 0; i < n; i++)
            z[i] = Clip(values[i] - level - correction);
    }

    /// <summary>The level between the brackets, with a correction below its resolution. False where the brackets have become neighbours.</summary>
    private bool Search<V>(T* y, int n, ref T low, ref T high, out T level, out T correction)
        where V : struct, ISimd<V, T>
    {
        T two = T.One + T.One;
        T previousFree = -T.One;
        T previousCapped = -T.One;
        level = (low / two) + (high / two);
        for (int pass = 0; ; pass++)
        {
            T excess = Excess<V>(y, n, level, out T free, out T capped);
            correction = free > T.Zero ? excess / free : T.Zero;
            if (excess == T.Zero || pass > PassLimit || (free > T.Zero && free == previousFree && capped == previousCapped))
                return true;
            (previousFree, previousCapped) = (free, capped);
            if (excess > T.Zero)
                low = level;
            else
                high = level;
            T next = level + correction;
            if (!(next > low && next < high) || free == T.Zero)
            {
                next = (low / two) + (high / two);
                previousFree = -T.One;
                if (!(next > low && next < high))
                    return false;
            }

            level = next;
        }
    }

    /// <summary>The point between those of two neighbouring levels that has the sum.</summary>
    private void Share(T* y, T* z, int n, T low, T high)
    {
        T most = T.Zero;
        T least = T.Zero;
        for (int i = 0; i < n; i++)
        {
            most += Clip(y[i] - low);
            least += Clip(y[i] - high);
        }

        T share = most > least ? (_sum - least) / (most - least) : T.Zero;
        share = T.Clamp(share, T.Zero, T.One);
        for (int i = 0; i < n; i++)
            z[i] = Clip((Clip(y[i] - low) * share) + (Clip(y[i] - high) * (T.One - share)));
    }

    private T Clip(T value) => value < T.Zero ? T.Zero : value > _cap ? _cap : value;

    /// <summary>Σ clip(y − τ, 0, cap) − s, the number of elements strictly between the limits, and of those at the cap.</summary>
    private T Excess<V>(T* y, int n, T level, out T free, out T capped)
        where V : struct, ISimd<V, T>
    {
        V zero = V.Broadcast(T.Zero);
        V one = V.Broadcast(T.One);
        V cap = V.Broadcast(_cap);
        V shift = V.Broadcast(level);
        V sum = zero;
        V positive = zero;
        V below = zero;
        int i = 0;
        for (; i + V.Count <= n; i += V.Count)
        {
            V value = V.Subtract(V.Load(y + i), shift);
            sum = V.Add(sum, V.Min(V.Max(value, zero), cap));
            positive = V.Add(positive, V.SelectGreater(value, zero, one, zero));
            below = V.Add(below, V.SelectGreater(cap, value, one, zero));
        }

        T total = V.Sum(sum);
        T above = V.Sum(positive);
        T under = V.Sum(below);
        for (; i < n; i++)
        {
            T value = y[i] - level;
            total += Clip(value);
            above += value > T.Zero ? T.One : T.Zero;
            under += value < _cap ? T.One : T.Zero;
        }

        capped = T.CreateTruncating(n) - under;
        free = above - capped;
        return total - _sum;
    }
}
