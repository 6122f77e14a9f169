using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>(call, costs, targets where there are any) → decisions. Nothing may leave <see cref="backward"/> but a list.</summary>
internal sealed class BlackboxSolverFunction : autograd.SingleTensorFunction<BlackboxSolverFunction>
{
    private const string CallKey = "call";

    public override string Name => nameof(BlackboxSolverFunction);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var call = (BlackboxSolverCall)vars[0];
        var costs = (Tensor)vars[1];
        Tensor? targets = vars.Length > 2 ? (Tensor)vars[2] : null;
        Tensor output = call.Record(costs, targets);
        ctx.save_for_backward(targets is null ? [costs] : [costs, targets]);
        ctx.save_data(CallKey, call);
        ctx.set_materialize_grads(false);
        return output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var results = new List<Tensor> { null!, null! };
        BlackboxSolverCall? call = null;
        try
        {
            call = (BlackboxSolverCall)ctx.get_data(CallKey);
            using DisposeScope scope = NewDisposeScope();
            if (call.InformedMargin > 0)
                results.Add(null!);
            if (grad_output is null || grad_output.IsInvalid)
                return results;
            scope.Attach(grad_output);
            List<Tensor> saved = ctx.get_saved_variables();
            Tensor costs = saved[0];
            Tensor toCosts = call.Differentiate(costs, saved.Count > 1 ? saved[1] : null, grad_output);
            if (is_grad_enabled())
            {
                // A derivative of this one would be wrong, not missing: it has to pass through a function that says so.
                toCosts = OnceDifferentiable.apply(call.Diagnostics, toCosts, costs, grad_output);
            }

            results[1] = scope.MoveToOuter(toCosts);
        }
        catch (Exception e)
        {
            for (int i = 0; i < results.Count; i++)
                results[i] = null!;
            call?.Diagnostics.Failed(e);
        }

        return results;
    }
}
