using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>
/// One step of free weights or of weights on circles, in one pass over the memory. <c>B A O A</c> has no force between its two half drifts, so
/// they and the O step merge: with v the velocity after B and v' = c·v + noise, the position moves by (h/2)(v + v').
/// </summary>
internal static unsafe class FusedUpdate<V, T>
    where V : struct, ISimd<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Free weights with momentum: v −= h·g; v' = c·v + d·n; w += (h/2)(v + v').</summary>
    [SkipLocalsInit]
    public static void FreeUnderdamped(T* weight, T* velocity, T* gradient, T* noise, int count, in StepScales scales)
    {
        T* rest = stackalloc T[4 * V.Count];
        int whole = count / V.Count * V.Count;
        Free(weight, velocity, gradient, noise, whole, scales);
        if (whole == count)
            return;
        T* n = noise is null ? null : Copy(noise, rest + (3 * V.Count), whole, count);
        Free(Copy(weight, rest, whole, count), Copy(velocity, rest + V.Count, whole, count), Copy(gradient, rest + (2 * V.Count), whole, count), n, V.Count, scales);
        CopyBack(rest, weight, whole, count);
        CopyBack(rest + V.Count, velocity, whole, count);
    }

    /// <summary>Free weights without momentum: w += −h·g + √(2τh)·n.</summary>
    [SkipLocalsInit]
    public static void FreeOverdamped(T* weight, T* gradient, T* noise, int count, in StepScales scales)
    {
        T* rest = stackalloc T[3 * V.Count];
        int whole = count / V.Count * V.Count;
        Free(weight, gradient, noise, whole, scales);
        if (whole == count)
            return;
        T* n = noise is null ? null : Copy(noise, rest + (2 * V.Count), whole, count);
        Free(Copy(weight, rest, whole, count), Copy(gradient, rest + V.Count, whole, count), n, V.Count, scales);
        CopyBack(rest, weight, whole, count);
    }

    /// <summary>
    /// Weights on circles. The state is the slack ξ and the angular velocity ω (p = ωξ, p_ξ = −ωw), or the slack alone. A gradient g of w kicks
    /// ω by −h·g·ξ/r²; a tangent normal number is d/r on ω; the drift is an exact rotation, and the radius is renewed by a Newton step.
    /// </summary>
    /// <param name="weight">w.</param>
    /// <param name="slack">ξ.</param>
    /// <param name="velocity">ω; null for the overdamped equation.</param>
    /// <param name="gradient">g.</param>
    /// <param name="noise">Normal numbers; null at temperature 0.</param>
    /// <param name="count">Weights.</param>
    /// <param name="scales">The step.</param>
    /// <param name="radius">r.</param>
    /// <returns>Whether weights were off their circles and had to be put back.</returns>
    [SkipLocalsInit]
    public static bool Circle(T* weight, T* slack, T* velocity, T* gradient, T* noise, int count, in StepScales scales, double radius)
    {
        T* rest = stackalloc T[5 * V.Count];
        int whole = count / V.Count * V.Count;
        bool renewed = velocity is null
            ? CircleOverdamped(weight, slack, gradient, noise, whole, scales, radius)
            : CircleUnderdamped(weight, slack, velocity, gradient, noise, whole, scales, radius);
        if (whole == count)
            return renewed;
        T* w = Copy(weight, rest, whole, count), xi = Copy(slack, rest + V.Count, whole, count, Cast(radius)), g = Copy(gradient, rest + (2 * V.Count), whole, count);
        T* n = noise is null ? null : Copy(noise, rest + (3 * V.Count), whole, count), omega = rest + (4 * V.Count);
        if (velocity is null)
        {
            renewed |= CircleOverdamped(w, xi, g, n, V.Count, scales, radius);
        }
        else
        {
            renewed |= CircleUnderdamped(w, xi, Copy(velocity, omega, whole, count), g, n, V.Count, scales, radius);
            CopyBack(omega, velocity, whole, count);
        }

        CopyBack(w, weight, whole, count);
        CopyBack(xi, slack, whole, count);
        return renewed;
    }

    private static void Free(T* weight, T* velocity, T* gradient, T* noise, int count, in StepScales scales)
    {
        V kick = Scalar(-scales.Step), half = Scalar(scales.Step / 2), decay = Scalar(scales.Decay), spread = Scalar(scales.Noise), wd = Scalar(scales.WeightDecay);
        for (int i = 0; i < count; i += V.Count)
        {
            V w = V.Load(weight + i), force = V.MultiplyAdd(wd, w, V.Load(gradient + i));
            V v = V.MultiplyAdd(kick, force, V.Load(velocity + i)), next = V.Multiply(decay, v);
            if (noise is not null)
                next = V.MultiplyAdd(spread, V.Load(noise + i), next);
            V.Store(V.MultiplyAdd(half, V.Add(v, next), w), weight + i);
            V.Store(next, velocity + i);
        }
    }

    private static void Free(T* weight, T* gradient, T* noise, int count, in StepScales scales)
    {
        V kick = Scalar(-scales.Step), spread = Scalar(scales.Noise), wd = Scalar(scales.WeightDecay);
        for (int i = 0; i < count; i += V.Count)
        {
            V w = V.Load(weight + i), moved = V.MultiplyAdd(kick, V.MultiplyAdd(wd, w, V.Load(gradient + i)), w);
            V.Store(noise is null ? moved : V.MultiplyAdd(spread, V.Load(noise + i), moved), weight + i);
        }
    }

    private static bool CircleUnderdamped(T* weight, T* slack, T* velocity, T* gradient, T* noise, int count, in StepScales scales, double radius)
    {
        V kick = Scalar(-scales.Step / (radius * radius)), decay = Scalar(scales.Decay), time = Scalar(scales.Step / 2 * (1 + scales.Decay));
        V spread = Scalar(scales.Noise / radius), noisyTime = Scalar(scales.Step / 2 * (scales.Noise / radius));
        V wd = Scalar(scales.WeightDecay), inverse = Scalar(-0.5 / (radius * radius));
        bool renewed = false;
        for (int i = 0; i < count; i += V.Count)
        {
            V w = V.Load(weight + i), xi = V.Load(slack + i), factor = Factor(w, xi, inverse);
            if (IsStale(factor))
            {
                renewed = true;
                Renew(factor, weight + i, slack + i, Cast(radius));
                w = V.Load(weight + i);
                xi = V.Load(slack + i);
                factor = Factor(w, xi, inverse);
            }

            V v = V.MultiplyAdd(V.Multiply(kick, xi), V.MultiplyAdd(wd, w, V.Load(gradient + i)), V.Load(velocity + i));
            V next = V.Multiply(decay, v), angle = V.Multiply(time, v);
            if (noise is not null)
            {
                V n = V.Load(noise + i);
                next = V.MultiplyAdd(spread, n, next);
                angle = V.MultiplyAdd(noisyTime, n, angle);
            }

            V.Store(next, velocity + i);
            Rotate(w, xi, angle, factor, weight + i, slack + i);
        }

        return renewed;
    }

    private static bool CircleOverdamped(T* weight, T* slack, T* gradient, T* noise, int count, in StepScales scales, double radius)
    {
        V kick = Scalar(-scales.Step / (radius * radius)), spread = Scalar(scales.Noise / radius), wd = Scalar(scales.WeightDecay);
        V inverse = Scalar(-0.5 / (radius * radius));
        bool renewed = false;
        for (int i = 0; i < count; i += V.Count)
        {
            V w = V.Load(weight + i), xi = V.Load(slack + i), factor = Factor(w, xi, inverse);
            if (IsStale(factor))
            {
                renewed = true;
                Renew(factor, weight + i, slack + i, Cast(radius));
                w = V.Load(weight + i);
                xi = V.Load(slack + i);
                factor = Factor(w, xi, inverse);
            }

            V angle = V.Multiply(V.Multiply(kick, xi), V.MultiplyAdd(wd, w, V.Load(gradient + i)));
            Rotate(w, xi, noise is null ? angle : V.MultiplyAdd(spread, V.Load(noise + i), angle), factor, weight + i, slack + i);
        }

        return renewed;
    }

    /// <summary>
    /// What renews the radius: 1/√s ≈ (3 − s)/2 for s = (w² + ξ²)/r² near 1. s is that of before the turn, so that nothing waits for it; what
    /// this turn's rounding adds, the next one takes away.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Factor(V w, V xi, V inverse) => V.MultiplyAdd(inverse, V.MultiplyAdd(w, w, V.Multiply(xi, xi)), Scalar(1.5));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsStale(V factor) => V.AnyGreater(V.Abs(V.Subtract(factor, Scalar(1))), Scalar(CircleScheme.Stale));

    /// <summary>New slacks, with the sign they had, for weights that something else has changed; one by one, so no lane feels its neighbours.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Renew(V factor, T* weight, T* slack, T radius)
    {
        T* factors = stackalloc T[V.Count];
        V.Store(factor, factors);
        for (int i = 0; i < V.Count; i++)
        {
            if (!(T.Abs(factors[i] - T.One) > Cast(CircleScheme.Stale)))
                continue;
            T w = T.Clamp(weight[i], -radius, radius), across = T.Sqrt((radius - w) * (radius + w));
            (weight[i], slack[i]) = (w, slack[i] < T.Zero ? -across : across);
        }
    }

    /// <summary>Turns (ξ, w) and renews the radius.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rotate(V w, V xi, V angle, V factor, T* weight, T* slack)
    {
        SineCosine(angle, out V sine, out V cosine);
        w = V.Multiply(w, factor);
        xi = V.Multiply(xi, factor);
        V.Store(V.MultiplyAdd(w, cosine, V.Multiply(xi, sine)), weight);
        V.Store(V.Subtract(V.Multiply(xi, cosine), V.Multiply(w, sine)), slack);
    }

    /// <summary>Taylor series up to π/4, which keep full precision; what lies beyond is computed one by one, so no lane feels its neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SineCosine(V angle, out V sine, out V cosine)
    {
        V square = V.Multiply(angle, angle), s, c;
        if (typeof(T) == typeof(float))
        {
            // In pairs, which need not wait for each other.
            V fourth = V.Multiply(square, square);
            s = V.MultiplyAdd(V.MultiplyAdd(Scalar(1 / 362880.0), square, Scalar(-1 / 5040.0)), fourth, V.MultiplyAdd(Scalar(1 / 120.0), square, Scalar(-1 / 6.0)));
            c = V.MultiplyAdd(V.MultiplyAdd(Scalar(-1 / 3628800.0), square, Scalar(1 / 40320.0)), fourth, V.MultiplyAdd(Scalar(-1 / 720.0), square, Scalar(1 / 24.0)));
            c = V.MultiplyAdd(c, square, Scalar(-1 / 2.0));
        }
        else
        {
            s = V.MultiplyAdd(Scalar(1 / 355687428096000.0), square, Scalar(-1 / 1307674368000.0));
            s = V.MultiplyAdd(s, square, Scalar(1 / 6227020800.0));
            s = V.MultiplyAdd(s, square, Scalar(-1 / 39916800.0));
            s = V.MultiplyAdd(s, square, Scalar(1 / 362880.0));
            c = V.MultiplyAdd(Scalar(1 / 20922789888000.0), square, Scalar(-1 / 87178291200.0));
            c = V.MultiplyAdd(c, square, Scalar(1 / 479001600.0));
            c = V.MultiplyAdd(c, square, Scalar(-1 / 3628800.0));
            s = V.MultiplyAdd(s, square, Scalar(-1 / 5040.0));
            s = V.MultiplyAdd(s, square, Scalar(1 / 120.0));
            s = V.MultiplyAdd(s, square, Scalar(-1 / 6.0));
            c = V.MultiplyAdd(c, square, Scalar(1 / 40320.0));
            c = V.MultiplyAdd(c, square, Scalar(-1 / 720.0));
            c = V.MultiplyAdd(c, square, Scalar(1 / 24.0));
            c = V.MultiplyAdd(c, square, Scalar(-1 / 2.0));
        }

        sine = V.MultiplyAdd(V.Multiply(s, square), angle, angle);
        cosine = V.MultiplyAdd(c, square, Scalar(1));

        if (!V.AnyGreater(V.Abs(angle), Scalar(Math.PI / 4)))
            return;

        // Copies, so that the variables of the usual way stay in registers.
        V farSine = sine, farCosine = cosine;
        Far(angle, ref farSine, ref farCosine);
        sine = farSine;
        cosine = farCosine;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Far(V angle, ref V sine, ref V cosine)
    {
        T* a = stackalloc T[V.Count], s = stackalloc T[V.Count], c = stackalloc T[V.Count];
        V.Store(angle, a);
        V.Store(sine, s);
        V.Store(cosine, c);
        for (int i = 0; i < V.Count; i++)
        {
            if (!(T.Abs(a[i]) <= Cast(Math.PI / 4)))
                (s[i], c[i]) = T.SinCos(a[i]);
        }

        sine = V.Load(s);
        cosine = V.Load(c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Scalar(double value) => V.Broadcast(Cast(value));

    /// <summary>Written so that the compiler folds it for constants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Cast(double value) => typeof(T) == typeof(float) ? (T)(object)(float)value : (T)(object)value;

    /// <summary>The elements after the whole registers, filled up with zeros or another number.</summary>
    private static T* Copy(T* source, T* target, int first, int count, T filling = default)
    {
        for (int i = 0; i < V.Count; i++)
            target[i] = first + i < count ? source[first + i] : filling;
        return target;
    }

    private static void CopyBack(T* source, T* target, int first, int count)
    {
        for (int i = first; i < count; i++)
            target[i] = source[i - first];
    }
}
