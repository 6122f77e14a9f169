using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Threading;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>Converts polyhedra between half-spaces and generators by the double description method.</summary>
/// <remarks>The number of generators can grow exponentially with the number of half-spaces (McMullen's upper bound), hence the limit.</remarks>
public static class DoubleDescription
{
    /// <summary>The limit on the number of generators unless another one is given.</summary>
    public const int DefaultLimit = 100_000;

    /// <summary>The vertices, extreme rays and lines of a polyhedron given by half-spaces.</summary>
    /// <param name="set">The half-spaces and hyperplanes; redundant, repeated and zero rows are allowed.</param>
    /// <param name="arithmetic">The numbers to compute in.</param>
    /// <param name="limit">Largest number of generators at any stage, at least 1.</param>
    /// <param name="cancellation">Stops the conversion.</param>
    /// <exception cref="InvalidOperationException">The limit was exceeded; the message says how far the conversion got.</exception>
    public static GeneratorSet ToGenerators(
        HalfspaceSet set, PolyhedralArithmetic arithmetic = PolyhedralArithmetic.Auto, int limit = DefaultLimit, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        int n = set.Dimension;

        // The cone over the polyhedron: (x, t) with b t − a·x ≥ 0, f t − e·x = 0, t ≥ 0.
        List<double[]> equalities = [.. set.Equalities.Select(r => Homogeneous(r.Normal, r.Offset))];
        List<double[]> inequalities = [.. set.Inequalities.Select(r => Homogeneous(r.Normal, r.Offset))];
        var last = new double[n + 1];
        last[n] = 1;
        inequalities.Add(last);
        (List<double[]> rays, List<double[]> lines) = Convert(n + 1, equalities, inequalities, arithmetic, limit, cancellation);

        var vertices = new List<double[]>();
        var directions = new List<double[]>();
        foreach (double[] ray in rays)
        {
            double t = ray[n];
            if (t > FloatingArithmetic.Tolerance * Length(ray))
                vertices.Add([.. ray.Take(n).Select(v => v / t)]);
            else
                directions.Add(FloatingArithmetic.Normalize(ray[..n]));
        }

        if (vertices.Count == 0)
            return new GeneratorSet(n, [], [], []);
        return new GeneratorSet(n, vertices, directions, [.. lines.Select(l => FloatingArithmetic.Normalize(l[..n]))]);
    }

    /// <summary>The facets of a polyhedron given by generators, and the hyperplanes that hold all of it.</summary>
    /// <param name="set">The generators; at least one vertex. Redundant ones are allowed.</param>
    /// <param name="arithmetic">The numbers to compute in.</param>
    /// <param name="limit">Largest number of half-spaces at any stage, at least 1.</param>
    /// <param name="cancellation">Stops the conversion.</param>
    /// <exception cref="ArgumentException">The set has no vertices: the empty polyhedron has no facets.</exception>
    /// <exception cref="InvalidOperationException">The limit was exceeded; the message says how far the conversion got.</exception>
    public static HalfspaceSet ToHalfspaces(
        GeneratorSet set, PolyhedralArithmetic arithmetic = PolyhedralArithmetic.Auto, int limit = DefaultLimit, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (set.IsEmpty)
            throw new ArgumentException("The polyhedron is empty: it has no vertices, hence no facets.", nameof(set));
        int n = set.Dimension;

        // Valid inequalities b t − a·x ≥ 0 form the cone dual to the one over the polyhedron: its rays are the facets.
        List<double[]> equalities = [.. set.Lines.Select(l => Homogeneous(l, 0))];
        List<double[]> inequalities = [.. set.Vertices.Select(v => Homogeneous(v, 1)), .. set.Rays.Select(r => Homogeneous(r, 0))];
        (List<double[]> facets, List<double[]> hyperplanes) = Convert(n + 1, equalities, inequalities, arithmetic, limit, cancellation);
        var result = new HalfspaceSet(n);
        foreach (double[] row in hyperplanes)
        {
            if (Length(row.AsSpan(0, n)) > FloatingArithmetic.Tolerance * Length(row))
                result.AddEquality(row.AsSpan(0, n), row[n]);
        }

        foreach (double[] row in facets)
        {
            if (Length(row.AsSpan(0, n)) > FloatingArithmetic.Tolerance * Length(row))
                result.AddInequality(row.AsSpan(0, n), row[n]);
        }

        return result;
    }

    private static double[] Homogeneous(double[] normal, double offset) => [.. normal.Select(v => -v), offset];

    private static (List<double[]> Rays, List<double[]> Lines) Convert(
        int dimension, List<double[]> equalities, List<double[]> inequalities, PolyhedralArithmetic arithmetic, int limit, CancellationToken cancellation)
    {
        if (arithmetic == PolyhedralArithmetic.Auto)
        {
            arithmetic = equalities.Concat(inequalities).All(r => r.All(v => v == Math.Floor(v) && Math.Abs(v) < 1L << 53))
                ? PolyhedralArithmetic.Exact
                : PolyhedralArithmetic.Floating;
        }

        if (arithmetic == PolyhedralArithmetic.Exact)
        {
            (List<BigInteger[]> rays, List<BigInteger[]> lines) = ConeConversion<BigInteger, ExactArithmetic>.Run(
                dimension, Rows(equalities, ExactRow), Rows(inequalities, ExactRow), limit, cancellation);
            return ([.. rays.Select(ToDoubles)], [.. lines.Select(ToDoubles)]);
        }

        return ConeConversion<double, FloatingArithmetic>.Run(
            dimension, Rows(equalities, FloatingRow), Rows(inequalities, FloatingRow), limit, cancellation);

        static BigInteger[] ExactRow(double[] row) => ExactArithmetic.FromDoubles(row);
        static double[] FloatingRow(double[] row) => FloatingArithmetic.Normalize((double[])row.Clone());
    }

    /// <summary>The rows in lexicographic order, which keeps the intermediate numbers of rays small; zero and repeated rows are left out.</summary>
    private static List<T[]> Rows<T>(List<double[]> rows, Func<double[], T[]> convert)
        where T : IComparable<T>, INumberBase<T>
    {
        List<T[]> converted = [.. rows.Select(convert).Where(r => r.Any(v => !T.IsZero(v)))];
        converted.Sort(Compare);
        return [.. converted.Where((r, i) => i == 0 || Compare(r, converted[i - 1]) != 0)];

        static int Compare(T[] x, T[] y)
        {
            for (int i = 0; i < x.Length; i++)
            {
                int order = x[i].CompareTo(y[i]);
                if (order != 0)
                    return order;
            }

            return 0;
        }
    }

    /// <summary>The direction of an integer vector, scaled so that its largest entry fits a double.</summary>
    private static double[] ToDoubles(BigInteger[] vector)
    {
        long bits = vector.Max(v => (long)BigInteger.Abs(v).GetBitLength());
        int shift = (int)Math.Max(0, bits - 1000);
        return Array.ConvertAll(vector, v => (double)(v >> shift));
    }

    private static double Length(ReadOnlySpan<double> vector)
    {
        double largest = 0, sum = 0;
        foreach (double value in vector)
            largest = Math.Max(largest, Math.Abs(value));
        if (largest == 0)
            return 0;
        foreach (double value in vector)
            sum += value / largest * (value / largest);
        return largest * Math.Sqrt(sum);
    }
}
