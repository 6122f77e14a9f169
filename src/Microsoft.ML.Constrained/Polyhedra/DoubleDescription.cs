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

    /// <summary>
    /// The vertices, extreme rays and lines of a polyhedron given by half-spaces. Independent rows have a closed form, which is
    /// taken unless exact numbers are asked for; rows that say nothing are left out first.
    /// </summary>
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
        if (HalfspaceReduction.Reduce(set) is not { } reduced)
            return new GeneratorSet(n, [], [], []);
        if (arithmetic != PolyhedralArithmetic.Exact && IndependentRows.TryCreate(reduced) is { } closed)
            return closed.ToGenerators();

        // The cone over the polyhedron: (x, t) with b t − a·x ≥ 0, f t − e·x = 0, t ≥ 0. In units of the set's own size, which
        // the tolerance of floating numbers refers to.
        bool exact = UsesExact(arithmetic, reduced.Equalities.Concat(reduced.Inequalities));
        double scale = exact ? 1 : Size(reduced.Equalities.Concat(reduced.Inequalities));
        List<double[]> equalities = [.. reduced.Equalities.Select(r => Homogeneous(r.Normal, r.Offset / scale))];
        List<double[]> inequalities = [.. reduced.Inequalities.Select(r => Homogeneous(r.Normal, r.Offset / scale))];
        var last = new double[n + 1];
        last[n] = 1;
        inequalities.Add(last);
        if (!exact && FloatingCone.TryConvert(n + 1, Units(equalities), Units(inequalities), limit, cancellation) is var (rays, lines))
            return Dehomogenize(n, scale, rays, lines);

        if (!exact)
        {
            equalities = [.. reduced.Equalities.Select(r => Homogeneous(r.Normal, r.Offset))];
            inequalities = [.. reduced.Inequalities.Select(r => Homogeneous(r.Normal, r.Offset)), last];
        }

        (List<BigInteger[]> exactRays, List<BigInteger[]> exactLines) = ConvertExactly(n + 1, equalities, inequalities, limit, cancellation);
        return Dehomogenize(n, exactRays, exactLines);
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
        bool exact = UsesExact(arithmetic, set.Vertices.Concat(set.Rays).Concat(set.Lines).Select(v => (v, 0.0)));
        double scale = exact ? 1 : set.Vertices.Max(v => v.Max(Math.Abs));
        scale = scale > 0 && double.IsFinite(scale) ? scale : 1;
        List<double[]> equalities = [.. set.Lines.Select(l => Homogeneous(l, 0))];
        List<double[]> inequalities =
            [.. set.Vertices.Select(v => Homogeneous(Array.ConvertAll(v, x => x / scale), 1)), .. set.Rays.Select(r => Homogeneous(r, 0))];
        if (exact || FloatingCone.TryConvert(n + 1, Units(equalities), Units(inequalities), limit, cancellation) is not var (facets, hyperplanes))
        {
            scale = 1;
            inequalities = [.. set.Vertices.Select(v => Homogeneous(v, 1)), .. set.Rays.Select(r => Homogeneous(r, 0))];
            (List<BigInteger[]> exactFacets, List<BigInteger[]> exactHyperplanes) =
                ConvertExactly(n + 1, equalities, inequalities, limit, cancellation);
            (facets, hyperplanes) = ([.. exactFacets.Select(ToDoubles)], [.. exactHyperplanes.Select(ToDoubles)]);
        }

        var result = new HalfspaceSet(n);
        foreach (double[] row in hyperplanes)
        {
            if (row.AsSpan(0, n).ContainsAnyExcept(0.0) && Length(row.AsSpan(0, n)) > FloatingArithmetic.Tolerance * Length(row))
                result.AddEquality(row.AsSpan(0, n), row[n] * scale);
        }

        foreach (double[] row in facets)
        {
            if (row.AsSpan(0, n).ContainsAnyExcept(0.0) && (exact || Length(row.AsSpan(0, n)) > FloatingArithmetic.Tolerance * Length(row)))
                result.AddInequality(row.AsSpan(0, n), row[n] * scale);
        }

        return result;
    }

    private static double[] Homogeneous(double[] normal, double offset) => [.. normal.Select(v => -v), offset];

    private static List<double[]> Units(List<double[]> rows)
    {
        List<double[]> units = [.. rows.Where(r => r.Any(v => v != 0)).Select(r => FloatingArithmetic.Normalize((double[])r.Clone()))];
        units.Sort((x, y) => x.AsSpan().SequenceCompareTo(y));
        return units;
    }

    private static bool UsesExact(PolyhedralArithmetic arithmetic, IEnumerable<(double[] Normal, double Offset)> rows) =>
        arithmetic == PolyhedralArithmetic.Exact ||
        (arithmetic == PolyhedralArithmetic.Auto && rows.All(r => IsInteger(r.Offset) && Array.TrueForAll(r.Normal, IsInteger)));

    private static bool IsInteger(double value) => value == Math.Floor(value) && Math.Abs(value) < 1L << 53;

    /// <summary>The largest distance of a row's hyperplane from the origin; 1 for a cone.</summary>
    private static double Size(IEnumerable<(double[] Normal, double Offset)> rows)
    {
        double largest = rows.Select(r => Math.Abs(r.Offset) / Length(r.Normal)).DefaultIfEmpty(0).Max();
        return largest > 0 && double.IsFinite(largest) ? largest : 1;
    }

    private static (List<BigInteger[]> Rays, List<BigInteger[]> Lines) ConvertExactly(
        int dimension, List<double[]> equalities, List<double[]> inequalities, int limit, CancellationToken cancellation)
    {
        (List<ConeRay<BigInteger>> rays, List<BigInteger[]> lines) =
            ConeConversion<BigInteger, ExactArithmetic>.Run(dimension, Rows(equalities), Rows(inequalities), limit, cancellation);
        return ([.. rays.Select(r => r.Vector)], lines);
    }

    /// <summary>The rows in lexicographic order, which keeps the intermediate numbers of rays small; zero and repeated rows are left out.</summary>
    private static List<BigInteger[]> Rows(List<double[]> rows)
    {
        List<BigInteger[]> converted = [.. rows.Where(r => r.Any(v => v != 0)).Select(r => ExactArithmetic.FromDoubles(r))];
        converted.Sort((x, y) => x.AsSpan().SequenceCompareTo(y));
        return [.. converted.Where((r, i) => i == 0 || !r.AsSpan().SequenceEqual(converted[i - 1]))];
    }

    private static GeneratorSet Dehomogenize(int n, double scale, List<double[]> rays, List<double[]> lines)
    {
        var vertices = new List<double[]>();
        var directions = new List<double[]>();
        foreach (double[] ray in rays)
        {
            double t = ray[n];
            if (t > FloatingArithmetic.Tolerance)
                vertices.Add([.. ray.Take(n).Select(v => v / t * scale)]);
            else
                directions.Add(FloatingArithmetic.Normalize(ray[..n]));
        }

        return vertices.Count == 0
            ? new GeneratorSet(n, [], [], [])
            : new GeneratorSet(n, vertices, directions, [.. lines.Select(l => FloatingArithmetic.Normalize(l[..n]))]);
    }

    private static GeneratorSet Dehomogenize(int n, List<BigInteger[]> rays, List<BigInteger[]> lines)
    {
        var vertices = new List<double[]>();
        var directions = new List<double[]>();
        foreach (BigInteger[] ray in rays)
        {
            if (ray[n].IsZero)
                directions.Add(FloatingArithmetic.Normalize(ToDoubles(ray[..n])));
            else
                vertices.Add(Array.ConvertAll(ray[..n], v => ExactArithmetic.Ratio(v, ray[n])));
        }

        return vertices.Count == 0
            ? new GeneratorSet(n, [], [], [])
            : new GeneratorSet(n, vertices, directions, [.. lines.Select(l => FloatingArithmetic.Normalize(ToDoubles(l[..n])))]);
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
