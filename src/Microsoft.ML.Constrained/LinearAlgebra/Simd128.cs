using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>A register of 128 bits.</summary>
internal readonly unsafe struct Simd128<T> : ISimd<Simd128<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Vector128<T> _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Simd128(Vector128<T> value) => _value = value;

    public static int Count => Vector128<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Load(T* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Simd128<T> value, T* target) => value._value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Broadcast(T value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Add(Simd128<T> left, Simd128<T> right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Subtract(Simd128<T> left, Simd128<T> right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Multiply(Simd128<T> left, Simd128<T> right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> MultiplyAdd(Simd128<T> left, Simd128<T> right, Simd128<T> addend)
    {
        if (typeof(T) == typeof(float))
        {
            if (Fma.IsSupported)
                return new(Fma.MultiplyAdd(left._value.AsSingle(), right._value.AsSingle(), addend._value.AsSingle()).As<float, T>());
            if (AdvSimd.IsSupported)
                return new(AdvSimd.FusedMultiplyAdd(addend._value.AsSingle(), left._value.AsSingle(), right._value.AsSingle()).As<float, T>());
        }
        else
        {
            if (Fma.IsSupported)
                return new(Fma.MultiplyAdd(left._value.AsDouble(), right._value.AsDouble(), addend._value.AsDouble()).As<double, T>());
            if (AdvSimd.Arm64.IsSupported)
                return new(AdvSimd.Arm64.FusedMultiplyAdd(addend._value.AsDouble(), left._value.AsDouble(), right._value.AsDouble()).As<double, T>());
        }

        return new((left._value * right._value) + addend._value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Max(Simd128<T> left, Simd128<T> right)
    {
        if (Sse2.IsSupported)
        {
            return typeof(T) == typeof(float)
                ? new(Sse.Max(left._value.AsSingle(), right._value.AsSingle()).As<float, T>())
                : new(Sse2.Max(left._value.AsDouble(), right._value.AsDouble()).As<double, T>());
        }

        return new(Vector128.ConditionalSelect(Vector128.GreaterThan(left._value, right._value), left._value, right._value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Min(Simd128<T> left, Simd128<T> right)
    {
        if (Sse2.IsSupported)
        {
            return typeof(T) == typeof(float)
                ? new(Sse.Min(left._value.AsSingle(), right._value.AsSingle()).As<float, T>())
                : new(Sse2.Min(left._value.AsDouble(), right._value.AsDouble()).As<double, T>());
        }

        return new(Vector128.ConditionalSelect(Vector128.LessThan(left._value, right._value), left._value, right._value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> Abs(Simd128<T> value) => new(Vector128.Abs(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Simd128<T> SelectGreater(Simd128<T> left, Simd128<T> right, Simd128<T> whenTrue, Simd128<T> whenFalse) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(left._value, right._value), whenTrue._value, whenFalse._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(Simd128<T> value)
    {
        // One order of addition for every width: halves first.
        if (typeof(T) == typeof(float))
        {
            Vector128<float> v = value._value.AsSingle();
            v += Vector128.Shuffle(v, Vector128.Create(2, 3, 0, 1));
            return Unsafe.BitCast<float, T>(v.ToScalar() + v.GetElement(1));
        }

        Vector128<double> d = value._value.AsDouble();
        return Unsafe.BitCast<double, T>(d.ToScalar() + d.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T MaxAcross(Simd128<T> value)
    {
        // Without a branch: which of two halves holds the greater number cannot be predicted.
        if (typeof(T) == typeof(float))
        {
            Simd128<T> half = Max(value, new(Vector128.Shuffle(value._value.AsSingle(), Vector128.Create(2, 3, 0, 1)).As<float, T>()));
            return Max(half, new(Vector128.Shuffle(half._value.AsSingle(), Vector128.Create(1, 0, 3, 2)).As<float, T>()))._value.ToScalar();
        }

        return Max(value, new(Vector128.Shuffle(value._value.AsDouble(), Vector128.Create(1, 0)).As<double, T>()))._value.ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyGreater(Simd128<T> left, Simd128<T> right) => Vector128.GreaterThanAny(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstEqual(Simd128<T> value, T sought) =>
        BitOperations.TrailingZeroCount(Vector128.Equals(value._value, Vector128.Create(sought)).ExtractMostSignificantBits());
}
