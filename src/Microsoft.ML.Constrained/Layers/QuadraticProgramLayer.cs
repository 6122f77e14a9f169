using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.QuadraticPrograms;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// A layer whose output is the solution of <c>minimise ½ zᵀQz + pᵀz subject to Gz ≤ h, Az = b</c> (OptNet, Amos and Kolter 2017), each
/// of the six parameters learned, fixed or an input.
/// </summary>
/// <remarks>
/// <para>
/// Inputs and parameters are float32 or float64; problems are solved and differentiated in float64. The output is float64 when one of
/// them is. The batch size is that of the inputs and parameters with a batch dimension; those without one, or with one of size 1, are
/// shared by all problems and their gradient is the sum over them. Q counts by its symmetric part, and its gradient is symmetric.
/// </para>
/// <para>
/// CPU tensors go to <see cref="QuadraticProgramSolver"/>, which reads and writes the memory of contiguous float64 tensors itself;
/// tensors of another device to an interior-point method in tensor operations there. Under <c>no_grad</c>, or where nothing needs a
/// gradient, no factorisation is kept.
/// </para>
/// <para>
/// A problem that is not solved gets what <see cref="QuadraticProgramOptions.Policy"/> says and zero gradients; its status is in
/// <see cref="Diagnostics"/>. One with a NaN or an unbounded objective gives NaN whatever the policy. <c>backward</c> never throws: see
/// <see cref="LayerDiagnostics.BackwardFailures"/>. Second derivatives (<c>create_graph</c>) are computed in tensor operations.
/// </para>
/// <para>State: parameters and buffers under the names Q, P, G, H, A, B, L (of Q = LLᵀ + εI), FeasiblePoint and Slack, as far as there are any.</para>
/// </remarks>
public sealed partial class QuadraticProgramLayer : nn.Module<Tensor, Tensor>
{
    private static readonly string[] s_names = ["Q", "P", "G", "H", "A", "B"];

    private readonly ManagedPrograms _managed;
    private readonly DevicePrograms _device;
    private readonly bool _throws;
    private readonly bool _alwaysTensors;

    /// <summary>A layer.</summary>
    /// <param name="options">Shape, parameters and settings; tensors in them are copied.</param>
    /// <exception cref="ArgumentException">A dimension, a shape or a setting does not fit.</exception>
    public QuadraticProgramLayer(QuadraticProgramLayerOptions options)
        : base(nameof(QuadraticProgramLayer))
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.Solver);

        // Its constructor checks the dimensions.
        _ = new QuadraticProgramBatch(0, options.Variables, options.Inequalities, options.Equalities);
        _managed = new ManagedPrograms(options.Solver);
        _device = new DevicePrograms(_managed, options.Solver);
        _throws = options.Solver.Policy == RowPolicy.Throw;
        _alwaysTensors = options.AlwaysUseTensorOperations;
        Variables = options.Variables;
        Inequalities = options.Inequalities;
        Equalities = options.Equalities;
        _terms = [options.Q, options.P, options.G, options.H, options.A, options.B];
        _feasiblePointMap = options.FeasiblePointMap;
        _slackMap = options.SlackMap;
        CheckTerms();
        Register(options);
        RegisterComponents();
    }

    /// <summary>n.</summary>
    public int Variables { get; }

    /// <summary>m.</summary>
    public int Inequalities { get; }

    /// <summary>The rows of A.</summary>
    public int Equalities { get; }

    /// <summary>Statuses of the last forward pass, and what backward passes met with.</summary>
    public LayerDiagnostics Diagnostics { get; } = new();

    /// <summary>The solutions for the one parameter that is an input.</summary>
    /// <param name="input">That parameter.</param>
    /// <returns>z, batch × n.</returns>
    /// <exception cref="InvalidOperationException">Not exactly one parameter is an input, or a problem was not solved and the policy is Throw.</exception>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        int only = -1;
        for (int i = 0; i < 6; i++)
        {
            if (_terms[i].Kind != QuadraticProgramTerm.TermKind.Input)
                continue;
            if (only >= 0)
                throw new InvalidOperationException($"'{s_names[only]}' and '{s_names[i]}' are both inputs of this layer: pass them in a QuadraticProgramTensors.");
            only = i;
        }

        if (only < 0)
            throw new InvalidOperationException("No parameter of this layer is an input: pass an empty QuadraticProgramTensors, or declare one with QuadraticProgramTerm.Input.");
        return OnlyZ(Run(i => i == only ? input : null));
    }

    /// <summary>The solutions for any number of parameters that are inputs.</summary>
    /// <param name="inputs">Those parameters.</param>
    /// <returns>z, batch × n.</returns>
    /// <exception cref="ArgumentException">An input is missing or too much, or its shape or type does not fit.</exception>
    /// <exception cref="InvalidOperationException">A problem was not solved and the policy is Throw.</exception>
    public Tensor forward(QuadraticProgramTensors inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return OnlyZ(Run(i => inputs[i]));
    }

    /// <summary>The solutions with their multipliers and statuses.</summary>
    /// <param name="inputs">The parameters that are inputs.</param>
    /// <returns>Three tensors, which may be differentiated, and the statuses.</returns>
    /// <exception cref="ArgumentException">An input is missing or too much, or its shape or type does not fit.</exception>
    /// <exception cref="InvalidOperationException">A problem was not solved and the policy is Throw.</exception>
    public QuadraticProgramTensorSolution Solve(QuadraticProgramTensors inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Run(i => inputs[i]);
    }

    private static Tensor OnlyZ(QuadraticProgramTensorSolution solution)
    {
        solution.Lambda.Dispose();
        solution.Nu.Dispose();
        return solution.Z;
    }

    private QuadraticProgramTensorSolution Run(Func<int, Tensor?> input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor?[] data = Assemble(input);
        QuadraticProgramCall call = Describe(data, out ScalarType type);
        bool recorded = false;
        for (int i = 0; i < 6; i++)
        {
            if (data[i] is not { } tensor)
                continue;
            if (tensor.dtype != ScalarType.Float64)
                tensor = tensor.to(ScalarType.Float64);
            if (!tensor.is_contiguous())
                tensor = tensor.contiguous();
            data[i] = tensor;
            call.Wanted[i] = is_grad_enabled() && tensor.requires_grad;
            recorded |= call.Wanted[i];
        }

        (Tensor z, Tensor lambda, Tensor nu) = recorded ? Recorded(call, data) : Plain(call, data);
        Diagnostics.Forward(call.Status);
        if (_throws)
            ThrowIfUnsolved(call.Status);
        if (type != ScalarType.Float64)
            (z, lambda, nu) = (z.to(type), lambda.to(type), nu.to(type));
        scope.MoveToOuter(z, lambda, nu);
        return new QuadraticProgramTensorSolution(z, lambda, nu, call.Status);
    }

    private static (Tensor Z, Tensor Lambda, Tensor Nu) Recorded(QuadraticProgramCall call, Tensor?[] data)
    {
        call.SetPresent(data);
        var arguments = new List<object> { call };
        foreach (Tensor? tensor in data)
        {
            if (tensor is not null)
                arguments.Add(tensor);
        }

        List<Tensor> results = QuadraticProgramFunction.apply(arguments.ToArray());
        return (results[0], results[1], results[2]);
    }

    private static (Tensor Z, Tensor Lambda, Tensor Nu) Plain(QuadraticProgramCall call, Tensor?[] data)
    {
        using IDisposable off = no_grad();
        return call.Programs.Solve(call, data, keep: false);
    }

    private static void ThrowIfUnsolved(SolverStatus[] statuses)
    {
        for (int i = 0; i < statuses.Length; i++)
        {
            if (statuses[i] != SolverStatus.Solved)
                throw new InvalidOperationException($"Problem {i} of {statuses.Length} was not solved ({statuses[i]}), and the policy is Throw.");
        }
    }

    /// <summary>Checks shapes, types and devices, and finds the batch size.</summary>
    private QuadraticProgramCall Describe(Tensor?[] data, out ScalarType type)
    {
        int n = Variables, m = Inequalities, p = Equalities;
        (int Rows, int Columns)[] shapes = [(n, n), (n, 0), (m, n), (m, 0), (p, n), (p, 0)];
        int batch = -1;
        string? first = null, located = null;
        Device? device = null;
        type = ScalarType.Float32;
        bool any = false;
        for (int i = 0; i < 6; i++)
        {
            if (data[i] is not { } tensor)
                continue;
            int size = TermShape.Check(s_names[i], tensor, shapes[i].Rows, shapes[i].Columns);
            if (size >= 0 && size != 1)
            {
                if (batch >= 0 && batch != size)
                    throw new ArgumentException($"'{s_names[i]}' is for {size} problems, '{first}' for {batch}: give both one batch size, or one of them once for all.");
                (batch, first) = (size, s_names[i]);
            }

            if (device is not null && (device.type != tensor.device_type || device.index != tensor.device.index))
                throw new ArgumentException($"'{s_names[i]}' is on {tensor.device}, '{located}' on {device}: move the layer and its inputs to one device.");
            (device, located) = (tensor.device, s_names[i]);
            any = true;
            if (tensor.dtype == ScalarType.Float64)
                type = ScalarType.Float64;
        }

        if (!any)
            type = ScalarType.Float64;
        device ??= CPU;
        return new QuadraticProgramCall
        {
            Programs = device.type == DeviceType.CPU && !_alwaysTensors ? _managed : _device,
            Diagnostics = Diagnostics,
            BatchSize = batch < 0 ? 1 : batch,
            Variables = n,
            Inequalities = m,
            Equalities = p,
            Device = device,
        };
    }
}
