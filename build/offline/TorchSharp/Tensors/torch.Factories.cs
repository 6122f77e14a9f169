using System;
using System.Runtime.InteropServices;
using TorchSharp.Native;

namespace TorchSharp;

/// <remarks>Ranges, tensors like others, and managed arrays as tensors.</remarks>
public static partial class torch
{
    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Finished(Aten.arange.Call(stop, dtype, Arg.None, Located(device)), requires_grad);
    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Finished(Aten.arange_start.Call(start, stop, dtype, Arg.None, Located(device)), requires_grad);
    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Finished(Aten.arange_start_step.Call(start, stop, step, dtype, Arg.None, Located(device)), requires_grad);
    public static Tensor linspace(
        double start, double end, long steps, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Finished(Aten.linspace.Call(start, end, steps, dtype, Arg.None, Located(device)), requires_grad);
    public static Tensor logspace(
        double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
        Finished(Aten.logspace.Call(start, end, steps, @base, dtype, Arg.None, Located(device)), requires_grad);
    public static Tensor eye(
        long rows, long columns = -1L, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Finished(Aten.eye_m.Call(rows, columns < 0 ? rows : columns, dtype, Arg.None, Located(device)), requires_grad, names);

    public static Tensor zeros_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Finished(Aten.zeros_like.Call(input, dtype, Arg.None, Located(device)), requires_grad, names);
    public static Tensor ones_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Finished(Aten.ones_like.Call(input, dtype, Arg.None, Located(device)), requires_grad, names);
    public static Tensor empty_like(
        Tensor input, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Finished(Aten.empty_like.Call(input, dtype, Arg.None, Located(device)), requires_grad, names);
    public static Tensor full_like(
        Tensor input, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false, string[] names = null) =>
        Finished(Aten.full_like.Call(input, value, dtype, Arg.None, Located(device)), requires_grad, names);

    /// <summary>A copy of an array of any rank.</summary>
    public static Tensor from_array(Array rawArray, Device device = null) => from_array(rawArray, null, device);

    public static Tensor from_array(
        Array rawArray, ScalarType? dtype, Device device = null, bool requires_grad = false, string[] names = null) =>
        Made(rawArray, Lengths(rawArray), ElementType(rawArray), dtype, device, requires_grad, names);

    private static ScalarType ElementType(Array array) => Type.GetTypeCode(array.GetType().GetElementType()) switch
    {
        TypeCode.Boolean => ScalarType.Bool,
        TypeCode.Byte => ScalarType.Byte,
        TypeCode.SByte => ScalarType.Int8,
        TypeCode.Int16 => ScalarType.Int16,
        TypeCode.Int32 => ScalarType.Int32,
        TypeCode.Int64 => ScalarType.Int64,
        TypeCode.Single => ScalarType.Float32,
        TypeCode.Double => ScalarType.Float64,
        _ => throw new NotSupportedException($"An array of {array.GetType().GetElementType()} cannot become a tensor."),
    };

    /// <summary>A tensor over the array's own memory, without a copy; count and offset are in elements of the array.</summary>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        if (offset < 0 || offset > rawArray.LongLength)
            throw new ArgumentException($"Offset {offset} lies outside the array of {rawArray.LongLength} elements.", nameof(offset));
        if (count < 0)
            count = rawArray.LongLength - offset;
        if (offset + count > rawArray.LongLength)
            throw new ArgumentException($"{count} elements from {offset} do not fit the array of {rawArray.LongLength}.", nameof(count));
        int own = Marshal.SizeOf(rawArray.GetType().GetElementType());
        if (rawArray.GetType().GetElementType() == typeof(bool))
            own = 1;
        // Of another element type the bytes are read anew, and no further than the array goes.
        long fits = Math.Min(count, (rawArray.LongLength - offset) * own / SizeOf(dtype));
        return Finished(Blob.Over(rawArray, offset * own, [fits], dtype), requires_grad);
    }

    public static bool is_grad_enabled() => NativeMethods.ct_grad_mode() != 0;

    public static void save(Tensor t, string location) => t.save(location);
    public static Tensor load(string location) => Tensor.load(location);

    public static int get_num_threads() => NativeMethods.ct_get_num_threads();
    public static void set_num_threads(int num) => NativeMethods.Check(NativeMethods.ct_set_num_threads(num));
    public static int get_num_interop_threads() => NativeMethods.ct_get_num_interop_threads();
    public static void set_num_interop_threads(int num) => NativeMethods.Check(NativeMethods.ct_set_num_interop_threads(num));

    /// <summary>The version of libtorch that the library was built against.</summary>
    public static unsafe string __version__ => Marshal.PtrToStringUTF8((IntPtr)NativeMethods.ct_version());
}
