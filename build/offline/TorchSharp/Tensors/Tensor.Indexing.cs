using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    /// <remarks>Indexing, gathering and scattering.</remarks>
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => Put(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => Aten.index_put_.Run(this, Arg.Optional(indices), value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Put(value, [i1]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => Put(value, [i1, i2]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(i1, i2, i3);
            set => Put(value, [i1, i2, i3]);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => index(indices.Select(i => (TensorIndex)i).ToArray());
            set => Put(value, indices.Select(i => (TensorIndex)i).ToArray());
        }

        public Tensor index(params Tensor[] indices) => Aten.index_Tensor.Call(this, Arg.Optional(indices));

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, tensors) = Sliced(indices);
            if (tensors is null)
                return view;
            using (view)
                return Aten.index_Tensor.Call(view, Arg.Optional(tensors));
        }

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => Put(value, indices);
        public Tensor index_put_(Tensor value, params Tensor[] indices) => Aten.index_put_.InPlace(this, this, Arg.Optional(indices), value);

        private Tensor Put(Tensor value, TensorIndex[] indices)
        {
            var (view, tensors) = Sliced(indices);
            using (view)
            {
                if (tensors is not null)
                    Aten.index_put_.Run(view, Arg.Optional(tensors), value);
                else
                    Assign(view, value);
            }
            return this;
        }

        /// <summary>Leading dimensions of length one are no obstacle to an assignment.</summary>
        private static void Assign(Tensor view, Tensor value)
        {
            long[] shape = value.shape;
            int room = (int)view.dim(), drop = 0;
            while (shape.Length - drop > room && shape[drop] == 1)
                drop++;
            if (drop == 0)
            {
                view.copy_(value);
                return;
            }
            using Tensor fitting = value.reshape(shape[drop..]);
            view.copy_(fitting);
        }

        /// <summary>
        /// The view that all but the index tensors make, and those tensors at their dimensions; null without any.
        /// </summary>
        private (Tensor, Tensor[]) Sliced(TensorIndex[] indices)
        {
            var tensors = new List<Tensor>();
            Tensor view = alias();
            long dim = 0;
            foreach (TensorIndex index in indices)
            {
                Tensor next = null;
                switch (index.Kind)
                {
                    case TensorIndex.Form.Single:
                        next = view.select(dim, index.Start.Value);
                        break;
                    case TensorIndex.Form.Slice:
                        next = index.Start is null && index.Stop is null && index.Step is null
                            ? null : Aten.slice_Tensor.Call(view, dim, index.Start, index.Stop, index.Step ?? 1);
                        dim++;
                        break;
                    case TensorIndex.Form.Null:
                        next = view.unsqueeze(dim++);
                        break;
                    case TensorIndex.Form.Ellipsis:
                        dim += view.dim() - dim - indices.SkipWhile(i => i.Kind != TensorIndex.Form.Ellipsis).Skip(1).Sum(i => i.Consumes);
                        break;
                    case TensorIndex.Form.Bool:
                        next = view.unsqueeze(dim);
                        Place(tensors, dim++, tensor(new[] { index.Truth }));
                        break;
                    default:
                        Place(tensors, dim, index.Inner);
                        dim += index.Consumes;
                        break;
                }
                if (next is not null)
                {
                    view.Dispose();
                    view = next;
                }
            }
            return (view, tensors.Count == 0 ? null : tensors.ToArray());
        }

        private static void Place(List<Tensor> tensors, long dim, Tensor tensor)
        {
            while (tensors.Count < dim)
                tensors.Add(null);
            tensors.Add(tensor);
        }

        public Tensor select(long dim, long index) => Aten.select_int.Call(this, dim, index);
        public Tensor slice(long dim, long start, long finish, long step) => Aten.slice_Tensor.Call(this, dim, start, finish, step);
        public Tensor narrow(long dim, long start, long length) => Aten.narrow.Call(this, dim, start, length);
        public Tensor index_select(long dim, Tensor index) => Aten.index_select.Call(this, dim, index);
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Aten.index_add.Call(this, dim, index, source, alpha);
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Aten.index_copy.Call(this, dim, index, source);
        public Tensor gather(long dim, Tensor index) => Aten.gather.Call(this, dim, index);
        public Tensor take(Tensor index) => Aten.take.Call(this, index);
        public Tensor take_along_dim(Tensor indices) => Aten.take_along_dim.Call(this, indices);
        public Tensor take_along_dim(Tensor indices, long dim) => Aten.take_along_dim.Call(this, indices, dim);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Aten.scatter_src.Call(this, dim, index, src);
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Aten.scatter_add.Call(this, dim, index, src);
        public Tensor masked_fill(Tensor mask, Scalar value) => Aten.masked_fill_Scalar.Call(this, mask, value);
        public Tensor masked_select(Tensor mask) => Aten.masked_select.Call(this, mask);
        public Tensor nonzero() => Aten.nonzero.Call(this);
        public Tensor argwhere() => Aten.argwhere.Call(this);
        public Tensor where(Tensor condition, Tensor y) => Aten.where_self.Call(condition, this, y);
        public Tensor diff(long n = 1, long dim = -1, Tensor prepend = null, Tensor append = null) =>
            Aten.diff.Call(this, n, dim, prepend, append);
    }

    public static Tensor gather(Tensor input, long dim, Tensor index) => input.gather(dim, index);
    public static Tensor index_select(Tensor input, long dim, Tensor index) => input.index_select(dim, index);
    public static Tensor take_along_dim(Tensor input, Tensor indices, long dim = 0L) => input.take_along_dim(indices, dim);
    public static Tensor masked_select(Tensor input, Tensor mask) => input.masked_select(mask);
    public static Tensor select(Tensor input, long dim, long index) => input.select(dim, index);
    public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src) => input.scatter(dim, index, src);
    public static Tensor nonzero(Tensor input) => input.nonzero();
    public static Tensor searchsorted(
        Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor sorter = null) =>
        Aten.searchsorted_Tensor.Call(sorted_sequence, values, out_int32, right, Arg.Default, sorter);
}
