using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp.Native;

/// <summary>The functions of the shim (native/shim.h). Those that return int give 0, or 1 with a text in ct_error.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "TorchShim";

    static NativeMethods() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, Resolve);

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return IntPtr.Zero;
        string file = OperatingSystem.IsWindows() ? "TorchShim.dll" : OperatingSystem.IsMacOS() ? "libTorchShim.dylib" : "libTorchShim.so";
        string built = "";
        foreach (var data in assembly.GetCustomAttributes<AssemblyMetadataAttribute>())
            if (data.Key == "TorchShimFolder")
                built = data.Value ?? "";
        foreach (string folder in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(assembly.Location) ?? "", built })
        {
            string full = Path.Combine(folder, file);
            if (File.Exists(full))
                return NativeLibrary.Load(full);
        }
        throw new DllNotFoundException(
            $"TorchSharp's offline binding needs {file}, which is neither beside the application nor in '{built}'. "
            + "Run build/native.sh: it builds the library against the machine's libtorch, or says what to install.");
    }

    internal static void Check(int code)
    {
        if (code != 0)
            Throw();
    }

    private static void Throw() => throw new ExternalException(Marshal.PtrToStringUTF8((IntPtr)ct_error()));

    [DllImport(Library)] internal static extern byte* ct_error();
    [DllImport(Library)] internal static extern int ct_op(byte* name, byte* overload, out IntPtr op);
    [DllImport(Library)] internal static extern int ct_call(IntPtr op, Value* arguments, long count, Value* results, long resultCount);
    [DllImport(Library)] internal static extern void ct_free(void* memory);

    [DllImport(Library)] internal static extern void ct_tensor_release(IntPtr tensor);
    [DllImport(Library)] internal static extern void ct_tensor_retain(IntPtr tensor);
    [DllImport(Library)] internal static extern int ct_tensor_info(IntPtr tensor, out TensorInfo info);
    [DllImport(Library)] internal static extern int ct_tensor_data(IntPtr tensor, out IntPtr data);
    [DllImport(Library)] internal static extern int ct_tensor_from_blob(
        void* data, long* sizes, long dim, int dtype, delegate* unmanaged<IntPtr, void> free, IntPtr state, out IntPtr tensor);
    [DllImport(Library)] internal static extern int ct_tensor_grad(IntPtr tensor, out IntPtr grad);
    [DllImport(Library)] internal static extern int ct_tensor_set_grad(IntPtr tensor, IntPtr grad);
    [DllImport(Library)] internal static extern int ct_tensor_set_requires_grad(IntPtr tensor, int on);
    [DllImport(Library)] internal static extern int ct_tensor_retain_grad(IntPtr tensor);
    [DllImport(Library)] internal static extern int ct_tensor_save(IntPtr tensor, byte* path);
    [DllImport(Library)] internal static extern int ct_tensor_load(byte* path, out IntPtr tensor);

    [DllImport(Library)] internal static extern int ct_generator_new(int deviceType, int deviceIndex, ulong seed, out IntPtr generator);
    [DllImport(Library)] internal static extern int ct_generator_default(out IntPtr generator);
    [DllImport(Library)] internal static extern void ct_generator_delete(IntPtr generator);
    [DllImport(Library)] internal static extern int ct_generator_set_seed(IntPtr generator, ulong seed);
    [DllImport(Library)] internal static extern int ct_generator_seed(IntPtr generator, out ulong seed);
    [DllImport(Library)] internal static extern int ct_generator_initial_seed(IntPtr generator, out ulong seed);
    [DllImport(Library)] internal static extern int ct_generator_get_state(IntPtr generator, out IntPtr state);
    [DllImport(Library)] internal static extern int ct_generator_set_state(IntPtr generator, IntPtr state);
    [DllImport(Library)] internal static extern int ct_manual_seed(ulong seed);

    [DllImport(Library)] internal static extern int ct_cuda_device_count(out long count);
    [DllImport(Library)] internal static extern int ct_cuda_synchronize(long device);
    [DllImport(Library)] internal static extern int ct_get_num_threads();
    [DllImport(Library)] internal static extern int ct_set_num_threads(int count);
    [DllImport(Library)] internal static extern int ct_get_num_interop_threads();
    [DllImport(Library)] internal static extern int ct_set_num_interop_threads(int count);
    [DllImport(Library)] internal static extern int ct_get_default_dtype();
    [DllImport(Library)] internal static extern int ct_set_default_dtype(int dtype);
    [DllImport(Library)] internal static extern byte* ct_version();

    [DllImport(Library)] internal static extern int ct_grad_mode();
    [DllImport(Library)] internal static extern void ct_set_grad_mode(int on);
    [DllImport(Library)] internal static extern int ct_inference_mode();
    [DllImport(Library)] internal static extern IntPtr ct_inference_mode_enter(int on);
    [DllImport(Library)] internal static extern void ct_inference_mode_leave(IntPtr guard);
    [DllImport(Library)] internal static extern int ct_anomaly_mode(out int checkNan);
    [DllImport(Library)] internal static extern void ct_set_anomaly_mode(int on, int checkNan);
    [DllImport(Library)] internal static extern int ct_backward(
        IntPtr* outputs, long outputCount, IntPtr* gradients, long gradientCount, int retainGraph, int createGraph, IntPtr* inputs, long inputCount);
    [DllImport(Library)] internal static extern int ct_grad(
        IntPtr* outputs, long outputCount, IntPtr* inputs, long inputCount, IntPtr* gradients, long gradientCount,
        int retainGraph, int createGraph, int allowUnused, IntPtr* results);
    [DllImport(Library)] internal static extern int ct_function(
        byte* title, IntPtr* inputs, long inputCount, IntPtr* outputs, long outputCount, byte* differentiable,
        IntPtr* saved, long savedCount, int materialize, FunctionCallbacks callbacks, IntPtr state, out int recorded);
    [DllImport(Library)] internal static extern int ct_function_saved(IntPtr node, long index, out IntPtr tensor);
}

/// <summary>What the shim tells about a tensor in one call.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TensorInfo
{
    internal long DType, DeviceType, DeviceIndex, Dim, NumberOfElements, ElementSize, StorageOffset;
    internal long* Sizes;
    internal long* Strides;
    internal int RequiresGrad, IsLeaf, IsContiguous, IsSparse;
}

/// <summary>How a function written in managed code is called back.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FunctionCallbacks
{
    internal delegate* unmanaged<IntPtr, IntPtr, IntPtr*, long, IntPtr*, long, byte*, long, int> Backward;
    internal delegate* unmanaged<IntPtr, void> Free;
}
