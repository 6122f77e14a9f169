using System;
using System.Threading;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>Sets of linear rows only, by the <see cref="PolyhedralProjector"/>. The state of a row is its multipliers.</summary>
internal sealed class PolyhedralRoute : ProjectionRoute
{
    private readonly ConstraintSystem _system;
    private readonly PolyhedralProjector _projector;
    private readonly ReducedBounds? _fixed;
    private readonly BoundRows _bounds;
    private readonly ShadowPrices _prices;
    private readonly double _tolerance;
    private readonly ConstraintSet _set;
    private readonly double[] _weights;
    private LeastViolation? _violation;
    private ConicRoute? _second;

    public PolyhedralRoute(ConstraintSet set, ReadOnlySpan<double> weights, double tolerance)
    {
        _set = set;
        _weights = weights.ToArray();
        _system = set.Lower();
        _tolerance = tolerance;
        _bounds = new(_system);
        _prices = new(set, _system);
        var equality = new bool[_system.RowCount];
        for (int i = 0; i < equality.Length; i++)
            equality[i] = _system.IsEquality(i);
        _projector = new(_system.Matrix, _system.Dimension, equality, weights, tolerance);
        if (_system.ParameterCount == 0)
            _fixed = _projector.Reduce(_system.Lower, _system.Upper);
    }

    public override int StateLength => _system.RowCount;

    public override object CreateWorkspace() => new Workspace(this);

    public override SolverStatus Project(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, object workspace)
    {
        var w = (Workspace)workspace;
        ReducedBounds bounds = _fixed!;
        ReadOnlySpan<double> lower = _system.Lower, upper = _system.Upper;
        if (_fixed is null)
        {
            _system.EvaluateBounds(parameters, w.Lower, w.Upper);
            lower = w.Lower;
            upper = w.Upper;
            bounds = _projector.Reduce(lower, upper, w.Inner);
        }

        SolverStatus status = _projector.Project(y, bounds, z, state, w.Inner);
        if (status is not (SolverStatus.Solved or SolverStatus.InvalidInput) && bounds.Status == SolverStatus.Solved)
            status = AskAgain(status, y, parameters, z, state, w);
        if (status == SolverStatus.Solved)
            _bounds.Snap(lower, upper, z);
        return status;
    }

    /// <summary>
    /// Rows that are almost parallel can look contradictory to a method that works with their Gram matrix. Before a row of data is called
    /// infeasible the interior-point method has its say too; it takes a hundred times as long, on the few rows that come here.
    /// </summary>
    private SolverStatus AskAgain(
        SolverStatus status, ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, Workspace w)
    {
        ConicRoute second = Volatile.Read(ref _second) ??
            Interlocked.CompareExchange(ref _second, new ConicRoute(_set, _weights, _tolerance), null) ?? _second!;
        w.Second ??= second.CreateWorkspace();
        w.SecondPoint ??= new double[_system.Dimension];
        w.SecondState ??= new double[second.StateLength];
        SolverStatus other = second.Project(y, parameters, w.SecondPoint, w.SecondState, w.Second);
        if (other == SolverStatus.Solved)
        {
            w.SecondPoint.CopyTo(z);
            w.SecondState.AsSpan(0, state.Length).CopyTo(state);
            return other;
        }

        return other == SolverStatus.PrimalInfeasible ? other : status;
    }

    public override bool Closest(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, object workspace)
    {
        var w = (Workspace)workspace;
        LeastViolation violation = Volatile.Read(ref _violation) ??
            Interlocked.CompareExchange(ref _violation, new LeastViolation(_system, _tolerance), null) ?? _violation!;
        w.Violation ??= violation.CreateWorkspace();
        _system.EvaluateBounds(parameters, w.Lower, w.Upper);
        return violation.Relax(y, w.Lower, w.Upper, w.Violation) &&
            _projector.Project(y, _projector.Reduce(w.Lower, w.Upper, w.Inner), z, state, w.Inner) == SolverStatus.Solved;
    }

    public override void Adjoint(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> state,
        ReadOnlySpan<double> gradient,
        Span<double> input,
        Span<double> parameterGradient,
        object workspace)
    {
        var w = (Workspace)workspace;
        if (parameterGradient.IsEmpty)
        {
            _projector.Adjoint(state, gradient, input, default, w.Inner);
            return;
        }

        _projector.Adjoint(state, gradient, input, w.Lower, w.Inner);
        SpreadOverParameters(_system, state, w.Lower, parameterGradient);
    }

    public override void Prices(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> state,
        Span<double> prices,
        object workspace) => _prices.Fill(state, prices);

    /// <summary>∂loss/∂θ from the gradients of the bounds that hold: the upper one where the multiplier is positive, else the lower.</summary>
    internal static void SpreadOverParameters(
        ConstraintSystem system, ReadOnlySpan<double> multipliers, ReadOnlySpan<double> bounds, Span<double> parameters)
    {
        parameters.Clear();
        int count = parameters.Length;
        for (int i = 0; i < system.RowCount; i++)
        {
            if (bounds[i] == 0)
                continue;
            double[] slopes = multipliers[i] > 0 ? system.UpperSlope : system.LowerSlope;
            for (int j = 0; j < count; j++)
                parameters[j] += bounds[i] * slopes[(i * count) + j];
        }
    }

    private sealed class Workspace
    {
        public Workspace(PolyhedralRoute owner)
        {
            Inner = owner._projector.CreateWorkspace();
            Lower = new double[owner._system.RowCount];
            Upper = new double[owner._system.RowCount];
        }

        public PolyhedralWorkspace Inner { get; }

        public double[] Lower { get; }

        public double[] Upper { get; }

        public DualActiveSetWorkspace? Violation { get; set; }

        public object? Second { get; set; }

        public double[]? SecondPoint { get; set; }

        public double[]? SecondState { get; set; }
    }
}
