using System;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>Level-one kernels on spans of any length. The width depends on the machine only.</summary>
internal static unsafe class SpanKernels
{
    public static T Dot<T>(ReadOnlySpan<T> left, ReadOnlySpan<T> right)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (left.Length != right.Length)
            throw new ArgumentException($"Spans of {left.Length} and {right.Length} elements cannot be multiplied.", nameof(right));
        fixed (T* a = left, b = right)
        {
            return Vector512.IsHardwareAccelerated ? Dot<Simd512<T>, T>(a, b, left.Length) :
                Vector256.IsHardwareAccelerated ? Dot<Simd256<T>, T>(a, b, left.Length) :
                Vector128.IsHardwareAccelerated ? Dot<Simd128<T>, T>(a, b, left.Length) :
                Dot<SimdScalar<T>, T>(a, b, left.Length);
        }
    }

    /// <summary><c>target += factor · source</c>.</summary>
    public static void AddScaled<T>(ReadOnlySpan<T> source, T factor, Span<T> target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (source.Length != target.Length)
            throw new ArgumentException($"Spans of {source.Length} and {target.Length} elements cannot be added.", nameof(target));
        fixed (T* a = source, b = target)
        {
            if (Vector512.IsHardwareAccelerated)
                AddScaled<Simd512<T>, T>(a, factor, b, source.Length);
            else if (Vector256.IsHardwareAccelerated)
                AddScaled<Simd256<T>, T>(a, factor, b, source.Length);
            else if (Vector128.IsHardwareAccelerated)
                AddScaled<Simd128<T>, T>(a, factor, b, source.Length);
            else
                AddScaled<SimdScalar<T>, T>(a, factor, b, source.Length);
        }
    }

    /// <summary>Euclidean length, without overflow or underflow on the way.</summary>
    public static double Norm(ReadOnlySpan<double> values)
    {
        double largest = 0;
        foreach (double value in values)
            largest = Math.Max(largest, Math.Abs(value));
        if (largest == 0 || !double.IsFinite(largest))
            return largest;
        double sum = 0;
        foreach (double value in values)
            sum += value / largest * (value / largest);
        return largest * Math.Sqrt(sum);
    }

    public static bool AllFinite<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        fixed (T* a = values)
        {
            return Vector512.IsHardwareAccelerated ? AllFinite<Simd512<T>, T>(a, values.Length) :
                Vector256.IsHardwareAccelerated ? AllFinite<Simd256<T>, T>(a, values.Length) :
                Vector128.IsHardwareAccelerated ? AllFinite<Simd128<T>, T>(a, values.Length) :
                AllFinite<SimdScalar<T>, T>(a, values.Length);
        }
    }

    private static T Dot<V, T>(T* a, T* b, int length)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V s0 = V.Broadcast(T.Zero);
        V s1 = s0;
        int i = 0;
        for (; i + (2 * V.Count) <= length; i += 2 * V.Count)
        {
            s0 = V.MultiplyAdd(V.Load(a + i), V.Load(b + i), s0);
            s1 = V.MultiplyAdd(V.Load(a + i + V.Count), V.Load(b + i + V.Count), s1);
        }

        for (; i + V.Count <= length; i += V.Count)
            s0 = V.MultiplyAdd(V.Load(a + i), V.Load(b + i), s0);
        T sum = V.Sum(V.Add(s0, s1));
        for (; i < length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static void AddScaled<V, T>(T* a, T factor, T* b, int length)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V c = V.Broadcast(factor);
        int i = 0;
        for (; i + V.Count <= length; i += V.Count)
            V.Store(V.MultiplyAdd(c, V.Load(a + i), V.Load(b + i)), b + i);
        for (; i < length; i++)
            b[i] += factor * a[i];
    }

    private static bool AllFinite<V, T>(T* a, int length)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // x − x is 0 for a finite x and a NaN otherwise, and NaNs survive addition.
        V sum = V.Broadcast(T.Zero);
        int i = 0;
        for (; i + V.Count <= length; i += V.Count)
        {
            V value = V.Load(a + i);
            sum = V.Add(sum, V.Subtract(value, value));
        }

        T total = V.Sum(sum);
        for (; i < length; i++)
            total += a[i] - a[i];
        return total == T.Zero;
    }
}
