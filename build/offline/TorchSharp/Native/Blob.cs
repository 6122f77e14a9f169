using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using static TorchSharp.Native.NativeMethods;
using static TorchSharp.torch;

namespace TorchSharp.Native;

/// <summary>Small conversions between managed lists and what the shim takes.</summary>
internal static unsafe class Blob
{
    /// <summary>A tensor over a managed array, which stays pinned until libtorch lets go of it.</summary>
    internal static Tensor Over(Array array, long byteOffset, long[] sizes, ScalarType dtype)
    {
        var pin = GCHandle.Alloc(array, GCHandleType.Pinned);
        byte* data = (byte*)pin.AddrOfPinnedObject() + byteOffset;
        fixed (long* shape = sizes)
        {
            int code = ct_tensor_from_blob(data, shape, sizes.Length, (int)dtype, &Free, GCHandle.ToIntPtr(pin), out IntPtr handle);
            if (code != 0)
                pin.Free();
            Check(code);
            return Tensor.FromNative(handle);
        }
    }

    [UnmanagedCallersOnly]
    internal static void Free(IntPtr state) => GCHandle.FromIntPtr(state).Free();

    internal static IntPtr[] Handles(IEnumerable<Tensor> tensors)
    {
        var list = new List<IntPtr>();
        if (tensors is not null)
            foreach (Tensor t in tensors)
                list.Add(t is null ? IntPtr.Zero : t.Handle);
        return list.ToArray();
    }

    internal static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text + "\0");
}
