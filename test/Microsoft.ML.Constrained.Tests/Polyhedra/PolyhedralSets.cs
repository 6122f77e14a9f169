using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Polyhedra;

namespace Microsoft.ML.Constrained.Tests.Polyhedra;

/// <summary>Sets to parameterise, and the map by its definition, written once more and slowly.</summary>
internal static class PolyhedralSets
{
    /// <summary>A set that holds a random point, of several groups of variables, some with equalities, bounds or nothing.</summary>
    public static HalfspaceSet Random(Random random)
    {
        int n = 1 + random.Next(9);
        var set = new HalfspaceSet(n);
        bool cone = random.Next(3) == 0;
        double[] inner = cone ? new double[n] : Gaussians(random, n, 1);
        int[] group = [.. Enumerable.Range(0, n).Select(_ => random.Next(3))];
        for (int i = random.Next(8); i > 0; i--)
        {
            int chosen = random.Next(3);
            bool integer = random.Next(2) == 0, single = random.Next(3) == 0;
            int only = random.Next(n);
            double[] normal = [.. group.Select((g, j) => single ? (j == only ? random.Next(2) * 2 - 1 : 0)
                : g != chosen ? 0 : integer ? random.Next(-2, 3) : random.NextDouble() - 0.5)];
            double value = Dot(normal, inner);
            if (random.Next(6) == 0)
                set.AddEquality(normal, value);
            else
                set.AddInequality(normal, cone ? 0 : value + random.NextDouble());
        }

        return set;
    }

    /// <summary>One of everything: free, one-sided, two-sided, fixed, a triangle, a half-space, several independent rows; in no good order.</summary>
    public static HalfspaceSet Mixed() => new HalfspaceSet(24)
        .AddInequality(Row((1, -1)), 0)
        .AddInequality(Row((22, 1)), 3)
        .AddInequality(Row((2, 1)), 1).AddInequality(Row((2, -1)), 1)
        .AddInequality(Row((20, 2)), 3).AddInequality(Row((20, -1)), 0)
        .AddEquality(Row((4, 2)), 6)
        .AddInequality(Row((5, -1)), 0).AddInequality(Row((18, -1)), 0).AddInequality(Row((5, 1), (18, 1)), 1)
        .AddInequality(Row((6, 1), (8, -2), (10, 1), (12, 1), (14, 3)), 2)
        .AddInequality(Row((7, 1), (9, 1), (11, 1)), 0).AddInequality(Row((9, 1), (13, 1), (15, -1), (16, 1)), 0).AddEquality(Row((17, 1), (7, 1)), 0);

    /// <summary>METHODS 2.5: square tiles, the sum of each at most or at least zero by turns.</summary>
    public static HalfspaceSet Checkerboard(int side, int tile)
    {
        int across = side / tile;
        var set = new HalfspaceSet(side * side);
        for (int k = 0; k < across * across; k++)
        {
            int blockRow = k % across, blockColumn = k / across;
            var normal = new double[side * side];
            for (int i = 0; i < side * side; i++)
            {
                if (i / side / tile == blockRow && i % side / tile == blockColumn)
                    normal[i] = (blockRow + blockColumn) % 2 == 0 ? 1 : -1;
            }

            set.AddInequality(normal, 0);
        }

        return set;
    }

    /// <summary>offset + Σ coefficient · generator.</summary>
    public static double[] Expected(PolyhedralParameterization map, ReadOnlySpan<double> activations)
    {
        double[] result = map.Offset(), generators = map.Generators();
        for (int k = 0; k < map.ActivationCount; k++)
        {
            PolyhedralActivation activation = map.Activations[k];
            double a = activations[k], coefficient = a;
            if (activation.Kind == GeneratorKind.Ray)
                coefficient = map.RayActivation == RayActivation.Absolute ? Math.Abs(a) : a > 30 ? a : Math.Log(1 + Math.Exp(a));
            if (activation.Kind == GeneratorKind.Vertex)
            {
                double sum = 0;
                for (int j = 0; j < map.ActivationCount; j++)
                {
                    if (map.Activations[j] == activation)
                        sum += Math.Exp(activations[j] - a);
                }

                coefficient = 1 / sum;
            }

            for (int i = 0; i < map.Dimension; i++)
                result[i] += coefficient * generators[k * map.Dimension + i];
        }

        return result;
    }

    /// <summary>The largest violation over max(1, |b|, Σ|aᵢyᵢ|).</summary>
    public static double Violation(HalfspaceSet set, double[] point)
    {
        double worst = 0;
        foreach ((double[] normal, double offset) in set.Inequalities)
            worst = Math.Max(worst, (Dot(normal, point) - offset) / Size(normal, point, offset));
        foreach ((double[] normal, double offset) in set.Equalities)
            worst = Math.Max(worst, Math.Abs(Dot(normal, point) - offset) / Size(normal, point, offset));
        return worst;
    }

    public static double[] Gaussians(Random random, int count, double spread)
    {
        var values = new double[count];
        foreach (ref double value in values.AsSpan())
            value = spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return values;
    }

    public static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();

    public static double Distance(double[] x, double[] y) => x.Length == 0 ? 0 : x.Zip(y, (a, b) => Math.Abs(a - b)).Max();

    private static double Size(double[] normal, double[] point, double offset) =>
        Math.Max(Math.Max(1, Math.Abs(offset)), normal.Zip(point, (a, b) => Math.Abs(a * b)).Sum());

    private static double[] Row(params (int Variable, double Value)[] entries)
    {
        var row = new double[24];
        foreach ((int variable, double value) in entries)
            row[variable] = value;
        return row;
    }
}
