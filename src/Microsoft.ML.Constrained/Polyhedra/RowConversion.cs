using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>Rows of <see cref="float"/> or <see cref="double"/> into double precision and back; both say whether all numbers are finite.</summary>
internal static unsafe class RowConversion
{
    /// <summary>Copies a row; false where it holds a NaN or an infinity.</summary>
    public static bool Widen<T>(T* source, double* target, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int i = 0;
        if (typeof(T) == typeof(float))
        {
            // 0 · v is 0 for every finite v and a NaN for all others, which a sum keeps.
            var from = (float*)source;
            Vector<float> bad = Vector<float>.Zero;
            int width = Vector<float>.Count, half = Vector<double>.Count;
            for (; i + width <= count; i += width)
            {
                Vector<float> value = Vector.Load(from + i);
                bad += value * Vector<float>.Zero;
                Vector.Widen(value, out Vector<double> low, out Vector<double> high);
                low.Store(target + i);
                high.Store(target + i + half);
            }

            bool finite = Vector.Sum(bad) == 0;
            for (; i < count; i++)
            {
                target[i] = from[i];
                finite &= float.IsFinite(from[i]);
            }

            return finite;
        }

        var wide = (double*)source;
        Vector<double> badWide = Vector<double>.Zero;
        for (; i + Vector<double>.Count <= count; i += Vector<double>.Count)
        {
            Vector<double> value = Vector.Load(wide + i);
            badWide += value * Vector<double>.Zero;
            value.Store(target + i);
        }

        bool allFinite = Vector.Sum(badWide) == 0;
        for (; i < count; i++)
        {
            target[i] = wide[i];
            allFinite &= double.IsFinite(wide[i]);
        }

        return allFinite;
    }

    /// <summary>target = factor · source, rounded; false where a result is a NaN or an infinity.</summary>
    public static bool Narrow<T>(double* source, double factor, T* target, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int i = 0;
        Vector<double> scale = Vector.Create(factor);
        Vector<T> bad = Vector<T>.Zero;
        for (; i + Vector<T>.Count <= count; i += Vector<T>.Count)
        {
            Vector<T> value = Rounded<T>(source + i, scale);
            bad += value * Vector<T>.Zero;
            value.Store(target + i);
        }

        bool finite = Vector.Sum(bad) == T.Zero;
        for (; i < count; i++)
        {
            target[i] = T.CreateTruncating(source[i] * factor);
            finite &= T.IsFinite(target[i]);
        }

        return finite;
    }

    /// <summary>The next register of source · factor, rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> Rounded<T>(double* source, Vector<double> factor)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
            return Vector.As<double, T>(Vector.Load(source) * factor);
        return Vector.As<float, T>(Vector.Narrow(Vector.Load(source) * factor, Vector.Load(source + Vector<double>.Count) * factor));
    }

    /// <summary>The largest absolute value; a NaN counts for nothing.</summary>
    public static double Largest(double* values, int count)
    {
        Vector<double> best = Vector<double>.Zero, other = best;
        int i = 0, width = Vector<double>.Count;
        for (; i + 2 * width <= count; i += 2 * width)
        {
            best = Vector.MaxNumber(best, Vector.Abs(Vector.Load(values + i)));
            other = Vector.MaxNumber(other, Vector.Abs(Vector.Load(values + i + width)));
        }

        best = Vector.MaxNumber(best, other);
        double largest = 0;
        for (int k = 0; k < width; k++)
            largest = Math.Max(largest, best[k]);
        for (; i < count; i++)
            largest = double.MaxNumber(largest, Math.Abs(values[i]));
        return largest;
    }

    /// <summary>Where the largest absolute value first occurs.</summary>
    public static int IndexOfLargest(double* values, int count, double largest)
    {
        int index = 0;
        while (index < count - 1 && Math.Abs(values[index]) != largest)
            index++;
        return index;
    }
}
