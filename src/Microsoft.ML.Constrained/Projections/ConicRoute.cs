using System;
using System.Collections.Generic;
using System.Threading;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.LinearAlgebra;
using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// Sets with balls or cones among their constraints: the interior-point <see cref="ConicSolver"/> to its tolerance, then Newton's
/// method on the equations that hold at its solution (<see cref="ActiveConstraints"/>), kept where it ends at multipliers of
/// the right sign. Accuracy 1e-8 relative to the size of the row's data where the equations that hold are independent and their
/// multipliers positive; some times the square root of the solver's tolerance in the worst case. The state of a row: a multiplier for each
/// row and block, and which variables are at the centre of their block.
/// </summary>
internal sealed partial class ConicRoute : ProjectionRoute
{
    private const int NewtonSteps = 8;
    private const int Exchanges = 20;
    private const int ProximalSteps = 20;
    private readonly ConstraintSystem _system;
    private readonly double[] _weights;
    private readonly ConicSettings _settings;
    private readonly ConicProblem _problem;
    private readonly ShadowPrices _prices;

    /// <summary>The rows that bound a single variable, and its coefficient.</summary>
    private readonly List<(int Row, int Variable, double Coefficient)> _bounds = [];

    private ConicProblem? _violation;

    public ConicRoute(ConstraintSet set, ReadOnlySpan<double> weights, double tolerance)
    {
        _system = set.Lower();
        _prices = new(set, _system);
        _weights = new double[_system.Dimension];
        if (weights.IsEmpty)
            _weights.AsSpan().Fill(1);
        else
            weights.CopyTo(_weights);
        _settings = new() { Tolerance = Math.Min(tolerance, 1e-9) };
        _problem = new(_system, _weights, slack: false);
        for (int i = 0; i < _system.RowCount; i++)
        {
            ReadOnlySpan<double> row = _system.Row(i);
            int variable = row.IndexOfAnyExcept(0.0);
            if (variable >= 0 && row[(variable + 1)..].IndexOfAnyExcept(0.0) < 0)
                _bounds.Add((i, variable, row[variable]));
        }
    }

    public override int StateLength => StateLengthOf(_system);

    public override object CreateWorkspace() => new Workspace(_system, _problem, _weights);

    public override SolverStatus Project(
        ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, object workspace)
    {
        var w = (Workspace)workspace;
        Evaluate(parameters, w);
        for (int i = 0; i < _system.RowCount; i++)
        {
            if (!LimitRounding.Settle(ref w.Lower[i], ref w.Upper[i], _problem.Scale[i]))
                return SolverStatus.PrimalInfeasible;
        }

        for (int b = 0; b < w.Radii.Length; b++)
        {
            if (w.Radii[b] < 0 && _system.Norms[b].Height < 0)
                return SolverStatus.PrimalInfeasible;
        }

        // A row that is in the set stays as it is, to the last bit. At a ball of radius 0 it is held all the same.
        if (Violation(y, w) <= 0)
        {
            y.CopyTo(z);
            state.Clear();
            HoldPoints(state, w);
            return SolverStatus.Solved;
        }

        return Solve(y, z, state, w);
    }

    public override bool Closest(ReadOnlySpan<double> y, ReadOnlySpan<double> parameters, Span<double> z, Span<double> state, object workspace)
    {
        var w = (Workspace)workspace;
        Evaluate(parameters, w);
        ConicProblem violation = Volatile.Read(ref _violation) ??
            Interlocked.CompareExchange(ref _violation, new ConicProblem(_system, _weights, slack: true), null) ?? _violation!;
        w.Slack ??= new Buffers(violation);
        for (int i = 0; i < _system.RowCount; i++)
        {
            // As in LeastViolation: contradictory limits of one row meet in the middle; nothing moves a row without coefficients.
            if (_system.Row(i).IndexOfAnyExcept(0.0) < 0)
                (w.Lower[i], w.Upper[i]) = _system.IsEquality(i) ? (0, 0) : (Math.Min(w.Lower[i], 0), Math.Max(w.Upper[i], 0));
            else if (w.Lower[i] > w.Upper[i])
                w.Lower[i] = w.Upper[i] = 0.5 * (w.Lower[i] + w.Upper[i]);
        }

        for (int b = 0; b < w.Radii.Length; b++)
        {
            // So little is below the accuracy of closest points, and the solver can stall on it.
            if (_system.Norms[b].Height < 0 && w.Radii[b] is < 0 and > -1e-6)
                w.Radii[b] = 0;
        }

        // Proximal points: the little distance that bounds the problem is measured from the last point and so vanishes, however far y is.
        y.CopyTo(w.Point);
        double last = double.PositiveInfinity;
        for (int step = 0; step < ProximalSteps; step++)
        {
            double moved = SolveSlack(violation, w);
            if (double.IsNaN(moved))
                return false;
            if (moved <= 1e-10 * Math.Max(1, SpanKernels.Norm(w.Point)) || (step > 2 && moved > 0.5 * last))
                break;
            last = moved;
        }

        ReadOnlySpan<double> v = w.Slack.Solver.Z[violation.SlackStart..];

        for (int i = 0; i < _system.RowCount; i++)
        {
            double moved = v[i] * violation.Scale[i];
            bool equality = _system.IsEquality(i);
            w.Upper[i] += equality ? moved : Math.Max(moved, 0);
            w.Lower[i] += equality ? moved : Math.Min(moved, 0);
        }

        for (int b = 0; b < w.Radii.Length; b++)
            w.Radii[b] += Math.Max(v[_system.RowCount + b], 0) * violation.Scale[_system.RowCount + b];
        return SolveRelaxed(y, z, state, violation, w);
    }

    /// <summary>
    /// One step from the workspace's point; how far it went, or NaN. Limits that play no part must not set the solver's tolerances, as in Solve.
    /// An answer short of the solver's own tolerance is taken only where its residuals and its gap are what is promised of the closest point.
    /// </summary>
    private double SolveSlack(ConicProblem violation, Workspace w)
    {
        Buffers b = w.Slack!;
        double near = 100 * (1 + SpanKernels.Norm(w.Point));
        foreach (double reach in (ReadOnlySpan<double>)[near, 1000 * near, double.PositiveInfinity])
        {
            violation.Load(w.Point, reach, w.Lower, w.Upper, w.Radii, b.P, b.B, b.H);
            SolverStatus status = b.Solver.Solve(b.P, b.B, b.H, _settings);
            double moved = 0;
            for (int j = 0; j < w.Point.Length; j++)
                moved = Math.Max(moved, Math.Abs(b.Solver.Z[j] - w.Point[j]));
            bool taken = status == SolverStatus.Solved || (status is SolverStatus.NumericalError or SolverStatus.IterationLimit && IsNearlySolved(b.Solver, 0.01 * near));
            if (!taken || !(moved < 0.1 * reach))
                continue;
            b.Solver.Z[..w.Point.Length].CopyTo(w.Point);
            return moved;
        }

        return double.NaN;
    }

    private static bool IsNearlySolved(ConicSolver solver, double scale) =>
        Math.Max(solver.PrimalResidual, solver.DualResidual) <= 1e-6 * scale && solver.Gap <= 1e-8 * scale * scale;

    /// <summary>The relaxed set has no interior. A margin gives it one: the least with which the solver finds a point.</summary>
    private bool SolveRelaxed(ReadOnlySpan<double> y, Span<double> z, Span<double> state, ConicProblem violation, Workspace w)
    {
        double scale = Math.Max(1, SpanKernels.Norm(y));
        for (double margin = 1e-10 * scale; margin <= 1e-4 * scale; margin *= 10)
        {
            for (int i = 0; i < _system.RowCount; i++)
            {
                if (_system.IsEquality(i))
                    continue;
                w.Upper[i] += margin * violation.Scale[i];
                w.Lower[i] -= margin * violation.Scale[i];
            }

            for (int b = 0; b < w.Radii.Length; b++)
                w.Radii[b] += margin * violation.Scale[_system.RowCount + b];
            if (Solve(y, z, state, w) == SolverStatus.Solved)
                return true;
        }

        return false;
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
        Evaluate(parameters, w);
        w.Active.Build(z, state, w.Lower, w.Upper, w.Radii);
        gradient.CopyTo(w.Step);
        Span<double> share = w.Share(w.Active.Count);
        share.Clear();
        w.Active.Solve(w.Step, share);
        for (int j = 0; j < input.Length; j++)
            input[j] = _weights[j] * w.Step[j];
        if (parameterGradient.IsEmpty)
            return;
        parameterGradient.Clear();
        for (int k = 0; k < w.Active.Count; k++)
        {
            int owner = w.Active.Owners[k];
            if (owner < 0)
                continue;
            ReadOnlySpan<double> slopes = owner >= _system.RowCount
                ? _system.Norms[owner - _system.RowCount].RadiusSlope
                : (state[owner] > 0 ? _system.UpperSlope : _system.LowerSlope).AsSpan(owner * parameters.Length, parameters.Length);
            SpanKernels.AddScaled(slopes, share[k], parameterGradient);
        }
    }

    public override void Prices(
        ReadOnlySpan<double> y,
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> state,
        Span<double> prices,
        object workspace) => _prices.Fill(state, prices);

    private void Evaluate(ReadOnlySpan<double> parameters, Workspace w)
    {
        _system.EvaluateBounds(parameters, w.Lower, w.Upper);
        for (int b = 0; b < w.Radii.Length; b++)
        {
            double radius = _system.Norms[b].EvaluateRadius(parameters);
            w.Radii[b] = _system.Norms[b].Height >= 0 ? radius : LimitRounding.Nonnegative(radius);
        }
    }

    private SolverStatus Solve(ReadOnlySpan<double> y, Span<double> z, Span<double> state, Workspace w)
    {
        double reach = 100 * (1 + SpanKernels.Norm(y));
        SolverStatus status = Solve(y, reach, z, state, w);
        double moved = 0;
        for (int j = 0; j < y.Length; j++)
            moved = Math.Max(moved, Math.Abs(z[j] - y[j]));

        // Beyond the reach assumed, bounds that were moved may play their part after all.
        return status == SolverStatus.Solved && moved < 0.1 * reach ? status : Solve(y, double.PositiveInfinity, z, state, w);
    }

    private SolverStatus Solve(ReadOnlySpan<double> y, double reach, Span<double> z, Span<double> state, Workspace w)
    {
        _problem.Load(y, reach, w.Lower, w.Upper, w.Radii, w.Main.P, w.Main.B, w.Main.H);
        SolverStatus status = w.Main.Solver.Solve(w.Main.P, w.Main.B, w.Main.H, _settings);
        if (status is SolverStatus.PrimalInfeasible or SolverStatus.DualInfeasible or SolverStatus.InvalidInput)
            return status;
        w.Main.Solver.Z[.._system.Dimension].CopyTo(z);
        _problem.Read(w.Main.Solver, state);
        HoldPoints(state, w);
        if (!SpanKernels.AllFinite<double>(z))
            return SolverStatus.NumericalError;
        double scale = Math.Max(1, Math.Max(SpanKernels.Norm(y), SpanKernels.Norm(z)));
        if (Polish(y, z, state, w, scale))
            status = SolverStatus.Solved;

        // The solver's own judgement is relative to all of its data; what counts here is the violation.
        else if (!(Violation(z, w) <= 1e-7 * scale))
            return SolverStatus.NumericalError;

        // A set without interior (one point, a ball that touches a plane) has no bounded multipliers, so that the solver stops short. The
        // objective is strongly convex: its gap bounds the square of the distance from the solution.
        else if (status != SolverStatus.Solved && IsCloseBy(w.Main.Solver, scale))
            status = SolverStatus.Solved;
        ClampToBounds(z, w);
        return status;
    }

    private bool IsCloseBy(ConicSolver solver, double scale)
    {
        double near = Math.Sqrt(_settings.Tolerance) * scale;
        return solver.DualResidual <= near && solver.Gap <= 4 * near * near;
    }

    /// <summary>A ball of radius 0 holds its centre, whatever the solver made of its multipliers.</summary>
    private void HoldPoints(Span<double> state, Workspace w)
    {
        int flag = _system.RowCount + _system.Norms.Count;
        for (int b = 0; b < w.Radii.Length; b++)
        {
            int size = _system.Norms[b].Variables.Length;
            if (_system.Norms[b].Height < 0 && w.Radii[b] == 0)
            {
                state.Slice(flag, size).Fill(1);
                state[_system.RowCount + b] = Math.Max(state[_system.RowCount + b], double.Epsilon);
            }

            flag += size;
        }
    }

    /// <summary>What is left of a bound's violation is rounding: it is taken away, so that a variable that may not be negative is not.</summary>
    private void ClampToBounds(Span<double> z, Workspace w)
    {
        foreach ((int row, int variable, double coefficient) in _bounds)
        {
            double a = w.Lower[row] / coefficient, b = w.Upper[row] / coefficient;
            z[variable] = Math.Min(Math.Max(z[variable], Math.Min(a, b)), Math.Max(a, b));
        }
    }

    /// <summary>The largest violation, each in units of its own gradient.</summary>
    private double Violation(ReadOnlySpan<double> z, Workspace w)
    {
        double worst = 0;
        for (int i = 0; i < _system.RowCount; i++)
        {
            double value = SpanKernels.Dot(_system.Row(i), z);
            worst = Math.Max(worst, Math.Max(value - w.Upper[i], w.Lower[i] - value) / _problem.Scale[i]);
        }

        for (int b = 0; b < w.Radii.Length; b++)
            worst = Math.Max(worst, Excess(b, z, w));
        return worst;
    }

    /// <summary>‖z[I] − c‖ − r − z[height] of a block.</summary>
    private double Excess(int b, ReadOnlySpan<double> z, Workspace w)
    {
        NormBlock block = _system.Norms[b];
        Span<double> d = w.Change(block.Variables.Length);
        double sum = 0;
        for (int k = 0; k < d.Length; k++)
        {
            d[k] = z[block.Variables[k]] - block.Centre[k];
            sum += Math.Abs(d[k]);
        }

        double length = block.Norm == Norm.L1 ? sum : SpanKernels.Norm(d);
        return length - w.Radii[b] - (block.Height >= 0 ? z[block.Height] : 0);
    }

    private static int StateLengthOf(ConstraintSystem system)
    {
        int length = system.RowCount + system.Norms.Count;
        foreach (NormBlock block in system.Norms)
            length += block.Variables.Length;
        return length;
    }

    private sealed class Buffers
    {
        public Buffers(ConicProblem problem)
        {
            Solver = problem.CreateSolver();
            P = new double[problem.Variables];
            B = new double[problem.Equalities];
            int rows = problem.Orthant;
            foreach (int cone in problem.Cones)
                rows += cone;
            H = new double[rows];
        }

        public ConicSolver Solver { get; }

        public double[] P { get; }

        public double[] B { get; }

        public double[] H { get; }
    }

    private sealed class Workspace
    {
        private double[] _share = [];
        private double[] _change = [];

        public Workspace(ConstraintSystem system, ConicProblem problem, double[] weights)
        {
            Main = new(problem);
            Active = new(system, weights);
            Lower = new double[system.RowCount];
            Upper = new double[system.RowCount];
            Radii = new double[system.Norms.Count];
            Point = new double[system.Dimension];
            Step = new double[system.Dimension];
            Multipliers = new double[StateLengthOf(system)];
            Held = new double[system.Norms.Count];
        }

        public Buffers Main { get; }

        public Buffers? Slack { get; set; }

        public ActiveConstraints Active { get; }

        public double[] Lower { get; }

        public double[] Upper { get; }

        public double[] Radii { get; }

        public double[] Point { get; }

        public double[] Step { get; }

        public double[] Multipliers { get; }

        /// <summary>For each L2 block the squared force on its apex, for each L1 block the largest force on a variable at its centre.</summary>
        public double[] Held { get; }

        public Span<double> Share(int count) => Sized(ref _share, count);

        public Span<double> Change(int count) => Sized(ref _change, count);

        private static Span<double> Sized(ref double[] buffer, int count)
        {
            if (buffer.Length < count)
                buffer = new double[2 * count];
            return buffer.AsSpan(0, count);
        }
    }
}
