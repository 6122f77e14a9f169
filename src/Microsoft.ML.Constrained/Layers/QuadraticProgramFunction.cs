using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// (call, Q, p, G, h, A, b) → (z, λ, ν). Under <c>create_graph</c> the backward pass is made of recorded operations, so that it can be
/// differentiated in turn.
/// </summary>
/// <remarks>
/// One instance serves all calls, so state lives in the call. Nothing may leave <see cref="backward"/> but a list: an exception would
/// go through native frames and end the process.
/// </remarks>
internal sealed class QuadraticProgramFunction : autograd.MultiTensorFunction<QuadraticProgramFunction>
{
    private const string CallKey = "call";
    private const int Parameters = 6;

    public override string Name => nameof(QuadraticProgramFunction);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var call = (QuadraticProgramCall)vars[0];
        var data = new Tensor?[Parameters];
        for (int i = 0; i < Parameters; i++)
            data[i] = vars[i + 1] as Tensor;
        (Tensor z, Tensor lambda, Tensor nu) = call.Programs.Solve(call, data, keep: true);
        var saved = new List<Tensor> { z, lambda, nu };
        foreach (Tensor? tensor in data)
        {
            if (tensor is not null)
                saved.Add(tensor);
        }

        ctx.save_for_backward(saved);
        ctx.save_data(CallKey, call);
        call.SetPresent(data);

        // Materialised gradients would be made from tensors that the forward pass's scope has disposed.
        ctx.set_materialize_grads(false);
        return [z, lambda, nu];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        var results = new List<Tensor>(Parameters + 1);
        for (int i = 0; i <= Parameters; i++)
            results.Add(null!);
        QuadraticProgramCall? call = null;
        try
        {
            call = (QuadraticProgramCall)ctx.get_data(CallKey);
            using DisposeScope scope = NewDisposeScope();
            Fill(results, call, ctx.get_saved_variables(), grad_outputs, scope);
        }
        catch (Exception e)
        {
            // An undefined gradient is a zero to the graph.
            for (int i = 0; i <= Parameters; i++)
                results[i] = null!;
            call?.Diagnostics.Failed(e);
        }

        return results;
    }

    private static void Fill(
        List<Tensor> results, QuadraticProgramCall call, List<Tensor> saved, List<Tensor> given, DisposeScope scope)
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

        bool recorded = is_grad_enabled();
        Tensor?[] found = recorded
            ? TensorAdjoint.Differentiate(call, data, solution, gradients)
            : call.Programs.Differentiate(call, data, solution, gradients);
        for (int i = 0; i < Parameters; i++)
        {
            if (found[i] is not null)
                results[i + 1] = scope.MoveToOuter(found[i]!);
        }
    }
}
