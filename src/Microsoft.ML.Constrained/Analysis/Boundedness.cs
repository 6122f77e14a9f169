using System;
using System.Collections.Generic;

namespace Microsoft.ML.Constrained.Analysis;

/// <summary>
/// Whether a region is bounded: its recession cone {d : aᵢᵀd ≤ 0, ‖C₁d‖ ≤ C₀d} is then {0}. A line in it shows as a null vector
/// of all rows. Without a line, f(d) = −Σaᵢᵀd + ΣC₀d is positive on every other direction of the cone, so that one program decides:
/// by how much must the rows give way for a d with f(d) = 1?
/// </summary>
internal static class Boundedness
{
    private const double Tolerance = 1e-8;

    /// <summary>A direction w of recession, or null.</summary>
    public static double[]? RecessionDirection(Region region)
    {
        int d = region.Dimension;
        if (d == 0)
            return null;
        var forms = new List<double[]>();
        double[] total = new double[d];
        foreach (RegionRow row in region.Rows)
        {
            double[] unit = Scaled(row.Coefficients, 1 / AffineHull.Norm(row.Coefficients));
            forms.Add(unit);
            AffineHull.AddScaled(-1, unit, total);
        }

        var cones = new List<double[]>();
        foreach (RegionCone cone in region.Cones)
        {
            double[] coefficients = Scaled(cone.Coefficients, 1 / AffineHull.Norm(cone.Coefficients));
            cones.Add(coefficients);
            for (int i = 0; i < cone.Constants.Length; i++)
                forms.Add(coefficients[(i * d)..((i + 1) * d)]);
            AffineHull.AddScaled(1, coefficients.AsSpan(0, d), total);
        }

        List<double[]> span = AffineHull.Span(forms);
        if (span.Count < d)
            return AffineHull.Complement(d, span)[0];
        double size = AffineHull.Norm(total);
        return size <= Tolerance ? null : PointedDirection(region, forms, cones, Scaled(total, 1 / size));
    }

    /// <summary>Whether a point can go on in every direction near some one, so that balls of any size fit.</summary>
    public static bool HasOpenRecession(Region region)
    {
        var relaxation = new Relaxation(region.Dimension);
        foreach (RegionRow row in region.Rows)
            relaxation.AddRow(Scaled(row.Coefficients, 1 / AffineHull.Norm(row.Coefficients)), 0);
        foreach (RegionCone cone in region.Cones)
            relaxation.AddCone(Scaled(cone.Coefficients, 1 / AffineHull.Norm(cone.Coefficients)), new double[cone.Constants.Length]);
        relaxation.Solve(floor: -1);
        return relaxation.Level < -Tolerance;
    }

    private static double[]? PointedDirection(Region region, List<double[]> forms, List<double[]> cones, double[] functional)
    {
        int d = region.Dimension;

        // f(d) = 1 is taken out: d = f + B v with B orthogonal to f, which leaves an ordinary room problem in v.
        double[][] rest = AffineHull.Complement(d, [functional]);
        var relaxation = new Relaxation(d - 1);
        for (int i = 0; i < region.Rows.Count; i++)
            relaxation.AddRow(Array.ConvertAll(rest, b => AffineHull.Dot(b, forms[i])), -AffineHull.Dot(functional, forms[i]));
        foreach (double[] cone in cones)
        {
            int size = cone.Length / d;
            double[] coefficients = new double[size * (d - 1)], constants = new double[size];
            for (int i = 0; i < size; i++)
            {
                ReadOnlySpan<double> row = cone.AsSpan(i * d, d);
                for (int j = 0; j < d - 1; j++)
                    coefficients[i * (d - 1) + j] = AffineHull.Dot(rest[j], row);
                constants[i] = AffineHull.Dot(functional, row);
            }

            relaxation.AddCone(coefficients, constants);
        }

        relaxation.Solve(floor: -1);
        double[] direction = [.. functional];
        for (int j = 0; j < d - 1; j++)
            AffineHull.AddScaled(relaxation.Point[j], rest[j], direction);
        double norm = AffineHull.Norm(direction);
        return relaxation.Level <= Tolerance * norm ? Scaled(direction, 1 / norm) : null;
    }

    private static double[] Scaled(double[] x, double factor) => Array.ConvertAll(x, v => v * factor);
}
