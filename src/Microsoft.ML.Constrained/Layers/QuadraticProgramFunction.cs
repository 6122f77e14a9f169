using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// (call, those of Q, p, G, h, A, b that there are) → (z, λ, ν). Under <c>create_graph</c> the backward pass is made of recorded operations, so that it can be
/// differentiated in turn.
/// </summary>
/// <remarks>
/// One instance serves all calls, so state lives in the call. Nothing may leave <see cref="backward"/> but a list: an exception would
/// go through native frames and end the process.
/// </remarks>
internal sealed class QuadraticProgramFunction : autograd.MultiTensorFunction<QuadraticProgramFunction>
{
    private const string CallKey = "call";

    public override string Name => nameof(QuadraticProgramFunction);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var call = (QuadraticProgramCall)vars[0];
        var present = new List<Tensor>();
        for (int i = 1; i < vars.Length; i++)
            present.Add((Tensor)vars[i]);
        (Tensor z, Tensor lambda, Tensor nu) = call.Programs.Solve(call, call.Restore(present, 0), keep: true);
        ctx.save_for_backward([z, lambda, nu, .. present]);
        ctx.save_data(CallKey, call);

        // Materialised gradients would be made from tensors that the forward pass's scope has disposed.
        ctx.set_materialize_grads(false);
        return [z, lambda, nu];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        var results = new List<Tensor> { null! };
        QuadraticProgramCall? call = null;
        try
        {
            call = (QuadraticProgramCall)ctx.get_data(CallKey);
            using DisposeScope scope = NewDisposeScope();
            Tensor?[] found = Compute(call, ctx.get_saved_variables(), grad_outputs, scope);
            for (int i = 0; i < found.Length; i++)
            {
                if (call.IsPresent(i))
                    results.Add(found[i] is { } gradient ? scope.MoveToOuter(gradient) : null!);
            }
        }
        catch (Exception e)
        {
            // An undefined gradient is a zero to the graph.
            results.Clear();
            for (int i = 0; i <= (call?.Present ?? 0); i++)
                results.Add(null!);
            call?.Diagnostics.Failed(e);
        }

        return results;
    }

    private static Tensor?[] Compute(QuadraticProgramCall call, List<Tensor> saved, List<Tensor> given, DisposeScope scope)
    {
        Tensor[] solution = [saved[0], saved[1], saved[2]];
        Tensor?[] data = call.Restore(saved, 3);
        var gradients = new Tensor?[3];
        for (int i = 0; i < 3; i++)
        {
            // Handles that are handed to a backward pass belong to it.
            if (given[i] is { IsInvalid: false } gradient)
            {
                scope.Attach(gradient);
                gradients[i] = gradient;
            }
        }

        return is_grad_enabled()
            ? TensorAdjoint.Differentiate(call, data, solution, gradients)
            : call.Programs.Differentiate(call, data, solution, gradients);
    }
}
