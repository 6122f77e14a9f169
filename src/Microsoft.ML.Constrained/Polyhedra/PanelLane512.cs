using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>A register of 512 bits.</summary>
internal readonly unsafe struct PanelLane512<T>(Vector512<T> value) : IPanelLane<PanelLane512<T>, T>
    where T : unmanaged
{
    private readonly Vector512<T> _value = value;

    public static int Count => Vector512<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelLane512<T> Load(T* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelLane512<T> Broadcast(T value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelLane512<T> Add(PanelLane512<T> left, PanelLane512<T> right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelLane512<T> MultiplyAdd(PanelLane512<T> left, PanelLane512<T> right, PanelLane512<T> addend) =>
        typeof(T) == typeof(float)
            ? new(Vector512.FusedMultiplyAdd(left._value.AsSingle(), right._value.AsSingle(), addend._value.AsSingle()).As<float, T>())
            : new(Vector512.FusedMultiplyAdd(left._value.AsDouble(), right._value.AsDouble(), addend._value.AsDouble()).As<double, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(PanelLane512<T> value, T* target) => value._value.Store(target);
}
