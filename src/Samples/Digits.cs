using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>Hand-written digits of 8 × 8 pixels from −1 (dark) to 1 (bright), and the checkerboard constraint on them.</summary>
internal static class Digits
{
    public const int Side = 8;
    public const int Pixels = Side * Side;
    public const int Tile = 2;

    private const int Tiles = Side / Tile;

    /// <summary>All images, row-major, in the order of the file.</summary>
    public static float[] Load()
    {
        var values = new List<float>();
        foreach (string line in File.ReadLines(SampleData.Path("digits.csv")).Skip(1))
            values.AddRange(line.Split(',').Skip(1).Select(field => float.Parse(field, CultureInfo.InvariantCulture) / 8 - 1));
        return [.. values];
    }

    /// <summary>The pixels of the image's 16 tiles, and +1 where their sum is to be at most 0, −1 where at least.</summary>
    public static IEnumerable<(string Name, int[] Pixels, double Sign)> Board()
    {
        for (int k = 0; k < Tiles * Tiles; k++)
        {
            (int column, int row) = Math.DivRem(k, Tiles);
            int[] pixels = [.. Enumerable.Range(0, Tile * Tile).Select(i => (row * Tile + i / Tile) * Side + column * Tile + i % Tile)];
            yield return (FormattableString.Invariant($"tile {row},{column}"), pixels, (row + column) % 2 == 0 ? 1 : -1);
        }
    }

    /// <summary>The checkerboard: tiles are dark and bright by turns, in the mean over their pixels.</summary>
    public static ConstraintSet Checkerboard()
    {
        ConstraintSet set = ConstraintSet.Over(Pixels);
        foreach ((string name, int[] pixels, double sign) in Board())
        {
            var row = new double[Pixels];
            foreach (int pixel in pixels)
                row[pixel] = sign;
            set = set.Linear(name, row, double.NegativeInfinity, 0);
        }

        return set;
    }

    /// <summary>The largest of s · (sum of a tile), which is at most 0 where the constraint holds.</summary>
    public static double LargestSum(ReadOnlySpan<float> images)
    {
        double worst = double.NegativeInfinity;
        (string Name, int[] Pixels, double Sign)[] board = [.. Board()];
        for (int first = 0; first < images.Length; first += Pixels)
        {
            foreach ((_, int[] pixels, double sign) in board)
            {
                double sum = 0;
                foreach (int pixel in pixels)
                    sum += images[first + pixel];
                worst = Math.Max(worst, sign * sum);
            }
        }

        return worst;
    }

    /// <summary>
    /// The nearest images of [−1, 1] that obey the checkerboard, tile by tile and without any of the library's solvers:
    /// z = clip(x − sτ, −1, 1) with the least τ ≥ 0 for which s · Σz ≤ 0, by bisection.
    /// </summary>
    public static float[] Nearest(ReadOnlySpan<float> images)
    {
        var result = new float[images.Length];
        (string Name, int[] Pixels, double Sign)[] board = [.. Board()];
        for (int first = 0; first < images.Length; first += Pixels)
        {
            foreach ((_, int[] pixels, double sign) in board)
            {
                double[] x = new double[pixels.Length];
                for (int i = 0; i < x.Length; i++)
                    x[i] = images[first + pixels[i]];
                double shift = Shift(x, sign);
                for (int i = 0; i < x.Length; i++)
                    result[first + pixels[i]] = (float)Math.Clamp(x[i] - sign * shift, -1, 1);
            }
        }

        return result;
    }

    /// <summary>The mean over all pixels of the squared difference.</summary>
    public static double Error(ReadOnlySpan<float> images, ReadOnlySpan<float> targets)
    {
        double sum = 0;
        for (int i = 0; i < images.Length; i++)
            sum += (images[i] - (double)targets[i]) * (images[i] - (double)targets[i]);
        return sum / images.Length;
    }

    private static double Shift(double[] x, double sign)
    {
        double Excess(double shift) => sign * x.Sum(v => Math.Clamp(v - sign * shift, -1, 1));
        if (Excess(0) <= 0)
            return 0;
        double low = 0, high = 2;
        for (int i = 0; i < 60; i++)
        {
            double middle = 0.5 * (low + high);
            if (Excess(middle) <= 0)
                high = middle;
            else
                low = middle;
        }

        return high;
    }
}
