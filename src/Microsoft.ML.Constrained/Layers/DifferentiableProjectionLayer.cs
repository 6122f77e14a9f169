using System;
using System.Linq;
using Microsoft.ML.Constrained.Projections;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>
/// A layer that moves rows into a set of linear constraints without an inner solve, in tensor operations only, in the spirit of Huang,
/// Zhang, Song and Shibasaki, "Differentiable Projection for Constrained Deep Learning", 2021.
/// </summary>
/// <remarks>
/// <para>
/// Where the rows of the constraints are independent of each other, P(y) = y − A⁺ relu(Ay − b), and y − A⁺(Ay − clip(Ay, l, u)) for
/// limits on both sides and equalities. One step satisfies every constraint, since A P(y) = clip(Ay, l, u). The Jacobian is I − A⁺SA
/// with S = diag(1 where a limit is exceeded). P(y) is the nearest point where the rows are at right angles to each other, and
/// farther than the nearest elsewhere. What the paper proves was not at hand: no more is claimed here than this.
/// </para>
/// <para>
/// Dependent rows take <see cref="DifferentiableProjectionOptions.Sweeps"/> sweeps, after which <see cref="RemainingViolation"/> is left;
/// <see cref="DifferentiableProjectionOptions.ExactFinish"/> takes that away.
/// </para>
/// <para>
/// Rows are float32 or float64, of any device; the work is done in float64. A NaN or an infinity of a row gives NaNs in that row.
/// Where a row's limits contradict each other, their middle is taken. The layer has no state: the constraints are fixed when it is made.
/// </para>
/// </remarks>
public sealed class DifferentiableProjectionLayer : nn.Module<Tensor, Tensor>
{
    private readonly DeviceConstants<ProjectionBlockTensors[]> _constants;
    private readonly ProjectionLayer? _finish;
    private readonly double _penaltyWeight, _tolerance;
    private readonly bool _diagnose;

    /// <summary>A layer for a set.</summary>
    /// <param name="set">Linear constraints.</param>
    /// <param name="options">Settings; defaults where null.</param>
    /// <exception cref="ArgumentException">
    /// A constraint is not linear, an option is outside its range, or <see cref="DifferentiableProjectionMethod.OneStep"/> is asked for
    /// and rows depend on each other.
    /// </exception>
    public DifferentiableProjectionLayer(ConstraintSet set, DifferentiableProjectionOptions? options = null)
        : base(nameof(DifferentiableProjectionLayer))
    {
        ArgumentNullException.ThrowIfNull(set);
        options ??= new();
        options.Validate();
        Set = set;
        Projection = new DifferentiableProjection(set, options);
        _penaltyWeight = options.PenaltyWeight;
        _tolerance = options.Tolerance;
        _diagnose = options.Diagnose;
        _finish = options.ExactFinish ? new ProjectionLayer(set, options.Projector) : null;
        _constants = new DeviceConstants<ProjectionBlockTensors[]>(Constants);
        RegisterComponents();
    }

    /// <summary>A layer for <c>lower ≤ matrix · y ≤ upper</c>.</summary>
    /// <param name="matrix">A, rows × dimension.</param>
    /// <param name="lower">A lower limit for each row; −∞ for none, the upper limit for an equality.</param>
    /// <param name="upper">An upper limit for each row; +∞ for none.</param>
    /// <param name="options">Settings; defaults where null.</param>
    /// <exception cref="ArgumentException">As for a set; or a length is wrong, a number is NaN, or a lower limit is above its upper one.</exception>
    public DifferentiableProjectionLayer(double[,] matrix, double[] lower, double[] upper, DifferentiableProjectionOptions? options = null)
        : this(Stated(matrix, lower, upper), options)
    {
    }

    /// <summary>The constraints.</summary>
    public ConstraintSet Set { get; }

    /// <summary>How rows are moved; never Auto.</summary>
    public DifferentiableProjectionMethod Method => Projection.Method;

    /// <summary>
    /// Whether every row whose limits do not contradict each other satisfies every constraint, to rounding: after one step, or an exact finish.
    /// </summary>
    public bool IsExact => Method == DifferentiableProjectionMethod.OneStep || _finish is not null;

    /// <summary>
    /// A status for each row of the last forward pass: Solved where the constraints hold to
    /// <see cref="DifferentiableProjectionOptions.Tolerance"/>; IterationLimit where sweeps left more; PrimalInfeasible where limits
    /// contradict each other; InvalidInput where a number is NaN or infinite.
    /// </summary>
    public LayerDiagnostics Diagnostics { get; } = new();

    /// <summary>The largest violation of any constraint that the last forward pass left, in the constraint's units; NaN where a row has one.</summary>
    public double RemainingViolation { get; private set; }

    internal DifferentiableProjection Projection { get; }

    /// <summary>Moves rows into a set without columns.</summary>
    /// <param name="input">… × dimension.</param>
    /// <returns>As many rows as the input.</returns>
    /// <exception cref="ArgumentException">The shape or type does not fit, or the set has columns.</exception>
    /// <exception cref="InvalidOperationException">A row could not be finished exactly and the projector's policy is Throw.</exception>
    public override Tensor forward(Tensor input)
    {
        if (Set.Columns.Count > 0)
            throw new ArgumentException($"The constraints take right-hand sides from the column(s) {string.Join(", ", Set.Columns)}: pass them as a second input.");
        return Run(input, null);
    }

    /// <summary>Moves rows into a set whose right-hand sides come from columns.</summary>
    /// <param name="input">… × dimension.</param>
    /// <param name="parameters">A row of the columns' values, in the order of <see cref="ConstraintSet.Columns"/>, for each row or for all.</param>
    /// <returns>As many rows as the input.</returns>
    /// <exception cref="ArgumentException">A shape or type does not fit.</exception>
    /// <exception cref="InvalidOperationException">A row could not be finished exactly and the projector's policy is Throw.</exception>
    public Tensor forward(Tensor input, Tensor parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Run(input, parameters);
    }

    /// <summary>
    /// c·‖y − P(y)‖², the mean over rows: what a caller adds to the loss. Through P alone the loss has no gradient across a
    /// constraint that is exceeded, and y may drift away from the set.
    /// </summary>
    /// <param name="input">y, as given to <c>forward</c>.</param>
    /// <param name="output">P(y), as it came back.</param>
    /// <returns>One number; c is <see cref="DifferentiableProjectionOptions.PenaltyWeight"/>.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public Tensor Penalty(Tensor input, Tensor output)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        if (!input.shape.SequenceEqual(output.shape))
            throw new ArgumentException($"'input' has the shape [{string.Join(", ", input.shape)}], 'output' [{string.Join(", ", output.shape)}]; expected the same.");
        using DisposeScope scope = NewDisposeScope();
        long rows = Math.Max(input.numel() / Set.Dimension, 1);
        return scope.MoveToOuter((input - output).square().sum() * (_penaltyWeight / rows));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _constants.Dispose();
        base.Dispose(disposing);
    }

    private static ConstraintSet Stated(double[,] matrix, double[] lower, double[] upper)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(upper);
        int rows = matrix.GetLength(0), n = matrix.GetLength(1);
        if (lower.Length != rows || upper.Length != rows)
            throw new ArgumentException($"'matrix' has {rows} rows, but there are {lower.Length} lower and {upper.Length} upper limits. Give one of each for each row.");
        ConstraintSet set = ConstraintSet.Over(n);
        var row = new double[n];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < n; j++)
                row[j] = matrix[i, j];
            if (!double.IsNegativeInfinity(lower[i]) || !double.IsPositiveInfinity(upper[i]))
                set = set.Linear($"row {i}", row, lower[i], upper[i]);
        }

        return set;
    }

    private (ProjectionBlockTensors[] Value, Tensor?[] Tensors) Constants(ScalarType type, Device device)
    {
        ProjectionBlockTensors[] blocks = [.. Projection.Blocks.Select(b => new ProjectionBlockTensors(b, Set.Dimension, type, device))];
        return (blocks, [.. blocks.SelectMany(b => b.Tensors)]);
    }

    private Tensor Run(Tensor input, Tensor? parameters)
    {
        ArgumentNullException.ThrowIfNull(input);
        int n = Set.Dimension;
        long[] shape = input.shape;
        CheckType("input", input);
        if (shape.Length == 0 || shape[^1] != n)
            throw new ArgumentException($"'input' has the shape [{string.Join(", ", shape)}]; expected {n} values, one for each variable, in the last dimension.");
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = input.reshape(-1, n).to(ScalarType.Float64);
        Tensor? own = parameters is null ? null : Parameters(parameters, rows);
        ProjectionBlockTensors[] blocks = _constants.For(ScalarType.Float64, rows.device);
        (Tensor Lower, Tensor Upper)[] limits = [.. blocks.Select(b => b.LimitsOf(own))];
        Tensor result = Method switch
        {
            DifferentiableProjectionMethod.OneStep => OneStep(rows, blocks, limits),
            DifferentiableProjectionMethod.Simultaneous => Simultaneous(rows, blocks, limits),
            _ => Dykstra(rows, blocks, limits),
        };
        if (_finish is not null)
            result = own is null ? _finish.forward(result) : _finish.forward(result, own);
        if (_diagnose)
            Report(result, own);
        return scope.MoveToOuter(result.to(input.dtype).reshape(shape));
    }

    private static Tensor OneStep(Tensor y, ProjectionBlockTensors[] blocks, (Tensor Lower, Tensor Upper)[] limits)
    {
        // The first block holds all rows that can be moved.
        return blocks.Length == 0 || blocks[0].IsChecked ? y.alias() : y - blocks[0].Move(y, limits[0].Lower, limits[0].Upper);
    }

    private Tensor Simultaneous(Tensor y, ProjectionBlockTensors[] blocks, (Tensor Lower, Tensor Upper)[] limits)
    {
        Tensor z = y.alias();
        for (int k = 0; k < Projection.Sweeps; k++)
        {
            Tensor point = z;
            for (int i = 0; i < blocks.Length; i++)
            {
                if (!blocks[i].IsChecked)
                    z = z - (blocks[i].Move(point, limits[i].Lower, limits[i].Upper) * Projection.Step);
            }
        }

        return z;
    }

    private Tensor Dykstra(Tensor y, ProjectionBlockTensors[] blocks, (Tensor Lower, Tensor Upper)[] limits)
    {
        Tensor z = y.alias();
        var corrections = new Tensor?[blocks.Length];
        for (int k = 0; k < Projection.Sweeps; k++)
        {
            for (int i = 0; i < blocks.Length; i++)
            {
                if (blocks[i].IsChecked)
                    continue;
                if (corrections[i] is { } correction)
                    z = z + correction;
                Tensor move = blocks[i].Move(z, limits[i].Lower, limits[i].Upper);
                z = z - move;
                if (blocks[i].IsCorrected)
                    corrections[i] = move;
            }
        }

        return z;
    }

    private void Report(Tensor rows, Tensor? parameters)
    {
        using IDisposable off = no_grad();
        var status = new SolverStatus[rows.shape[0]];
        Tensor here = rows.cpu().contiguous();
        Tensor? own = parameters?.cpu().contiguous();
        RemainingViolation = Projection.Check(TensorMemory.Of(here).Span, TensorMemory.Of(own).Span, _tolerance, status);
        Diagnostics.Forward(_finish is null ? status : [.. _finish.Diagnostics.Status]);
    }

    private Tensor? Parameters(Tensor parameters, Tensor rows)
    {
        CheckType("parameters", parameters);
        int columns = Set.Columns.Count;
        long[] given = parameters.shape;
        if (given.Length is not (1 or 2) || given[^1] != columns || (given.Length == 2 && given[0] != 1 && given[0] != rows.shape[0]))
        {
            throw new ArgumentException(
                $"'parameters' has the shape [{string.Join(", ", given)}]; expected [{columns}] or [{rows.shape[0]}, {columns}], the values of " +
                $"the column(s) {string.Join(", ", Set.Columns)}.");
        }

        return columns == 0 ? null : parameters.to(ScalarType.Float64).to(rows.device).reshape(-1, columns);
    }

    private static void CheckType(string name, Tensor tensor)
    {
        if (tensor.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"'{name}' is of type {tensor.dtype}; expected Float32 or Float64.");
    }
}
