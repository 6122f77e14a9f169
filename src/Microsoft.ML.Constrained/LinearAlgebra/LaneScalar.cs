using System;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Constrained.LinearAlgebra;

/// <summary>One double to a register: what runs where the hardware has no vectors.</summary>
internal readonly unsafe struct LaneScalar : ILane<double>
{
    public static int Width => 1;

    public static int PanelVectors => 4;

    public static int TileColumns => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(double* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(double* target, double value) => *target = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Broadcast(double value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Add(double a, double b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Subtract(double a, double b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Multiply(double a, double b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Divide(double a, double b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double MultiplyAdd(double a, double b, double c) => double.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Negate(double a) => -a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Abs(double a) => Math.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sqrt(double a) => Math.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Max(double a, double b) => Math.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Min(double a, double b) => Math.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Less(double a, double b) => BitConverter.Int64BitsToDouble(a < b ? -1L : 0L);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double And(double a, double b) =>
        BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(a) & BitConverter.DoubleToInt64Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Or(double a, double b) =>
        BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(a) | BitConverter.DoubleToInt64Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Xor(double a, double b) =>
        BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(a) ^ BitConverter.DoubleToInt64Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Select(double mask, double a, double b) => BitConverter.DoubleToInt64Bits(mask) < 0 ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(double mask) => (uint)(BitConverter.DoubleToUInt64Bits(mask) >> 63);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(double a) => a;
}
