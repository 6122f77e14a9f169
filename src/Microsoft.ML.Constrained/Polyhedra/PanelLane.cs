using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>A register of 128 or 256 bits, whichever the machine has.</summary>
internal readonly unsafe struct PanelLane<T>(Vector<T> value) : IPanelLane<PanelLane<T>, T>
    where T : unmanaged
{
    private readonly Vector<T> _value = value;

    /// <summary>Whether a multiplication and an addition are one instruction.</summary>
    public static bool Fuses => Fma.IsSupported || AdvSimd.Arm64.IsSupported;

    public static int Count => Vector<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelLane<T> Load(T* source) => new(Vector.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelLane<T> Broadcast(T value) => new(Vector.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelLane<T> Add(PanelLane<T> left, PanelLane<T> right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelLane<T> MultiplyAdd(PanelLane<T> left, PanelLane<T> right, PanelLane<T> addend) =>
        new(Fused(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(PanelLane<T> value, T* target) => value._value.Store(target);

    /// <summary>left · right + addend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector<T> Fused(Vector<T> left, Vector<T> right, Vector<T> addend)
    {
        if (Fuses && typeof(T) == typeof(float))
        {
            return Vector.As<float, T>(
                Vector.FusedMultiplyAdd(Vector.As<T, float>(left), Vector.As<T, float>(right), Vector.As<T, float>(addend)));
        }

        if (Fuses && typeof(T) == typeof(double))
        {
            return Vector.As<double, T>(
                Vector.FusedMultiplyAdd(Vector.As<T, double>(left), Vector.As<T, double>(right), Vector.As<T, double>(addend)));
        }

        return left * right + addend;
    }
}
