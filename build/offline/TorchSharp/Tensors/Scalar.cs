using System;
using TorchSharp.Native;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number with the type that decides how it mixes with tensors: Float64, Int64 or Bool.</summary>
public sealed class Scalar : IDisposable
{
    internal readonly ArgKind ArgKind;
    internal readonly long Bits;

    private Scalar(ArgKind kind, long bits, ScalarType type)
    {
        ArgKind = kind;
        Bits = bits;
        Type = type;
    }

    public ScalarType Type { get; }

    internal static Scalar From(in Value value) => value.Kind switch
    {
        ArgKind.Double => BitConverter.Int64BitsToDouble(value.Bits),
        ArgKind.Bool => value.Bits != 0,
        _ => value.Bits,
    };

    public static implicit operator Scalar(byte value) => (long)value;
    public static implicit operator Scalar(sbyte value) => (long)value;
    public static implicit operator Scalar(short value) => (long)value;
    public static implicit operator Scalar(int value) => (long)value;
    public static implicit operator Scalar(long value) => new(ArgKind.Int, value, ScalarType.Int64);
    public static implicit operator Scalar(float value) => (double)value;
    public static implicit operator Scalar(double value) => new(ArgKind.Double, BitConverter.DoubleToInt64Bits(value), ScalarType.Float64);
    public static implicit operator Scalar(bool value) => new(ArgKind.Bool, value ? 1 : 0, ScalarType.Bool);

    internal double AsDouble => ArgKind == ArgKind.Double ? BitConverter.Int64BitsToDouble(Bits) : Bits;
    internal long AsLong => ArgKind == ArgKind.Double ? (long)BitConverter.Int64BitsToDouble(Bits) : Bits;

    /// <summary>There is nothing native behind it here.</summary>
    public void Dispose() { }
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;
    public static Scalar ToScalar(this short value) => value;
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this bool value) => value;

    public static float ToSingle(this Scalar value) => (float)value.AsDouble;
    public static double ToDouble(this Scalar value) => value.AsDouble;
    public static byte ToByte(this Scalar value) => (byte)value.AsLong;
    public static short ToInt16(this Scalar value) => (short)value.AsLong;
    public static int ToInt32(this Scalar value) => (int)value.AsLong;
    public static long ToInt64(this Scalar value) => value.AsLong;
    public static bool ToBoolean(this Scalar value) => value.AsDouble != 0;
}
