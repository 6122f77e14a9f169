using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// One dense conic quadratic program at a time, in double precision:
/// <code>
/// minimise ½ zᵀQz + pᵀz  subject to  Az = b,  Gz + s = h,  s ∈ R₊ᵐ × SOC(q₁) × … × SOC(qₖ)     (s₀ ≥ ‖s₁‖ in SOC)
/// </code>
/// Optimality: Qz + p + Aᵀν + Gᵀλ = 0, λ in the same cone, sᵀλ = 0.
/// Method: Mehrotra's predictor and corrector with Nesterov–Todd scaling on the homogeneous embedding, in which τ → 0 tells
/// an infeasible problem and gives its certificate. Rows of A may depend on one another, rows may be zero or repeated, Q may be zero.
/// References: Vandenberghe 2010 (scaling); Andersen, Dahl, Vandenberghe 2011; Goulart and Chen 2024 (embedding with a quadratic cost).
/// The workspace is kept: no call allocates. Not safe for use by several threads at once.
/// </summary>
internal sealed partial class ConicSolver
{
    private const double ShortStep = 0.2;
    private const double ShortAffineStep = 0.3;
    private const double Recentring = 0.7;

    private readonly int _n, _p, _m;
    private readonly ConicScaling _cones;
    private readonly ConicKkt _kkt;
    private readonly ConicEquilibration _data;

    private readonly double[] _cost, _b, _h;
    private readonly double[] _x, _y, _lambda, _s;
    private readonly double[] _bestX, _bestY, _bestLambda, _bestS;
    private readonly double[] _z, _nu, _multipliers, _slack;
    private readonly double[] _rx, _ry, _rz, _qx;
    private readonly double[] _x1, _y1, _l1, _x2, _y2, _l2, _hs;
    private readonly double[] _rhsX, _rhsY, _rhsZ, _ds, _stepS, _workN, _workM;
    private double _tau, _kappa, _rTau, _qxx, _beta, _costScale, _stepTau, _stepKappa;
    private bool _prepared, _dataFinite;

    /// <summary>A solver for one shape of problem.</summary>
    /// <param name="variables">n, at least 1.</param>
    /// <param name="equalities">Rows of A.</param>
    /// <param name="orthant">m, the rows of G that are plain inequalities; they come first.</param>
    /// <param name="cones">The sizes q₁, …, qₖ of the second-order cones, whose rows of G follow.</param>
    public ConicSolver(int variables, int equalities, int orthant, ReadOnlySpan<int> cones)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(variables, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(equalities);
        ArgumentOutOfRangeException.ThrowIfNegative(orthant);
        foreach (int size in cones)
            ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, nameof(cones));
        _n = variables;
        _p = equalities;
        _cones = new ConicScaling(orthant, cones);
        _m = _cones.Length;
        _kkt = new ConicKkt(_n, _p, _cones);
        _data = new ConicEquilibration(_n, _p, _cones);
        (_cost, _x, _bestX, _z, _rx, _qx) = (Vector(_n), Vector(_n), Vector(_n), Vector(_n), Vector(_n), Vector(_n));
        (_x1, _x2, _rhsX, _workN) = (Vector(_n), Vector(_n), Vector(_n), Vector(_n));
        (_b, _y, _bestY, _nu, _ry) = (Vector(_p), Vector(_p), Vector(_p), Vector(_p), Vector(_p));
        (_y1, _y2, _rhsY) = (Vector(_p), Vector(_p), Vector(_p));
        (_h, _lambda, _s, _bestLambda, _bestS) = (Vector(_m), Vector(_m), Vector(_m), Vector(_m), Vector(_m));
        (_multipliers, _slack, _rz, _l1, _l2, _hs) = (Vector(_m), Vector(_m), Vector(_m), Vector(_m), Vector(_m), Vector(_m));
        (_rhsZ, _ds, _stepS, _workM) = (Vector(_m), Vector(_m), Vector(_m), Vector(_m));
    }

    /// <summary>How the last solve ended.</summary>
    public SolverStatus Status { get; private set; }

    /// <summary>The solution z; after <see cref="SolverStatus.DualInfeasible"/> a direction d with Qd = 0, Ad = 0, −Gd in the cone and
    /// pᵀd = −1.</summary>
    public ReadOnlySpan<double> Z => _z;

    /// <summary>The slack s.</summary>
    public ReadOnlySpan<double> S => _slack;

    /// <summary>λ, the multipliers of G; after <see cref="SolverStatus.PrimalInfeasible"/> part of the certificate Aᵀν + Gᵀλ = 0, bᵀν +
    /// hᵀλ = −1.</summary>
    public ReadOnlySpan<double> Lambda => _multipliers;

    /// <summary>ν, the multipliers of A.</summary>
    public ReadOnlySpan<double> Nu => _nu;

    /// <summary>½ zᵀQz + pᵀz; NaN unless z is a solution or the best iterate.</summary>
    public double Objective { get; private set; }

    /// <summary>The largest element of Az − b and Gz + s − h, in the caller's units.</summary>
    public double PrimalResidual { get; private set; }

    /// <summary>The largest element of Qz + p + Aᵀν + Gᵀλ, in the caller's units.</summary>
    public double DualResidual { get; private set; }

    /// <summary>sᵀλ, in units of the objective.</summary>
    public double Gap { get; private set; }

    public int Iterations { get; private set; }

    /// <summary>Solves one problem; matrices are row-major, an empty Q is zero.</summary>
    public SolverStatus Solve(
        ReadOnlySpan<double> q, ReadOnlySpan<double> p, ReadOnlySpan<double> a, ReadOnlySpan<double> b,
        ReadOnlySpan<double> g, ReadOnlySpan<double> h, ConicSettings? settings = null)
    {
        Prepare(q, a, g);
        return Solve(p, b, h, settings);
    }

    /// <summary>Takes over the matrices, which any number of calls of the other overload may then share.</summary>
    public void Prepare(ReadOnlySpan<double> q, ReadOnlySpan<double> a, ReadOnlySpan<double> g)
    {
        if (!q.IsEmpty)
            CheckLength(q.Length, _n * _n, nameof(q));
        CheckLength(a.Length, _p * _n, nameof(a));
        CheckLength(g.Length, _m * _n, nameof(g));
        _dataFinite = ConicAlgebra.AllFinite(q) && ConicAlgebra.AllFinite(a) && ConicAlgebra.AllFinite(g);
        _prepared = true;
        if (_dataFinite)
            _data.Load(q, a, g);
    }

    /// <summary>Solves with the matrices of the last <see cref="Prepare"/>.</summary>
    public SolverStatus Solve(ReadOnlySpan<double> p, ReadOnlySpan<double> b, ReadOnlySpan<double> h, ConicSettings? settings = null)
    {
        settings ??= ConicSettings.Default;
        settings.Validate();
        if (!_prepared)
            throw new InvalidOperationException("The matrices are missing: call Prepare before Solve, or the overload that takes them.");
        CheckLength(p.Length, _n, nameof(p));
        CheckLength(b.Length, _p, nameof(b));
        CheckLength(h.Length, _m, nameof(h));
        Iterations = 0;
        if (!_dataFinite || !ConicAlgebra.AllFinite(p) || !ConicAlgebra.AllFinite(b) || !ConicAlgebra.AllFinite(h))
        {
            Fail();
            return Status = SolverStatus.InvalidInput;
        }

        LoadVectors(p, b, h);
        Status = Initialise(settings.Tolerance);
        if (Status == SolverStatus.NotSolved)
            Status = Iterate(settings);
        Unscale(p, b, h);
        return Status;
    }

    private SolverStatus Iterate(ConicSettings settings)
    {
        double best = double.PositiveInfinity;
        int sinceBest = 0;
        KeepBest();
        for (int iteration = 0; ; iteration++)
        {
            Iterations = iteration;
            Residuals();
            double error = Error();
            if (error < best)
            {
                sinceBest = error > 0.9 * best ? sinceBest + 1 : 0;
                best = error;
                KeepBest();
            }
            else if (++sinceBest > 12)
            {
                return RestoreBest(SolverStatus.NumericalError);
            }

            if (error <= settings.Tolerance)
                return RestoreBest(SolverStatus.Solved);
            SolverStatus infeasible = Certificate(settings.Tolerance);
            if (infeasible != SolverStatus.NotSolved)
                return infeasible;
            if (iteration >= settings.IterationLimit)
                return RestoreBest(SolverStatus.IterationLimit);
            if (!double.IsFinite(error) || !Step())
                return RestoreBest(SolverStatus.NumericalError);
        }
    }

    /// <summary>One predictor and one corrector with a common step length.</summary>
    private bool Step()
    {
        if (!_cones.Update(_s, _lambda) || !_kkt.Factor(_data.Q, _costScale, _data.A, _data.G))
            return false;
        for (int i = 0; i < _n; i++)
            _rhsX[i] = -_cost[i];
        _h.AsSpan().CopyTo(_hs);
        _cones.MultiplyInverse(_hs);
        _kkt.Solve(_rhsX, _b, _hs, _x2, _y2, _l2);

        double mu = (ConicAlgebra.Dot(_s, _lambda) + _tau * _kappa) / (_cones.Degree + 1);
        _cones.Product(_cones.Point, _cones.Point, _ds);
        ConicAlgebra.Scale(-1, _ds);
        Direction(1, -_tau * _kappa);
        double affine = Math.Min(1, StepLength());
        double centring = (1 - affine) * (1 - affine) * (1 - affine);

        // The products' second-order term, as the affine step shows it; where that step is short, the term overshoots and can cycle.
        double weight = affine < ShortAffineStep ? 0 : 1;
        _cones.Product(_stepS, _l1, _workM);
        _cones.Product(_cones.Point, _cones.Point, _ds);
        for (int i = 0; i < _m; i++)
            _ds[i] = -_ds[i] - weight * _workM[i];
        _cones.AddIdentity(centring * mu, _ds);
        Direction(1 - centring, -_tau * _kappa - weight * _stepTau * _stepKappa + centring * mu);
        double length = Math.Min(1, 0.99 * StepLength());
        if (length < ShortStep)
        {
            // The correction overshot and an uncentred product blocks the way: go back towards the central path first.
            centring = Recentring;
            _cones.Product(_cones.Point, _cones.Point, _ds);
            ConicAlgebra.Scale(-1, _ds);
            _cones.AddIdentity(centring * mu, _ds);
            Direction(1 - centring, -_tau * _kappa + centring * mu);
            length = Math.Min(1, 0.99 * StepLength());
        }

        return length > 1e-12 && Advance(length, 1 - centring);
    }

    /// <summary>
    /// The Newton direction that removes the given share of the residuals and has ℓ∘(WΔλ + W⁻¹Δs) = ds, κΔτ + τΔκ = dκ.
    /// On return x1, y1, l1 = WΔλ and stepS = W⁻¹Δs hold it.
    /// </summary>
    private void Direction(double share, double dKappa)
    {
        for (int i = 0; i < _n; i++)
            _rhsX[i] = -share * _rx[i];
        for (int i = 0; i < _p; i++)
            _rhsY[i] = -share * _ry[i];
        for (int i = 0; i < _m; i++)
            _rhsZ[i] = -share * _rz[i];
        _cones.MultiplyInverse(_rhsZ);
        _ds.AsSpan().CopyTo(_stepS);
        _cones.DivideByPoint(_stepS);
        ConicAlgebra.AddScaled(-1, _stepS, _rhsZ);
        _kkt.Solve(_rhsX, _rhsY, _rhsZ, _x1, _y1, _l1);

        double numerator = -share * _rTau - dKappa / _tau - 2 * ConicAlgebra.Dot(_qx, _x1) / _tau
            - ConicAlgebra.Dot(_cost, _x1) - ConicAlgebra.Dot(_b, _y1) - ConicAlgebra.Dot(_hs, _l1);
        for (int i = 0; i < _n; i++)
            _workN[i] = _x2[i] - _x[i] / _tau;

        // Equal in exact arithmetic. The first cannot cancel; the second also sees directions that only the regularisation holds.
        double denominator = _kappa / _tau + Math.Max(Curvature(_workN) + ConicAlgebra.Dot(_l2, _l2),
            (_qxx / _tau - 2 * ConicAlgebra.Dot(_qx, _x2)) / _tau
            - ConicAlgebra.Dot(_cost, _x2) - ConicAlgebra.Dot(_b, _y2) - ConicAlgebra.Dot(_hs, _l2));
        _stepTau = -numerator / denominator;
        _stepKappa = (dKappa - _kappa * _stepTau) / _tau;
        ConicAlgebra.AddScaled(_stepTau, _x2, _x1);
        ConicAlgebra.AddScaled(_stepTau, _y2, _y1);
        ConicAlgebra.AddScaled(_stepTau, _l2, _l1);
        ConicAlgebra.AddScaled(-1, _l1, _stepS);
    }

    /// <summary>The longest step along the present direction that stays in the cone.</summary>
    private double StepLength()
    {
        double inverse = Math.Max(_cones.InverseStep(_stepS), _cones.InverseStep(_l1));
        inverse = Math.Max(inverse, Math.Max(-_stepTau / _tau, -_stepKappa / _kappa));
        return inverse > 0 ? 1 / inverse : double.IsNaN(inverse) ? 0 : double.PositiveInfinity;
    }

    /// <summary>Δs comes from Gz + s = hτ, not from W: near the end W would spoil the primal residual with its rounding.</summary>
    private bool Advance(double length, double share)
    {
        ConicAlgebra.Multiply(_data.G, _x1, _stepS);
        for (int i = 0; i < _m; i++)
            _stepS[i] = _h[i] * _stepTau - _stepS[i] - share * _rz[i];
        _cones.MultiplyInverse(_l1);
        ConicAlgebra.AddScaled(length, _x1, _x);
        ConicAlgebra.AddScaled(length, _y1, _y);
        ConicAlgebra.AddScaled(length, _stepS, _s);
        ConicAlgebra.AddScaled(length, _l1, _lambda);
        _tau += length * _stepTau;
        _kappa += length * _stepKappa;
        return _tau > 0 && _kappa > 0;
    }

    private static double[] Vector(int length) => new double[length];

    private static void CheckLength(int actual, int expected, string name)
    {
        if (actual != expected)
            throw new ArgumentException($"'{name}' has {actual} elements; this solver's dimensions ask for {expected}.", name);
    }
}
