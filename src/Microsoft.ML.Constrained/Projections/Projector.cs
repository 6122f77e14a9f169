using System;
using System.Collections.Concurrent;
using System.Threading;
using Microsoft.ML.Constrained.LinearAlgebra;
using Microsoft.ML.Constrained.Projections;

namespace Microsoft.ML.Constrained;

/// <summary>
/// Moves rows to the nearest point that satisfies a <see cref="ConstraintSet"/>: for each y the z with the least Σ wᵢ(zᵢ − yᵢ)².
/// The set is analysed and factored once, in the constructor; then any number of batches may be projected, from any number of threads.
/// A row's result does not depend on the batch it is in, nor on the number of threads.
/// </summary>
/// <remarks>
/// Batches are row-major: rows × <see cref="ConstraintSet.Dimension"/> values, and rows × <see cref="ConstraintSet.Columns"/> parameters
/// (empty where the set has none). Rows of <see cref="float"/> are solved in double precision and rounded, except where the set is one simplex
/// or one fixed box over all variables, which single precision is enough for; a projected row keeps every
/// constraint to 1e-6·max(1, |b|, Σ|aᵢzᵢ|). Its values do not depend on what else is asked for. Each row has a <see cref="SolverStatus"/>; what becomes of the unsolved ones says
/// <see cref="ProjectorOptions.Policy"/>:
/// <see cref="RowPolicy.Closest"/> looks for the points whose violations, of constraints scaled to gradients of unit length, have the
/// least 2-norm, and among those for the nearest to y (to about 1e-4 where balls or cones are among the constraints). Two limits of one
/// constraint that contradict each other count as an equality at their middle.
/// </remarks>
public sealed partial class Projector
{
    /// <summary>How many times longer than its result a row is when rounding in its size shows in the constraints.</summary>
    private const double Far = 1e6;

    private readonly ConcurrentBag<ProjectorWorkspace> _workspaces = [];
    private readonly double[] _weights;
    private readonly double _tolerance;
    private readonly RowPolicy _policy;
    private readonly int _threads;
    private readonly ProjectionRoute _route;
    private readonly SinglePrecision _single;
    private ProjectionRoute? _general;

    /// <summary>Analyses and factors the set.</summary>
    /// <param name="set">The constraints.</param>
    /// <param name="options">Metric, tolerance, policy and threads; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is outside its range; the message names it.</exception>
    public Projector(ConstraintSet set, ProjectorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        options ??= new();
        options.Validate(set);
        Set = set;
        _tolerance = options.Tolerance;
        _policy = options.Policy;
        _threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        _weights = options.Weights is null ? [] : [.. options.Weights];
        _route = (ProjectionRoute?)ClosedFormRoute.Create(set, _weights) ?? BoxRowsRoute.Create(set, _weights, _tolerance) ?? CreateGeneral();
        Method = _route switch
        {
            ClosedFormRoute or BoxRowsRoute => ProjectionMethod.ClosedForm,
            PolyhedralRoute => ProjectionMethod.Polyhedral,
            _ => ProjectionMethod.Conic,
        };
        _general = Method == ProjectionMethod.ClosedForm ? null : _route;
        _single = new(set, _route);
    }

    /// <summary>The constraints.</summary>
    public ConstraintSet Set { get; }

    /// <summary>How points are found.</summary>
    public ProjectionMethod Method { get; }

    /// <summary>What becomes of rows that cannot be solved.</summary>
    public RowPolicy Policy => _policy;

    internal ReadOnlySpan<double> Weights => _weights;

    /// <summary>The route that every set has, built when it is first needed.</summary>
    private ProjectionRoute General => Volatile.Read(ref _general) ?? Interlocked.CompareExchange(ref _general, CreateGeneral(), null) ?? _general!;

    private ProjectionRoute CreateGeneral() => Set.Lower().IsPolyhedral
        ? new PolyhedralRoute(Set, _weights, _tolerance)
        : new ConicRoute(Set, _weights, _tolerance);

    private ProjectorWorkspace Rent() => _workspaces.TryTake(out ProjectorWorkspace? workspace) ? workspace : new(_route, Set);

    private void Return(ProjectorWorkspace workspace) => _workspaces.Add(workspace);

    /// <summary>One row: the projection, or what the policy makes of it. <paramref name="state"/> is of the route.</summary>
    private SolverStatus ProjectRow(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, ProjectorWorkspace workspace)
    {
        SolverStatus status = SpanKernels.AllFinite(y) && SpanKernels.AllFinite(parameters)
            ? _route.Project(y, parameters, z, state, workspace.Route)
            : SolverStatus.InvalidInput;
        if (status == SolverStatus.Solved && SpanKernels.Dot(y, y) > Far * Far * Math.Max(1, SpanKernels.Dot<double>(z, z)))
            status = ProjectAgain(y, parameters, z, workspace);
        if (status == SolverStatus.Solved)
            return status;
        switch (_policy)
        {
            case RowPolicy.KeepInput:
                y.CopyTo(z);
                break;
            case RowPolicy.Closest when status == SolverStatus.PrimalInfeasible:
                ProjectionRoute general = General;
                if (!general.Closest(y, parameters, z, workspace.GeneralState(general), workspace.General(general)))
                    z.Fill(double.NaN);
                break;
            case RowPolicy.Closest when status is SolverStatus.IterationLimit or SolverStatus.NumericalError && SpanKernels.AllFinite<double>(z):
                break;
            default:
                z.Fill(double.NaN);
                break;
        }

        return status;
    }

    /// <summary>
    /// The result of a row from very far off carries rounding of the row's size. A point near by has the same projection without it, as
    /// have all on the way from the result to the row: what a limit holds there it holds here. The state remains that of the row. A
    /// contradiction that was small beside the row shows from near by.
    /// </summary>
    private SolverStatus ProjectAgain(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, ProjectorWorkspace workspace)
    {
        double share = Math.Max(1, SpanKernels.Norm(z)) / SpanKernels.Norm(y);
        for (int j = 0; j < z.Length; j++)
            workspace.Again[j] = z[j] + (share * (y[j] - z[j]));
        SolverStatus status = _route.Project(workspace.Again, parameters, z, workspace.AgainState, workspace.Route);
        return status == SolverStatus.PrimalInfeasible || (status == SolverStatus.Solved && Set.Contains(z, parameters, Math.Max(1e-7, 10 * _tolerance)))
            ? status
            : SolverStatus.NumericalError;
    }

    private void Diagnose(
        int row,
        SolverStatus status,
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> state,
        ProjectionDiagnostics diagnostics,
        ProjectorWorkspace workspace)
    {
        Span<double> prices = diagnostics.PricesOf(row);
        prices.Clear();
        if (status == SolverStatus.Solved)
            _route.Prices(y, parameters, z, state, prices, workspace.Route);
        else if (status == SolverStatus.PrimalInfeasible && _policy == RowPolicy.Closest && SpanKernels.AllFinite(z))
            General.Prices(y, parameters, z, workspace.GeneralState(General), prices, workspace.General(General));
        Span<double> moved = workspace.Scratch;
        for (int j = 0; j < moved.Length; j++)
            moved[j] = z[j] - y[j];
        bool finite = SpanKernels.AllFinite<double>(moved);
        double violation = SpanKernels.AllFinite(y) && SpanKernels.AllFinite(parameters) ? Set.Violation(y, parameters) : double.NaN;
        diagnostics.Set(row, finite ? SpanKernels.Norm(moved) : double.NaN, violation);
    }
}
