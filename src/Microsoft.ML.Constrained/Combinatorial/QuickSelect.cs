using System;

namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>The k-th least of an array by partitioning (Hoare 1961), without a branch per element.</summary>
internal static class QuickSelect
{
    private const int SmallEnough = 24;

    /// <summary>Finds the element that a sort would put at <paramref name="place"/>; reorders the values.</summary>
    /// <returns>False when the pivots were bad so often that another method should be used; the values keep their multiset.</returns>
    public static bool TryFind(Span<double> values, int place, out double found)
    {
        int low = 0, high = values.Length, rounds = 4 * (32 - int.LeadingZeroCount(values.Length)) + 8;
        while (high - low > SmallEnough)
        {
            found = MedianOfThree(values[low], values[(low + high) / 2], values[high - 1]);
            if (--rounds < 0)
                return false;
            int middle = low + PartitionBelow(values[low..high], found);
            if (place < middle)
            {
                high = middle;
                continue;
            }

            // At least the pivot itself goes here, so each round gets somewhere.
            low = middle + PartitionUpTo(values[middle..high], found);
            if (place < low)
                return true;
        }

        Span<double> rest = values[low..high];
        rest.Sort();
        found = rest[place - low];
        return true;
    }

    private static int PartitionBelow(Span<double> values, double pivot)
    {
        int kept = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double value = values[i];
            values[i] = values[kept];
            values[kept] = value;
            kept += value < pivot ? 1 : 0;
        }

        return kept;
    }

    private static int PartitionUpTo(Span<double> values, double pivot)
    {
        int kept = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double value = values[i];
            values[i] = values[kept];
            values[kept] = value;
            kept += value <= pivot ? 1 : 0;
        }

        return kept;
    }

    private static double MedianOfThree(double a, double b, double c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
