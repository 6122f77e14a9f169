using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>How good a point with its multipliers is, each residual on the scale that <see cref="QuadraticProgramOptions.Tolerance"/> states.</summary>
internal unsafe struct ProblemMeasures
{
    public double Objective;
    public double PrimalResidual;
    public double DualResidual;
    public double Gap;
    public int Iterations;

    /// <summary>The largest of the three; infinite where one is NaN.</summary>
    public readonly double Worst
    {
        get
        {
            double worst = Math.Max(Math.Max(PrimalResidual, DualResidual), Gap);
            return double.IsNaN(worst) ? double.PositiveInfinity : worst;
        }
    }

    /// <summary>The measures of z and y = [ν; λ], given Qz, Cz and Cᵀy.</summary>
    public static ProblemMeasures Of(
        int n, int equalities, int rows, double* z, double* y, double* p, double* d, double* qz, double* cz, double* cty)
    {
        double dual = 0, dualScale = 1, quadratic = 0, linear = 0;
        for (int i = 0; i < n; i++)
        {
            double a = qz[i], b = p[i], c = cty[i];
            dual = Math.Max(dual, Math.Abs(a + b + c));
            dualScale = Math.Max(dualScale, Math.Max(Math.Abs(a), Math.Max(Math.Abs(b), Math.Abs(c))));
            quadratic += a * z[i];
            linear += b * z[i];
        }

        double primal = 0, primalScale = 1, constraint = 0;
        for (int i = 0; i < rows; i++)
        {
            double violation = cz[i] - d[i];
            primal = Math.Max(primal, i < equalities ? Math.Abs(violation) : violation);
            primalScale = Math.Max(primalScale, Math.Max(Math.Abs(cz[i]), Math.Abs(d[i])));
            constraint += d[i] * y[i];
        }

        double objective = (0.5 * quadratic) + linear;
        return new ProblemMeasures
        {
            Objective = objective,
            PrimalResidual = primal / primalScale,
            DualResidual = dual / dualScale,
            Gap = Math.Abs(quadratic + linear + constraint) / Math.Max(1, Math.Abs(objective)),
        };
    }
}
