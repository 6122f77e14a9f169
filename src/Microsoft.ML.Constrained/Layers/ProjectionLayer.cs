using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// A layer that moves each row to the nearest point of a <see cref="ConstraintSet"/>, by closed forms where there are any (see
/// <see cref="Projector"/>), with exact gradients of the rows and of the right-hand sides that come from columns.
/// </summary>
/// <remarks>
/// Rows are float32 or float64; results are those of <see cref="Projector"/> for the same type, recorded or not. Tensors of another device are projected on the CPU
/// and moved back. Under <c>no_grad</c>, or where nothing needs a gradient, nothing is kept. <c>backward</c> never throws: see
/// <see cref="Diagnostics"/>. There are no second derivatives: one that is asked for is NaN, and the next forward pass throws.
/// </remarks>
public sealed class ProjectionLayer : nn.Module<Tensor, Tensor>
{
    private readonly WorkspacePool<ProjectionWorkspace> _pool = new();

    /// <summary>A layer for a set.</summary>
    /// <param name="set">The constraints.</param>
    /// <param name="options">Metric, tolerance, policy and threads; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    public ProjectionLayer(ConstraintSet set, ProjectorOptions? options = null)
        : base(nameof(ProjectionLayer))
    {
        Projector = new Projector(set, options);
        RegisterComponents();
    }

    /// <summary>What projects.</summary>
    public Projector Projector { get; }

    /// <summary>Statuses of the last forward pass, and what backward passes met with.</summary>
    public LayerDiagnostics Diagnostics { get; } = new();

    /// <summary>Projects rows onto a set without columns.</summary>
    /// <param name="input">… × dimension.</param>
    /// <returns>As many rows as the input.</returns>
    /// <exception cref="ArgumentException">The shape or type does not fit, or the set has columns.</exception>
    /// <exception cref="InvalidOperationException">A row was not solved and the policy is Throw.</exception>
    /// <exception cref="NotSupportedException">A gradient of this layer was differentiated again.</exception>
    public override Tensor forward(Tensor input)
    {
        if (Projector.Set.Columns.Count > 0)
            throw new ArgumentException($"The constraints take right-hand sides from {Columns()}: pass them as a second input.");
        return Run(input, null);
    }

    /// <summary>Projects rows onto a set whose right-hand sides come from columns.</summary>
    /// <param name="input">… × dimension.</param>
    /// <param name="parameters">A row of the columns' values, in the order of <see cref="ConstraintSet.Columns"/>, for each row or for all.</param>
    /// <returns>As many rows as the input.</returns>
    /// <exception cref="ArgumentException">A shape or type does not fit.</exception>
    /// <exception cref="InvalidOperationException">A row was not solved and the policy is Throw.</exception>
    /// <exception cref="NotSupportedException">A gradient of this layer was differentiated again.</exception>
    public Tensor forward(Tensor input, Tensor parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Run(input, parameters);
    }

    private static void CheckType(string name, Tensor tensor)
    {
        if (tensor.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"'{name}' is of type {tensor.dtype}; expected Float32 or Float64.");
    }

    private string Columns() => $"the column(s) {string.Join(", ", Projector.Set.Columns)}";

    private Tensor Run(Tensor input, Tensor? parameters)
    {
        ArgumentNullException.ThrowIfNull(input);
        Diagnostics.ThrowIfDifferentiatedTwice();
        CheckType("input", input);
        int n = Projector.Set.Dimension, columns = Projector.Set.Columns.Count;
        long[] shape = input.shape;
        if (shape.Length == 0 || shape[^1] != n)
            throw new ArgumentException($"'input' has the shape [{string.Join(", ", shape)}]; expected {n} values, one for each variable, in the last dimension.");
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = input.cpu().reshape(-1, n).contiguous();
        Tensor? values = null;
        if (parameters is not null)
        {
            CheckType("parameters", parameters);
            long[] given = parameters.shape;
            if (given.Length is not (1 or 2) || given[^1] != columns || (given.Length == 2 && given[0] != 1 && given[0] != rows.shape[0]))
            {
                throw new ArgumentException(
                    $"'parameters' has the shape [{string.Join(", ", given)}]; expected [{columns}] or [{rows.shape[0]}, {columns}], the values of {Columns()}.");
            }

            values = parameters.cpu().expand(rows.shape[0], columns).contiguous();
        }

        bool recorded = is_grad_enabled() && (input.requires_grad || parameters is { requires_grad: true });
        Tensor output = recorded ? Recorded(rows, values) : Plain(rows, values);
        return scope.MoveToOuter(output.reshape(shape).to(input.device));
    }

    private Tensor Recorded(Tensor rows, Tensor? parameters)
    {
        var call = new ProjectionCall(Projector, _pool, Diagnostics);
        Tensor output = parameters is null
            ? ProjectionFunction.apply(call, rows)
            : ProjectionFunction.apply(call, rows, parameters.to(rows.dtype));
        Diagnostics.Forward(call.Status);
        return output;
    }

    private Tensor Plain(Tensor rows, Tensor? parameters)
    {
        using IDisposable off = no_grad();
        var status = new SolverStatus[rows.shape[0]];
        Tensor output = empty_like(rows);
        ProjectionCall.Run(Projector, rows, parameters?.to(rows.dtype), output, status, null);
        Diagnostics.Forward(status);
        return output;
    }
}
