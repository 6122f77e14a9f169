using System;
using System.Collections.Generic;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a function's forward leaves for its backward.</summary>
        public class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> _data = new();
            private int _savedCount;

            internal AutogradContext() { }

            internal List<Tensor> Saved { get; private set; } = new();
            internal HashSet<Tensor> NonDifferentiable { get; } = new(ReferenceEqualityComparer.Instance);

            /// <summary>The node of the graph, while backward runs.</summary>
            internal IntPtr Node { get; set; }

            public bool MaterializeGrads { get; private set; } = true;

            public void save_for_backward(List<Tensor> tensors) => Saved = new List<Tensor>(tensors);
            public void save_data(string key, object value) => _data[key] = value;
            public object get_data(string key) => _data[key];
            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            public void mark_non_differentiable(List<Tensor> tensors) => NonDifferentiable.UnionWith(tensors);

            public void mark_dirty(List<Tensor> tensors) =>
                throw new NotSupportedException("mark_dirty is not part of the offline subset of TorchSharp: return a new tensor instead.");

            public List<Tensor> get_saved_variables()
            {
                var list = new List<Tensor>();
                for (int i = 0; i < _savedCount; i++)
                {
                    NativeMethods.Check(NativeMethods.ct_function_saved(Node, i, out IntPtr handle));
                    list.Add(Tensor.FromNative(handle));
                }
                return list;
            }

            /// <summary>From here on the graph keeps the tensors, and notices when one is changed.</summary>
            internal void HandOver()
            {
                _savedCount = Saved.Count;
                Saved = new List<Tensor>();
                NonDifferentiable.Clear();
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing) => _data.Clear();
        }
    }
}
