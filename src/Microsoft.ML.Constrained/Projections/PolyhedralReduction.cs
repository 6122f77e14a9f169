using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>What a row of A turned out to be.</summary>
internal enum PolyhedralRowKind : byte
{
    /// <summary>An inequality that still matters once the equalities hold.</summary>
    Inequality,

    /// <summary>One of the independent equalities.</summary>
    Equality,

    /// <summary>A row whose value is fixed by the independent equalities, or a zero row.</summary>
    Fixed,
}

/// <summary>
/// The part of a polyhedral projection that does not depend on the bounds. In x = W^½ z, with rows scaled to unit length âᵢ:
/// independent equalities Ê = L Q with orthonormal rows Q, so that every feasible x is Q'c + (I − Q'Q)x with c = L⁻¹b_E;
/// each inequality âᵢ = κᵢ'Q + ρᵢāᵢ with āᵢ ⟂ Q of unit length, so that its bound on āᵢ'x is (bᵢ − κᵢ'c)/ρᵢ.
/// Rows with ρ = 0, and dependent equalities, are fixed by c and only checked.
/// </summary>
internal sealed class PolyhedralReduction
{
    /// <summary>A unit equality this close to the span of the others belongs to it.</summary>
    private const double Dependent = 1e-9;

    /// <summary>An inequality this close to that span is only checked; further off, what is left of it still binds.</summary>
    private const double Fixed = 1e-12;

    /// <summary>Of a unit row and its right-hand side, a few operations on.</summary>
    private const double Rounding = 2e-15;

    private readonly double[] _basis;
    private readonly double[] _lower;

    public PolyhedralReduction(ReadOnlySpan<double> matrix, int dimension, ReadOnlySpan<bool> equality, ReadOnlySpan<double> weights)
    {
        int rows = equality.Length;
        Dimension = dimension;
        Rows = rows;
        Root = new double[dimension];
        for (int j = 0; j < dimension; j++)
            Root[j] = weights.IsEmpty ? 1 : Math.Sqrt(weights[j]);
        IsUnweighted = Root.AsSpan().IndexOfAnyExcept(1.0) < 0;
        Norm = new double[rows];
        Kind = new PolyhedralRowKind[rows];
        Place = new int[rows];
        Rest = new double[rows];
        double[] unit = Normalise(matrix);
        _basis = SelectEqualities(unit, equality, out _lower, out int[] chosen);
        EqualityRows = chosen;
        Along = new double[rows * EqualityCount];
        InequalityRows = ReduceInequalities(unit, equality, out double[] reduced);
        ReducedMatrix = reduced;
    }

    public int Dimension { get; }

    public int Rows { get; }

    /// <summary>√w.</summary>
    public double[] Root { get; }

    public bool IsUnweighted { get; }

    /// <summary>Length of each row of A W^-½; 0 for a zero row.</summary>
    public double[] Norm { get; }

    public PolyhedralRowKind[] Kind { get; }

    /// <summary>Index among the independent equalities or among the inequalities; −1 for a fixed row.</summary>
    public int[] Place { get; }

    /// <summary>ρ.</summary>
    public double[] Rest { get; }

    /// <summary>κ, row-major, one row of <see cref="EqualityCount"/> for each row of A.</summary>
    public double[] Along { get; }

    public int[] EqualityRows { get; }

    public int EqualityCount => EqualityRows.Length;

    public int[] InequalityRows { get; }

    /// <summary>ā, row-major.</summary>
    public double[] ReducedMatrix { get; }

    public ReadOnlySpan<double> Basis(int index) => _basis.AsSpan(index * Dimension, Dimension);

    public ReadOnlySpan<double> AlongOf(int row) => Along.AsSpan(row * EqualityCount, EqualityCount);

    /// <summary>
    /// By how much the value that the equalities give a unit row may be off, relative to the size of their right-hand sides: two that are
    /// parallel to 1e-8 leave the point where they cross no more certain than that.
    /// </summary>
    public double Slip(int row)
    {
        double sum = 0;
        for (int k = 0; k < EqualityCount; k++)
            sum += Math.Abs(AlongOf(row)[k]) / _lower[(k * EqualityCount) + k];
        return Rounding * sum;
    }

    /// <summary>values ← L⁻¹ values.</summary>
    public void SolveLower(Span<double> values)
    {
        int e = EqualityCount;
        for (int i = 0; i < e; i++)
        {
            double sum = values[i];
            for (int j = 0; j < i; j++)
                sum -= _lower[(i * e) + j] * values[j];
            values[i] = sum / _lower[(i * e) + i];
        }
    }

    /// <summary>values ← L⁻ᵀ values.</summary>
    public void SolveUpper(Span<double> values)
    {
        int e = EqualityCount;
        for (int i = e - 1; i >= 0; i--)
        {
            double sum = values[i];
            for (int j = i + 1; j < e; j++)
                sum -= _lower[(j * e) + i] * values[j];
            values[i] = sum / _lower[(i * e) + i];
        }
    }

    private double[] Normalise(ReadOnlySpan<double> matrix)
    {
        var unit = new double[Rows * Dimension];
        for (int i = 0; i < Rows; i++)
        {
            Span<double> row = unit.AsSpan(i * Dimension, Dimension);
            for (int j = 0; j < Dimension; j++)
                row[j] = matrix[(i * Dimension) + j] / Root[j];
            double norm = SpanKernels.Norm(row);
            Norm[i] = norm;
            for (int j = 0; j < Dimension && norm > 0; j++)
                row[j] /= norm;
        }

        return unit;
    }

    /// <summary>Gram–Schmidt with pivoting, each row orthogonalised twice.</summary>
    private double[] SelectEqualities(double[] unit, ReadOnlySpan<bool> equality, out double[] lower, out int[] chosen)
    {
        var left = new List<int>();
        for (int i = 0; i < Rows; i++)
        {
            if (equality[i] && Norm[i] > 0)
                left.Add(i);
        }

        var work = (double[])unit.Clone();
        var basis = new List<double[]>();
        var order = new List<int>();
        while (left.Count > 0 && basis.Count < Dimension)
        {
            int best = -1;
            double most = Dependent;
            foreach (int i in left)
            {
                double norm = SpanKernels.Norm(work.AsSpan(i * Dimension, Dimension));
                if (norm > most)
                {
                    most = norm;
                    best = i;
                }
            }

            if (best < 0)
                break;
            double[] q = work.AsSpan(best * Dimension, Dimension).ToArray();
            Orthogonalise(basis, q);
            double length = SpanKernels.Norm(q);
            for (int j = 0; j < Dimension; j++)
                q[j] /= length;
            basis.Add(q);
            order.Add(best);
            left.Remove(best);
            foreach (int i in left)
            {
                Span<double> row = work.AsSpan(i * Dimension, Dimension);
                SpanKernels.AddScaled<double>(q, -SpanKernels.Dot<double>(q, row), row);
            }
        }

        int e = basis.Count;
        lower = new double[e * e];
        var flat = new double[e * Dimension];
        for (int k = 0; k < e; k++)
            basis[k].CopyTo(flat, k * Dimension);
        for (int i = 0; i < e; i++)
        {
            for (int j = 0; j <= i; j++)
                lower[(i * e) + j] = SpanKernels.Dot<double>(unit.AsSpan(order[i] * Dimension, Dimension), basis[j]);
        }

        chosen = [.. order];
        return flat;
    }

    private static void Orthogonalise(List<double[]> basis, Span<double> row)
    {
        for (int round = 0; round < 2; round++)
        {
            foreach (double[] q in basis)
                SpanKernels.AddScaled<double>(q, -SpanKernels.Dot<double>(q, row), row);
        }
    }

    private int[] ReduceInequalities(double[] unit, ReadOnlySpan<bool> equality, out double[] reduced)
    {
        var rows = new List<int>();
        var matrix = new List<double>();
        for (int i = 0; i < Rows; i++)
        {
            Place[i] = Array.IndexOf(EqualityRows, i);
            Kind[i] = Place[i] >= 0 ? PolyhedralRowKind.Equality : PolyhedralRowKind.Fixed;
            double[] row = unit.AsSpan(i * Dimension, Dimension).ToArray();
            for (int round = 0; round < 2; round++)
            {
                for (int k = 0; k < EqualityCount; k++)
                {
                    double product = SpanKernels.Dot(Basis(k), row);
                    Along[(i * EqualityCount) + k] += product;
                    SpanKernels.AddScaled(Basis(k), -product, row);
                }
            }

            double rest = SpanKernels.Norm(row);
            if (equality[i] || rest <= Fixed)
                continue;
            Kind[i] = PolyhedralRowKind.Inequality;
            Place[i] = rows.Count;
            Rest[i] = rest;
            rows.Add(i);
            foreach (double value in row)
                matrix.Add(value / rest);
        }

        reduced = [.. matrix];
        return [.. rows];
    }
}
