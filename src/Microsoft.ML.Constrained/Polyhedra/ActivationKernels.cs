using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>The functions that make coefficients of activations, and their derivatives.</summary>
internal static unsafe class ActivationKernels
{
    private const double Log2E = 1.4426950408889634, Ln2High = 0.693147180369123816490, Ln2Low = 1.90821492927058770002e-10;

    /// <summary>Adding it leaves the nearest integer in the lowest bits.</summary>
    private const double Rounder = 6755399441055744;

    /// <summary>e to less than it is a subnormal number.</summary>
    private const double Lowest = -708;

    // 1/k! for k = 13, 12, …, 2.
    private static ReadOnlySpan<double> Taylor =>
    [
        1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
        1.0 / 24, 1.0 / 6, 0.5,
    ];

    /// <summary>A ray's coefficient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Ray(RayActivation kind, double a) => kind == RayActivation.Absolute ? Math.Abs(a) : Softplus(a);

    /// <summary>The derivative of <see cref="Ray"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double RaySlope(RayActivation kind, double a) =>
        kind != RayActivation.Absolute ? 1 / (1 + Math.Exp(-a)) : a > 0 ? 1 : a < 0 ? -1 : 0;

    /// <summary>log(1 + eᵃ) without overflow, and to full relative accuracy where it is small.</summary>
    public static double Softplus(double a)
    {
        double t = Math.Exp(-Math.Abs(a)), u = 1 + t;
        return Math.Max(a, 0) + (u == 1 ? t : Math.Log(u) * t / (u - 1));
    }

    /// <summary>
    /// The softmax of <paramref name="count"/> values. Writes whole registers: up to a register's width of garbage follows.
    /// </summary>
    public static void Softmax(double* source, int count, double* target)
    {
        int width = Vector<double>.Count;
        double largest = source[0];
        for (int i = 1; i < count; i++)
            largest = Math.Max(largest, source[i]);
        Vector<double> shift = Vector.Create(largest);
        for (int i = 0; i < count; i += width)
            ExpOfNonpositive(Vector.Load(source + i) - shift).Store(target + i);
        double sum = 0;
        for (int i = 0; i < count; i++)
            sum += target[i];
        Vector<double> factor = Vector.Create(1 / sum);
        for (int i = 0; i < count; i += width)
            (Vector.Load(target + i) * factor).Store(target + i);
    }

    /// <summary>
    /// e to values up to 0 (positive ones give 1): the exponent is split off, the rest is at most ½ ln 2 in size, where Taylor's
    /// polynomial of degree 13 is off by less than 1e-17.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<double> ExpOfNonpositive(Vector<double> x)
    {
        x = Vector.Min(x, Vector<double>.Zero);
        Vector<double> clamped = Vector.Max(x, Vector.Create(Lowest));
        Vector<double> rounded = PanelLane<double>.Fused(clamped, Vector.Create(Log2E), Vector.Create(Rounder));
        Vector<double> k = rounded - Vector.Create(Rounder);
        Vector<double> rest = PanelLane<double>.Fused(k, Vector.Create(-Ln2High), clamped);
        rest = PanelLane<double>.Fused(k, Vector.Create(-Ln2Low), rest);
        Vector<double> sum = Vector.Create(Taylor[0]);
        for (int i = 1; i < 12; i++)
            sum = PanelLane<double>.Fused(sum, rest, Vector.Create(Taylor[i]));
        sum = PanelLane<double>.Fused(sum, rest * rest, rest) + Vector<double>.One;
        Vector<long> bits = Vector.AsVectorInt64(sum) + Vector.ShiftLeft(Vector.AsVectorInt64(rounded), 52);
        return Vector.ConditionalSelect(Vector.LessThan(x, Vector.Create(Lowest)), Vector<double>.Zero, Vector.AsVectorDouble(bits));
    }

    /// <summary>x·y in four partial sums, whatever the length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Dot(double* x, double* y, int count)
    {
        int width = Vector<double>.Count, i = 0;
        Vector<double> a = Vector<double>.Zero, b = a, c = a, d = a;
        for (; i + 4 * width <= count; i += 4 * width)
        {
            a = PanelLane<double>.Fused(Vector.Load(x + i), Vector.Load(y + i), a);
            b = PanelLane<double>.Fused(Vector.Load(x + i + width), Vector.Load(y + i + width), b);
            c = PanelLane<double>.Fused(Vector.Load(x + i + 2 * width), Vector.Load(y + i + 2 * width), c);
            d = PanelLane<double>.Fused(Vector.Load(x + i + 3 * width), Vector.Load(y + i + 3 * width), d);
        }

        for (; i + width <= count; i += width)
            a = PanelLane<double>.Fused(Vector.Load(x + i), Vector.Load(y + i), a);
        double sum = Vector.Sum(a + b + (c + d));
        for (; i < count; i++)
            sum += x[i] * y[i];
        return sum;
    }

    /// <summary>target = source − factor · direction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SubtractMultiple(double* source, double factor, double* direction, double* target, int count)
    {
        int width = Vector<double>.Count, i = 0;
        Vector<double> minus = Vector.Create(-factor);
        for (; i + width <= count; i += width)
            PanelLane<double>.Fused(minus, Vector.Load(direction + i), Vector.Load(source + i)).Store(target + i);
        for (; i < count; i++)
            target[i] = source[i] - factor * direction[i];
    }
}
