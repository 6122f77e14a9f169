using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// The double description method in double precision, made safe: equalities and lineality are removed by orthonormal bases first,
/// the first rays come from well-conditioned rows, every ray is recomputed from the rows that it lies on, and all of them are
/// checked. Where a check fails the data are too close to degenerate for double precision, and the caller takes exact numbers.
/// </summary>
internal static class FloatingCone
{
    /// <summary>Largest distance of a ray of unit length from a row of unit length that it should satisfy.</summary>
    private const double Feasible = 1e-9;

    /// <summary>A row leaves at least this share of the best candidate to be among the first.</summary>
    private const double PivotShare = 0.1;

    private static readonly double[] s_shares = [0.1, 1e-3, 1e-6];

    /// <summary>The rays and lines of {x : row·x ≥ 0, equality·x = 0}, or null where a check fails. Rows have unit length.</summary>
    public static (List<double[]> Rays, List<double[]> Lines)? TryConvert(
        int dimension, List<double[]> equalities, List<double[]> inequalities, int limit, CancellationToken cancellation)
    {
        var held = new OrthonormalBasis(dimension);
        foreach (double[] equality in equalities)
            held.TryAdd(equality);

        var rows = new List<double[]>();
        foreach (double[] inequality in inequalities)
        {
            double[] row = (double[])inequality.Clone();
            if (held.Remove(row) <= OrthonormalBasis.Dependent)
                continue;
            FloatingArithmetic.Normalize(row);
            if (!rows.Any(r => Distance(r, row) <= FloatingArithmetic.Tolerance))
                rows.Add(row);
        }

        cancellation.ThrowIfCancellationRequested();
        (OrthonormalBasis span, List<double[]> ordered) = Order(dimension, rows);
        List<double[]> reduced = [.. ordered.Select(r => FloatingArithmetic.Normalize(Coordinates(span, r)))];
        var rays = new List<double[]>();
        if (span.Count > 0)
        {
            (List<ConeRay<double>> found, List<double[]> left) =
                ConeConversion<double, FloatingArithmetic>.Run(span.Count, [], reduced, limit, cancellation);
            if (left.Count > 0)
                return null;
            foreach (ConeRay<double> ray in found)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!Polish(ray, reduced, span.Count))
                    return null;
                rays.Add(Combination(span, ray.Vector));
            }
        }

        var all = new OrthonormalBasis(dimension);
        foreach (double[] direction in held.Directions.Concat(span.Directions))
            all.TryAdd(direction);
        return (rays, all.Complement());
    }

    /// <summary>The space of the rows, and the rows with as many independent ones first.</summary>
    private static (OrthonormalBasis Span, List<double[]> Ordered) Order(int dimension, List<double[]> rows)
    {
        var span = new OrthonormalBasis(dimension);
        var ordered = new List<double[]>();
        double[][] left = [.. rows.Select(r => (double[])r.Clone())];
        double[] lengths = [.. rows.Select(_ => 1.0)];
        while (span.Count < dimension && rows.Count > ordered.Count)
        {
            double best = lengths.Max();
            if (best <= OrthonormalBasis.Dependent)
                break;
            int chosen = Array.FindIndex(lengths, l => l >= PivotShare * best);
            lengths[chosen] = 0;
            if (!span.TryAdd(rows[chosen]))
                continue;
            ordered.Add(rows[chosen]);
            double[] direction = span.Directions[^1];
            for (int i = 0; i < left.Length; i++)
            {
                if (lengths[i] == 0)
                    continue;
                double dot = OrthonormalBasis.Dot(direction, left[i]);
                for (int j = 0; j < dimension; j++)
                    left[i][j] -= dot * direction[j];
                lengths[i] = Math.Sqrt(OrthonormalBasis.Dot(left[i], left[i]));
            }
        }

        ordered.AddRange(rows.Except(ordered));
        return (span, ordered);
    }

    /// <summary>Puts the ray exactly on its rows, which must leave one direction, and checks it against all rows.</summary>
    private static bool Polish(ConeRay<double> ray, List<double[]> rows, int dimension)
    {
        // The most independent rows first; the last ones would only add their rounding errors.
        var tight = new OrthonormalBasis(dimension);
        foreach (double least in s_shares)
        {
            for (int i = 0; i < rows.Count && tight.Count < dimension - 1; i++)
            {
                if (ray.Tight.Contains(i))
                    tight.TryAdd(rows[i], least);
            }
        }

        if (tight.Count != dimension - 1 || !(tight.Remove(ray.Vector) > 0.5))
            return false;
        FloatingArithmetic.Normalize(ray.Vector);
        for (int i = 0; i < rows.Count; i++)
        {
            double value = FloatingArithmetic.Dot(rows[i], ray.Vector);
            if (!(value >= -Feasible) || (ray.Tight.Contains(i) && !(value <= 10 * Feasible)))
                return false;
        }

        return true;
    }

    private static double[] Coordinates(OrthonormalBasis span, double[] vector) =>
        [.. span.Directions.Select(d => OrthonormalBasis.Dot(d, vector))];

    private static double[] Combination(OrthonormalBasis span, double[] coordinates)
    {
        var result = new double[span.Directions[0].Length];
        for (int k = 0; k < coordinates.Length; k++)
        {
            for (int i = 0; i < result.Length; i++)
                result[i] += coordinates[k] * span.Directions[k][i];
        }

        return FloatingArithmetic.Normalize(result);
    }

    private static double Distance(double[] x, double[] y)
    {
        double largest = 0;
        for (int i = 0; i < x.Length && largest <= FloatingArithmetic.Tolerance; i++)
            largest = Math.Max(largest, Math.Abs(x[i] - y[i]));
        return largest;
    }
}
