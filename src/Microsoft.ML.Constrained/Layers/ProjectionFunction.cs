using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>(call, input, parameters where there are any) → the projected rows. Nothing may leave <see cref="backward"/> but a list.</summary>
internal sealed class ProjectionFunction : autograd.SingleTensorFunction<ProjectionFunction>
{
    private const string CallKey = "call";
    private const string WantedKey = "parameters wanted";

    public override string Name => nameof(ProjectionFunction);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var call = (ProjectionCall)vars[0];
        var input = (Tensor)vars[1];
        Tensor? parameters = vars.Length > 2 ? (Tensor)vars[2] : null;
        Tensor output = call.Project(input, parameters);
        ctx.save_for_backward(parameters is null ? [input] : [input, parameters]);
        ctx.save_data(CallKey, call);
        ctx.save_data(WantedKey, parameters is { requires_grad: true });
        ctx.set_materialize_grads(false);
        return output;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var results = new List<Tensor> { null!, null! };
        ProjectionCall? call = null;
        try
        {
            call = (ProjectionCall)ctx.get_data(CallKey);
            using DisposeScope scope = NewDisposeScope();
            List<Tensor> saved = ctx.get_saved_variables();
            if (saved.Count > 1)
                results.Add(null!);
            if (grad_output is null || grad_output.IsInvalid)
                return results;
            scope.Attach(grad_output);
            Tensor input = saved[0];
            Tensor? parameters = saved.Count > 1 ? saved[1] : null;
            (Tensor toInput, Tensor? toParameters) = call.Differentiate(input, parameters, grad_output, (bool)ctx.get_data(WantedKey));
            if (is_grad_enabled())
            {
                // A derivative of this one would be wrong, not missing: it has to pass through a function that says so.
                toInput = OnceDifferentiable.apply(call.Diagnostics, toInput, input, grad_output);
                if (toParameters is not null)
                    toParameters = OnceDifferentiable.apply(call.Diagnostics, toParameters, parameters!, grad_output);
            }

            results[1] = scope.MoveToOuter(toInput);
            if (toParameters is not null)
                results[2] = scope.MoveToOuter(toParameters);
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
