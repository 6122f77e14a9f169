using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// The equations that hold at a projection onto rows and norm blocks, and their Newton system
/// [M, A'; A, 0] [dz; dλ] = [f; g], M = W + Σ μ_b·(curvature of block b), A the gradients of what holds:
/// rows at a bound; for an L1 block its face (one row, and zᵢ = cᵢ for each variable at its centre);
/// for an L2 block the gradient of the norm, or at its apex zᵢ = cᵢ for all; so too for an L1 block of radius 0.
/// M is positive definite; dependent equations get no share (a Cholesky factor of A M⁻¹ A' with vanishing pivots left out).
/// </summary>
internal sealed class ActiveConstraints
{
    private const double LeastPivot = 1e-13;
    private readonly ConstraintSystem _system;
    private readonly double[] _weights;
    private readonly int _n;
    private readonly double[] _curved;
    private readonly List<double[]> _spare = [];
    private readonly List<double[]> _gradients = [];
    private readonly List<double> _residuals = [];
    private readonly List<int> _owners = [];
    private double[] _half = [];
    private double[] _schur = [];
    private double[] _right = [];

    public ActiveConstraints(ConstraintSystem system, double[] weights)
    {
        _system = system;
        _weights = weights;
        _n = system.Dimension;
        _curved = new double[_n * _n];
    }

    public int Count => _gradients.Count;

    /// <summary>For each equation the row, or RowCount + the block, whose right-hand side is in it; −1 − block for a variable at its centre.</summary>
    public IReadOnlyList<int> Owners => _owners;

    public IReadOnlyList<double> Residuals => _residuals;

    /// <summary>Gathers what holds at <paramref name="z"/>: whatever has a multiplier, and the equalities.</summary>
    /// <param name="z">The point.</param>
    /// <param name="multipliers">One for each row, then one for each block, then a flag for each variable of each block that is at its centre.</param>
    /// <param name="lower">Bounds of the rows.</param>
    /// <param name="upper">Bounds of the rows.</param>
    /// <param name="radii">Radii of the blocks.</param>
    public void Build(
        ReadOnlySpan<double> z,
        ReadOnlySpan<double> multipliers,
        ReadOnlySpan<double> lower,
        ReadOnlySpan<double> upper,
        ReadOnlySpan<double> radii)
    {
        _spare.AddRange(_gradients);
        _gradients.Clear();
        _residuals.Clear();
        _owners.Clear();
        Array.Clear(_curved);
        for (int j = 0; j < _n; j++)
            _curved[(j * _n) + j] = _weights[j];
        for (int i = 0; i < _system.RowCount; i++)
        {
            bool equality = _system.IsEquality(i);
            if (multipliers[i] == 0 && !equality)
                continue;
            double[] gradient = Add(SpanKernels.Dot(_system.Row(i), z) - (multipliers[i] > 0 || equality ? upper[i] : lower[i]), i);
            _system.Row(i).CopyTo(gradient);
        }

        int flag = _system.RowCount + _system.Norms.Count;
        for (int b = 0; b < _system.Norms.Count; b++)
        {
            int size = _system.Norms[b].Variables.Length;
            double multiplier = multipliers[_system.RowCount + b];
            if (multiplier > 0)
                AddBlock(_system.Norms[b], b, multiplier, z, radii[b], multipliers.Slice(flag, size));
            flag += size;
        }

        Factor();
    }

    /// <summary>f ← dz, g ← dλ.</summary>
    public void Solve(Span<double> f, Span<double> g)
    {
        // With M = LL', V = L⁻¹A': dλ = (V'V)⁻¹(V'L⁻¹f − g), dz = L⁻ᵀ(L⁻¹f − V dλ).
        ForwardSolve(f);
        for (int k = 0; k < Count; k++)
            g[k] = SpanKernels.Dot<double>(_half.AsSpan(k * _n, _n), f) - g[k];
        SolveSchur(g);
        for (int k = 0; k < Count; k++)
            SpanKernels.AddScaled<double>(_half.AsSpan(k * _n, _n), -g[k], f);
        for (int i = _n - 1; i >= 0; i--)
        {
            f[i] /= _curved[(i * _n) + i];
            SpanKernels.AddScaled<double>(_curved.AsSpan(i * _n, i), -f[i], f[..i]);
        }
    }

    /// <summary>target += Σ λₖ · gradient k.</summary>
    public void AddGradients(ReadOnlySpan<double> multipliers, Span<double> target)
    {
        for (int k = 0; k < Count; k++)
            SpanKernels.AddScaled<double>(_gradients[k], multipliers[k], target);
    }

    /// <summary>The multipliers that make W(z − y) + A'λ smallest: a start for those that are not known.</summary>
    public void Fit(Span<double> pull, Span<double> multipliers)
    {
        // A dz = 0 makes the solution of the Newton system the projection in the metric of M.
        multipliers[..Count].Clear();
        Solve(pull, multipliers[..Count]);
    }

    private double[] Add(double residual, int owner)
    {
        double[] gradient;
        if (_spare.Count > 0)
        {
            gradient = _spare[^1];
            _spare.RemoveAt(_spare.Count - 1);
            Array.Clear(gradient);
        }
        else
        {
            gradient = new double[_n];
        }

        _gradients.Add(gradient);
        _residuals.Add(residual);
        _owners.Add(owner);
        return gradient;
    }

    private void AddBlock(NormBlock block, int index, double multiplier, ReadOnlySpan<double> z, double radius, ReadOnlySpan<double> flags)
    {
        double length = 0;
        double sum = 0;
        for (int k = 0; k < block.Variables.Length; k++)
        {
            double d = flags[k] > 0 ? 0 : z[block.Variables[k]] - block.Centre[k];
            length += d * d;
            sum += Math.Abs(d);
        }

        length = Math.Sqrt(length);

        // A ball of radius 0 is its centre, where no face has a gradient.
        bool apex = block.Norm == Norm.L2 && length == 0;
        double height = block.Height >= 0 ? z[block.Height] : 0;
        double[]? face = block.Height < 0 && (apex || radius == 0)
            ? null
            : Add((block.Norm == Norm.L1 ? sum : length) - height - radius, _system.RowCount + index);
        if (block.Height >= 0)
            face![block.Height] = -1;
        for (int k = 0; k < block.Variables.Length; k++)
        {
            int variable = block.Variables[k];
            double d = z[variable] - block.Centre[k];
            if (apex || (block.Norm == Norm.L1 && flags[k] > 0))
                Add(d, -1 - index)[variable] = 1;
            else if (face is not null)
                face[variable] = block.Norm == Norm.L1 ? Math.Sign(d) : d / length;
        }

        if (block.Norm == Norm.L2 && !apex && face is not null)
            AddCurvature(block, face!, multiplier / length);
    }

    /// <summary>(μ/‖d‖)(I − uu').</summary>
    private void AddCurvature(NormBlock block, double[] direction, double factor)
    {
        foreach (int i in block.Variables)
        {
            _curved[(i * _n) + i] += factor;
            foreach (int j in block.Variables)
                _curved[(i * _n) + j] -= factor * direction[i] * direction[j];
        }
    }

    private void Factor()
    {
        for (int i = 0; i < _n; i++)
        {
            Span<double> row = _curved.AsSpan(i * _n, i + 1);
            for (int j = 0; j <= i; j++)
            {
                double value = row[j] - SpanKernels.Dot<double>(row[..j], _curved.AsSpan(j * _n, j));
                row[j] = j < i ? value / _curved[(j * _n) + j] : Math.Sqrt(value);
            }
        }

        int count = Count;
        if (_half.Length < count * _n)
            _half = new double[count * _n];
        if (_schur.Length < count * count)
            _schur = new double[count * count];
        if (_right.Length < count)
            _right = new double[count];
        for (int k = 0; k < count; k++)
        {
            Span<double> v = _half.AsSpan(k * _n, _n);
            _gradients[k].CopyTo(v);
            ForwardSolve(v);
        }

        for (int i = 0; i < count; i++)
        {
            double diagonal = 0;
            for (int j = 0; j <= i; j++)
            {
                double product = SpanKernels.Dot<double>(_half.AsSpan(i * _n, _n), _half.AsSpan(j * _n, _n));
                diagonal = product;
                product -= SpanKernels.Dot<double>(_schur.AsSpan(i * count, j), _schur.AsSpan(j * count, j));
                double pivot = _schur[(j * count) + j];
                if (j < i)
                    _schur[(i * count) + j] = pivot > 0 ? product / pivot : 0;
                else
                    _schur[(i * count) + i] = product > LeastPivot * diagonal ? Math.Sqrt(product) : 0;
            }
        }
    }

    private void ForwardSolve(Span<double> values)
    {
        for (int i = 0; i < _n; i++)
            values[i] = (values[i] - SpanKernels.Dot<double>(_curved.AsSpan(i * _n, i), values[..i])) / _curved[(i * _n) + i];
    }

    private void SolveSchur(Span<double> values)
    {
        int count = Count;
        for (int i = 0; i < count; i++)
        {
            double pivot = _schur[(i * count) + i];
            values[i] = pivot > 0 ? (values[i] - SpanKernels.Dot<double>(_schur.AsSpan(i * count, i), values[..i])) / pivot : 0;
        }

        for (int i = count - 1; i >= 0; i--)
        {
            double pivot = _schur[(i * count) + i];
            values[i] = pivot > 0 ? values[i] / pivot : 0;
            SpanKernels.AddScaled<double>(_schur.AsSpan(i * count, i), -values[i], values[..i]);
        }
    }
}
