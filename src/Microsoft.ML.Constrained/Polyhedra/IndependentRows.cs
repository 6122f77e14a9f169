using System;
using System.IO;
using System.Linq;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// {y : Ey = f, Ay ≤ b} where the q rows of M = [E; A] are independent: then no double description is needed. With Mᵀ = Q R,
/// Q = H₁…H_q a product of reflections,
/// <code>
/// y = Q [z₀ + Z|μ|; ν],   Rᵀz₀ = [f; b],   Rᵀ zᵢ = −eᵢ for inequality i, scaled to unit length,   ν free,
/// </code>
/// so that the rays are rᵢ = −M⁺eᵢ / |M⁺eᵢ| and the last columns of Q span the lines. The point, the rays and the lines need
/// q reflections, 4qn operations, and no matrix.
/// </summary>
internal sealed class IndependentRows
{
    /// <summary>A row of unit length that the rows before leave less of is taken to depend on them.</summary>
    private const double Dependent = 1e-7;

    private IndependentRows(int dimension, int equalities, double[] reflectors, double[] point, double[] rays)
    {
        Dimension = dimension;
        Equalities = equalities;
        Count = point.Length;
        Reflectors = reflectors;
        Point = point;
        Rays = rays;
    }

    /// <summary>n.</summary>
    public int Dimension { get; }

    /// <summary>Rows that are equalities; they come first.</summary>
    public int Equalities { get; }

    /// <summary>q, the number of rows.</summary>
    public int Count { get; }

    /// <summary>q × n: Hₖ = I − wₖwₖᵀ, |wₖ|² = 2, wₖ zero before entry k.</summary>
    public double[] Reflectors { get; }

    /// <summary>z₀, q values.</summary>
    public double[] Point { get; }

    /// <summary>For each inequality its zᵢ, q values.</summary>
    public double[] Rays { get; }

    /// <summary>The factors, or null when the rows depend on each other or nearly so.</summary>
    public static IndependentRows? TryCreate(HalfspaceSet set)
    {
        int n = set.Dimension, p = set.Equalities.Count, q = p + set.Inequalities.Count;
        if (q > n)
            return null;
        var work = new double[q * n];
        var offsets = new double[q];
        for (int i = 0; i < q; i++)
        {
            (double[] normal, double offset) = i < p ? set.Equalities[i] : set.Inequalities[i - p];
            double largest = normal.Max(Math.Abs);
            if (largest == 0)
                return null;
            double length = largest * Math.Sqrt(normal.Sum(v => v / largest * (v / largest)));
            for (int j = 0; j < n; j++)
                work[i * n + j] = normal[j] / length;
            offsets[i] = offset / length;
            if (!double.IsFinite(offsets[i]))
                return null;
        }

        var reflectors = new double[q * n];
        if (!Factor(work, reflectors, q, n))
            return null;
        double[] point = Substitute(work, q, n, offsets);
        var rays = new double[(q - p) * q];
        for (int i = p; i < q; i++)
        {
            var unit = new double[q];
            unit[i] = -1;
            double[] ray = FloatingArithmetic.Normalize(Substitute(work, q, n, unit));
            ray.CopyTo(rays, (i - p) * q);
        }

        return new IndependentRows(n, p, reflectors, point, rays);
    }

    /// <summary>Q applied to a vector in place.</summary>
    public void Apply(Span<double> vector)
    {
        for (int k = Count - 1; k >= 0; k--)
            Reflect(Reflectors.AsSpan(k * Dimension + k, Dimension - k), vector[k..]);
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Equalities);
        writer.Write(Count);
        ParameterFile.WriteDoubles(writer, Reflectors);
        ParameterFile.WriteDoubles(writer, Point);
        ParameterFile.WriteDoubles(writer, Rays);
    }

    public static IndependentRows Read(BinaryReader reader, int dimension)
    {
        int equalities = reader.ReadInt32(), count = reader.ReadInt32();
        if (equalities < 0 || count < equalities || count > dimension)
            throw new FormatException($"it claims {count} independent rows, {equalities} of them equalities, of {dimension} variables");
        double[] reflectors = ParameterFile.ReadDoubles(reader, (long)count * dimension);
        for (int k = 0; k < count; k++)
        {
            Span<double> w = reflectors.AsSpan(k * dimension, dimension);
            if (w[..k].ContainsAnyExcept(0.0) || !(Math.Abs(OrthonormalBasis.Dot(w, w) - 2) < 1e-6))
                throw new FormatException("a reflection has another length than √2");
        }

        double[] point = ParameterFile.ReadDoubles(reader, count);
        return new IndependentRows(dimension, equalities, reflectors, point, ParameterFile.ReadDoubles(reader, (long)(count - equalities) * count));
    }

    public GeneratorSet ToGenerators()
    {
        double[][] rays = [.. Enumerable.Range(0, Count - Equalities).Select(Ray)];
        return new GeneratorSet(Dimension, [Vertex()], rays, [.. Enumerable.Range(0, Dimension - Count).Select(Line)]);
    }

    /// <summary>The point nearest to the origin on which all rows are tight.</summary>
    public double[] Vertex() => Column(Point, 0);

    /// <summary>The ray along which only the given inequality is left.</summary>
    public double[] Ray(int inequality) => Column(Rays.AsSpan(inequality * Count, Count), 0);

    /// <summary>One of the n − q orthonormal lines.</summary>
    public double[] Line(int index) => Column([1], Count + index);

    private double[] Column(ReadOnlySpan<double> values, int at)
    {
        var result = new double[Dimension];
        values.CopyTo(result.AsSpan(at));
        Apply(result);
        return result;
    }

    /// <summary>Turns the rows into Rᵀ, lower triangular, by reflections from the right.</summary>
    private static bool Factor(double[] rows, double[] reflectors, int q, int n)
    {
        for (int k = 0; k < q; k++)
        {
            Span<double> row = rows.AsSpan(k * n + k, n - k);
            double length = Math.Sqrt(OrthonormalBasis.Dot(row, row));
            if (!(length > Dependent))
                return false;
            Span<double> w = reflectors.AsSpan(k * n + k, n - k);
            row.CopyTo(w);
            w[0] += row[0] >= 0 ? length : -length;
            double factor = Math.Sqrt(2 / OrthonormalBasis.Dot(w, w));
            foreach (ref double value in w)
                value *= factor;
            for (int i = k; i < q; i++)
                Reflect(w, rows.AsSpan(i * n + k, n - k));
        }

        return true;
    }

    private static void Reflect(ReadOnlySpan<double> w, Span<double> vector)
    {
        double dot = OrthonormalBasis.Dot(w, vector);
        for (int i = 0; i < w.Length; i++)
            vector[i] -= dot * w[i];
    }

    private static double[] Substitute(double[] triangle, int q, int n, double[] right)
    {
        var result = new double[q];
        for (int i = 0; i < q; i++)
        {
            double sum = right[i];
            for (int j = 0; j < i; j++)
                sum -= triangle[i * n + j] * result[j];
            result[i] = sum / triangle[i * n + i];
        }

        return result;
    }
}
