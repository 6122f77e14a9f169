using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>(call, costs) → each row's loss. Nothing may leave <see cref="backward"/> but a list.</summary>
internal sealed class BlackboxSolverLossFunction : autograd.SingleTensorFunction<BlackboxSolverLossFunction>
{
    private const string CallKey = "call";

    public override string Name => nameof(BlackboxSolverLossFunction);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var call = (BlackboxSolverLossCall)vars[0];
        var costs = (Tensor)vars[1];
        (Tensor losses, Tensor gradient) = call.Evaluate(costs);
        ctx.save_for_backward([gradient, costs]);
        ctx.save_data(CallKey, call);
        ctx.set_materialize_grads(false);
        return losses;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var results = new List<Tensor> { null!, null! };
        BlackboxSolverDiagnostics? diagnostics = null;
        try
        {
            diagnostics = ((BlackboxSolverLossCall)ctx.get_data(CallKey)).Diagnostics;
            using DisposeScope scope = NewDisposeScope();
            if (grad_output is null || grad_output.IsInvalid)
                return results;
            scope.Attach(grad_output);
            List<Tensor> saved = ctx.get_saved_variables();
            Tensor toCosts;
            using (no_grad())
                toCosts = saved[0] * grad_output.unsqueeze(-1);
            if (is_grad_enabled())
                toCosts = OnceDifferentiable.apply(diagnostics, toCosts, saved[1], grad_output);
            results[1] = scope.MoveToOuter(toCosts);
        }
        catch (Exception e)
        {
            results[1] = null!;
            diagnostics?.Failed(e);
        }

        return results;
    }
}
