using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <content>The steps around the main loop: scaling in and out, the starting point, residuals, the tests for stopping.</content>
internal sealed partial class ConicSolver
{
    /// <summary>A gain below this share of its terms is their rounding: constraints that just touch are no contradiction.</summary>
    private const double SumRounding = 1e-12;

    /// <summary>Scales the vectors by β, a typical size of the right-hand sides, and by c, which makes the cost's size one.</summary>
    private void LoadVectors(ReadOnlySpan<double> p, ReadOnlySpan<double> b, ReadOnlySpan<double> h)
    {
        for (int i = 0; i < _n; i++)
            _cost[i] = _data.Columns[i] * p[i];
        for (int i = 0; i < _p; i++)
            _b[i] = _data.EqualityRows[i] * b[i];
        for (int i = 0; i < _m; i++)
            _h[i] = _data.InequalityRows[i] * h[i];
        double curvature = ConicAlgebra.MaxAbs(_data.Q), slope = ConicAlgebra.MaxAbs(_cost);
        _beta = TypicalSize(_b, _h);
        if (_beta == 0)
            _beta = curvature > 0 && slope > 0 ? slope / curvature : 1;
        double cost = Math.Max(curvature, slope / _beta);
        _costScale = cost > 0 ? 1 / cost : 1;
        ConicAlgebra.Scale(_costScale / _beta, _cost);
        ConicAlgebra.Scale(1 / _beta, _b);
        ConicAlgebra.Scale(1 / _beta, _h);
    }

    /// <summary>
    /// The geometric mean of the elements that are not dust, so that one huge bound which never binds does not drown the others.
    /// </summary>
    private static double TypicalSize(ReadOnlySpan<double> b, ReadOnlySpan<double> h)
    {
        double dust = 1e-12 * Math.Max(ConicAlgebra.MaxAbs(b), ConicAlgebra.MaxAbs(h)), sum = 0;
        int count = 0;
        foreach (double value in b)
            Count(value);
        foreach (double value in h)
            Count(value);
        return count == 0 ? 0 : Math.Exp(sum / count);

        void Count(double value)
        {
            if (Math.Abs(value) <= dust)
                return;
            sum += Math.Log(Math.Abs(value));
            count++;
        }
    }

    /// <summary>
    /// The least-squares starting point, moved into the cone. It also shows whether the cost falls along a direction that neither Q
    /// nor any row sees: then p is no combination of their rows, and only δ keeps the solution for −p finite.
    /// </summary>
    private SolverStatus Initialise(double tolerance)
    {
        _tau = _kappa = 1;
        _s.AsSpan().Clear();
        _cones.AddIdentity(1, _s);
        if (!_cones.Update(_s, _s) || !_kkt.Factor(_data.Q, _costScale, _data.A, _data.G))
            return SolverStatus.NumericalError;
        Negate(_cost, _rhsX);
        _rhsY.AsSpan().Clear();
        _rhsZ.AsSpan().Clear();
        _kkt.Solve(_rhsX, _rhsY, _rhsZ, _x, _y, _lambda);
        _s.AsSpan().Clear();
        if (Certificate(Math.Min(tolerance, 1e-9), afresh: true) == SolverStatus.DualInfeasible)
            return SolverStatus.DualInfeasible;
        if (_data.Q.Length == 0)
        {
            _rhsX.AsSpan().Clear();
            _kkt.Solve(_rhsX, _b, _h, _x, _y1, _s);
            Negate(_s, _s);
        }
        else
        {
            _kkt.Solve(_rhsX, _b, _h, _x, _y, _lambda);
            Negate(_lambda, _s);
        }

        MoveInside(_s);
        MoveInside(_lambda);
        return SolverStatus.NotSolved;
    }

    private void MoveInside(Span<double> x)
    {
        double margin = _cones.Margin(x), size = ConicAlgebra.MaxAbs(x);
        if (margin < 1e-3 * Math.Max(1, size))
            _cones.AddIdentity(Math.Max(1, size) - margin, x);
    }

    private static void Negate(ReadOnlySpan<double> x, Span<double> result)
    {
        for (int i = 0; i < x.Length; i++)
            result[i] = -x[i];
    }

    /// <summary>The four residuals of the embedding.</summary>
    private void Residuals()
    {
        for (int i = 0; i < _n; i++)
        {
            _qx[i] = _data.Q.Length == 0 ? 0 : _costScale * ConicAlgebra.Dot(_data.Q.AsSpan(i * _n, _n), _x);
            _rx[i] = 0;
        }

        ConicAlgebra.AddTransposed(_data.A, _y, _rx);
        ConicAlgebra.AddTransposed(_data.G, _lambda, _rx);
        for (int i = 0; i < _n; i++)
            _rx[i] += _qx[i] + _cost[i] * _tau;
        ConicAlgebra.Multiply(_data.A, _x, _ry);
        ConicAlgebra.AddScaled(-_tau, _b, _ry);
        ConicAlgebra.Multiply(_data.G, _x, _rz);
        for (int i = 0; i < _m; i++)
            _rz[i] += _s[i] - _h[i] * _tau;
        _qxx = ConicAlgebra.Dot(_qx, _x);
        _rTau = _kappa + _qxx / _tau + ConicAlgebra.Dot(_cost, _x) + ConicAlgebra.Dot(_b, _y) + ConicAlgebra.Dot(_h, _lambda);
    }

    /// <summary>The largest of the relative primal residual, dual residual and gap at the point that the embedding stands for.</summary>
    private double Error()
    {
        double primal = 0, dual = ConicAlgebra.MaxAbs(_rx) / _tau;
        for (int i = 0; i < _p; i++)
            primal = Math.Max(primal, Math.Abs(_ry[i]) / _tau / Math.Max(1, Math.Abs(_b[i])));
        for (int i = 0; i < _m; i++)
            primal = Math.Max(primal, Math.Abs(_rz[i]) / _tau / Math.Max(1, Math.Abs(_h[i])));
        double dualSize = Math.Max(1, Math.Max(ConicAlgebra.MaxAbs(_qx), ConicAlgebra.MaxAbs(_lambda)) / _tau);
        double curvature = _qxx / _tau / _tau, linear = ConicAlgebra.Dot(_cost, _x) / _tau;
        double dualLinear = (ConicAlgebra.Dot(_b, _y) + ConicAlgebra.Dot(_h, _lambda)) / _tau;
        double smaller = Math.Min(Math.Abs(0.5 * curvature + linear), Math.Abs(0.5 * curvature + dualLinear));
        double gap = Math.Abs(curvature + linear + dualLinear);
        double product = ConicAlgebra.Dot(_s, _lambda) / _tau / _tau;
        double error = Math.Max(Math.Max(primal, dual / dualSize), Math.Max(gap, product) / Math.Max(1, smaller));
        return double.IsNaN(error) ? double.PositiveInfinity : error;
    }

    /// <summary>Whether the iterate, which has no finite point to stand for, proves infeasibility instead.</summary>
    private SolverStatus Certificate(double tolerance, bool afresh = false)
    {
        if (afresh)
            Residuals();
        double gain = -(ConicAlgebra.Dot(_b, _y) + ConicAlgebra.Dot(_h, _lambda));
        if (gain > SumRounding * (SumOfSizes(_b, _y) + SumOfSizes(_h, _lambda)) && !afresh)
        {
            _workN.AsSpan().Clear();
            ConicAlgebra.AddTransposed(_data.A, _y, _workN);
            ConicAlgebra.AddTransposed(_data.G, _lambda, _workN);
            if (ConicAlgebra.MaxAbs(_workN) <= tolerance * gain)
                return Normalised(SolverStatus.PrimalInfeasible, gain);
        }

        double fall = -ConicAlgebra.Dot(_cost, _x);

        // Afresh, a cost of size one that is no combination of rows gives about 1/δ, and rounding much less than one.
        if (!(fall > (afresh ? 1 : SumRounding * SumOfSizes(_cost, _x))))
            return SolverStatus.NotSolved;
        double error = ConicAlgebra.MaxAbs(_qx);
        for (int i = 0; i < _p; i++)
            error = Math.Max(error, Math.Abs(_ry[i] + _tau * _b[i]));
        for (int i = 0; i < _m; i++)
            error = Math.Max(error, Math.Abs(_rz[i] + _tau * _h[i]));
        return error <= tolerance * fall ? Normalised(SolverStatus.DualInfeasible, fall) : SolverStatus.NotSolved;
    }

    /// <summary>Σ|aᵢbᵢ|.</summary>
    private static double SumOfSizes(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += Math.Abs(a[i] * b[i]);
        return sum;
    }

    private SolverStatus Normalised(SolverStatus status, double size)
    {
        _tau = size;
        return status;
    }

    private double Curvature(ReadOnlySpan<double> x)
    {
        double sum = 0;
        for (int i = 0; i < _n && _data.Q.Length != 0; i++)
            sum += x[i] * ConicAlgebra.Dot(_data.Q.AsSpan(i * _n, _n), x);
        return Math.Max(0, _costScale * sum);
    }

    private void KeepBest()
    {
        Copy(_x, _bestX);
        Copy(_y, _bestY);
        Copy(_lambda, _bestLambda);
        Copy(_s, _bestS);
        void Copy(double[] from, double[] to)
        {
            for (int i = 0; i < from.Length; i++)
                to[i] = from[i] / _tau;
        }
    }

    private SolverStatus RestoreBest(SolverStatus status)
    {
        _bestX.AsSpan().CopyTo(_x);
        _bestY.AsSpan().CopyTo(_y);
        _bestLambda.AsSpan().CopyTo(_lambda);
        _bestS.AsSpan().CopyTo(_s);
        _tau = 1;
        return status;
    }

    /// <summary>Writes the results in the caller's units.</summary>
    private void Unscale(ReadOnlySpan<double> p, ReadOnlySpan<double> b, ReadOnlySpan<double> h)
    {
        // A certificate of infeasibility is homogeneous: its size is fixed by bᵀν + hᵀλ = −1 or pᵀz = −1 alone.
        double primal = Status == SolverStatus.DualInfeasible ? _costScale / _beta : _beta;
        double dual = Status == SolverStatus.PrimalInfeasible ? 1 / _beta : _beta / _costScale;
        for (int i = 0; i < _n; i++)
            _z[i] = primal * _data.Columns[i] * _x[i] / _tau;
        for (int i = 0; i < _p; i++)
            _nu[i] = dual * _data.EqualityRows[i] * _y[i] / _tau;
        for (int i = 0; i < _m; i++)
        {
            _slack[i] = primal * _s[i] / _tau / _data.InequalityRows[i];
            _multipliers[i] = dual * _data.InequalityRows[i] * _lambda[i] / _tau;
        }

        if (Status == SolverStatus.PrimalInfeasible)
        {
            _z.AsSpan().Fill(double.NaN);
            _slack.AsSpan().Fill(double.NaN);
        }
        else if (Status == SolverStatus.DualInfeasible)
        {
            _nu.AsSpan().Fill(double.NaN);
            _multipliers.AsSpan().Fill(double.NaN);
        }

        Measure(p, b, h);
    }

    /// <summary>Residuals and objective in the caller's units; the kept matrices are scaled by powers of two only, so this is
    /// exact.</summary>
    private void Measure(ReadOnlySpan<double> p, ReadOnlySpan<double> b, ReadOnlySpan<double> h)
    {
        Objective = PrimalResidual = DualResidual = Gap = double.NaN;
        if (Status is SolverStatus.PrimalInfeasible or SolverStatus.DualInfeasible)
            return;
        double linear = ConicAlgebra.Dot(p, _z), quadratic = 0, primal = 0, dual = 0;
        for (int i = 0; i < _n; i++)
            _workN[i] = _z[i] / _data.Columns[i];
        for (int i = 0; i < _p; i++)
            primal = Math.Max(primal, Math.Abs(ConicAlgebra.Dot(_data.A.AsSpan(i * _n, _n), _workN) / _data.EqualityRows[i] - b[i]));
        for (int i = 0; i < _m; i++)
        {
            double left = ConicAlgebra.Dot(_data.G.AsSpan(i * _n, _n), _workN) / _data.InequalityRows[i];
            primal = Math.Max(primal, Math.Abs(left + _slack[i] - h[i]));
        }

        _rx.AsSpan().Clear();
        for (int i = 0; i < _p; i++)
            ConicAlgebra.AddScaled(_nu[i] / _data.EqualityRows[i], _data.A.AsSpan(i * _n, _n), _rx);
        for (int i = 0; i < _m; i++)
            ConicAlgebra.AddScaled(_multipliers[i] / _data.InequalityRows[i], _data.G.AsSpan(i * _n, _n), _rx);
        for (int i = 0; i < _n; i++)
        {
            double slope = _data.Q.Length == 0 ? 0 : ConicAlgebra.Dot(_data.Q.AsSpan(i * _n, _n), _workN);
            quadratic += slope * _workN[i];
            dual = Math.Max(dual, Math.Abs((_rx[i] + slope) / _data.Columns[i] + p[i]));
        }

        Objective = 0.5 * quadratic + linear;
        PrimalResidual = primal;
        DualResidual = dual;
        Gap = ConicAlgebra.Dot(_slack, _multipliers);
    }

    private void Fail()
    {
        _z.AsSpan().Fill(double.NaN);
        _nu.AsSpan().Fill(double.NaN);
        _multipliers.AsSpan().Fill(double.NaN);
        _slack.AsSpan().Fill(double.NaN);
        Objective = PrimalResidual = DualResidual = Gap = double.NaN;
    }
}
