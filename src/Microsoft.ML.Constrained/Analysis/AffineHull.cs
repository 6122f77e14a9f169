using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Analysis;

/// <summary>An affine set {y₀ + N w}, N with orthonormal columns; made from equations by pivoted, twice repeated Gram–Schmidt.</summary>
internal sealed class AffineHull
{
    // Rows whose part outside the others' span is smaller than this count as dependent.
    internal const double RankTolerance = 1e-8;
    private const double RoughRankTolerance = 1e-5;

    private AffineHull(int total, double[] origin, double[][] basis, double inconsistency)
    {
        Total = total;
        Origin = origin;
        Basis = basis;
        Inconsistency = inconsistency;
    }

    /// <summary>The number of coordinates of y.</summary>
    public int Total { get; }

    /// <summary>y₀.</summary>
    public double[] Origin { get; }

    /// <summary>The columns of N.</summary>
    public double[][] Basis { get; }

    /// <summary>The largest residual of the equations that depend on the others.</summary>
    public double Inconsistency { get; }

    /// <summary>The whole space.</summary>
    public static AffineHull Everything(int total, double[] origin) => FromEquations(total, [], [], origin);

    /// <summary>The solutions of aᵢᵀy = bᵢ; the origin is the solution nearest to the given point.</summary>
    public static AffineHull FromEquations(int total, List<double[]> rows, List<double> bounds, double[] near) =>
        FromEquations(total, rows, bounds, [], [], near);

    /// <summary>The same with equations that are known roughly only: they count for what the exact ones leave open.</summary>
    public static AffineHull FromEquations(
        int total, List<double[]> rows, List<double> bounds, List<double[]> roughRows, List<double> roughBounds, double[] near)
    {
        var span = new List<double[]>();
        var values = new List<double>();
        double[] origin = [.. near];
        double inconsistency = Absorb(rows, bounds, RankTolerance, span, values, origin);
        Absorb(roughRows, roughBounds, RoughRankTolerance, span, values, origin);
        return new AffineHull(total, origin, Complement(total, span), inconsistency);
    }

    /// <summary>Adds what is independent to the orthonormal rows of a system qᵀy = v, and moves the origin there.</summary>
    /// <returns>The largest residual of the rest.</returns>
    private static double Absorb(
        List<double[]> rows, List<double> bounds, double tolerance, List<double[]> span, List<double> values, double[] origin)
    {
        var work = new List<(double[] Row, double Bound)>();
        double inconsistency = 0;
        for (int i = 0; i < rows.Count; i++)
        {
            double norm = Norm(rows[i]);
            if (norm <= tolerance)
            {
                // At the scale of the system such a row says nothing about y.
                inconsistency = Math.Max(inconsistency, Math.Abs(bounds[i] - Dot(rows[i], origin)));
                continue;
            }

            (double[] Row, double Bound) entry = (Array.ConvertAll(rows[i], v => v / norm), bounds[i] / norm);
            for (int k = 0; k < span.Count; k++)
                entry = Project(entry, span[k], values[k]);
            work.Add(entry);
        }

        while (work.Count > 0)
        {
            int best = 0;
            for (int i = 1; i < work.Count; i++)
            {
                if (Norm(work[i].Row) > Norm(work[best].Row))
                    best = i;
            }

            (double[] row, double bound) = work[best];
            double norm = Norm(row);
            if (norm <= tolerance)
                break;
            work.RemoveAt(best);
            double[] unit = Array.ConvertAll(row, v => v / norm);
            double value = bound / norm;
            span.Add(unit);
            values.Add(value);
            AddScaled(value - Dot(unit, origin), unit, origin);
            for (int i = 0; i < work.Count; i++)
                work[i] = Project(work[i], unit, value);
        }

        foreach ((double[] row, double bound) in work)
            inconsistency = Math.Max(inconsistency, Math.Abs(bound - Dot(row, origin)));
        return inconsistency;
    }

    /// <summary>y₀ + N w.</summary>
    public double[] Point(ReadOnlySpan<double> w)
    {
        double[] y = [.. Origin];
        for (int k = 0; k < Basis.Length; k++)
            AddScaled(w[k], Basis[k], y);
        return y;
    }

    /// <summary>Nᵀa, with zeros in place of rounding dust, which a solver's scaling of columns would blow up.</summary>
    public double[] Reduce(ReadOnlySpan<double> a)
    {
        double[] reduced = new double[Basis.Length];
        double dust = 1e-13 * Norm(a);
        for (int k = 0; k < Basis.Length; k++)
        {
            double value = Dot(Basis[k], a);
            reduced[k] = Math.Abs(value) > dust ? value : 0;
        }

        return reduced;
    }

    /// <summary>An orthonormal basis of what is orthogonal to an orthonormal list.</summary>
    public static double[][] Complement(int total, List<double[]> span)
    {
        var candidates = new List<double[]>();
        for (int j = 0; j < total; j++)
        {
            double[] unit = new double[total];
            unit[j] = 1;
            foreach (double[] other in span)
                AddScaled(-Dot(other, unit), other, unit);
            candidates.Add(unit);
        }

        double[][] basis = new double[total - span.Count][];
        for (int k = 0; k < basis.Length; k++)
        {
            int best = 0;
            for (int j = 1; j < candidates.Count; j++)
            {
                if (Norm(candidates[j]) > Norm(candidates[best]))
                    best = j;
            }

            double[] unit = candidates[best];
            candidates.RemoveAt(best);
            for (int round = 0; round < 2; round++)
            {
                foreach (double[] other in span)
                    AddScaled(-Dot(other, unit), other, unit);
                for (int l = 0; l < k; l++)
                    AddScaled(-Dot(basis[l], unit), basis[l], unit);
                Scale(1 / Norm(unit), unit);
            }

            basis[k] = unit;
            foreach (double[] candidate in candidates)
                AddScaled(-Dot(unit, candidate), unit, candidate);
        }

        return basis;
    }

    /// <summary>An orthonormal basis of the span of the vectors, which are given in a common length.</summary>
    public static List<double[]> Span(IEnumerable<double[]> vectors)
    {
        var work = new List<double[]>();
        double size = 0;
        foreach (double[] vector in vectors)
        {
            work.Add([.. vector]);
            size = Math.Max(size, Norm(vector));
        }

        var span = new List<double[]>();
        while (work.Count > 0)
        {
            work.Sort((a, b) => Norm(a).CompareTo(Norm(b)));
            double[] next = work[^1];
            work.RemoveAt(work.Count - 1);
            if (Norm(next) <= RankTolerance * size)
                break;
            foreach (double[] other in span)
                AddScaled(-Dot(other, next), other, next);
            Scale(1 / Norm(next), next);
            span.Add(next);
            foreach (double[] rest in work)
                AddScaled(-Dot(next, rest), next, rest);
        }

        return span;
    }

    /// <summary>An orthonormal basis of the span of independent vectors, however small the angles between them.</summary>
    public static List<double[]> Orthonormalise(List<double[]> vectors)
    {
        var basis = new List<double[]>();
        var work = new List<double[]>(vectors);
        while (work.Count > 0)
        {
            int best = 0;
            for (int i = 1; i < work.Count; i++)
            {
                if (Norm(work[i]) > Norm(work[best]))
                    best = i;
            }

            double[] next = work[best];
            work.RemoveAt(best);
            for (int round = 0; round < 2; round++)
            {
                foreach (double[] other in basis)
                    AddScaled(-Dot(other, next), other, next);
                double norm = Norm(next);
                if (norm > 0)
                    Scale(1 / norm, next);
            }

            basis.Add(next);
            foreach (double[] rest in work)
                AddScaled(-Dot(next, rest), next, rest);
        }

        return basis;
    }

    internal static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += x[i] * y[i];
        return sum;
    }

    internal static double Norm(ReadOnlySpan<double> x) => Math.Sqrt(Dot(x, x));

    internal static void AddScaled(double alpha, ReadOnlySpan<double> x, Span<double> y)
    {
        for (int i = 0; i < x.Length; i++)
            y[i] += alpha * x[i];
    }

    private static void Scale(double alpha, Span<double> x)
    {
        for (int i = 0; i < x.Length; i++)
            x[i] *= alpha;
    }

    private static (double[] Row, double Bound) Project((double[] Row, double Bound) entry, double[] unit, double value)
    {
        double share = Dot(unit, entry.Row), again;
        AddScaled(-share, unit, entry.Row);
        again = Dot(unit, entry.Row);
        AddScaled(-again, unit, entry.Row);
        return (entry.Row, entry.Bound - (share + again) * value);
    }
}
