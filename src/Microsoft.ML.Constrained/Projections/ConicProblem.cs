using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// The projection onto {l ≤ Az ≤ u, norm blocks} as a conic quadratic program in (z, t), t the magnitudes of the variables inside L1 balls:
/// minimise ½z'Wz − (Wy)'z; equalities as such; one row of G for each finite bound; for an L1 block t ≥ ±(z − c), Σt ≤ r + height;
/// for an L2 block one second-order cone. Only the right-hand sides change from row to row.
/// With slack, every row and block also has a variable for its violation, the objective is ½‖violations‖², plus a little of the distance
/// so that the solution is bounded: the problem of the least violations.
/// </summary>
internal sealed class ConicProblem
{
    private readonly ConstraintSystem _system;
    private readonly double[] _weights;
    private readonly double[] _scale;
    private readonly bool _slack;
    private readonly int _lifted;
    private readonly List<int> _equalities = [];
    private readonly List<(int Row, int Sign)> _sides = [];
    private readonly List<(int Block, int Start)> _lifts = [];

    /// <param name="system">The rows and blocks.</param>
    /// <param name="weights">W.</param>
    /// <param name="slack">Whether violations are variables, and then the objective.</param>
    public ConicProblem(ConstraintSystem system, double[] weights, bool slack)
    {
        _system = system;
        _weights = weights;
        _slack = slack;
        _lifted = system.Dimension;
        for (int i = 0; i < system.RowCount; i++)
        {
            if (system.IsEquality(i))
            {
                _equalities.Add(i);
                continue;
            }

            if (!double.IsInfinity(system.Upper[i]))
                _sides.Add((i, 1));
            if (!double.IsInfinity(system.Lower[i]))
                _sides.Add((i, -1));
        }

        var cones = new List<int>();
        int orthant = _sides.Count;
        for (int b = 0; b < system.Norms.Count; b++)
        {
            NormBlock block = system.Norms[b];
            int size = block.Variables.Length;
            if (block.Norm == Norm.L2)
            {
                cones.Add(size + 1);
                continue;
            }

            _lifts.Add((b, _lifted));
            _lifted += size;
            orthant += (2 * size) + 1;
        }

        SlackStart = _lifted;
        Variables = _lifted + (slack ? system.RowCount + system.Norms.Count : 0);
        Orthant = orthant + (slack ? system.Norms.Count : 0);
        Cones = [.. cones];
        _scale = Scales(system);
    }

    public int Variables { get; }

    public int Orthant { get; }

    public int[] Cones { get; }

    public int Equalities => _equalities.Count;

    /// <summary>Index of the first violation among the variables.</summary>
    public int SlackStart { get; }

    /// <summary>What a violation of 1 in the scaled problem is in the units of each row, then of each block.</summary>
    public ReadOnlySpan<double> Scale => _scale;

    /// <summary>A solver that has this problem's matrices.</summary>
    public ConicSolver CreateSolver()
    {
        var solver = new ConicSolver(Variables, Equalities, Orthant, Cones);
        var q = new double[Variables * Variables];
        for (int j = 0; j < _system.Dimension; j++)
            q[(j * Variables) + j] = Weight(j);
        for (int j = SlackStart; j < Variables; j++)
            q[(j * Variables) + j] = 1;
        var a = new double[Equalities * Variables];
        for (int k = 0; k < Equalities; k++)
            WriteRow(a.AsSpan(k * Variables, Variables), _equalities[k], 1);
        solver.Prepare(q, a, InequalityMatrix());
        return solver;
    }

    /// <summary>
    /// The right-hand sides for one row of data. A bound that no point within <paramref name="reach"/> of y comes near is moved there,
    /// so that the solver's tolerances, which are relative to its data, are not those of a bound that plays no part.
    /// </summary>
    public void Load(
        ReadOnlySpan<double> y,
        double reach,
        ReadOnlySpan<double> lower,
        ReadOnlySpan<double> upper,
        ReadOnlySpan<double> radii,
        Span<double> p,
        Span<double> b,
        Span<double> h)
    {
        p.Clear();
        for (int j = 0; j < y.Length; j++)
            p[j] = -Weight(j) * y[j];
        for (int k = 0; k < Equalities; k++)
            b[k] = lower[_equalities[k]];
        int at = 0;
        foreach ((int row, int sign) in _sides)
        {
            double bound = sign > 0 ? upper[row] : -lower[row];
            double value = sign * LinearAlgebra.SpanKernels.Dot(_system.Row(row), y);
            h[at++] = Math.Min(bound, Math.Max(value, 0) + (reach * _scale[row]));
        }

        foreach ((int block, _) in _lifts)
        {
            foreach (double centre in _system.Norms[block].Centre)
            {
                h[at++] = centre;
                h[at++] = -centre;
            }

            h[at++] = radii[block];
        }

        for (int k = 0; k < _system.Norms.Count && _slack; k++)
            h[at++] = 0;
        for (int k = 0; k < _system.Norms.Count; k++)
        {
            NormBlock block = _system.Norms[k];
            if (block.Norm != Norm.L2)
                continue;
            h[at++] = radii[k];
            foreach (double centre in block.Centre)
                h[at++] = -centre;
        }
    }

    /// <summary>
    /// The state of a solved row: a multiplier for each row and block, 0 where it is less than its slack; then, for each variable of each
    /// block in turn, 1 where it is at its centre (all of them, at the apex of an L2 block), else 0.
    /// </summary>
    public void Read(ConicSolver solver, Span<double> state)
    {
        state.Clear();
        for (int k = 0; k < Equalities; k++)
            state[_equalities[k]] = solver.Nu[k];
        int at = 0;
        foreach ((int row, int sign) in _sides)
        {
            if (solver.Lambda[at] * _scale[row] * _scale[row] > solver.S[at])
                state[row] += sign * solver.Lambda[at];
            at++;
        }

        int lift = 0;
        int cone = Orthant;
        int flag = _system.RowCount + _system.Norms.Count;
        for (int b = 0; b < _system.Norms.Count; b++)
        {
            int size = _system.Norms[b].Variables.Length;
            Span<double> flags = state.Slice(flag, size);
            flag += size;
            if (_system.Norms[b].Norm == Norm.L2)
            {
                state[_system.RowCount + b] = ReadCone(solver.S.Slice(cone, size + 1), solver.Lambda.Slice(cone, size + 1), flags);
                cone += size + 1;
                continue;
            }

            int start = _sides.Count + lift;
            lift += (2 * size) + 1;
            for (int k = 0; k < size; k++)
            {
                int above = start + (2 * k);
                flags[k] = solver.Lambda[above] > solver.S[above] && solver.Lambda[above + 1] > solver.S[above + 1] ? 1 : 0;
            }

            int sum = start + (2 * size);
            state[_system.RowCount + b] = solver.Lambda[sum] > solver.S[sum] ? solver.Lambda[sum] : 0;
        }
    }

    /// <summary>The multiplier of a cone: by strict complementarity slack inside and no multiplier, both on the boundary, or the slack at the apex.</summary>
    private static double ReadCone(ReadOnlySpan<double> slack, ReadOnlySpan<double> multiplier, Span<double> flags)
    {
        double length = LinearAlgebra.SpanKernels.Norm(slack[1..]);
        if (multiplier[0] <= slack[0] - length)
            return 0;
        if (multiplier[0] - LinearAlgebra.SpanKernels.Norm(multiplier[1..]) > slack[0] + length)
            flags.Fill(1);
        return multiplier[0];
    }

    private static double[] Scales(ConstraintSystem system)
    {
        var scale = new double[system.RowCount + system.Norms.Count];
        for (int i = 0; i < system.RowCount; i++)
        {
            double norm = LinearAlgebra.SpanKernels.Norm(system.Row(i));
            scale[i] = norm > 0 ? norm : 1;
        }

        for (int b = 0; b < system.Norms.Count; b++)
        {
            NormBlock block = system.Norms[b];
            double squared = (block.Norm == Norm.L1 ? Math.Max(block.Variables.Length, 1) : 1) + (block.Height >= 0 ? 1 : 0);
            scale[system.RowCount + b] = Math.Sqrt(squared);
        }

        return scale;
    }

    /// <summary>With slack only as much of the distance as keeps the solution bounded.</summary>
    private double Weight(int index) => _slack ? 1e-7 : _weights[index];

    private void WriteRow(Span<double> target, int row, int sign)
    {
        ReadOnlySpan<double> source = _system.Row(row);
        for (int j = 0; j < source.Length; j++)
            target[j] = sign * source[j];
        if (_slack)
            target[SlackStart + row] = -sign * _scale[row];
    }

    private double[] InequalityMatrix()
    {
        int length = Orthant;
        foreach (int cone in Cones)
            length += cone;
        var g = new double[length * Variables];
        int at = 0;
        Span<double> Next() => g.AsSpan(at++ * Variables, Variables);
        foreach ((int row, int sign) in _sides)
            WriteRow(Next(), row, sign);
        foreach ((int b, int start) in _lifts)
        {
            NormBlock block = _system.Norms[b];
            for (int k = 0; k < block.Variables.Length; k++)
            {
                Span<double> above = Next();
                above[block.Variables[k]] = 1;
                above[start + k] = -1;
                Span<double> below = Next();
                below[block.Variables[k]] = -1;
                below[start + k] = -1;
            }

            Span<double> sum = Next();
            sum.Slice(start, block.Variables.Length).Fill(1);
            WriteRadius(sum, b);
        }

        for (int b = 0; b < _system.Norms.Count && _slack; b++)
            Next()[SlackStart + _system.RowCount + b] = -1;
        for (int b = 0; b < _system.Norms.Count; b++)
        {
            NormBlock block = _system.Norms[b];
            if (block.Norm != Norm.L2)
                continue;
            WriteRadius(Next(), b);
            foreach (int variable in block.Variables)
                Next()[variable] = -1;
        }

        return g;
    }

    /// <summary>The radius is r + z[height] + violation, on the right.</summary>
    private void WriteRadius(Span<double> row, int b)
    {
        if (_system.Norms[b].Height >= 0)
            row[_system.Norms[b].Height] -= 1;
        if (_slack)
            row[SlackStart + _system.RowCount + b] -= _scale[_system.RowCount + b];
    }
}
