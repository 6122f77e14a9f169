using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// (diagnostics, gradient, what it depends on…) → gradient. To differentiate it in turn gives NaN and makes the layer's next forward
/// pass throw: from a backward pass an exception would end the process.
/// </summary>
internal sealed class OnceDifferentiable : autograd.SingleTensorFunction<OnceDifferentiable>
{
    private const string DiagnosticsKey = "diagnostics";

    public override string Name => nameof(OnceDifferentiable);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.save_data(DiagnosticsKey, vars[0]);
        var others = new List<Tensor>();
        for (int i = 2; i < vars.Length; i++)
            others.Add((Tensor)vars[i]);
        ctx.save_for_backward(others);
        ctx.set_materialize_grads(false);
        return ((Tensor)vars[1]).clone();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var results = new List<Tensor> { null!, null! };
        try
        {
            (ctx.get_data(DiagnosticsKey) as LayerDiagnostics)?.DifferentiatedTwice();
            using DisposeScope scope = NewDisposeScope();
            foreach (Tensor tensor in ctx.get_saved_variables())
                results.Add(scope.MoveToOuter(full_like(tensor, double.NaN)));
            grad_output?.Dispose();
        }
        catch (Exception)
        {
            while (results.Count < 4)
                results.Add(null!);
        }

        return results;
    }
}
