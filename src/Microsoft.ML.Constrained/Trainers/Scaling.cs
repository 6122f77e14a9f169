using System;
using System.Linq;
using Microsoft.ML.Constrained.Networks;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>A factor and a shift for each of a row's values, between the units of the data and those of a network.</summary>
/// <param name="Factor">Factors.</param>
/// <param name="Shift">Shifts.</param>
internal sealed record Scaling(float[] Factor, float[] Shift)
{
    /// <summary>The deviation of a value that never varies, relative to its size.</summary>
    private const double Still = 1e-3;

    /// <summary>
    /// To mean 0 and variance 1 over the rows. A value that is the same in all of them is mapped to 0 wherever it may go later: nothing
    /// was learned about it.
    /// </summary>
    public static Scaling ToUnits(ReadOnlySpan<float> values, int width)
    {
        (double[] means, double[] spreads) = Statistics(values, width);
        float[] factor = new float[width], shift = new float[width];
        for (int j = 0; j < width; j++)
        {
            if (spreads[j] == 0)
                continue;
            factor[j] = (float)Math.Min(1 / spreads[j], float.MaxValue);
            shift[j] = (float)Math.Clamp(-means[j] * factor[j], -float.MaxValue, float.MaxValue);
        }

        return new Scaling(factor, shift);
    }

    /// <summary>
    /// From mean 0 and variance 1 back to the rows' own units. A value that is the same in all rows counts as if it varied by a thousandth
    /// of its size, or of the largest deviation where that is smaller.
    /// </summary>
    public static Scaling FromUnits(ReadOnlySpan<float> values, int width)
    {
        (double[] means, double[] spreads) = Statistics(values, width);
        double largest = spreads.Max();
        float[] factor = new float[width], shift = new float[width];
        for (int j = 0; j < width; j++)
        {
            factor[j] = Spread(spreads[j], means[j], largest);
            shift[j] = (float)means[j];
        }

        return new Scaling(factor, shift);
    }

    /// <summary>
    /// As <see cref="FromUnits"/> for values of one unit, costs that are added up. One that is the same in all rows gets the largest
    /// deviation: others may have to pass it. <paramref name="common"/>: one mean and deviation for all values of a row.
    /// </summary>
    public static Scaling FromOneUnit(ReadOnlySpan<float> values, int width, bool common)
    {
        (double[] means, double[] spreads) = Statistics(values, common ? 1 : width);
        double largest = spreads.Max(), size = largest > 0 ? largest : means.Max(Math.Abs);
        float[] factor = new float[width], shift = new float[width];
        for (int j = 0; j < width; j++)
        {
            double spread = spreads[common ? 0 : j];
            factor[j] = Positive(spread > 0 ? spread : size > 0 ? size : 1);
            shift[j] = (float)means[common ? 0 : j];
        }

        return new Scaling(factor, shift);
    }

    /// <summary>
    /// To quantiles of numbers, in their standard deviation: zeros become the numbers' own quantiles, so that training starts with
    /// quantiles in order and apart. Those that a projection has made equal share their gradient and part only slowly.
    /// </summary>
    public static Scaling ToQuantiles(ReadOnlySpan<float> values, double[] levels)
    {
        (double[] means, double[] spreads) = Statistics(values, 1);
        float factor = Spread(spreads[0], means[0], 0);
        float[] sorted = values.ToArray(), factors = new float[levels.Length], shifts = new float[levels.Length];
        Array.Sort(sorted);
        Array.Fill(factors, factor);
        for (int k = 0; k < levels.Length; k++)
        {
            double place = levels[k] * (sorted.Length - 1);
            int below = (int)place, above = Math.Min(below + 1, sorted.Length - 1);
            shifts[k] = (float)(sorted[below] + ((place - below) * ((double)sorted[above] - sorted[below])));
        }

        return new Scaling(factors, shifts);
    }

    /// <summary>The step of a network that does the same.</summary>
    public ScalingLayer ToLayer() => new(Factor, Shift);

    /// <summary>Scales rows in place, as the network's own step does when scoring.</summary>
    public void Apply(Span<float> values)
    {
        int width = Factor.Length;
        for (int i = 0; i < values.Length; i++)
            values[i] = MathF.FusedMultiplyAdd(values[i], Factor[i % width], Shift[i % width]);
    }

    private static float Spread(double spread, double mean, double largest)
    {
        if (spread > 0)
            return Positive(spread);
        double size = mean == 0 ? largest : largest == 0 ? Math.Abs(mean) : Math.Min(Math.Abs(mean), largest);
        return Positive(Still * (size > 0 ? size : 1));
    }

    private static float Positive(double spread) => (float)Math.Max(spread, float.Epsilon);

    /// <summary>Mean and standard deviation of each value of a row; a deviation of 0 where all rows have the same value.</summary>
    private static (double[] Means, double[] Spreads) Statistics(ReadOnlySpan<float> values, int width)
    {
        double[] means = new double[width], spreads = new double[width];
        int rows = values.Length / width;
        for (int j = 0; j < width; j++)
        {
            double sum = 0, squares = 0;
            float least = float.PositiveInfinity, most = float.NegativeInfinity;
            for (int i = 0; i < rows; i++)
            {
                float value = values[(i * width) + j];
                (least, most) = (Math.Min(least, value), Math.Max(most, value));
                sum += value;
            }

            means[j] = sum / rows;
            for (int i = 0; i < rows; i++)
            {
                double difference = values[(i * width) + j] - means[j];
                squares += difference * difference;
            }

            spreads[j] = least == most ? 0 : Math.Sqrt(squares / rows);
        }

        return (means, spreads);
    }
}
