using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Native;

internal enum ArgKind : long
{
    None, Tensor, Int, Double, Bool, Ints, Doubles, Tensors, OptionalTensors, String, Generator, Device, Default,
}

/// <summary>A value as it crosses to the shim.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Value
{
    internal ArgKind Kind;
    internal long Bits;
    internal long Extra;
}

/// <summary>One argument of an operator, in the terms of its schema: conversions say what a managed value becomes.</summary>
internal readonly struct Arg
{
    internal readonly object Reference;
    internal readonly long Bits;
    internal readonly int Extra;
    internal readonly ArgKind Kind;

    private Arg(ArgKind kind, object reference = null, long bits = 0, int extra = 0)
    {
        Kind = kind;
        Reference = reference;
        Bits = bits;
        Extra = extra;
    }

    /// <summary>The schema's None.</summary>
    internal static Arg None => default;

    /// <summary>What the schema gives when nothing is said.</summary>
    internal static Arg Default => new(ArgKind.Default);

    public static implicit operator Arg(Tensor value) => value is null ? default : new(ArgKind.Tensor, value);
    public static implicit operator Arg(long value) => new(ArgKind.Int, null, value);
    public static implicit operator Arg(long? value) => value is null ? default : new(ArgKind.Int, null, value.Value);
    public static implicit operator Arg(int value) => new(ArgKind.Int, null, value);
    public static implicit operator Arg(double value) => new(ArgKind.Double, null, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(double? value) => value is null ? default : value.Value;
    public static implicit operator Arg(bool value) => new(ArgKind.Bool, null, value ? 1 : 0);
    public static implicit operator Arg(bool? value) => value is null ? default : value.Value;
    public static implicit operator Arg(Scalar value) => value is null ? default : new(value.ArgKind, null, value.Bits);
    public static implicit operator Arg(ScalarType value) => new(ArgKind.Int, null, (long)value);
    public static implicit operator Arg(ScalarType? value) => value is null ? default : new(ArgKind.Int, null, (long)value.Value);
    public static implicit operator Arg(long[] value) => value is null ? default : new(ArgKind.Ints, value);
    public static implicit operator Arg(double[] value) => value is null ? default : new(ArgKind.Doubles, value);
    public static implicit operator Arg(string value) => value is null ? default : new(ArgKind.String, value);
    public static implicit operator Arg(Tensor[] value) => new(ArgKind.Tensors, value);
    public static implicit operator Arg(Generator value) => value is null ? default : new(ArgKind.Generator, value);
    public static implicit operator Arg(Device value) =>
        value is null ? default : new(ArgKind.Device, null, (long)value.type, value.index);

    /// <summary>A list in which a missing tensor means none.</summary>
    internal static Arg Optional(Tensor[] tensors) => new(ArgKind.OptionalTensors, tensors);

    internal static Arg List(IEnumerable<Tensor> tensors) => tensors as Tensor[] ?? tensors.ToArray();

    /// <summary>How many 8-byte words a list needs.</summary>
    internal int Words => Kind switch
    {
        ArgKind.Ints => ((long[])Reference).Length,
        ArgKind.Doubles => ((double[])Reference).Length,
        ArgKind.Tensors or ArgKind.OptionalTensors => ((Tensor[])Reference).Length,
        ArgKind.String => System.Text.Encoding.UTF8.GetMaxByteCount(((string)Reference).Length) / 8 + 1,
        _ => 0,
    };
}
