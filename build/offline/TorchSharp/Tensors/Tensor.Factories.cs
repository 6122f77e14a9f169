using System;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <remarks>New tensors with this one's type and place.</remarks>
    public partial class Tensor
    {
        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Finished(Aten.new_zeros.Call(this, size, dtype, Arg.None, Located(device)), requires_grad);
        public Tensor new_zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            new_zeros(size.ToArray(), dtype, device, requires_grad);
        public Tensor new_zeros(long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            new_zeros([size], dtype, device, requires_grad);
        public Tensor new_zeros(long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            new_zeros([rows, columns], dtype, device, requires_grad);
        public Tensor new_zeros(
            long dim0, long dim1, long dim2, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            new_zeros([dim0, dim1, dim2], dtype, device, requires_grad);

        public Tensor new_ones(long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Finished(Aten.new_ones.Call(this, new[] { size }, dtype, Arg.None, Located(device)), requires_grad);
        public Tensor new_ones(long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Finished(Aten.new_ones.Call(this, new[] { rows, columns }, dtype, Arg.None, Located(device)), requires_grad);

        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Finished(Aten.new_empty.Call(this, size, dtype, Arg.None, Located(device)), requires_grad);
        public Tensor new_empty(long size, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            new_empty([size], dtype, device, requires_grad);
        public Tensor new_empty(long rows, long columns, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            new_empty([rows, columns], dtype, device, requires_grad);

        public Tensor new_full(long[] size, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            Finished(Aten.new_full.Call(this, size, value, dtype, Arg.None, Located(device)), requires_grad);
        public Tensor new_full(long size, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            new_full([size], value, dtype, device, requires_grad);
        public Tensor new_full(
            long rows, long columns, Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            new_full([rows, columns], value, dtype, device, requires_grad);

        public Tensor zeros_like(ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            torch.zeros_like(this, dtype, device, requires_grad);
        public Tensor ones_like(ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            torch.ones_like(this, dtype, device, requires_grad);
        public Tensor empty_like(ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            torch.empty_like(this, dtype, device, requires_grad);
        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            torch.full_like(this, value, dtype, device, requires_grad);
        public Tensor rand_like(ScalarType? dtype = null, Device device = null, bool requires_grad = false) =>
            torch.rand_like(this, dtype, device, requires_grad);
        public Tensor bernoulli(Generator generator = null) => torch.bernoulli(this, generator);
        public Tensor multinomial(long num_samples, bool replacement = false, Generator generator = null) =>
            torch.multinomial(this, num_samples, replacement, generator);
    }
}
