using System;
using System.Runtime.InteropServices;
using Microsoft.ML.Constrained.QuadraticPrograms;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// Tensors of any device by <see cref="TensorInteriorPoint"/> where they are. Problems that it does not solve (infeasible, unbounded,
/// too hard) go to the managed solver, whose statuses and policy hold for them.
/// </summary>
internal sealed class DevicePrograms : TensorPrograms
{
    private readonly ManagedPrograms _managed;
    private readonly double _tolerance;

    public DevicePrograms(ManagedPrograms managed, QuadraticProgramOptions options)
    {
        _managed = managed;
        _tolerance = options.Tolerance;
    }

    public override (Tensor Z, Tensor Lambda, Tensor Nu) Solve(QuadraticProgramCall call, Tensor?[] data, bool keep)
    {
        if (call.BatchSize == 0)
            return (call.Empty(call.Variables), call.Empty(call.Inequalities), call.Empty(call.Equalities));
        using IDisposable off = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var method = new TensorInteriorPoint(
            TensorAdjoint.Squeezed(data[0]), Rows(call, data[1], call.Variables), TensorAdjoint.Squeezed(data[2]),
            Rows(call, data[3], call.Inequalities), TensorAdjoint.Squeezed(data[4]), Rows(call, data[5], call.Equalities), _tolerance);
        (Tensor z, Tensor lambda, Tensor nu, Tensor solved) = method.Solve();
        call.Status = new SolverStatus[call.BatchSize];
        Array.Fill(call.Status, SolverStatus.Solved);
        Tensor unsolved = solved.logical_not().nonzero().squeeze(-1);
        if (unsolved.shape[0] > 0)
            Repair(call, data, unsolved, z, lambda, nu);
        return scope.MoveToOuter(z, lambda, nu);
    }

    public override Tensor?[] Differentiate(QuadraticProgramCall call, Tensor?[] data, Tensor[] solution, Tensor?[] gradients) =>
        TensorAdjoint.Differentiate(call, data, solution, gradients);

    private static Tensor Rows(QuadraticProgramCall call, Tensor? vector, int length)
    {
        if (vector is null)
            return zeros(call.BatchSize, length, ScalarType.Float64, call.Device);
        return (vector.dim() == 1 ? vector.unsqueeze(0) : vector).expand(call.BatchSize, length).contiguous();
    }

    private static Tensor Picked(Tensor parameter, int rank, Tensor rows)
    {
        bool shared = parameter.dim() < rank || parameter.shape[0] == 1;
        return (shared ? parameter : parameter.index_select(0, rows)).cpu().contiguous();
    }

    private void Repair(QuadraticProgramCall call, Tensor?[] data, Tensor rows, Tensor z, Tensor lambda, Tensor nu)
    {
        var part = new Tensor?[6];
        for (int i = 0; i < 6; i++)
            part[i] = data[i] is null ? null : Picked(data[i]!, i % 2 == 0 ? 3 : 2, rows);
        var inner = new QuadraticProgramCall
        {
            Programs = _managed,
            Diagnostics = call.Diagnostics,
            BatchSize = (int)rows.shape[0],
            Variables = call.Variables,
            Inequalities = call.Inequalities,
            Equalities = call.Equalities,
            Device = CPU,
        };
        (Tensor mz, Tensor ml, Tensor mn) = _managed.Solve(inner, part, keep: false);
        z.index_copy_(0, rows, mz.to(call.Device));
        lambda.index_copy_(0, rows, ml.to(call.Device));
        nu.index_copy_(0, rows, mn.to(call.Device));
        using Tensor here = rows.cpu();
        ReadOnlySpan<long> numbers = MemoryMarshal.Cast<byte, long>(here.bytes);
        for (int i = 0; i < inner.Status.Length; i++)
            call.Status[(int)numbers[i]] = inner.Status[i];
    }
}
