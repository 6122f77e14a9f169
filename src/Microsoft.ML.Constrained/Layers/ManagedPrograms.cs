using System;
using Microsoft.ML.Constrained.QuadraticPrograms;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>CPU tensors by the managed solver, which reads and writes their memory itself.</summary>
internal sealed class ManagedPrograms : TensorPrograms
{
    private readonly WorkspacePool<ProgramWorkspace> _pool = new();
    private readonly QuadraticProgramSolver _keeping;
    private readonly QuadraticProgramSolver _solving;

    public ManagedPrograms(QuadraticProgramOptions options)
    {
        _keeping = new QuadraticProgramSolver(Copy(options, true));
        _solving = new QuadraticProgramSolver(Copy(options, false));
    }

    public override (Tensor Z, Tensor Lambda, Tensor Nu) Solve(QuadraticProgramCall call, Tensor?[] data, bool keep)
    {
        Tensor z = call.Empty(call.Variables), lambda = call.Empty(call.Inequalities), nu = call.Empty(call.Equalities);
        if (call.BatchSize == 0)
            return (z, lambda, nu);
        QuadraticProgramBatch batch = Describe(call, data);
        ProgramWorkspace workspace = _pool.Rent();
        workspace.Solution.UseMemory(TensorMemory.Of(z), TensorMemory.Of(lambda), TensorMemory.Of(nu));
        (keep ? _keeping : _solving).Solve(batch, workspace.Solution);
        call.Status = workspace.Solution.Status.ToArray();
        if (keep)
        {
            call.Batch = batch;
            call.Workspace = workspace;
            call.Generation = workspace.Generation;
            call.OwnsWorkspace = true;
        }
        else
        {
            _pool.Return(workspace);
        }

        return (z, lambda, nu);
    }

    public override Tensor?[] Differentiate(QuadraticProgramCall call, Tensor?[] data, Tensor[] solution, Tensor?[] gradients)
    {
        var results = new Tensor?[6];
        for (int i = 0; i < 6; i++)
        {
            if (call.Wanted[i])
                results[i] = call.BatchSize == 0 ? zeros_like(data[i]!) : empty_like(data[i]!);
        }

        if (call.BatchSize == 0)
            return results;
        ProgramWorkspace workspace = Claim(call, solution);
        try
        {
            QuadraticProgramGradients target = workspace.Gradients;
            target.Wanted = Wanted(call);
            SetTargets(target, results);
            _keeping.Differentiate(
                call.Batch!, workspace.Solution, Values(gradients[0]).Span, Values(gradients[1]).Span, Values(gradients[2]).Span, target);
            call.Diagnostics.Skipped(target.NotDifferentiated);
            SetTargets(target, new Tensor?[6]);
        }
        finally
        {
            call.OwnsWorkspace = false;
            _pool.Return(workspace);
        }

        return results;
    }

    private static Memory<double> Values(Tensor? gradient) => TensorMemory.Of(gradient?.contiguous());

    private static void SetTargets(QuadraticProgramGradients target, Tensor?[] tensors)
    {
        target.Q = TensorMemory.Of(tensors[0]);
        target.P = TensorMemory.Of(tensors[1]);
        target.G = TensorMemory.Of(tensors[2]);
        target.H = TensorMemory.Of(tensors[3]);
        target.A = TensorMemory.Of(tensors[4]);
        target.B = TensorMemory.Of(tensors[5]);
    }

    private static QuadraticProgramParameters Wanted(QuadraticProgramCall call)
    {
        QuadraticProgramParameters wanted = QuadraticProgramParameters.None;
        for (int i = 0; i < 6; i++)
        {
            if (call.Wanted[i])
                wanted |= (QuadraticProgramParameters)(1 << i);
        }

        return wanted;
    }

    private static QuadraticProgramBatch Describe(QuadraticProgramCall call, Tensor?[] data)
    {
        var batch = new QuadraticProgramBatch(call.BatchSize, call.Variables, call.Inequalities, call.Equalities);
        if (data[0] is not null)
            batch.Q = TensorMemory.Of(data[0]);
        if (data[1] is not null)
            batch.P = TensorMemory.Of(data[1]);
        if (data[2] is not null)
            batch.G = TensorMemory.Of(data[2]);
        if (data[3] is not null)
            batch.H = TensorMemory.Of(data[3]);
        if (data[4] is not null)
            batch.A = TensorMemory.Of(data[4]);
        if (data[5] is not null)
            batch.B = TensorMemory.Of(data[5]);
        return batch;
    }

    private static QuadraticProgramOptions Copy(QuadraticProgramOptions options, bool keep) => new()
    {
        Tolerance = options.Tolerance,
        IterationLimit = options.IterationLimit,
        Threads = options.Threads,

        // The layer throws by itself, after it has let go of everything.
        Policy = options.Policy == RowPolicy.Throw ? RowPolicy.Missing : options.Policy,
        KeepFactors = keep,
    };

    /// <summary>The workspace of the call's own solve; where another pass has taken it meanwhile, the problems are solved again.</summary>
    private ProgramWorkspace Claim(QuadraticProgramCall call, Tensor[] solution)
    {
        if (call.OwnsWorkspace || _pool.TryReclaim(call.Workspace!, call.Generation))
            return call.Workspace!;
        ProgramWorkspace workspace = _pool.Rent();
        Tensor z = empty_like(solution[0]), lambda = empty_like(solution[1]), nu = empty_like(solution[2]);
        workspace.Solution.UseMemory(TensorMemory.Of(z), TensorMemory.Of(lambda), TensorMemory.Of(nu));
        _keeping.Solve(call.Batch!, workspace.Solution);

        // Its results are read from memory that ends with this pass, so it must not be claimed again.
        call.Workspace = workspace;
        call.Generation = -1;
        return workspace;
    }
}
