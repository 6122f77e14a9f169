using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using TorchSharp.Native;
using TorchSharp.Utils;
using static TorchSharp.Native.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <remarks>The elements, seen from managed code; gradients; files.</remarks>
    public partial class Tensor
    {
        internal IntPtr DataPointer
        {
            get
            {
                int code = ct_tensor_data(Handle, out IntPtr data);
                GC.KeepAlive(this);
                Check(code);
                return data;
            }
        }

        internal unsafe Span<byte> RawBytes()
        {
            TensorInfo info = Info;
            long bytes = info.NumberOfElements * info.ElementSize;
            return bytes == 0 ? default : new Span<byte>((void*)DataPointer, checked((int)bytes));
        }

        /// <summary>The memory of a contiguous CPU tensor itself. Setting copies.</summary>
        public Span<byte> bytes
        {
            get
            {
                TensorInfo info = Info;
                if (info.IsContiguous == 0)
                    throw new InvalidOperationException("bytes needs a contiguous tensor: call contiguous() first.");
                if ((DeviceType)info.DeviceType != DeviceType.CPU)
                    throw new InvalidOperationException("bytes needs a tensor on the CPU: call cpu() first.");
                return RawBytes();
            }
            set
            {
                Span<byte> own = bytes;
                if (own.Length != value.Length)
                    throw new ArgumentException($"{value.Length} bytes do not fit a tensor of {own.Length}.", nameof(value));
                value.CopyTo(own);
            }
        }

        private void RequireElements<T>() where T : unmanaged
        {
            ScalarType expected = TensorAccessor<T>.ElementType;
            if (dtype != expected)
                throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype}.");
        }

        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            RequireElements<T>();
            return new TensorAccessor<T>(this);
        }

        public T item<T>() where T : unmanaged
        {
            if (numel() != 1)
                throw new ArgumentException($"item() needs a tensor of one element, this one has {numel()}.");
            RequireElements<T>();
            if (device_type != DeviceType.CPU)
            {
                using Tensor here = cpu();
                return here.item<T>();
            }
            T value = MemoryMarshal.Cast<byte, T>(RawBytes())[0];
            GC.KeepAlive(this);
            return value;
        }

        public Scalar ToScalar() => Scalar.From(Aten.item.CallValue(this));

        public bool is_nonzero() => Aten.is_nonzero.CallValue(this).Bits != 0;

        public void backward() => autograd.Run([this], null, false, false, null);

        public void backward(
            IList<Tensor> grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor> inputs = null) =>
            autograd.Run([this], grad_tensors, retain_graph, create_graph, inputs);

        /// <summary>Writes the tensor in libtorch's own file format.</summary>
        public unsafe void save(string location)
        {
            fixed (byte* path = Blob.Utf8(location))
            {
                int code = ct_tensor_save(Handle, path);
                GC.KeepAlive(this);
                Check(code);
            }
        }

        public static unsafe Tensor load(string location)
        {
            fixed (byte* path = Blob.Utf8(location))
            {
                Check(ct_tensor_load(path, out IntPtr handle));
                return FromNative(handle);
            }
        }
    }
}
