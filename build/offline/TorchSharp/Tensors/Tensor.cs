using System;
using System.Threading;
using TorchSharp.Native;
using static TorchSharp.Native.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A handle to a tensor of libtorch. Every operation gives a new handle, in-place ones their own object.</summary>
    public partial class Tensor : IDisposable
    {
        private static long s_total;
        private static long s_peak;
        private IntPtr _handle;

        internal Tensor(IntPtr handle)
        {
            _handle = handle;
            if (handle == IntPtr.Zero)
            {
                GC.SuppressFinalize(this);
                return;
            }
            long total = Interlocked.Increment(ref s_total);
            if (total > s_peak)
                s_peak = total;
            DisposeScopeManager.Instance.Made(this);
        }

        ~Tensor() => Dispose(false);

        internal static Tensor FromNative(IntPtr handle) => handle == IntPtr.Zero ? null : new Tensor(handle);

        /// <summary>How many tensors are alive in the process, and the most there were.</summary>
        public static long TotalCount => Interlocked.Read(ref s_total);
        public static long PeakCount => Interlocked.Read(ref s_peak);

        internal DisposeScope OwningDisposeScope { get; set; }
        internal int SlotInScope { get; set; }

        public IntPtr Handle
        {
            get
            {
                if (_handle == IntPtr.Zero)
                    throw new InvalidOperationException("Tensor invalid -- it was disposed, or taken over by a parameter.");
                return _handle;
            }
        }

        public bool IsInvalid => _handle == IntPtr.Zero;

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            IntPtr handle = Interlocked.Exchange(ref _handle, IntPtr.Zero);
            if (handle == IntPtr.Zero)
                return;
            if (disposing)
                DisposeScopeManager.Gone(this);
            Interlocked.Decrement(ref s_total);
            ct_tensor_release(handle);
        }

        /// <summary>Takes the native tensor out of this handle, which is invalid afterwards; the caller owns the reference.</summary>
        public IntPtr DecoupleFromNativeHandle()
        {
            IntPtr handle = Handle;
            _handle = IntPtr.Zero;
            DisposeScopeManager.Gone(this);
            Interlocked.Decrement(ref s_total);
            GC.SuppressFinalize(this);
            return handle;
        }

        /// <summary>Makes this handle one to another native tensor, whose reference it takes over.</summary>
        internal void Replace(IntPtr handle)
        {
            IntPtr before = Handle;
            _handle = handle;
            ct_tensor_release(before);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            if (OwningDisposeScope is null)
                other?.Attach(this);
            else
                OwningDisposeScope.MoveToOther(other, this);
            return this;
        }

        internal TensorInfo Info
        {
            get
            {
                int code = ct_tensor_info(Handle, out TensorInfo info);
                GC.KeepAlive(this);
                Check(code);
                return info;
            }
        }

        public ScalarType dtype => (ScalarType)Info.DType;
        public DeviceType device_type => (DeviceType)Info.DeviceType;
        public int device_index => (int)Info.DeviceIndex;
        public bool is_sparse => Info.IsSparse != 0;
        public bool is_cuda => device_type == DeviceType.CUDA;
        public bool is_meta => device_type == DeviceType.META;
        public bool is_leaf => Info.IsLeaf != 0;
        public bool is_cpu() => device_type == DeviceType.CPU;

        public Device device
        {
            get
            {
                TensorInfo info = Info;
                return new Device((DeviceType)info.DeviceType, (int)info.DeviceIndex);
            }
        }

        public long Dimensions => Info.Dim;
        public long dim() => Info.Dim;
        public long ndim => Info.Dim;
        public long NumberOfElements => Info.NumberOfElements;
        public long numel() => Info.NumberOfElements;
        public long ElementSize => Info.ElementSize;
        public long element_size() => Info.ElementSize;
        public long storage_offset() => Info.StorageOffset;
        public bool is_contiguous() => Info.IsContiguous != 0;
        public bool is_integral() => torch.is_integral(dtype);
        public bool is_floating_point() => torch.is_floating_point(dtype);
        public bool is_complex() => torch.is_complex(dtype);

        public unsafe long[] shape
        {
            get
            {
                TensorInfo info = Info;
                long[] sizes = new ReadOnlySpan<long>(info.Sizes, (int)info.Dim).ToArray();
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long[] size() => shape;
        public long size(int dim) => At(shape, dim);

        public unsafe long[] stride()
        {
            TensorInfo info = Info;
            long[] strides = new ReadOnlySpan<long>(info.Strides, (int)info.Dim).ToArray();
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => At(stride(), dim);

        private static long At(long[] values, int dim)
        {
            int index = dim < 0 ? dim + values.Length : dim;
            if ((uint)index >= (uint)values.Length)
                throw new System.Runtime.InteropServices.ExternalException(
                    $"Dimension out of range (expected to be in range of [{-values.Length}, {values.Length - 1}], but got {dim})");
            return values[index];
        }

        public bool requires_grad
        {
            get => Info.RequiresGrad != 0;
            set
            {
                int code = ct_tensor_set_requires_grad(Handle, value ? 1 : 0);
                GC.KeepAlive(this);
                Check(code);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad()
        {
            int code = ct_tensor_retain_grad(Handle);
            GC.KeepAlive(this);
            Check(code);
        }

        /// <summary>The gradient: a new handle at each reading, null when there is none.</summary>
        public Tensor grad
        {
            get
            {
                int code = ct_tensor_grad(Handle, out IntPtr grad);
                GC.KeepAlive(this);
                Check(code);
                return FromNative(grad);
            }
            set
            {
                int code = ct_tensor_set_grad(Handle, value is null ? IntPtr.Zero : value.Handle);
                GC.KeepAlive(value);
                GC.KeepAlive(this);
                Check(code);
            }
        }

        public override string ToString()
        {
            if (IsInvalid)
                return "disposed tensor";
            return $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";
        }
    }
}
