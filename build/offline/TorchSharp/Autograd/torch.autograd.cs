using System;
using System.Collections.Generic;
using TorchSharp.Native;
using static TorchSharp.Native.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public static IDisposable no_grad() => new AutoGradMode(false);
    public static IDisposable enable_grad(bool enabled = true) => new AutoGradMode(enabled);
    public static IDisposable set_grad_enabled(bool mode = true) => new AutoGradMode(mode);
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);
    public static bool is_inference_mode_enabled() => InferenceMode.IsEnabled;

    public static partial class autograd
    {
        public static void backward(
            IList<Tensor> tensors, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false,
            IList<Tensor> inputs = null) => Run(tensors, grad_tensors, retain_graph ?? create_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false,
            IList<Tensor> inputs = null) => Run([tensor], grad_tensors, retain_graph ?? create_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor> inputs = null) =>
            Run([tensor], [grad_tensor], retain_graph ?? create_graph, create_graph, inputs);

        internal static unsafe void Run(
            IList<Tensor> tensors, IList<Tensor> gradients, bool retainGraph, bool createGraph, IList<Tensor> inputs)
        {
            IntPtr[] outputs = Blob.Handles(tensors), given = Blob.Handles(gradients), leaves = Blob.Handles(inputs);
            fixed (IntPtr* o = outputs, g = given, l = leaves)
                Check(ct_backward(o, outputs.Length, g, given.Length, retainGraph ? 1 : 0, createGraph ? 1 : 0, l, leaves.Length));
            GC.KeepAlive(tensors);
            GC.KeepAlive(gradients);
            GC.KeepAlive(inputs);
        }

        /// <summary>Gradients of outputs with respect to inputs, leaving .grad alone; null for an unused input.</summary>
        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor> grad_outputs = null, bool retain_graph = false,
            bool create_graph = false, bool allow_unused = false)
        {
            IntPtr[] o = Blob.Handles(outputs), i = Blob.Handles(inputs), g = Blob.Handles(grad_outputs), found = new IntPtr[i.Length];
            fixed (IntPtr* po = o, pi = i, pg = g, results = found)
                Check(ct_grad(
                    po, o.Length, pi, i.Length, pg, g.Length, retain_graph || create_graph ? 1 : 0, create_graph ? 1 : 0,
                    allow_unused ? 1 : 0, results));
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            var list = new List<Tensor>();
            foreach (IntPtr handle in found)
                list.Add(Tensor.FromNative(handle));
            return list;
        }

        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);
        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);
    }
}

/// <summary>Switches recording on or off until it is disposed.</summary>
internal sealed class AutoGradMode : IDisposable
{
    private readonly int _before;

    internal AutoGradMode(bool enabled)
    {
        _before = ct_grad_mode();
        ct_set_grad_mode(enabled ? 1 : 0);
    }

    internal static bool IsEnabled => ct_grad_mode() != 0;

    public void Dispose() => ct_set_grad_mode(_before);
}

/// <summary>Neither records nor counts versions until it is disposed.</summary>
internal sealed class InferenceMode : IDisposable
{
    private IntPtr _guard;

    internal InferenceMode(bool mode) => _guard = ct_inference_mode_enter(mode ? 1 : 0);

    internal static bool IsEnabled => ct_inference_mode() != 0;

    public void Dispose()
    {
        if (_guard != IntPtr.Zero)
            ct_inference_mode_leave(_guard);
        _guard = IntPtr.Zero;
    }
}

/// <summary>Says which forward operation a failing backward belongs to, until it is disposed.</summary>
public class AnomalyMode : IDisposable
{
    private readonly bool _before;
    private readonly bool _checkBefore;

    public AnomalyMode(bool enabled, bool check_nan = true)
    {
        _before = IsEnabled;
        _checkBefore = ShouldCheckNaN;
        ct_set_anomaly_mode(enabled ? 1 : 0, check_nan ? 1 : 0);
    }

    public static bool IsEnabled => ct_anomaly_mode(out _) != 0;

    public static bool ShouldCheckNaN
    {
        get
        {
            ct_anomaly_mode(out int check);
            return check != 0;
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => ct_set_anomaly_mode(_before ? 1 : 0, _checkBefore ? 1 : 0);
}
