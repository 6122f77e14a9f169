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
        V kick = Scalar(-scales.Step), half = Scalar(scales.Step / 2), decay = Scalar(scales.Decay), spread = Scalar(scales.Noise), wd = Scalar(scales.WeightDecay);
        T* rest = stackalloc T[4 * V.Count];
        for (int i = 0; i < count; i += V.Count)
        {
            Block b = new(rest, count - i, weight + i, velocity + i, gradient + i, noise is null ? null : noise + i);
            V w = V.Load(b.A), force = V.MultiplyAdd(wd, w, V.Load(b.C));
            V v = V.MultiplyAdd(kick, force, V.Load(b.B)), next = V.Multiply(decay, v);
            if (noise is not null)
                next = V.MultiplyAdd(spread, V.Load(b.D), next);
            V.Store(V.MultiplyAdd(half, V.Add(v, next), w), b.A);
            V.Store(next, b.B);
            b.Return(weight + i, velocity + i);
        }
    }

    /// <summary>Free weights without momentum: w += −h·g + √(2τh)·n.</summary>
    [SkipLocalsInit]
    public static void FreeOverdamped(T* weight, T* gradient, T* noise, int count, in StepScales scales)
    {
        V kick = Scalar(-scales.Step), spread = Scalar(scales.Noise), wd = Scalar(scales.WeightDecay);
        T* rest = stackalloc T[4 * V.Count];
        for (int i = 0; i < count; i += V.Count)
        {
            Block b = new(rest, count - i, weight + i, gradient + i, gradient + i, noise is null ? null : noise + i);
            V w = V.Load(b.A), moved = V.MultiplyAdd(kick, V.MultiplyAdd(wd, w, V.Load(b.C)), w);
            if (noise is not null)
                moved = V.MultiplyAdd(spread, V.Load(b.D), moved);
            V.Store(moved, b.A);
            b.Return(weight + i, null);
        }
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
    [SkipLocalsInit]
    public static void Circle(T* weight, T* slack, T* velocity, T* gradient, T* noise, int count, in StepScales scales, double radius)
    {
        V kick = Scalar(-scales.Step / (radius * radius)), half = Scalar(scales.Step / 2), decay = Scalar(scales.Decay);
        V spread = Scalar(scales.Noise / radius), wd = Scalar(scales.WeightDecay), inverse = Scalar(-0.5 / (radius * radius)), threeHalves = Scalar(1.5);
        T* rest = stackalloc T[5 * V.Count];
        T* fifth = rest + (4 * V.Count);
        for (int i = 0; i < count; i += V.Count)
        {
            Block b = new(rest, count - i, weight + i, slack + i, gradient + i, noise is null ? null : noise + i);
            V w = V.Load(b.A), xi = V.Load(b.B);
            V change = V.Multiply(kick, V.Multiply(V.MultiplyAdd(wd, w, V.Load(b.C)), xi)), angle;
            if (velocity is null)
            {
                angle = noise is null ? change : V.MultiplyAdd(spread, V.Load(b.D), change);
            }
            else
            {
                T* omega = b.Whole ? velocity + i : Block.Copy(velocity + i, fifth, count - i);
                V v = V.Add(V.Load(omega), change), next = V.Multiply(decay, v);
                if (noise is not null)
                    next = V.MultiplyAdd(spread, V.Load(b.D), next);
                V.Store(next, omega);
                if (!b.Whole)
                    Block.CopyBack(fifth, velocity + i, count - i);
                angle = V.Multiply(half, V.Add(v, next));
            }

            SineCosine(angle, out V sine, out V cosine);
            V turned = V.MultiplyAdd(w, cosine, V.Multiply(xi, sine)), across = V.Subtract(V.Multiply(xi, cosine), V.Multiply(w, sine));
            V square = V.MultiplyAdd(turned, turned, V.Multiply(across, across)), factor = V.MultiplyAdd(inverse, square, threeHalves);
            V.Store(V.Multiply(turned, factor), b.A);
            V.Store(V.Multiply(across, factor), b.B);
            b.Return(weight + i, slack + i);
        }
    }

    /// <summary>Taylor series up to π/4, which keep full precision; what lies beyond is computed one by one, so no lane feels its neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SineCosine(V angle, out V sine, out V cosine)
    {
        V square = V.Multiply(angle, angle), s, c;
        if (typeof(T) == typeof(float))
        {
            s = Scalar(1 / 362880.0);
            c = V.MultiplyAdd(Scalar(-1 / 3628800.0), square, Scalar(1 / 40320.0));
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
            c = V.MultiplyAdd(c, square, Scalar(1 / 40320.0));
        }

        s = V.MultiplyAdd(s, square, Scalar(-1 / 5040.0));
        s = V.MultiplyAdd(s, square, Scalar(1 / 120.0));
        s = V.MultiplyAdd(s, square, Scalar(-1 / 6.0));
        c = V.MultiplyAdd(c, square, Scalar(-1 / 720.0));
        c = V.MultiplyAdd(c, square, Scalar(1 / 24.0));
        c = V.MultiplyAdd(c, square, Scalar(-1 / 2.0));
        sine = V.MultiplyAdd(V.Multiply(s, square), angle, angle);
        cosine = V.MultiplyAdd(c, square, Scalar(1));

        if (!(V.MaxAcross(V.Abs(angle)) <= T.CreateTruncating(Math.PI / 4)))
            Far(angle, ref sine, ref cosine);
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
            if (!(T.Abs(a[i]) <= T.CreateTruncating(Math.PI / 4)))
                (s[i], c[i]) = T.SinCos(a[i]);
        }

        sine = V.Load(s);
        cosine = V.Load(c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Scalar(double value) => V.Broadcast(T.CreateTruncating(value));

    /// <summary>Where a register's worth of elements lies: in the arrays, or, at their end, in a copy that is wide enough.</summary>
    private readonly struct Block
    {
        private readonly int _left;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Block(T* rest, int left, T* a, T* b, T* c, T* d)
        {
            _left = left;
            A = a;
            B = b;
            C = c;
            D = d;
            if (left >= V.Count)
                return;
            A = Copy(a, rest, left);
            B = Copy(b, rest + V.Count, left);
            C = Copy(c, rest + (2 * V.Count), left);
            D = d is null ? null : Copy(d, rest + (3 * V.Count), left);
        }

        public T* A { get; }

        public T* B { get; }

        public T* C { get; }

        public T* D { get; }

        public bool Whole => _left >= V.Count;

        public static T* Copy(T* source, T* target, int left)
        {
            for (int i = 0; i < V.Count; i++)
                target[i] = i < left ? source[i] : T.Zero;
            return target;
        }

        public static void CopyBack(T* source, T* target, int left)
        {
            for (int i = 0; i < left; i++)
                target[i] = source[i];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Return(T* a, T* b)
        {
            if (Whole)
                return;
            CopyBack(A, a, _left);
            if (b is not null)
                CopyBack(B, b, _left);
        }
    }
}
