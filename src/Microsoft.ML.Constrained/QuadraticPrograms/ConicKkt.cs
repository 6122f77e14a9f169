using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// The Newton system of one interior-point step, in scaled multipliers λ̃ = WΔλ and with G̃ = W⁻¹G:
/// <code>
/// c Q x + Aᵀy + G̃ᵀλ̃ = a,   A x = b,   G̃ x − λ̃ = g.
/// </code>
/// It is solved through H = cQ + G̃ᵀG̃ + AᵀA + δI = LLᵀ (the term AᵀA changes nothing on Ax = b and keeps H regular where only
/// equalities hold a direction) and S = A H⁻¹ Aᵀ + δI, followed by refinement against the unreduced, unregularised system.
/// </summary>
internal sealed class ConicKkt
{
    private const double Regularisation = 1e-13;
    private const int RefinementLimit = 6;

    private readonly int _n, _p;
    private readonly ConicScaling _scaling;
    private readonly double[] _g; // G̃
    private readonly double[] _h; // L
    private readonly double[] _y; // (L⁻¹Aᵀ)ᵀ, p × n
    private readonly double[] _s; // Cholesky factor of S
    private readonly double[] _work;
    private readonly double[] _residualX, _residualY, _residualG;
    private readonly double[] _bestX, _bestY, _bestG;
    private double[] _q = [], _a = [];
    private double _costScale;

    public ConicKkt(int variables, int equalities, ConicScaling scaling)
    {
        _n = variables;
        _p = equalities;
        _scaling = scaling;
        int m = scaling.Length;
        _g = new double[m * _n];
        _h = new double[_n * _n];
        _y = new double[_p * _n];
        _s = new double[_p * _p];
        _work = new double[_n];
        _residualX = new double[_n];
        _residualY = new double[_p];
        _residualG = new double[m];
        _bestX = new double[_n];
        _bestY = new double[_p];
        _bestG = new double[m];
    }

    /// <summary>Factors for the present scaling. The arrays are kept until the next call; Q may be empty.</summary>
    /// <returns>Whether the factors are numbers.</returns>
    public bool Factor(double[] q, double costScale, double[] a, double[] g)
    {
        _q = q;
        _a = a;
        _costScale = costScale;
        int n = _n;
        _scaling.MultiplyInverse(g, n, _g, _work);
        _h.AsSpan().Clear();
        if (q.Length != 0)
            ConicAlgebra.AddScaled(costScale, q, _h);
        ConicAlgebra.AddGram(_g, _scaling.Length, n, _h);
        ConicAlgebra.AddGram(a, _p, n, _h);
        for (int i = 0; i < n; i++)
            _h[i * n + i] += Regularisation * (1 + _h[i * n + i]);
        if (!ConicAlgebra.Cholesky(_h, n))
            return false;
        return _p == 0 || FactorComplement();
    }

    private bool FactorComplement()
    {
        _a.AsSpan(0, _p * _n).CopyTo(_y);
        for (int k = 0; k < _p; k++)
            ConicAlgebra.SolveLower(_h, _y.AsSpan(k * _n, _n));
        for (int i = 0; i < _p; i++)
        {
            for (int j = 0; j <= i; j++)
                _s[i * _p + j] = ConicAlgebra.Dot(_y.AsSpan(i * _n, _n), _y.AsSpan(j * _n, _n));
            _s[i * _p + i] += Regularisation * (1 + _s[i * _p + i]);
        }

        return ConicAlgebra.Cholesky(_s, _p);
    }

    /// <summary>Solves for x, y and λ̃; the right-hand sides are left as they are.</summary>
    public void Solve(
        ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> g, Span<double> x, Span<double> y, Span<double> lambda)
    {
        a.CopyTo(_residualX);
        b.CopyTo(_residualY);
        g.CopyTo(_residualG);
        x.Clear();
        y.Clear();
        lambda.Clear();
        double size = Math.Max(ConicAlgebra.MaxAbs(a), ConicAlgebra.MaxAbs(b));
        double best = double.PositiveInfinity;
        for (int round = 0; ; round++)
        {
            Correct(x, y, lambda);
            Residuals(a, b, g, x, y, lambda);

            // The third block is left out: λ̃ follows from x by it, and what rounding leaves there is large only in directions that W
            // shrinks.
            double error = Math.Max(ConicAlgebra.MaxAbs(_residualX), ConicAlgebra.MaxAbs(_residualY));
            bool enough = error <= 1e-15 * size || round == RefinementLimit;
            if (error < best)
            {
                enough |= error > 0.5 * best;
                best = error;
                if (enough)
                    return;
                x.CopyTo(_bestX);
                y.CopyTo(_bestY);
                lambda.CopyTo(_bestG);
            }
            else
            {
                _bestX.AsSpan().CopyTo(x);
                _bestY.AsSpan().CopyTo(y);
                _bestG.AsSpan().CopyTo(lambda);
                return;
            }
        }
    }

    /// <summary>Adds the reduced system's solution for the present residuals.</summary>
    private void Correct(Span<double> x, Span<double> y, Span<double> lambda)
    {
        Span<double> rhs = _work;
        _residualX.AsSpan().CopyTo(rhs);
        ConicAlgebra.AddTransposed(_g, _residualG, rhs);
        ConicAlgebra.AddTransposed(_a, _residualY, rhs);
        ConicAlgebra.SolveLower(_h, rhs);
        if (_p > 0)
        {
            Span<double> multipliers = _residualY;
            for (int k = 0; k < _p; k++)
                multipliers[k] = ConicAlgebra.Dot(_y.AsSpan(k * _n, _n), rhs) - multipliers[k];
            ConicAlgebra.SolveLower(_s, multipliers);
            ConicAlgebra.SolveLowerTransposed(_s, multipliers);
            for (int k = 0; k < _p; k++)
            {
                ConicAlgebra.AddScaled(-multipliers[k], _y.AsSpan(k * _n, _n), rhs);
                y[k] += multipliers[k];
            }
        }

        ConicAlgebra.SolveLowerTransposed(_h, rhs);
        ConicAlgebra.AddScaled(1, rhs, x);
        for (int i = 0; i < lambda.Length; i++)
            lambda[i] += ConicAlgebra.Dot(_g.AsSpan(i * _n, _n), rhs) - _residualG[i];
    }

    private void Residuals(
        ReadOnlySpan<double> a, ReadOnlySpan<double> b, ReadOnlySpan<double> g,
        ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> lambda)
    {
        Span<double> left = _residualX;
        left.Clear();
        ConicAlgebra.AddTransposed(_a, y, left);
        ConicAlgebra.AddTransposed(_g, lambda, left);
        for (int i = 0; i < _n; i++)
        {
            double curvature = _q.Length == 0 ? 0 : _costScale * ConicAlgebra.Dot(_q.AsSpan(i * _n, _n), x);
            left[i] = a[i] - left[i] - curvature;
        }

        for (int k = 0; k < _p; k++)
            _residualY[k] = b[k] - ConicAlgebra.Dot(_a.AsSpan(k * _n, _n), x);
        for (int i = 0; i < lambda.Length; i++)
            _residualG[i] = g[i] - (ConicAlgebra.Dot(_g.AsSpan(i * _n, _n), x) - lambda[i]);
    }
}
