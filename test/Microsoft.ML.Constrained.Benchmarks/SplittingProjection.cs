using System;
using System.Linq;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>
/// The iterative solver of the published comparison: operator splitting as in OSQP (Stellato and others, 2020), for
/// minimise ½|z − y|² subject to l ≤ Az ≤ u and |z|∞ ≤ r, with absolute and relative tolerances on both residuals. Its linear
/// system is factored once: (1 + σ + ρ)I + ρAᵀA through an m × m Cholesky factor; rows are sparse.
/// </summary>
internal sealed class SplittingProjection
{
    private const double Sigma = 1e-6, Relaxation = 1.6;
    private const int CheckEvery = 10, Limit = 20_000;

    private readonly int _n, _m;
    private readonly double _radius, _tolerance, _rho, _diagonal;
    private readonly (int[] Variables, double[] Values)[] _rows;
    private readonly double[] _lower, _upper, _factor;

    public SplittingProjection(ConstraintSet set, double radius, double tolerance, double rho = 1)
    {
        ConstraintSystem system = set.Lower();
        (_n, _m, _radius, _tolerance, _rho) = (system.Dimension, system.RowCount, radius, tolerance, rho);
        _lower = (double[])system.Lower.Clone();
        _upper = (double[])system.Upper.Clone();
        _rows = new (int[], double[])[_m];
        for (int i = 0; i < _m; i++)
        {
            // Rows of unit length, as the solver's own scaling would make them.
            double[] row = system.Row(i).ToArray();
            double length = Math.Sqrt(row.Sum(v => v * v));
            int[] variables = [.. Enumerable.Range(0, _n).Where(j => row[j] != 0)];
            _rows[i] = (variables, [.. variables.Select(j => row[j] / length)]);
            _lower[i] /= length;
            _upper[i] /= length;
        }

        // (dI + ρAᵀA)⁻¹ = (I − ρAᵀ(dI + ρAAᵀ)⁻¹A) / d.
        _diagonal = 1 + Sigma + (double.IsFinite(radius) ? rho : 0);
        _factor = Cholesky();
    }

    /// <summary>Writes the projection and returns the number of iterations.</summary>
    public int Project(ReadOnlySpan<float> y, Span<double> z)
    {
        bool box = double.IsFinite(_radius);
        double[] x = new double[_n], t = new double[_n], boxed = new double[_n], boxDual = new double[_n];
        double[] rows = new double[_m], dual = new double[_m], work = new double[_m], image = new double[_m];
        for (int iteration = 1; ; iteration++)
        {
            for (int j = 0; j < _n; j++)
                t[j] = Sigma * x[j] + y[j] + (box ? _rho * boxed[j] - boxDual[j] : 0);
            for (int i = 0; i < _m; i++)
                AddRow(i, _rho * rows[i] - dual[i], t);
            Solve(t, work);
            for (int i = 0; i < _m; i++)
            {
                double relaxed = Relaxation * DotRow(i, t) + (1 - Relaxation) * rows[i];
                double next = Math.Clamp(relaxed + dual[i] / _rho, _lower[i], _upper[i]);
                dual[i] += _rho * (relaxed - next);
                rows[i] = next;
            }

            for (int j = 0; j < _n && box; j++)
            {
                double relaxed = Relaxation * t[j] + (1 - Relaxation) * boxed[j];
                double next = Math.Clamp(relaxed + boxDual[j] / _rho, -_radius, _radius);
                boxDual[j] += _rho * (relaxed - next);
                boxed[j] = next;
            }

            for (int j = 0; j < _n; j++)
                x[j] = Relaxation * t[j] + (1 - Relaxation) * x[j];
            if (iteration % CheckEvery == 0 && (iteration >= Limit || Converged(y, x, boxed, boxDual, rows, dual, image, t, box)))
            {
                x.CopyTo(z);
                return iteration;
            }
        }
    }

    private bool Converged(
        ReadOnlySpan<float> y, double[] x, double[] boxed, double[] boxDual, double[] rows, double[] dual, double[] image, double[] work, bool box)
    {
        double primal = 0, primalSize = 0, dualResidual = 0, dualSize = 0;
        for (int i = 0; i < _m; i++)
        {
            image[i] = DotRow(i, x);
            primal = Math.Max(primal, Math.Abs(image[i] - rows[i]));
            primalSize = Math.Max(primalSize, Math.Max(Math.Abs(image[i]), Math.Abs(rows[i])));
        }

        Array.Clear(work);
        for (int i = 0; i < _m; i++)
            AddRow(i, dual[i], work);
        for (int j = 0; j < _n; j++)
        {
            if (box)
            {
                primal = Math.Max(primal, Math.Abs(x[j] - boxed[j]));
                primalSize = Math.Max(primalSize, Math.Max(Math.Abs(x[j]), Math.Abs(boxed[j])));
                work[j] += boxDual[j];
            }

            dualResidual = Math.Max(dualResidual, Math.Abs(x[j] - y[j] + work[j]));
            dualSize = Math.Max(dualSize, Math.Max(Math.Abs(x[j]), Math.Max(Math.Abs(y[j]), Math.Abs(work[j]))));
        }

        return primal <= _tolerance * (1 + primalSize) && dualResidual <= _tolerance * (1 + dualSize);
    }

    private double DotRow(int row, double[] vector)
    {
        (int[] variables, double[] values) = _rows[row];
        double sum = 0;
        for (int k = 0; k < variables.Length; k++)
            sum += values[k] * vector[variables[k]];
        return sum;
    }

    private void AddRow(int row, double factor, double[] vector)
    {
        (int[] variables, double[] values) = _rows[row];
        for (int k = 0; k < variables.Length; k++)
            vector[variables[k]] += factor * values[k];
    }

    private double[] Cholesky()
    {
        var dense = new double[_m][];
        for (int i = 0; i < _m; i++)
        {
            dense[i] = new double[_n];
            AddRow(i, 1, dense[i]);
        }

        var factor = new double[_m * _m];
        for (int i = 0; i < _m; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = _rho * DotRow(j, dense[i]) + (i == j ? _diagonal : 0);
                for (int k = 0; k < j; k++)
                    sum -= factor[i * _m + k] * factor[j * _m + k];
                factor[i * _m + j] = i == j ? Math.Sqrt(sum) : sum / factor[j * _m + j];
            }
        }

        return factor;
    }

    private void Solve(double[] vector, double[] work)
    {
        for (int i = 0; i < _m; i++)
        {
            double sum = DotRow(i, vector);
            for (int k = 0; k < i; k++)
                sum -= _factor[i * _m + k] * work[k];
            work[i] = sum / _factor[i * _m + i];
        }

        for (int i = _m - 1; i >= 0; i--)
        {
            double sum = work[i];
            for (int k = i + 1; k < _m; k++)
                sum -= _factor[k * _m + i] * work[k];
            work[i] = sum / _factor[i * _m + i];
        }

        for (int i = 0; i < _m; i++)
            AddRow(i, -_rho * work[i], vector);
        for (int j = 0; j < _n; j++)
            vector[j] /= _diagonal;
    }
}
