using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using TorchSharp.Native;

namespace TorchSharp;

/// <remarks>Tensors from managed values; the values are copied.</remarks>
public static partial class torch
{
    private static Tensor ScalarTensor(Scalar value, ScalarType dtype, Device device, bool requires_grad)
    {
        Tensor result = Aten.scalar_tensor.Call(value, dtype, Arg.None, Located(device));
        return requires_grad ? result.requires_grad_() : result;
    }

    private static T[] Flat<T>(IList<T> values) => values as T[] ?? values.ToArray();

    private static long[] Lengths(Array array)
    {
        var lengths = new long[array.Rank];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = array.GetLongLength(i);
        return lengths;
    }

    /// <summary>A copy of an array's elements in a tensor of the given shape, converted and moved as asked for.</summary>
    private static unsafe Tensor Made(
        Array array, ReadOnlySpan<long> shape, ScalarType own, ScalarType? dtype, Device device, bool requires_grad, string[] names)
    {
        RefuseNames(names);
        long count = 1;
        foreach (long length in shape)
            count *= length;
        if (count != array.LongLength)
            throw new ArgumentException($"A shape of {count} elements does not fit an array of {array.LongLength}.", nameof(shape));
        Tensor result = Aten.empty_memory_format.Call(shape.ToArray(), own);
        if (count > 0)
        {
            var source = MemoryMarshal.CreateSpan(ref MemoryMarshal.GetArrayDataReference(array), checked((int)(count * SizeOf(own))));
            source.CopyTo(result.RawBytes());
        }
        if ((dtype is not null && dtype != own) || (device is not null && device.type != DeviceType.CPU))
            result = result.to(dtype ?? own, device ?? CPU, disposeAfter: true);
        return requires_grad ? result.requires_grad_() : result;
    }

    internal static void RefuseNames(string[] names)
    {
        if (names is not null)
            throw new NotSupportedException("Named dimensions are not part of the offline subset of TorchSharp.");
    }

    internal static Device Located(Device device)
    {
        if (device is not null)
            InitializeDeviceType(device.type);
        return device;
    }

    public static Tensor tensor(bool scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        ScalarTensor(scalar, dtype ?? ScalarType.Bool, device, requires_grad);
    public static Tensor tensor(bool[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, [rawArray.Length], ScalarType.Bool, dtype, device, requires_grad, names);
    public static Tensor tensor(bool[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, dimensions, ScalarType.Bool, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<bool> rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rawArray.Count], ScalarType.Bool, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<bool> rawArray, long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rows, columns], ScalarType.Bool, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<bool> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [dim0, dim1, dim2], ScalarType.Bool, dtype, device, requires_grad, names);
    public static Tensor tensor(bool[,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Bool, dtype, device, requires_grad, names);
    public static Tensor tensor(bool[,,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Bool, dtype, device, requires_grad, names);

    public static Tensor tensor(byte scalar, Device device = null, bool requires_grad = false) =>
        ScalarTensor(scalar, ScalarType.Byte, device, requires_grad);
    public static Tensor tensor(byte[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, [rawArray.Length], ScalarType.Byte, dtype, device, requires_grad, names);
    public static Tensor tensor(byte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, dimensions, ScalarType.Byte, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<byte> rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rawArray.Count], ScalarType.Byte, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<byte> rawArray, long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rows, columns], ScalarType.Byte, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<byte> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [dim0, dim1, dim2], ScalarType.Byte, dtype, device, requires_grad, names);
    public static Tensor tensor(byte[,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Byte, dtype, device, requires_grad, names);
    public static Tensor tensor(byte[,,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Byte, dtype, device, requires_grad, names);
    public static Tensor tensor(Memory<byte> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray.ToArray(), dimensions, ScalarType.Byte, dtype, device, requires_grad, names);

    public static Tensor tensor(int scalar, Device device = null, bool requires_grad = false) =>
        ScalarTensor(scalar, ScalarType.Int32, device, requires_grad);
    public static Tensor tensor(int[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, [rawArray.Length], ScalarType.Int32, dtype, device, requires_grad, names);
    public static Tensor tensor(int[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, dimensions, ScalarType.Int32, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<int> rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rawArray.Count], ScalarType.Int32, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<int> rawArray, long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rows, columns], ScalarType.Int32, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<int> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [dim0, dim1, dim2], ScalarType.Int32, dtype, device, requires_grad, names);
    public static Tensor tensor(int[,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Int32, dtype, device, requires_grad, names);
    public static Tensor tensor(int[,,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Int32, dtype, device, requires_grad, names);
    public static Tensor tensor(Memory<int> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray.ToArray(), dimensions, ScalarType.Int32, dtype, device, requires_grad, names);

    public static Tensor tensor(long scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        ScalarTensor(scalar, dtype ?? ScalarType.Int64, device, requires_grad);
    public static Tensor tensor(long[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, [rawArray.Length], ScalarType.Int64, dtype, device, requires_grad, names);
    public static Tensor tensor(long[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, dimensions, ScalarType.Int64, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<long> rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rawArray.Count], ScalarType.Int64, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<long> rawArray, long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rows, columns], ScalarType.Int64, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<long> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [dim0, dim1, dim2], ScalarType.Int64, dtype, device, requires_grad, names);
    public static Tensor tensor(long[,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Int64, dtype, device, requires_grad, names);
    public static Tensor tensor(long[,,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Int64, dtype, device, requires_grad, names);
    public static Tensor tensor(Memory<long> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray.ToArray(), dimensions, ScalarType.Int64, dtype, device, requires_grad, names);

    public static Tensor tensor(float scalar, Device device = null, bool requires_grad = false) =>
        ScalarTensor(scalar, ScalarType.Float32, device, requires_grad);
    public static Tensor tensor(float[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, [rawArray.Length], ScalarType.Float32, dtype, device, requires_grad, names);
    public static Tensor tensor(float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, dimensions, ScalarType.Float32, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<float> rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rawArray.Count], ScalarType.Float32, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<float> rawArray, long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rows, columns], ScalarType.Float32, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<float> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [dim0, dim1, dim2], ScalarType.Float32, dtype, device, requires_grad, names);
    public static Tensor tensor(float[,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Float32, dtype, device, requires_grad, names);
    public static Tensor tensor(float[,,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Float32, dtype, device, requires_grad, names);
    public static Tensor tensor(Memory<float> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray.ToArray(), dimensions, ScalarType.Float32, dtype, device, requires_grad, names);

    public static Tensor tensor(double scalar, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        ScalarTensor(scalar, dtype ?? ScalarType.Float64, device, requires_grad);
    public static Tensor tensor(double[] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, [rawArray.Length], ScalarType.Float64, dtype, device, requires_grad, names);
    public static Tensor tensor(double[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, dimensions, ScalarType.Float64, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<double> rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rawArray.Count], ScalarType.Float64, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<double> rawArray, long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [rows, columns], ScalarType.Float64, dtype, device, requires_grad, names);
    public static Tensor tensor(IList<double> rawArray, long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(Flat(rawArray), [dim0, dim1, dim2], ScalarType.Float64, dtype, device, requires_grad, names);
    public static Tensor tensor(double[,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Float64, dtype, device, requires_grad, names);
    public static Tensor tensor(double[,,] rawArray, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ScalarType.Float64, dtype, device, requires_grad, names);
    public static Tensor tensor(Memory<double> rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray.ToArray(), dimensions, ScalarType.Float64, dtype, device, requires_grad, names);
}
