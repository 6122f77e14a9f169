using System;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <remarks>Reductions, scans and sorting.</remarks>
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Aten.sum.Call(this, type);
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Aten.sum_dim_IntList.Call(this, dim, keepdim, type);
        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => sum(dim.ToArray(), keepdim, type);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum(new[] { dim }, keepdim, type);
        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum(new[] { dim0, dim1 }, keepdim, type);
        public Tensor mean() => Aten.mean.Call(this);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Aten.mean_dim.Call(this, dimensions, keepdim, type);
        public Tensor prod(ScalarType? type = null) => Aten.prod.Call(this, type);
        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Aten.prod_dim_int.Call(this, dim, keepdim, type);

        public Tensor std(bool unbiased = true) => Aten.std.Call(this, unbiased);
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std(new[] { dim }, unbiased, keepdim, type);
        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(Aten.std_dim.Call(this, dimensions, unbiased, keepdim), type);
        public Tensor var(bool unbiased = true) => Aten.var.Call(this, unbiased);
        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var(new[] { dim }, unbiased, keepdim, type);
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(Aten.var_dim.Call(this, dimensions, unbiased, keepdim), type);

        private static Tensor As(Tensor tensor, ScalarType? type) => type is null ? tensor : tensor.to(type.Value, disposeAfter: true);

        public Tensor max() => Aten.max.Call(this);
        public Tensor max(Tensor other) => Aten.maximum.Call(this, other);
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Aten.max_dim.Call2(this, dim, keepdim);
        public Tensor min() => Aten.min.Call(this);
        public Tensor min(Tensor other) => Aten.minimum.Call(this, other);
        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Aten.min_dim.Call2(this, dim, keepdim);
        public Tensor amax(long[] dims, bool keepdim = false, Tensor @out = null) => Into(@out, Aten.amax.Call(this, dims, keepdim));
        public Tensor amax(params long[] dims) => amax(dims, false);
        public Tensor amin(long[] dims, bool keepdim = false, Tensor @out = null) => Into(@out, Aten.amin.Call(this, dims, keepdim));
        public Tensor amin(params long[] dims) => amin(dims, false);

        internal static Tensor Into(Tensor destination, Tensor result)
        {
            if (destination is null)
                return result;
            using (result)
                return destination.copy_(result);
        }

        public Tensor argmax() => Aten.argmax.Call(this);
        public Tensor argmax(long dim, bool keepdim = false) => Aten.argmax.Call(this, dim, keepdim);
        public Tensor argmin() => Aten.argmin.Call(this);
        public Tensor argmin(long dim, bool keepdim = false) => Aten.argmin.Call(this, dim, keepdim);
        public Tensor all() => Aten.all.Call(this);
        public Tensor all(long dim, bool keepdim = false) => Aten.all_dim.Call(this, dim, keepdim);
        public Tensor any() => Aten.any.Call(this);
        public Tensor any(long dim, bool keepdim = false) => Aten.any_dim.Call(this, dim, keepdim);
        public Tensor norm(float p = 2.0f) => Aten.norm_Scalar.Call(this, p);
        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) => Aten.norm_ScalarOpt_dim.Call(this, p, new long[] { dim }, keepdim);
        public Tensor dist(Tensor other, float p = 2.0f) => Aten.dist.Call(this, other, p);
        public Tensor logsumexp(long dim, bool keepdim = false) => Aten.logsumexp.Call(this, new[] { dim }, keepdim);
        public Tensor cumsum(long dim, ScalarType? type = null) => Aten.cumsum.Call(this, dim, type);
        public Tensor cumprod(long dim, ScalarType? type = null) => Aten.cumprod.Call(this, dim, type);
        public (Tensor values, Tensor indexes) cummax(long dim) => Aten.cummax.Call2(this, dim);
        public (Tensor values, Tensor indexes) cummin(long dim) => Aten.cummin.Call2(this, dim);
        public Tensor median() => Aten.median.Call(this);
        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => Aten.quantile.Call(this, q, dim, keepdim);
        public Tensor count_nonzero(long[] dims = null) =>
            dims is null ? Aten.count_nonzero.Call(this) : Aten.count_nonzero_dim_IntList.Call(this, dims);
        public Tensor bincount(Tensor weights, long minlength = 0) => Aten.bincount.Call(this, weights, minlength);

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Aten.sort_stable.Call2(this, stable, dim, descending);
        public Tensor argsort(long dim = -1, bool descending = false) => Aten.argsort.Call(this, dim, descending);
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Aten.topk.Call2(this, k, dim, largest, sorted);
        public (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false) =>
            Aten.kthvalue.Call2(this, k, dim ?? -1, keepdim);

        public (Tensor output, Tensor inverse_indices, Tensor counts) unique(
            bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            var (output, inverse, counts) = dim is null
                ? Aten._unique2.Call3(this, sorted, return_inverse, return_counts)
                : Aten.unique_dim.Call3(this, dim.Value, sorted, return_inverse, return_counts);
            return (output, Wanted(inverse, return_inverse), Wanted(counts, return_counts));
        }

        private static Tensor Wanted(Tensor tensor, bool wanted)
        {
            if (wanted)
                return tensor;
            tensor?.Dispose();
            return null;
        }
    }
}
