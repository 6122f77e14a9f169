using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>Eight doubles, one per problem solved side by side, in whatever registers the machine has.</summary>
internal interface ILaneBlock<TSelf>
    where TSelf : struct, ILaneBlock<TSelf>
{
    static abstract unsafe TSelf Load(double* source);

    static abstract TSelf Min(TSelf left, TSelf right);

    static abstract TSelf Add(TSelf left, TSelf right);

    /// <summary>All bits set where the candidate is below the old value and at most the limit.</summary>
    static abstract TSelf Lowered(TSelf candidate, TSelf old, TSelf limit);

    static abstract TSelf Or(TSelf left, TSelf right);

    /// <summary>Whether a bit is set in a mask.</summary>
    static abstract bool Any(TSelf mask);

    unsafe void Store(double* target);
}

/// <summary>Eight lanes in one 512-bit register.</summary>
internal readonly struct WideLanes(Vector512<double> value) : ILaneBlock<WideLanes>
{
    private readonly Vector512<double> _value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe WideLanes Load(double* source) => new(Vector512.Load(source));

    // Costs are checked beforehand, so no NaN reaches the cheaper minimum.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Min(WideLanes left, WideLanes right) => new(Vector512.MinNative(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Add(WideLanes left, WideLanes right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Lowered(WideLanes candidate, WideLanes old, WideLanes limit) =>
        new(Vector512.LessThan(candidate._value, old._value) & Vector512.LessThanOrEqual(candidate._value, limit._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Or(WideLanes left, WideLanes right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(WideLanes mask) => mask._value.AsInt64() != Vector512<long>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Store(double* target) => _value.Store(target);
}

/// <summary>Eight lanes in two 256-bit registers.</summary>
internal readonly struct PairedLanes(Vector256<double> low, Vector256<double> high) : ILaneBlock<PairedLanes>
{
    private readonly Vector256<double> _low = low;
    private readonly Vector256<double> _high = high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe PairedLanes Load(double* source) => new(Vector256.Load(source), Vector256.Load(source + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairedLanes Min(PairedLanes left, PairedLanes right) =>
        new(Vector256.MinNative(left._low, right._low), Vector256.MinNative(left._high, right._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairedLanes Add(PairedLanes left, PairedLanes right) => new(left._low + right._low, left._high + right._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairedLanes Lowered(PairedLanes candidate, PairedLanes old, PairedLanes limit) => new(
        Vector256.LessThan(candidate._low, old._low) & Vector256.LessThanOrEqual(candidate._low, limit._low),
        Vector256.LessThan(candidate._high, old._high) & Vector256.LessThanOrEqual(candidate._high, limit._high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairedLanes Or(PairedLanes left, PairedLanes right) => new(left._low | right._low, left._high | right._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Any(PairedLanes mask) => (mask._low | mask._high).AsInt64() != Vector256<long>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Store(double* target)
    {
        _low.Store(target);
        _high.Store(target + 4);
    }
}
