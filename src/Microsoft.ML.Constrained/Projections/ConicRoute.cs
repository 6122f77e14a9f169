using System;
using System.Threading;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.LinearAlgebra;
using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// Sets with balls or cones among their constraints: the interior-point <see cref="ConicSolver"/> to its tolerance, then Newton's
/// method on the equations that hold at its solution (<see cref="ActiveConstraints"/>), kept where it ends at multipliers of
/// the right sign. Accuracy 1e-8 relative to the size of the row's data where the equations that hold are independent and their
/// multipliers positive; the square root of the solver's tolerance in the worst case. The state of a row: a multiplier for each
/// row and block, and which variables are at the centre of their block.
/// </summary>
internal sealed class ConicRoute : ProjectionRoute
{
    private const int NewtonSteps = 8;
    private const int Exchanges = 20;
    private readonly ConstraintSystem _system;
    private readonly double[] _weights;
    private readonly ConicSettings _settings;
    private readonly ConicProblem _problem;
    private readonly ShadowPrices _prices;
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
            if (w.Lower[i] > w.Upper[i])
                return SolverStatus.PrimalInfeasible;
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
        violation.Load(y, w.Lower, w.Upper, w.Radii, w.Slack.P, w.Slack.B, w.Slack.H);
        SolverStatus status = w.Slack.Solver.Solve(w.Slack.P, w.Slack.B, w.Slack.H, _settings);
        if (status is not (SolverStatus.Solved or SolverStatus.NumericalError or SolverStatus.IterationLimit))
            return false;
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
            w.Radii[b] = _system.Norms[b].EvaluateRadius(parameters);
    }

    private SolverStatus Solve(ReadOnlySpan<double> y, Span<double> z, Span<double> state, Workspace w)
    {
        _problem.Load(y, w.Lower, w.Upper, w.Radii, w.Main.P, w.Main.B, w.Main.H);
        SolverStatus status = w.Main.Solver.Solve(w.Main.P, w.Main.B, w.Main.H, _settings);
        if (status is SolverStatus.PrimalInfeasible or SolverStatus.DualInfeasible or SolverStatus.InvalidInput)
            return status;
        w.Main.Solver.Z[.._system.Dimension].CopyTo(z);
        _problem.Read(w.Main.Solver, state);
        if (!SpanKernels.AllFinite<double>(z))
            return SolverStatus.NumericalError;
        double scale = Math.Max(1, Math.Max(SpanKernels.Norm(y), SpanKernels.Norm(z)));
        if (Polish(y, z, state, w, scale))
            return SolverStatus.Solved;

        // The solver's own judgement is relative to all of its data; what counts here is the violation.
        return Violation(z, w) <= 1e-7 * scale && status != SolverStatus.Solved ? SolverStatus.NumericalError : status;
    }

    /// <summary>
    /// Newton's method on the equations that hold by the state; where it ends at a multiplier of the wrong sign or a violated constraint, that one is
    /// exchanged and the method goes on. False, with z and the state as they were, where this does not end at the solution.
    /// </summary>
    private bool Polish(ReadOnlySpan<double> y, Span<double> z, Span<double> state, Workspace w, double scale)
    {
        z.CopyTo(w.Point);
        state.CopyTo(w.Multipliers);
        for (int exchange = 0; exchange < Exchanges; exchange++)
        {
            if (!Newton(y, w, scale, exchange > 0))
                return false;
            if (Drop(w, scale) || TakeIn(w, scale))
                continue;
            w.Point.CopyTo(z);
            w.Multipliers.CopyTo(state);
            return true;
        }

        return false;
    }

    /// <summary>Solves the equations of the present choice; their multipliers are left in the workspace's share.</summary>
    private bool Newton(ReadOnlySpan<double> y, Workspace w, double scale, bool far)
    {
        Span<double> point = w.Point;
        double before = double.PositiveInfinity;
        for (int step = 0; step < NewtonSteps; step++)
        {
            w.Active.Build(point, w.Multipliers, w.Lower, w.Upper, w.Radii);
            int count = w.Active.Count;
            Span<double> share = w.Share(count);
            if (step == 0)
            {
                // Variables at their centres have multipliers that the state does not tell: all are fitted.
                FillPull(y, point, w.Step);
                w.Active.Fit(w.Step, share);
            }

            FillPull(y, point, w.Step);
            Negate(share);
            w.Active.AddGradients(share, w.Step);
            Negate(share);
            Span<double> change = w.Change(count);
            double largest = SpanKernels.Norm(w.Step);
            for (int k = 0; k < count; k++)
            {
                change[k] = -w.Active.Residuals[k];
                largest = Math.Max(largest, Math.Abs(change[k]));
            }

            if (largest <= 1e-13 * scale || (largest <= 1e-11 * scale && largest >= 0.5 * before))
                return true;
            before = largest;
            w.Active.Solve(w.Step, change);
            double moved = SpanKernels.Norm(w.Step);
            if (!double.IsFinite(moved) || moved > (far ? 0.1 : 1e-3) * scale)
                return false;
            SpanKernels.AddScaled<double>(w.Step, 1, point);
            SpanKernels.AddScaled<double>(change, 1, share);
            for (int k = 0; k < count; k++)
            {
                // A block's multiplier bends its surface: it stays positive while the method is under way.
                int owner = w.Active.Owners[k];
                if (owner >= 0)
                    w.Multipliers[owner] = owner >= _system.RowCount ? Math.Max(share[k], double.Epsilon) : Kept(w.Multipliers[owner], share[k]);
            }
        }

        return false;
    }

    /// <summary>A row stays at the side at which it is held until it is dropped.</summary>
    private static double Kept(double side, double value) => side * value > 0 ? value : Math.CopySign(double.Epsilon, side);

    /// <summary>Frees whatever has a multiplier of the wrong sign: rows, blocks, and variables held at their centre by more than the block's multiplier.</summary>
    private bool Drop(Workspace w, double scale)
    {
        bool dropped = false;
        double allowed = 1e-11 * scale;
        Span<double> share = w.Share(w.Active.Count);
        Span<double> held = w.Held;
        held.Clear();
        for (int k = 0; k < share.Length; k++)
        {
            int owner = w.Active.Owners[k];
            if (owner < 0)
            {
                held[-1 - owner] += _system.Norms[-1 - owner].Norm == Norm.L2 ? share[k] * share[k] : 0;
                continue;
            }

            if (owner < _system.RowCount && _system.IsEquality(owner))
            {
                w.Multipliers[owner] = share[k];
                continue;
            }

            bool wrong = owner >= _system.RowCount ? share[k] <= allowed : w.Multipliers[owner] * share[k] <= 0 && Math.Abs(share[k]) > allowed;
            if (wrong)
            {
                w.Multipliers[owner] = 0;
                dropped = true;
            }
        }

        return ReleaseCentres(w, scale, share) | dropped;
    }

    private bool ReleaseCentres(Workspace w, double scale, ReadOnlySpan<double> share)
    {
        bool released = false;
        int k = 0;
        int flag = _system.RowCount + _system.Norms.Count;
        for (int b = 0; b < _system.Norms.Count; b++)
        {
            NormBlock block = _system.Norms[b];
            double multiplier = w.Multipliers[_system.RowCount + b];
            bool apex = block.Norm == Norm.L2;
            bool point = apex && block.Height < 0;
            for (int i = 0; i < block.Variables.Length; i++, flag++)
            {
                if (w.Multipliers[flag] == 0 || multiplier == 0)
                    continue;
                while (k < share.Length && w.Active.Owners[k] != -1 - b)
                    k++;
                if (k == share.Length)
                    return released;
                double force = apex ? Math.Sqrt(w.Held[b]) : Math.Abs(share[k]);
                if (!point && force > (multiplier * (1 + 1e-9)) + (1e-11 * scale))
                {
                    // Out of the centre in the direction of the force, so that the next step knows its sign.
                    w.Multipliers[flag] = 0;
                    w.Point[block.Variables[i]] = block.Centre[i] + (1e-6 * scale * share[k] / force);
                    released = true;
                }

                k++;
            }
        }

        return released;
    }

    /// <summary>Holds what is violated: rows and blocks at their bound, and variables of an L1 block at the centre they passed.</summary>
    private bool TakeIn(Workspace w, double scale)
    {
        double allowed = 1e-10 * scale;
        bool taken = false;
        for (int i = 0; i < _system.RowCount; i++)
        {
            double norm = _problem.Scale[i];
            double value = SpanKernels.Dot(_system.Row(i), w.Point);
            if (w.Multipliers[i] == 0 && !_system.IsEquality(i) && Math.Max(value - w.Upper[i], w.Lower[i] - value) > allowed * norm)
            {
                w.Multipliers[i] = value > w.Upper[i] ? double.Epsilon : -double.Epsilon;
                taken = true;
            }
        }

        for (int b = 0; b < w.Radii.Length; b++)
        {
            if (w.Multipliers[_system.RowCount + b] == 0 && Excess(b, w.Point, w) > allowed)
            {
                w.Multipliers[_system.RowCount + b] = double.Epsilon;
                taken = true;
            }
        }

        return taken;
    }

    /// <summary>W(y − z).</summary>
    private void FillPull(ReadOnlySpan<double> y, ReadOnlySpan<double> z, Span<double> pull)
    {
        for (int j = 0; j < pull.Length; j++)
            pull[j] = _weights[j] * (y[j] - z[j]);
    }

    private static void Negate(Span<double> values)
    {
        for (int k = 0; k < values.Length; k++)
            values[k] = -values[k];
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

        /// <summary>For each L2 block the squared force on its apex.</summary>
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
