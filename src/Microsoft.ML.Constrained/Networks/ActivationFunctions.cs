using System.Numerics;
using System.Runtime.CompilerServices;
using Microsoft.ML.Constrained.Polyhedra;

namespace Microsoft.ML.Constrained.Networks;

/// <summary>Elementwise functions in single precision, a register at a time, each within a few units of the last place. A NaN stays one.</summary>
internal static unsafe class ActivationFunctions
{
    private const float Log2E = 1.44269504f, Ln2High = 0.693359375f, Ln2Low = -2.12194440e-4f;

    /// <summary>Adding it leaves the nearest integer in the lowest bits.</summary>
    private const float Rounder = 12582912;

    /// <summary>e to less than it is a subnormal number.</summary>
    private const float Lowest = -87;

    /// <summary>Below it tanh is taken from a fraction, because 1 − e⁻²ˣ loses digits.</summary>
    private const float SmallTanh = 0.55f;

    /// <summary>Applies the function in place. Works on whole registers: up to a register's width after the values changes too.</summary>
    public static void Apply(NetworkActivation activation, float* values, int count)
    {
        switch (activation)
        {
            case NetworkActivation.ReLU:
                Apply<ReLU>(values, count);
                break;
            case NetworkActivation.Tanh:
                Apply<Tanh>(values, count);
                break;
            case NetworkActivation.Sigmoid:
                Apply<Sigmoid>(values, count);
                break;
            case NetworkActivation.Softplus:
                Apply<Softplus>(values, count);
                break;
            default:
                Apply<SiLU>(values, count);
                break;
        }
    }

    private static void Apply<TFunction>(float* values, int count)
        where TFunction : struct, IFunction
    {
        for (int i = 0; i < count; i += Vector<float>.Count)
        {
            Vector<float> x = Vector.Load(values + i);
            Vector.ConditionalSelect(Vector.Equals(x, x), TFunction.Of(x), x).Store(values + i);
        }
    }

    /// <summary>e to values up to 0: the exponent is split off, the rest is at most ½ ln 2 in size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> ExpOfNonpositive(Vector<float> x)
    {
        Vector<float> clamped = Vector.Max(x, Vector.Create(Lowest));
        Vector<float> rounded = Fused(clamped, Vector.Create(Log2E), Vector.Create(Rounder));
        Vector<float> k = rounded - Vector.Create(Rounder);
        Vector<float> rest = Fused(k, Vector.Create(-Ln2High), clamped);
        rest = Fused(k, Vector.Create(-Ln2Low), rest);
        Vector<float> sum = Vector.Create(1f / 5040);
        sum = Fused(sum, rest, Vector.Create(1f / 720));
        sum = Fused(sum, rest, Vector.Create(1f / 120));
        sum = Fused(sum, rest, Vector.Create(1f / 24));
        sum = Fused(sum, rest, Vector.Create(1f / 6));
        sum = Fused(sum, rest, Vector.Create(0.5f));
        sum = Fused(sum, rest * rest, rest) + Vector<float>.One;
        Vector<int> bits = Vector.AsVectorInt32(sum) + Vector.ShiftLeft(Vector.AsVectorInt32(rounded), 23);
        return Vector.ConditionalSelect(Vector.LessThan(x, Vector.Create(Lowest)), Vector<float>.Zero, Vector.AsVectorSingle(bits));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Fused(Vector<float> left, Vector<float> right, Vector<float> addend) =>
        PanelLane<float>.Fused(left, right, addend);

    private interface IFunction
    {
        static abstract Vector<float> Of(Vector<float> x);
    }

    private readonly struct ReLU : IFunction
    {
        public static Vector<float> Of(Vector<float> x) => Vector.Max(x, Vector<float>.Zero);
    }

    private readonly struct Sigmoid : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x)
        {
            Vector<float> e = ExpOfNonpositive(-Vector.Abs(x));
            Vector<float> numerator = Vector.ConditionalSelect(Vector.LessThan(x, Vector<float>.Zero), e, Vector<float>.One);
            return numerator / (Vector<float>.One + e);
        }
    }

    private readonly struct SiLU : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x)
        {
            // Far out on the left the product is below every normal number.
            Vector<float> product = x * Sigmoid.Of(x);
            return Vector.ConditionalSelect(Vector.LessThan(x, Vector.Create(Lowest)), Vector<float>.Zero, product);
        }
    }

    private readonly struct Softplus : IFunction
    {
        /// <summary>max(x, 0) + log(1 + e), e = exp(−|x|), by log(1 + e) = 2 artanh(e / (2 + e)), whose argument is at most ⅓.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x)
        {
            Vector<float> e = ExpOfNonpositive(-Vector.Abs(x));
            Vector<float> s = e / (Vector.Create(2f) + e), square = s * s;
            Vector<float> sum = Vector.Create(2f / 15);
            sum = Fused(sum, square, Vector.Create(2f / 13));
            sum = Fused(sum, square, Vector.Create(2f / 11));
            sum = Fused(sum, square, Vector.Create(2f / 9));
            sum = Fused(sum, square, Vector.Create(2f / 7));
            sum = Fused(sum, square, Vector.Create(2f / 5));
            sum = Fused(sum, square, Vector.Create(2f / 3));
            sum = Fused(sum, square, Vector.Create(2f));
            return Vector.Max(x, Vector<float>.Zero) + sum * s;
        }
    }

    private readonly struct Tanh : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> Of(Vector<float> x)
        {
            Vector<float> size = Vector.Abs(x), e = ExpOfNonpositive(size * Vector.Create(-2f));
            Vector<float> far = (Vector<float>.One - e) / (Vector<float>.One + e);
            far = Vector.ConditionalSelect(Vector.LessThan(x, Vector<float>.Zero), -far, far);

            // Lambert's continued fraction, cut after five steps.
            Vector<float> square = x * x;
            Vector<float> top = Fused(square + Vector.Create(105f), square, Vector.Create(945f));
            Vector<float> bottom = Fused(Fused(square, Vector.Create(15f), Vector.Create(420f)), square, Vector.Create(945f));
            return Vector.ConditionalSelect(Vector.LessThan(size, Vector.Create(SmallTanh)), x * (top / bottom), far);
        }
    }
}
