using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Constrained.Tests.Analysis;

/// <summary>
/// A polyhedron with integer data in two or three variables, cut off by a box so large that it changes nothing but boundedness;
/// vertices by Cramer's rule over all subsets of rows, in exact arithmetic.
/// </summary>
internal sealed class ExactPolyhedron
{
    private const long Far = 1000;
    private readonly int _n;
    private readonly List<(long[] A, long B)> _rows = [];

    public ExactPolyhedron(int n, IEnumerable<(long[] A, long B)> rows)
    {
        _n = n;
        _rows.AddRange(rows);
        for (int j = 0; j < n; j++)
        {
            for (int sign = -1; sign <= 1; sign += 2)
            {
                long[] a = new long[n];
                a[j] = sign;
                _rows.Add((a, Far));
            }
        }

        Vertices = [];
        foreach (int[] subset in Subsets(_rows.Count, n))
        {
            if (Intersection(subset) is { } point && _rows.All(r => Product(r.A, point.Numerators) <= r.B * point.Denominator))
                Vertices.Add(point);
        }

    }

    public List<(long[] Numerators, long Denominator)> Vertices { get; }

    public bool IsEmpty => Vertices.Count == 0;

    public bool IsBounded => Vertices.All(v => v.Numerators.All(x => Math.Abs(x) < Far * v.Denominator));

    /// <summary>Rank of the differences of the vertices.</summary>
    public int Dimension
    {
        get
        {
            var rows = Vertices.Skip(1).Select(v => Enumerable.Range(0, _n).Select(j =>
                (double)(v.Numerators[j] * Vertices[0].Denominator - Vertices[0].Numerators[j] * v.Denominator)).ToArray()).ToList();
            int rank = 0;
            for (int j = 0; j < _n; j++)
            {
                double[]? pivot = rows.Skip(rank).MaxBy(r => Math.Abs(r[j]));
                if (pivot is null || Math.Abs(pivot[j]) < 1e-6)
                    continue;
                rows.Remove(pivot);
                rows.Insert(rank, pivot);
                for (int i = rank + 1; i < rows.Count; i++)
                {
                    double factor = rows[i][j] / pivot[j];
                    for (int k = 0; k < _n; k++)
                        rows[i][k] -= factor * pivot[k];
                }

                rank++;
            }

            return rank;
        }
    }

    public bool HoldsEverywhere(long[] a, long b) => Vertices.All(v => Product(a, v.Numerators) <= b * v.Denominator);

    public bool IsTightEverywhere(long[] a, long b) => Vertices.All(v => Product(a, v.Numerators) == b * v.Denominator);

    /// <summary>All subsets of the given size of 0, …, count − 1.</summary>
    public static IEnumerable<int[]> Subsets(int count, int size)
    {
        int[] subset = Enumerable.Range(0, size).ToArray();
        while (size <= count)
        {
            yield return [.. subset];
            int i = size - 1;
            while (i >= 0 && subset[i] == count - size + i)
                i--;
            if (i < 0)
                yield break;
            subset[i]++;
            for (int j = i + 1; j < size; j++)
                subset[j] = subset[j - 1] + 1;
        }
    }

    public static long Product(long[] a, long[] x)
    {
        long sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * x[i];
        return sum;
    }

    private (long[] Numerators, long Denominator)? Intersection(int[] subset)
    {
        long[][] matrix = subset.Select(i => _rows[i].A).ToArray();
        long determinant = Determinant(matrix);
        if (determinant == 0)
            return null;
        long sign = Math.Sign(determinant);
        long[] numerators = new long[_n];
        for (int j = 0; j < _n; j++)
        {
            numerators[j] = sign * Determinant(subset.Select(i =>
                Enumerable.Range(0, _n).Select(k => k == j ? _rows[i].B : _rows[i].A[k]).ToArray()).ToArray());
        }

        return (numerators, sign * determinant);
    }

    private static long Determinant(long[][] m) => m.Length == 2
        ? m[0][0] * m[1][1] - m[0][1] * m[1][0]
        : m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
          - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
          + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}
