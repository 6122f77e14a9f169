using System;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>One recorded forward pass of a <see cref="ProjectionLayer"/>.</summary>
internal sealed class ProjectionCall
{
    private readonly Projector _projector;
    private readonly WorkspacePool<ProjectionWorkspace> _pool;
    private ProjectionWorkspace? _workspace;
    private long _generation;
    private bool _owned;

    public ProjectionCall(Projector projector, WorkspacePool<ProjectionWorkspace> pool, LayerDiagnostics diagnostics)
    {
        _projector = projector;
        _pool = pool;
        Diagnostics = diagnostics;
    }

    public LayerDiagnostics Diagnostics { get; }

    public SolverStatus[] Status { get; private set; } = [];

    /// <summary>Projects contiguous rows of one type and keeps what the backward pass needs.</summary>
    public Tensor Project(Tensor input, Tensor? parameters)
    {
        Tensor output = empty_like(input);
        Status = new SolverStatus[input.shape[0]];
        _workspace = _pool.Rent();
        _generation = _workspace.Generation;
        _owned = true;
        Fill(_workspace, input, parameters, output, Status);
        return output;
    }

    /// <summary>∂loss/∂input and, where asked for, ∂loss/∂parameters.</summary>
    public (Tensor Input, Tensor? Parameters) Differentiate(Tensor input, Tensor? parameters, Tensor gradient, bool parametersWanted)
    {
        Tensor toInput = empty_like(input, dtype: ScalarType.Float64);
        Tensor? toParameters = parametersWanted ? empty_like(parameters!, dtype: ScalarType.Float64) : null;
        ProjectionWorkspace workspace = Claim(input, parameters);
        try
        {
            _projector.Vjp(
                workspace.Tape, TensorMemory.Of(gradient.to(ScalarType.Float64).contiguous()).Span, TensorMemory.Of(toInput).Span, TensorMemory.Of(toParameters).Span);
            int unsolved = 0;
            foreach (SolverStatus status in workspace.Tape.Statuses)
                unsolved += status == SolverStatus.Solved ? 0 : 1;
            Diagnostics.Skipped(unsolved);
        }
        finally
        {
            _owned = false;
            _pool.Return(workspace);
        }

        return (toInput.to(input.dtype), toParameters?.to(parameters!.dtype));
    }

    /// <summary>Projects contiguous rows, parameters and results of one type: float64 or float32.</summary>
    public static void Run(Projector projector, Tensor input, Tensor? parameters, Tensor output, SolverStatus[] status, ProjectionTape? tape)
    {
        if (input.dtype == ScalarType.Float64)
            projector.Project(TensorMemory.Of(input).Span, TensorMemory.Of(parameters).Span, TensorMemory.Of(output).Span, status, null, tape);
        else
            projector.Project(Singles(input), Singles(parameters), Singles(output), status, null, tape);
    }

    private static Span<float> Singles(Tensor? tensor) => tensor is null || tensor.numel() == 0 ? default : MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private void Fill(ProjectionWorkspace workspace, Tensor input, Tensor? parameters, Tensor output, SolverStatus[] status) =>
        Run(_projector, input, parameters, output, status, workspace.Tape);

    private ProjectionWorkspace Claim(Tensor input, Tensor? parameters)
    {
        if (_owned || _pool.TryReclaim(_workspace!, _generation))
            return _workspace!;
        _workspace = _pool.Rent();
        _generation = _workspace.Generation;
        Fill(_workspace, input, parameters, empty_like(input), new SolverStatus[input.shape[0]]);
        return _workspace;
    }
}
