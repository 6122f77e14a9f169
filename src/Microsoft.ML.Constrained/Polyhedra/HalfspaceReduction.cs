using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// Leaves out the rows of a polyhedron that say nothing: zero rows, multiples of others with a tighter offset, and rows that
/// the bounds of single variables imply with room to spare. Every row left out costs a step of the double description method,
/// and while it is there it may multiply the rays.
/// </summary>
internal static class HalfspaceReduction
{
    /// <summary>A row is implied only where it holds by at least this share of its own size, so that rounding cannot remove a needed one.</summary>
    private const double Room = 1e-9;

    /// <summary>The same polyhedron with fewer inequalities, or null when a row alone, or two opposite rows, show that it is empty.</summary>
    public static HalfspaceSet? Reduce(HalfspaceSet set)
    {
        var result = new HalfspaceSet(set.Dimension);
        foreach ((double[] normal, double offset) in set.Equalities)
        {
            if (normal.Any(v => v != 0))
                result.AddEquality(normal, offset);
            else if (offset != 0)
                return null;
        }

        List<Row> rows = [];
        foreach ((double[] normal, double offset) in set.Inequalities)
        {
            if (normal.Any(v => v != 0))
                rows.Add(new Row(normal, offset));
            else if (offset < 0)
                return null;
        }

        List<Row> kept = Tightest(rows);
        (double[] lower, double[] upper) = Bounds(set.Dimension, kept);
        for (int i = 0; i < lower.Length; i++)
        {
            if (lower[i] - upper[i] > Room * (Math.Abs(lower[i]) + Math.Abs(upper[i])))
                return null;
        }

        foreach (Row row in kept)
        {
            if (!IsImplied(row, lower, upper))
                result.AddInequality(row.Normal, row.Offset);
        }

        return result;
    }

    /// <summary>Of rows with the same direction only the one with the least offset, in the order in which directions first occur.</summary>
    private static List<Row> Tightest(List<Row> rows)
    {
        var kept = new List<Row>();
        var byDirection = new Dictionary<long, List<int>>();
        foreach (Row row in rows)
        {
            long key = row.DirectionHash;
            if (!byDirection.TryGetValue(key, out List<int>? same))
                byDirection.Add(key, same = []);
            int found = same.FindIndex(k => kept[k].HasDirectionOf(row));
            if (found < 0)
            {
                same.Add(kept.Count);
                kept.Add(row);
            }
            else if (row.IsTighterThan(kept[same[found]]))
            {
                kept[same[found]] = row;
            }
        }

        return kept;
    }

    private static (double[] Lower, double[] Upper) Bounds(int dimension, List<Row> rows)
    {
        var lower = new double[dimension];
        var upper = new double[dimension];
        Array.Fill(lower, double.NegativeInfinity);
        Array.Fill(upper, double.PositiveInfinity);
        foreach (Row row in rows)
        {
            if (row.Single < 0)
                continue;
            double slope = row.Normal[row.Single], bound = row.Offset / slope;
            if (slope > 0)
                upper[row.Single] = Math.Min(upper[row.Single], bound);
            else
                lower[row.Single] = Math.Max(lower[row.Single], bound);
        }

        return (lower, upper);
    }

    private static bool IsImplied(Row row, double[] lower, double[] upper)
    {
        if (row.Single >= 0)
            return false;
        double most = 0, size = Math.Abs(row.Offset);
        for (int i = 0; i < lower.Length; i++)
        {
            double slope = row.Normal[i];
            if (slope == 0)
                continue;
            double term = slope * (slope > 0 ? upper[i] : lower[i]);
            most += term;
            size += Math.Abs(term);
        }

        return most < row.Offset - Room * size;
    }

    private sealed class Row
    {
        private readonly double _largest;

        public Row(double[] normal, double offset)
        {
            (Normal, Offset, Single) = (normal, offset, -1);
            int entries = 0;
            var hash = new HashCode();
            _largest = normal.Max(Math.Abs);
            for (int i = 0; i < normal.Length; i++)
            {
                if (normal[i] == 0)
                    continue;
                entries++;
                Single = i;
                hash.Add(i);
                hash.Add((float)(normal[i] / _largest));
            }

            DirectionHash = hash.ToHashCode();
            if (entries > 1)
                Single = -1;
        }

        public double[] Normal { get; }

        public double Offset { get; }

        /// <summary>The only variable with a coefficient, or −1.</summary>
        public int Single { get; }

        public long DirectionHash { get; }

        /// <summary>Whether the normals are positive multiples of each other, exactly.</summary>
        public bool HasDirectionOf(Row other)
        {
            for (int i = 0; i < Normal.Length; i++)
            {
                if (Normal[i] / _largest != other.Normal[i] / other._largest)
                    return false;
            }

            return Normal.AsSpan().SequenceEqual(other.Normal) ||
                ExactArithmetic.FromDoubles(Normal).AsSpan().SequenceEqual(ExactArithmetic.FromDoubles(other.Normal));
        }

        /// <summary>Whether offset / length is less; both rows have one direction.</summary>
        public bool IsTighterThan(Row other)
        {
            // offset · other.largest < other.offset · largest, without rounding.
            BigInteger[] left = ExactArithmetic.Scaled([Offset, other._largest]), right = ExactArithmetic.Scaled([other.Offset, _largest]);
            int shift = 2 * (ExactArithmetic.LowestExponent([Offset, other._largest]) - ExactArithmetic.LowestExponent([other.Offset, _largest]));
            BigInteger mine = left[0] * left[1], others = right[0] * right[1];
            return shift >= 0 ? mine << shift < others : mine < others << -shift;
        }
    }
}
