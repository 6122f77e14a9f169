using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// Copies of Q, A and G with rows and columns scaled to about one (a few passes of Ruiz' iteration; one factor for all rows of a
/// second-order cone), and the factors: z = βD ẑ, s = βE⁻¹ŝ, λ = (β/c) E λ̂, ν = (β/c) E ν̂.
/// </summary>
internal sealed class ConicEquilibration
{
    private const int Passes = 5;

    // A column of rounding dust must not be taken for a variable in small units. A power of two.
    private const double LargestFactor = 1 << 30;

    private readonly int _n, _p;
    private readonly ConicScaling _cones;
    private readonly double[] _norms;

    public ConicEquilibration(int variables, int equalities, ConicScaling cones)
    {
        _n = variables;
        _p = equalities;
        _cones = cones;
        int rows = equalities + cones.Length;
        Columns = new double[_n];
        EqualityRows = new double[_p];
        InequalityRows = new double[cones.Length];
        _norms = new double[Math.Max(_n, rows)];
        A = new double[_p * _n];
        G = new double[cones.Length * _n];
        QStorage = new double[_n * _n];
    }

    /// <summary>D.</summary>
    public double[] Columns { get; }

    /// <summary>E for Az = b.</summary>
    public double[] EqualityRows { get; }

    /// <summary>E for Gz + s = h.</summary>
    public double[] InequalityRows { get; }

    /// <summary>D Q D; empty where Q is zero.</summary>
    public double[] Q { get; private set; } = [];

    public double[] A { get; }

    public double[] G { get; }

    private double[] QStorage { get; }

    /// <summary>Takes the matrices over; only the symmetric part of Q counts.</summary>
    public void Load(ReadOnlySpan<double> q, ReadOnlySpan<double> a, ReadOnlySpan<double> g)
    {
        a.CopyTo(A);
        g.CopyTo(G);
        Columns.AsSpan().Fill(1);
        EqualityRows.AsSpan().Fill(1);
        InequalityRows.AsSpan().Fill(1);
        Q = q.IsEmpty ? [] : QStorage;
        for (int i = 0; i < (q.IsEmpty ? 0 : _n); i++)
        {
            for (int j = 0; j <= i; j++)
                Q[i * _n + j] = Q[j * _n + i] = 0.5 * q[i * _n + j] + 0.5 * q[j * _n + i];
        }

        for (int pass = 0; pass < Passes; pass++)
        {
            ScaleRows(A, _p, EqualityRows, cones: false);
            ScaleRows(G, _cones.Length, InequalityRows, cones: true);
            ScaleColumns();
        }

        ScaleRows(A, _p, EqualityRows, cones: false, exactly: true);
        ScaleRows(G, _cones.Length, InequalityRows, cones: true, exactly: true);
    }

    private void ScaleRows(double[] matrix, int rows, double[] factors, bool cones, bool exactly = false)
    {
        Span<double> norms = _norms.AsSpan(0, rows);
        for (int i = 0; i < rows; i++)
            norms[i] = ConicAlgebra.MaxAbs(matrix.AsSpan(i * _n, _n));
        int offset = _cones.Orthant;
        for (int k = 0; cones && k < _cones.Cones.Length; k++)
        {
            Span<double> block = norms.Slice(offset, _cones.Cones[k]);
            block.Fill(ConicAlgebra.MaxAbs(block));
            offset += block.Length;
        }

        for (int i = 0; i < rows; i++)
        {
            double factor = Factor(norms[i], exactly);
            factors[i] *= factor;
            ConicAlgebra.Scale(factor, matrix.AsSpan(i * _n, _n));
        }
    }

    private void ScaleColumns()
    {
        Span<double> norms = _norms.AsSpan(0, _n);
        norms.Clear();
        AddColumnNorms(A, _p, norms);
        AddColumnNorms(G, _cones.Length, norms);

        // A column that no constraint touches keeps its unit: the cost has a scale factor of its own.
        for (int j = 0; j < _n; j++)
        {
            norms[j] = Math.Clamp(Columns[j] * Factor(norms[j], exactly: false), 1 / LargestFactor, LargestFactor) / Columns[j];
            Columns[j] *= norms[j];
        }

        MultiplyColumns(A, _p, norms);
        MultiplyColumns(G, _cones.Length, norms);
        for (int i = 0; i < _n && Q.Length != 0; i++)
        {
            for (int j = 0; j < _n; j++)
                Q[i * _n + j] *= norms[i] * norms[j];
        }
    }

    private void AddColumnNorms(double[] matrix, int rows, Span<double> norms)
    {
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<double> row = matrix.AsSpan(i * _n, _n);
            for (int j = 0; j < _n; j++)
                norms[j] = Math.Max(norms[j], Math.Abs(row[j]));
        }
    }

    private void MultiplyColumns(double[] matrix, int rows, ReadOnlySpan<double> factors)
    {
        for (int i = 0; i < rows; i++)
        {
            Span<double> row = matrix.AsSpan(i * _n, _n);
            for (int j = 0; j < _n; j++)
                row[j] *= factors[j];
        }
    }

    /// <summary>Powers of two, so that scaling and scaling back are exact.</summary>
    private static double Factor(double norm, bool exactly)
    {
        if (norm == 0)
            return 1;
        double exponent = -Math.Log2(norm) * (exactly ? 1 : 0.5);
        return Math.ScaleB(1, (int)Math.Round(exponent));
    }
}
