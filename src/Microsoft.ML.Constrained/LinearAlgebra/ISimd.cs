using System.Numerics;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>
/// One vector register of <typeparamref name="T"/>, so that a kernel is written once and compiled for each width.
/// Only operations whose result is the same in every tier of the compiler: a fused multiply-add where the hardware has one,
/// two roundings where it has none, never a choice made at run time.
/// </summary>
internal unsafe interface ISimd<TSelf, T>
    where TSelf : struct, ISimd<TSelf, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Elements in a register.</summary>
    static abstract int Count { get; }

    static abstract TSelf Load(T* source);

    static abstract void Store(TSelf value, T* target);

    static abstract TSelf Broadcast(T value);

    static abstract TSelf Add(TSelf left, TSelf right);

    static abstract TSelf Subtract(TSelf left, TSelf right);

    static abstract TSelf Multiply(TSelf left, TSelf right);

    /// <summary><c>left · right + addend</c>.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>The larger element; the second operand where either is a NaN, or where they are equal.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>The smaller element; the second operand where either is a NaN, or where they are equal.</summary>
    static abstract TSelf Min(TSelf left, TSelf right);

    static abstract TSelf Abs(TSelf value);

    /// <summary><paramref name="whenTrue"/> where <c>left &gt; right</c>, else <paramref name="whenFalse"/>.</summary>
    static abstract TSelf SelectGreater(TSelf left, TSelf right, TSelf whenTrue, TSelf whenFalse);

    static abstract T Sum(TSelf value);

    static abstract T MaxAcross(TSelf value);

    /// <summary>Whether <c>left &gt; right</c> anywhere; false for NaN.</summary>
    static abstract bool AnyGreater(TSelf left, TSelf right);

    /// <summary>The first element equal to <paramref name="sought"/>; a number beyond the register where there is none.</summary>
    static abstract int FirstEqual(TSelf value, T sought);
}
