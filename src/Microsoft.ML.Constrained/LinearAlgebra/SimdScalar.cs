using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>A register of one element: for machines without vector instructions, and for ends of rows.</summary>
internal readonly unsafe struct SimdScalar<T> : ISimd<SimdScalar<T>, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SimdScalar(T value) => _value = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Load(T* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SimdScalar<T> value, T* target) => *target = value._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Broadcast(T value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Add(SimdScalar<T> left, SimdScalar<T> right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Subtract(SimdScalar<T> left, SimdScalar<T> right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Multiply(SimdScalar<T> left, SimdScalar<T> right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> MultiplyAdd(SimdScalar<T> left, SimdScalar<T> right, SimdScalar<T> addend) =>
        new((left._value * right._value) + addend._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Max(SimdScalar<T> left, SimdScalar<T> right) => left._value > right._value ? left : right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Min(SimdScalar<T> left, SimdScalar<T> right) => left._value < right._value ? left : right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> Abs(SimdScalar<T> value) => new(T.Abs(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SimdScalar<T> SelectGreater(SimdScalar<T> left, SimdScalar<T> right, SimdScalar<T> whenTrue, SimdScalar<T> whenFalse) =>
        left._value > right._value ? whenTrue : whenFalse;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum(SimdScalar<T> value) => value._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T MaxAcross(SimdScalar<T> value) => value._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyGreater(SimdScalar<T> left, SimdScalar<T> right) => left._value > right._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstEqual(SimdScalar<T> value, T sought) => value._value == sought ? 0 : 1;
}
