using System;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Total variation: minimise ½‖y − z‖² + λ Σ|zᵢ₊₁ − zᵢ|. In one dimension the running sums of z are the shortest path through the tube
/// of half-width λ around the running sums of y, tied at both ends (Davies and Kovac 2001: the taut string).
/// </summary>
internal static class DenoiseTotalVariation
{
    public static double[] Apply(double[] signals, int length, double lambda)
    {
        var result = new double[signals.Length];
        var sums = new double[length + 1];
        for (int i = 0; i < signals.Length; i += length)
        {
            for (int j = 0; j < length; j++)
                sums[j + 1] = sums[j] + signals[i + j];
            Pull(sums, lambda, result.AsSpan(i, length));
        }

        return result;
    }

    private static void Pull(double[] sums, double lambda, Span<double> z)
    {
        int n = z.Length, knot = 0;
        double at = 0;
        while (knot < n)
        {
            // The straight lines from the knot that stay in the tube have slopes between low and high; where none is left, the string
            // bends around the corner that was the last to limit them.
            double low = double.NegativeInfinity, high = double.PositiveInfinity;
            int lowAt = n, highAt = n, end = n;
            double slope = 0;
            for (int k = knot + 1; k <= n; k++)
            {
                double width = k < n ? lambda : 0;
                double up = (sums[k] + width - at) / (k - knot), down = (sums[k] - width - at) / (k - knot);
                if (down > high)
                {
                    (slope, end) = (high, highAt);
                    break;
                }

                if (up < low)
                {
                    (slope, end) = (low, lowAt);
                    break;
                }

                if (up <= high)
                    (high, highAt) = (up, k);
                if (down >= low)
                    (low, lowAt) = (down, k);
                slope = up;
            }

            z[knot..end].Fill(slope);
            at += slope * (end - knot);
            knot = end;
        }
    }
}
