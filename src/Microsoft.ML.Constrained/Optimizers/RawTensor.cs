using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>The memory of tensors as the managed kernels see it.</summary>
internal static unsafe class RawTensor
{
    /// <summary>Whether managed kernels can work on a tensor in place.</summary>
    public static bool IsManaged(Tensor tensor) => tensor.device_type == DeviceType.CPU && tensor.is_contiguous() && Fits(tensor);

    /// <summary>The first element; the caller keeps the tensor alive.</summary>
    public static T* Pointer<T>(Tensor tensor)
        where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    /// <summary>The normal numbers of a tensor, in its type and on its device.</summary>
    public static Tensor Normals(NormalNoise noise, Tensor like)
    {
        using Tensor single = empty(like.shape, ScalarType.Float32);
        if (single.numel() > 0)
            noise.FillAll(MemoryMarshal.Cast<byte, float>(single.bytes));
        return single.to(like.dtype).to(like.device);
    }

    // The window onto a tensor's memory is a span of bytes.
    private static bool Fits(Tensor tensor) => tensor.numel() * (tensor.dtype == ScalarType.Float64 ? 8 : 4) <= int.MaxValue;
}
