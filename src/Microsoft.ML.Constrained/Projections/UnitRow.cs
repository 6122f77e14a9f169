using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>A row of unit length, and the rows of a <see cref="ConstraintSystem"/> that are parallel to it.</summary>
internal sealed class UnitRow
{
    private const double Scale = 1e12;

    private UnitRow(double[] direction, int variable) => (Direction, Variable) = (direction, variable);

    /// <summary>n values; empty where the row has no coefficients.</summary>
    public double[] Direction { get; }

    /// <summary>The only variable of the row, or −1.</summary>
    public int Variable { get; }

    /// <summary>The parallel rows: index, and the factor (of either sign) that makes them this one.</summary>
    public List<(int Row, double Factor)> Sources { get; } = [];

    /// <summary>The greatest length of the parallel rows.</summary>
    public double Length { get; private set; }

    /// <summary>Whether one of them is an equality for every θ.</summary>
    public bool IsEquality { get; private set; }

    /// <summary>The rows of a system that have limits, parallel ones as one.</summary>
    public static List<UnitRow> Of(ConstraintSystem system)
    {
        var rows = new List<UnitRow>();
        var known = new Dictionary<long[], UnitRow>(new Comparer());
        for (int i = 0; i < system.RowCount; i++)
        {
            if (double.IsNegativeInfinity(system.Lower[i]) && double.IsPositiveInfinity(system.Upper[i]))
                continue;
            (double[] direction, double factor, int variable) = Normalized(system.Row(i));
            long[] key = Array.ConvertAll(direction, v => (long)Math.Round(v * Scale));
            if (!known.TryGetValue(key, out UnitRow? row))
            {
                row = new UnitRow(direction, variable);
                known.Add(key, row);
                rows.Add(row);
            }

            row.Sources.Add((i, factor));
            row.Length = Math.Max(row.Length, Math.Abs(1 / factor));
            row.IsEquality |= system.IsEquality(i);
        }

        return rows;
    }

    /// <summary>The direction whose first coefficient is positive, the factor that makes it, and the only variable or −1.</summary>
    private static (double[] Direction, double Factor, int Variable) Normalized(ReadOnlySpan<double> row)
    {
        int first = row.IndexOfAnyExcept(0.0);
        if (first < 0)
            return ([], 1, -1);
        double largest = 0, sum = 0;
        foreach (double value in row)
            largest = Math.Max(largest, Math.Abs(value));
        foreach (double value in row)
            sum += value / largest * (value / largest);
        double factor = Math.Sign(row[first]) / (largest * Math.Sqrt(sum));
        var direction = new double[row.Length];
        for (int j = 0; j < row.Length; j++)
            direction[j] = factor * row[j];
        bool single = row[(first + 1)..].IndexOfAnyExcept(0.0) < 0;
        if (single)
            direction[first] = 1;
        return (direction, factor, single ? first : -1);
    }

    private sealed class Comparer : IEqualityComparer<long[]>
    {
        public bool Equals(long[]? x, long[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(long[] key)
        {
            HashCode hash = default;
            foreach (long value in key)
                hash.Add(value);
            return hash.ToHashCode();
        }
    }
}
