using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Analysis;

/// <summary>
/// How far a system is from holding, or with how much room it holds:
/// <code>
/// minimise t  subject to  aᵢᵀw ≤ bᵢ + t,  |eⱼᵀw − dⱼ| ≤ t,  ‖s₁(w)‖ ≤ s₀(w) + t,  t ≥ floor.
/// </code>
/// Both this program and its dual have strictly feasible points whatever the system is, so that the answer is reliable where the
/// system itself is empty, a single point, or thin.
/// </summary>
internal sealed class Relaxation
{
    private static readonly double[] s_boxes = [1e3, 1e6];

    private readonly int _dimension;
    private readonly List<(double[] Row, double Bound)> _rows = [];
    private readonly List<(double[] Row, double Bound)> _equations = [];
    private readonly List<(double[] Coefficients, double[] Constants)> _cones = [];

    public Relaxation(int dimension) => _dimension = dimension;

    /// <summary>The point w.</summary>
    public double[] Point { get; private set; } = [];

    /// <summary>The least t for which the point holds, worked out from the point.</summary>
    public double Level { get; private set; }

    /// <summary>What the multipliers prove: no point reaches a smaller t, to the solver's tolerance.</summary>
    public double LevelBound { get; private set; }

    /// <summary>The multipliers of the rows, in the order of adding; all multipliers add up to at most one.</summary>
    public double[] RowMultipliers { get; private set; } = [];

    /// <summary>The absolute multipliers of the equations.</summary>
    public double[] EquationMultipliers { get; private set; } = [];

    /// <summary>The multipliers of the cones.</summary>
    public double[][] ConeMultipliers { get; private set; } = [];

    public int RowCount => _rows.Count;

    public void AddRow(double[] row, double bound) => _rows.Add((row, bound));

    public void AddEquation(double[] row, double bound) => _equations.Add((row, bound));

    /// <summary>Adds s(w) = C w + k; C is row-major.</summary>
    public void AddCone(double[] coefficients, double[] constants) => _cones.Add((coefficients, constants));

    /// <summary>
    /// Solves; a program of this form always has a solution. Where the solutions reach arbitrarily far out, so that the interior point
    /// drifts away and loses digits, it is solved again in a box, and that solution taken if the box has no part in its proof.
    /// </summary>
    public void Solve(double floor)
    {
        SolveWithin(double.PositiveInfinity, floor);
        if (!Array.Exists(Point, v => Math.Abs(v) > s_boxes[0]))
            return;
        foreach (double box in s_boxes)
        {
            double pressure = SolveWithin(box, floor);
            if (pressure <= 1e-11 || Level < -FeasibilityAnalyzer.Tolerance)
                return;
        }

        SolveWithin(double.PositiveInfinity, floor);
    }

    /// <returns>The sum of the box's multipliers.</returns>
    private double SolveWithin(double box, double floor)
    {
        int sides = double.IsFinite(box) ? 2 * _dimension : 0;
        int m = _rows.Count, e = _equations.Count, last = m + 2 * e, orthant = last + 1 + sides, columns = _dimension + 1;
        int[] sizes = [.. _cones.ConvertAll(c => c.Constants.Length)];
        int total = orthant;
        foreach (int size in sizes)
            total += size;
        double[] g = new double[total * columns], h = new double[total], p = new double[columns];
        p[^1] = 1;
        for (int i = 0; i < m; i++)
            Write(i, _rows[i].Row, 1, _rows[i].Bound);
        for (int j = 0; j < e; j++)
        {
            Write(m + 2 * j, _equations[j].Row, 1, _equations[j].Bound);
            Write(m + 2 * j + 1, _equations[j].Row, -1, -_equations[j].Bound);
        }

        Write(last, new double[_dimension], 1, -floor);
        for (int i = 0; i < sides; i++)
        {
            g[(last + 1 + i) * columns + i / 2] = i % 2 == 0 ? 1 : -1;
            h[last + 1 + i] = box;
        }

        int offset = orthant;
        foreach ((double[] coefficients, double[] constants) in _cones)
        {
            for (int i = 0; i < constants.Length; i++)
            {
                h[offset + i] = constants[i];
                for (int j = 0; j < _dimension; j++)
                    g[(offset + i) * columns + j] = -coefficients[i * _dimension + j];
            }

            g[offset * columns + _dimension] = -1;
            offset += constants.Length;
        }

        var solver = new ConicSolver(columns, 0, orthant, sizes);
        solver.Solve([], p, [], [], g, h, FeasibilityAnalyzer.Precise(sizes.Length > 0));
        Read(solver, m, e, orthant, sizes, floor);
        double pressure = 0;
        for (int i = 0; i < sides; i++)
            pressure += solver.Lambda[last + 1 + i];
        return pressure;

        void Write(int row, double[] values, double sign, double bound)
        {
            for (int j = 0; j < _dimension; j++)
                g[row * columns + j] = sign * values[j];
            g[row * columns + _dimension] = -1;
            h[row] = bound;
        }
    }

    private void Read(ConicSolver solver, int m, int e, int orthant, int[] sizes, double floor)
    {
        Point = solver.Z[.._dimension].ToArray();
        if (!Array.TrueForAll(Point, double.IsFinite))
            Point = new double[_dimension];
        RowMultipliers = solver.Lambda[..m].ToArray();
        EquationMultipliers = new double[e];
        for (int j = 0; j < e; j++)
            EquationMultipliers[j] = Math.Abs(solver.Lambda[m + 2 * j] - solver.Lambda[m + 2 * j + 1]);
        ConeMultipliers = new double[sizes.Length][];
        int offset = orthant;
        for (int k = 0; k < sizes.Length; k++)
        {
            ConeMultipliers[k] = solver.Lambda.Slice(offset, sizes[k]).ToArray();
            offset += sizes[k];
        }

        Level = Math.Max(floor, Measure(Point));
        LevelBound = double.IsFinite(solver.Objective) ? Math.Min(Level, solver.Objective - Math.Abs(solver.Gap)) : Level;
    }

    /// <summary>The least t for which a point holds.</summary>
    public double Measure(ReadOnlySpan<double> w)
    {
        double level = double.NegativeInfinity;
        foreach ((double[] row, double bound) in _rows)
            level = Math.Max(level, AffineHull.Dot(w, row) - bound);
        foreach ((double[] row, double bound) in _equations)
            level = Math.Max(level, Math.Abs(AffineHull.Dot(w, row) - bound));
        foreach ((double[] coefficients, double[] constants) in _cones)
        {
            double square = 0, first = 0;
            for (int i = 0; i < constants.Length; i++)
            {
                double value = constants[i] + AffineHull.Dot(w, coefficients.AsSpan(i * w.Length, w.Length));
                if (i == 0)
                    first = value;
                else
                    square += value * value;
            }

            level = Math.Max(level, Math.Sqrt(square) - first);
        }

        return level;
    }
}
