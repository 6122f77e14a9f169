using System;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// For a problem without a feasible point: the least-squares relaxed problem
/// <code>
/// minimise ½‖t‖²  subject to  Az − D·t = b,  Gz − D·t ≤ h,      D: the Euclidean lengths of the rows,
/// </code>
/// whose t is unique; then the original objective among the points that reach it, the relaxed rows held as equalities.
/// </summary>
internal sealed unsafe class ClosestPoint<TLane, TVector>
    where TLane : struct, ILane<TVector>
    where TVector : struct
{
    private readonly int _n, _m, _p, _rows, _all;
    private readonly RobustSolver<TLane, TVector> _relaxed;
    private readonly double[] _q, _cost, _a, _g, _lengths, _violation;

    public ClosestPoint(int variables, int inequalities, int equalities)
    {
        _n = variables;
        _m = inequalities;
        _p = equalities;
        _rows = inequalities + equalities;
        _all = _n + _rows;
        _relaxed = new RobustSolver<TLane, TVector>(_all, _m, _p);
        _q = new double[_all * _all];
        _cost = new double[_all];
        _a = new double[_p * _all];
        _g = new double[_m * _all];
        _lengths = new double[_rows];
        _violation = new double[_rows];
        for (int i = _n; i < _all; i++)
            _q[(i * _all) + i] = 1;
    }

    /// <summary>Writes the closest point and its violations; returns its objective, or NaN (with z NaN) where none was found.</summary>
    public double Solve(in ProblemData data, QuadraticProgramOptions options, Span<double> z, QuadraticProgramCertificate certificate)
    {
        for (int i = 0; i < _rows; i++)
        {
            var row = new ReadOnlySpan<double>(i < _p ? data.A + ((long)i * _n) : data.G + ((long)(i - _p) * _n), _n);
            double sum = 0;
            foreach (double value in row)
                sum += value * value;
            _lengths[i] = sum > 0 ? Math.Sqrt(sum) : 1;
            Span<double> target = (i < _p ? _a.AsSpan(i * _all) : _g.AsSpan((i - _p) * _all))[.._all];
            target.Clear();
            row.CopyTo(target);
            target[_n + i] = -_lengths[i];
        }

        if (!SolveRelaxed(data, options))
            return double.NaN;
        new ReadOnlySpan<double>(_relaxed.Z, _n).CopyTo(z);
        double largest = 0;
        for (int i = 0; i < _rows; i++)
        {
            _violation[i] = i < _p ? _relaxed.Z[_n + i] : Math.Max(_relaxed.Z[_n + i], 0);
            largest = Math.Max(largest, Math.Abs(_violation[i]));
        }

        BestAmongClosest(data, options, 1e-6 * largest, z);
        WriteViolations(data, z, certificate);
        return Objective(data, z);
    }

    private bool SolveRelaxed(in ProblemData data, QuadraticProgramOptions options)
    {
        var active = new byte[_rows];
        fixed (double* q = _q, cost = _cost, a = _a, g = _g)
        {
            var problem = new ProblemData(q, cost, g, data.H, a, data.B);
            _relaxed.Solve(problem, options, active);
        }

        return _relaxed.Measures.PrimalResidual <= 1e-6 && _relaxed.Measures.DualResidual <= 1e-6;
    }

    private void BestAmongClosest(in ProblemData data, QuadraticProgramOptions options, double threshold, Span<double> z)
    {
        int held = 0;
        for (int i = _p; i < _rows; i++)
            held += _violation[i] > threshold ? 1 : 0;
        int equalities = _p + held, inequalities = _m - held;
        var a = new double[equalities * _n];
        var b = new double[equalities];
        var g = new double[inequalities * _n];
        var h = new double[inequalities];
        int e = 0, f = 0;
        for (int i = 0; i < _rows; i++)
        {
            bool equality = i < _p || _violation[i] > threshold;
            var row = new ReadOnlySpan<double>(i < _p ? data.A + ((long)i * _n) : data.G + ((long)(i - _p) * _n), _n);
            row.CopyTo(equality ? a.AsSpan(e * _n) : g.AsSpan(f * _n));

            // Taken from the point itself, so that rows that contradict one another agree to the last bit.
            double reached = 0;
            for (int j = 0; j < _n; j++)
                reached += row[j] * z[j];
            if (equality)
                b[e++] = reached;
            else
                h[f++] = Math.Max(data.H[i - _p], reached);
        }

        var best = new RobustSolver<TLane, TVector>(_n, inequalities, equalities);
        fixed (double* ap = a, bp = b, gp = g, hp = h)
        {
            var problem = new ProblemData(data.Q, data.P, gp, hp, ap, bp);
            if (best.Solve(problem, options, new byte[_rows]) == SolverStatus.Solved)
                new ReadOnlySpan<double>(best.Z, _n).CopyTo(z);
        }
    }

    private void WriteViolations(in ProblemData data, ReadOnlySpan<double> z, QuadraticProgramCertificate certificate)
    {
        var equality = new double[_p];
        var inequality = new double[_m];
        for (int i = 0; i < _rows; i++)
        {
            double* row = i < _p ? data.A + ((long)i * _n) : data.G + ((long)(i - _p) * _n);
            double sum = i < _p ? -data.B[i] : -data.H[i - _p];
            for (int j = 0; j < _n; j++)
                sum += row[j] * z[j];
            if (i < _p)
                equality[i] = sum;
            else
                inequality[i - _p] = Math.Max(sum, 0);
        }

        certificate.EqualityViolation = equality;
        certificate.InequalityViolation = inequality;
    }

    private double Objective(in ProblemData data, ReadOnlySpan<double> z)
    {
        double objective = 0;
        for (int i = 0; i < _n; i++)
        {
            double sum = 0;
            for (int j = 0; j < _n; j++)
                sum += data.Q[((long)i * _n) + j] * z[j];
            objective += z[i] * ((0.5 * sum) + data.P[i]);
        }

        return objective;
    }
}
