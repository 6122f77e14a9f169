using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>Reads a row of costs into double precision and checks it in the same pass.</summary>
internal static class CostReader
{
    /// <summary>
    /// The greatest magnitude taken as a finite cost. Sums of any number of such costs, and the differences that the solvers form, stay
    /// finite; anything above is treated like an infinity.
    /// </summary>
    public const double Largest = 1e150;

    /// <summary>
    /// Writes <paramref name="scale"/> times each cost (1 or −1).
    /// </summary>
    /// <returns>False when a cost is NaN, infinite, above <see cref="Largest"/> in magnitude, or below <paramref name="least"/>.</returns>
    public static bool Read<T>(ReadOnlySpan<T> source, Span<double> target, double scale, double least)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return ReadSingle(MemoryMarshal.Cast<T, float>(source), target, scale, least);
        return ReadDouble(MemoryMarshal.Cast<T, double>(source), target, scale, least);
    }

    private static bool ReadSingle(ReadOnlySpan<float> source, Span<double> target, double scale, double least)
    {
        int width = Vector<float>.Count;
        int half = Vector<double>.Count;
        Vector<double> factor = new(scale), low = new(least), high = new(Largest);
        Vector<long> good = Vector<long>.AllBitsSet;
        int i = 0;
        for (; i <= source.Length - width; i += width)
        {
            Vector.Widen(new Vector<float>(source[i..]), out Vector<double> first, out Vector<double> second);
            good &= Vector.GreaterThanOrEqual(first, low) & Vector.LessThanOrEqual(first, high);
            good &= Vector.GreaterThanOrEqual(second, low) & Vector.LessThanOrEqual(second, high);
            (first * factor).CopyTo(target[i..]);
            (second * factor).CopyTo(target[(i + half)..]);
        }

        bool valid = Vector.EqualsAll(good, Vector<long>.AllBitsSet);
        for (; i < source.Length; i++)
        {
            double cost = source[i];
            valid &= cost >= least && cost <= Largest;
            target[i] = cost * scale;
        }

        return valid;
    }

    private static bool ReadDouble(ReadOnlySpan<double> source, Span<double> target, double scale, double least)
    {
        int width = Vector<double>.Count;
        Vector<double> factor = new(scale), low = new(least), high = new(Largest);
        Vector<long> good = Vector<long>.AllBitsSet;
        int i = 0;
        for (; i <= source.Length - width; i += width)
        {
            var value = new Vector<double>(source[i..]);
            good &= Vector.GreaterThanOrEqual(value, low) & Vector.LessThanOrEqual(value, high);
            (value * factor).CopyTo(target[i..]);
        }

        bool valid = Vector.EqualsAll(good, Vector<long>.AllBitsSet);
        for (; i < source.Length; i++)
        {
            double cost = source[i];
            valid &= cost >= least && cost <= Largest;
            target[i] = cost * scale;
        }

        return valid;
    }
}
