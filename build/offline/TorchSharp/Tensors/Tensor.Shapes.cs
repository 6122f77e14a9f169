using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <remarks>Views, copies, conversions and rearranging.</remarks>
    public partial class Tensor
    {
        public Tensor alias() => Aten.alias.Call(this);
        public Tensor clone() => Aten.clone.Call(this);
        public Tensor detach() => Aten.detach.Call(this);
        public Tensor contiguous() => Aten.contiguous.Call(this);

        public Tensor view(params long[] shape) => Aten.view.Call(this, shape);
        public Tensor view_as(Tensor other) => view(other.shape);
        public Tensor reshape(params long[] shape) => Aten.reshape.Call(this, shape);
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Aten.flatten_using_ints.Call(this, start_dim, end_dim);
        public Tensor unflatten(long dim, params long[] sizes)
        {
            var shape = this.shape.ToList();
            int at = (int)(dim < 0 ? dim + shape.Count : dim);
            shape.RemoveAt(at);
            shape.InsertRange(at, sizes);
            return view(shape.ToArray());
        }

        public Tensor ravel() => Aten.ravel.Call(this);
        public Tensor squeeze(long? dim = null) => dim is null ? Aten.squeeze.Call(this) : Aten.squeeze_dim.Call(this, dim.Value);
        public Tensor unsqueeze(long dim) => Aten.unsqueeze.Call(this, dim);
        public Tensor t() => Aten.t.Call(this);
        public Tensor T => Aten.numpy_T.Call(this);
        public Tensor mT => Aten.transpose_int.Call(this, -2, -1);
        public Tensor transpose(long dim0, long dim1) => Aten.transpose_int.Call(this, dim0, dim1);
        public Tensor permute(params long[] permutation) => Aten.permute.Call(this, permutation);
        public Tensor movedim(long[] source, long[] destination) => Aten.movedim_intlist.Call(this, source, destination);
        public Tensor expand(params long[] sizes) => Aten.expand.Call(this, sizes);
        public Tensor expand(long[] sizes, bool isImplicit = false) => Aten.expand.Call(this, sizes, isImplicit);
        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => expand(sizes.ToArray(), isImplicit);
        public Tensor expand_as(Tensor other) => Aten.expand_as.Call(this, other);
        public Tensor broadcast_to(params long[] shape) => Aten.broadcast_to.Call(this, shape);
        public Tensor repeat(params long[] sizes) => Aten.repeat.Call(this, sizes);
        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Aten.repeat_interleave_self_int.Call(this, repeats, dim, output_size);
        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            Aten.repeat_interleave_self_Tensor.Call(this, repeats, dim, output_size);
        public Tensor tile(long[] reps) => Aten.tile.Call(this, reps);
        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0L) =>
            Aten.as_strided.Call(this, size, strides, storageOffset);
        public Tensor unfold(long dimension, long size, long step) => Aten.unfold.Call(this, dimension, size, step);
        public Tensor flip(params long[] dims) => Aten.flip.Call(this, dims);
        public Tensor roll(long shifts, long? dims = null) =>
            Aten.roll.Call(this, new[] { shifts }, dims is null ? Array.Empty<long>() : new[] { dims.Value });
        public Tensor roll(long[] shifts, long[] dims) => Aten.roll.Call(this, shifts, dims);
        public Tensor tril(long diagonal = 0) => Aten.tril.Call(this, diagonal);
        public Tensor triu(long diagonal = 0) => Aten.triu.Call(this, diagonal);
        public Tensor diag(long diagonal = 0) => Aten.diag.Call(this, diagonal);
        public Tensor diagonal(long offset = 0L, long dim1 = 0L, long dim2 = 1L) => Aten.diagonal.Call(this, offset, dim1, dim2);
        public Tensor diag_embed(long offset = 0L, long dim1 = -2L, long dim2 = -1L) => Aten.diag_embed.Call(this, offset, dim1, dim2);
        public Tensor trace() => Aten.trace.Call(this);

        public Tensor[] split(long size, int dim = 0) => Aten.split_Tensor.CallList(this, size, dim);
        public Tensor[] split(long[] sizes, long dim = 0) => Aten.split_with_sizes.CallList(this, sizes, dim);
        public Tensor[] chunk(long chunks, long dim = 0L) => Aten.chunk.CallList(this, chunks, dim);
        public Tensor[] unbind(long dimension = 0L) => Aten.unbind_int.CallList(this, dimension);

        // Conversions.
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to_type(type, copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(dtype, device, copy, disposeAfter, non_blocking);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            device = InitializeDevice(device);
            return Converted(Aten.to_device.Call(this, device, type, non_blocking, copy), disposeAfter);
        }

        public Tensor to(Tensor other, bool non_blocking = false) => Converted(Aten.to_other.Call(this, other, non_blocking), false);

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(Aten.to_dtype.Call(this, type, non_blocking, copy), disposeAfter);

        private Tensor Converted(Tensor result, bool disposeAfter)
        {
            if (disposeAfter)
                Dispose();
            return result;
        }

        public Tensor cpu() => to(CPU);
        public Tensor cuda(Device device = null, bool non_blocking = false) => to(device ?? new Device(DeviceType.CUDA), non_blocking: non_blocking);
        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);
        public Tensor type(ScalarType dtype) => to_type(dtype);
        public Tensor @bool() => to_type(ScalarType.Bool);
        public Tensor @byte() => to_type(ScalarType.Byte);
        public Tensor @int() => to_type(ScalarType.Int32);
        public Tensor @long() => to_type(ScalarType.Int64);
        public Tensor half() => to_type(ScalarType.Float16);
        public Tensor @float() => to_type(ScalarType.Float32);
        public Tensor @double() => to_type(ScalarType.Float64);
    }

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Aten.cat.Call(Arg.List(tensors), dim);
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Aten.stack.Call(Arg.List(tensors), dim);
    public static Tensor vstack(IList<Tensor> tensors) => Aten.vstack.Call(Arg.List(tensors));
    public static Tensor hstack(IList<Tensor> tensors) => Aten.hstack.Call(Arg.List(tensors));
    public static Tensor block_diag(params Tensor[] tensors) => Aten.block_diag.Call(tensors);
    public static Tensor diag(Tensor input, long diagonal = 0) => input.diag(diagonal);
    public static Tensor diag_embed(Tensor input, long offset = 0L, long dim1 = -2L, long dim2 = -1L) => input.diag_embed(offset, dim1, dim2);
    public static Tensor diagonal(Tensor input, long offset = 0L, long dim1 = 0L, long dim2 = 1L) => input.diagonal(offset, dim1, dim2);
    public static Tensor tril(Tensor input, long diagonal = 0) => input.tril(diagonal);
    public static Tensor triu(Tensor input, long diagonal = 0) => input.triu(diagonal);
    public static Tensor[] split(Tensor input, long[] split_size_or_sections, long dim = 0L) => input.split(split_size_or_sections, dim);
    public static Tensor[] chunk(Tensor input, long chunks, long dim = 0L) => input.chunk(chunks, dim);
    public static Tensor squeeze(Tensor input, long? dim = null) => input.squeeze(dim);
    public static Tensor unsqueeze(Tensor input, long dim) => input.unsqueeze(dim);
    public static Tensor transpose(Tensor input, long dim0, long dim1) => input.transpose(dim0, dim1);
    public static Tensor reshape(Tensor input, params long[] shape) => input.reshape(shape);
    public static Tensor permute(Tensor input, params long[] permutation) => input.permute(permutation);
    public static Tensor flatten(Tensor input, long start_dim = 0, long end_dim = -1) => input.flatten(start_dim, end_dim);
    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) => Aten.broadcast_tensors.CallList(tensors);
    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") =>
        Aten.meshgrid_indexing.CallList(Arg.List(tensors), indexing);
}
