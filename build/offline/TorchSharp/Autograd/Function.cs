using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>A function whose derivative is written by hand. One instance serves all calls: keep state in the context.</summary>
        public abstract class Function<T> where T : Function<T>, new()
        {
            private protected Function() { }

            internal static T Instance { get; } = new T();

            public abstract string Name { get; }

            private protected abstract List<Tensor> Forward(AutogradContext ctx, object[] vars);
            private protected abstract List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients);

            public static List<Tensor> apply_internal(params object[] vars)
            {
                var context = new AutogradContext();
                List<Tensor> outputs;
                using (no_grad())
                    outputs = new List<Tensor>(Instance.Forward(context, vars));
                return Recording.Attach(
                    Instance.Name, vars, outputs, context, gradients => Instance.Backward(context, gradients));
            }
        }

        public abstract class SingleTensorFunction<T> : Function<T> where T : SingleTensorFunction<T>, new()
        {
            protected SingleTensorFunction() { }

            public static Tensor apply(params object[] vars) => apply_internal(vars)[0];
            public abstract Tensor forward(AutogradContext ctx, params object[] vars);
            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            private protected override List<Tensor> Forward(AutogradContext ctx, object[] vars) => [forward(ctx, vars)];
            private protected override List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients[0]);
        }

        public abstract class MultiTensorFunction<T> : Function<T> where T : MultiTensorFunction<T>, new()
        {
            protected MultiTensorFunction() { }

            public static List<Tensor> apply(params object[] vars) => apply_internal(vars);
            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);
            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            private protected override List<Tensor> Forward(AutogradContext ctx, object[] vars) => forward(ctx, vars);
            private protected override List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients);
        }

        /// <summary>One call of a function in a graph; libtorch keeps it through a handle until the graph is gone.</summary>
        private sealed unsafe class Recording
        {
            private readonly string _name;
            private readonly AutogradContext _context;
            private readonly Func<List<Tensor>, List<Tensor>> _backward;
            private readonly bool[] _isTensor;

            private Recording(string name, object[] vars, AutogradContext context, Func<List<Tensor>, List<Tensor>> backward)
            {
                _name = name;
                _context = context;
                _backward = backward;
                _isTensor = vars.Select(v => v is Tensor).ToArray();
            }

            internal static List<Tensor> Attach(
                string name, object[] vars, List<Tensor> outputs, AutogradContext context, Func<List<Tensor>, List<Tensor>> backward)
            {
                IntPtr[] inputs = Blob.Handles(vars.OfType<Tensor>()), results = Blob.Handles(outputs), saved = Blob.Handles(context.Saved);
                byte[] differentiable = outputs.Select(o => (byte)(context.NonDifferentiable.Contains(o) ? 0 : 1)).ToArray();
                var callbacks = new FunctionCallbacks { Backward = &OnBackward, Free = &Blob.Free };
                var state = GCHandle.Alloc(new Recording(name, vars, context, backward));
                int recorded = 0, code;
                fixed (byte* title = Blob.Utf8(name), d = differentiable)
                fixed (IntPtr* i = inputs, r = results, s = saved)
                    code = NativeMethods.ct_function(
                        title, i, inputs.Length, r, results.Length, d, s, saved.Length, context.MaterializeGrads ? 1 : 0, callbacks,
                        GCHandle.ToIntPtr(state), out recorded);
                GC.KeepAlive(vars);
                GC.KeepAlive(context.Saved);
                if (recorded == 0)
                    state.Free();
                NativeMethods.Check(code);
                if (recorded == 0)
                    return outputs;
                context.HandOver();
                for (int k = 0; k < results.Length; k++)
                {
                    // The forward's own object becomes the graph's tensor, unless that object is an input.
                    if (outputs[k] is null || vars.Contains(outputs[k], ReferenceEqualityComparer.Instance))
                        outputs[k] = Tensor.FromNative(results[k]);
                    else
                        outputs[k].Replace(results[k]);
                }
                return outputs;
            }

            /// <summary>Called by the graph. Nothing may be thrown into native frames: a failure is handed over as a text.</summary>
            [UnmanagedCallersOnly]
            private static int OnBackward(
                IntPtr state, IntPtr node, IntPtr* gradients, long count, IntPtr* results, long resultCount, byte* message, long length)
            {
                try
                {
                    ((Recording)GCHandle.FromIntPtr(state).Target).Backward(node, new Span<IntPtr>(gradients, (int)count), new Span<IntPtr>(results, (int)resultCount));
                    return 0;
                }
                catch (Exception e)
                {
                    var text = new Span<byte>(message, (int)length - 1);
                    Encoding.UTF8.GetEncoder().Convert(e.ToString(), text, true, out _, out int used, out _);
                    message[used] = 0;
                    return 1;
                }
            }

            private void Backward(IntPtr node, ReadOnlySpan<IntPtr> gradients, Span<IntPtr> results)
            {
                var given = new List<Tensor>();
                foreach (IntPtr handle in gradients)
                    given.Add(new Tensor(handle));
                List<Tensor> found;
                _context.Node = node;
                try
                {
                    found = _backward(given);
                }
                finally
                {
                    _context.Node = IntPtr.Zero;
                }
                if (found.Count != _isTensor.Length)
                    throw new NotImplementedException(
                        $"Function {_name} returned an incorrect number of gradients (expected {_isTensor.Length}, got {found.Count}).");
                int next = 0;
                for (int i = 0; i < found.Count; i++)
                {
                    bool defined = found[i] is not null && !found[i].IsInvalid;
                    if (!_isTensor[i])
                    {
                        if (defined)
                            throw new NotImplementedException($"Function {_name} returned a gradient for argument {i + 1}, which is no tensor.");
                        continue;
                    }
                    if (defined)
                    {
                        results[next] = found[i].Handle;
                        NativeMethods.ct_tensor_retain(results[next]);
                    }
                    next++;
                }
                GC.KeepAlive(found);
            }
        }
    }
}
