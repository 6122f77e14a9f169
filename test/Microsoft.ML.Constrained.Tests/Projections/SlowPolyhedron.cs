using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.Constrained.Tests.Projections;

/// <summary>
/// The projection onto {l ≤ Az ≤ u} by trying every choice of rows held at a bound: the nearest feasible one among the projections onto
/// their affine sets. Exponential, and shares nothing with the code under test.
/// </summary>
internal static class SlowPolyhedron
{
    /// <summary>The projection, or null where no point is feasible.</summary>
    public static double[]? Project(double[][] a, double[] lower, double[] upper, double[] y, double[]? weights = null, double tolerance = 1e-9)
    {
        int n = y.Length;
        double[] root = weights is null ? [.. Enumerable.Repeat(1.0, n)] : [.. weights.Select(Math.Sqrt)];
        double[][] scaled = [.. a.Select(row => row.Select((v, j) => v / root[j]).ToArray())];
        double[] x = [.. y.Select((v, j) => v * root[j])];
        double[]? best = null;
        double least = double.PositiveInfinity;
        var choice = new int[a.Length];
        do
        {
            double[]? candidate = OntoChosen(scaled, lower, upper, choice, x, tolerance);
            if (candidate is null || !Feasible(scaled, lower, upper, candidate, tolerance))
                continue;
            double distance = candidate.Zip(x, (p, q) => (p - q) * (p - q)).Sum();
            if (distance < least)
            {
                least = distance;
                best = candidate;
            }
        }
        while (Next(choice));
        return best is null ? null : [.. best.Select((v, j) => v / root[j])];
    }

    public static bool Feasible(double[][] a, double[] lower, double[] upper, double[] z, double tolerance)
    {
        for (int i = 0; i < a.Length; i++)
        {
            double value = a[i].Zip(z, (p, q) => p * q).Sum();
            if (value < lower[i] - tolerance || value > upper[i] + tolerance)
                return false;
        }

        return true;
    }

    /// <summary>0: free, 1: at the lower bound, 2: at the upper bound; counts in base three.</summary>
    private static bool Next(int[] choice)
    {
        for (int i = 0; i < choice.Length; i++)
        {
            if (choice[i] < 2)
            {
                choice[i]++;
                return true;
            }

            choice[i] = 0;
        }

        return false;
    }

    private static double[]? OntoChosen(double[][] a, double[] lower, double[] upper, int[] choice, double[] x, double tolerance)
    {
        var directions = new List<double[]>();
        double[] z = [.. x];
        for (int i = 0; i < a.Length; i++)
        {
            if (choice[i] == 0)
                continue;
            double target = choice[i] == 1 ? lower[i] : upper[i];
            if (double.IsInfinity(target) || (choice[i] == 2 && lower[i] == upper[i]))
                return null;
            double[] d = [.. a[i]];
            for (int round = 0; round < 2; round++)
            {
                foreach (double[] q in directions)
                {
                    double share = q.Zip(d, (p, r) => p * r).Sum();
                    for (int j = 0; j < d.Length; j++)
                        d[j] -= share * q[j];
                }
            }

            // z stays on the rows treated before, since d is orthogonal to them.
            double length = Math.Sqrt(d.Sum(v => v * v));
            double gap = target - a[i].Zip(z, (p, r) => p * r).Sum();
            if (length < 1e-8)
            {
                if (Math.Abs(gap) > tolerance)
                    return null;
                continue;
            }

            for (int j = 0; j < d.Length; j++)
            {
                d[j] /= length;
                z[j] += gap / length * d[j];
            }

            directions.Add(d);
        }

        return z;
    }
}
