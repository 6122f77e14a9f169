using System;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Days of a food truck, made up as in the literature on decision-focused learning (Elmachtoub and Grigas 2022, section 6): five features of
/// a day are standard normal, and product i earns ((Bᵢx/√5 + 3) / 3)^degree · noise, B a fixed random matrix of zeros and ones, noise
/// uniform around 1. Above degree 1 no linear model is right, so that it matters which of its errors a model avoids.
/// </summary>
internal static class KnapsackData
{
    public const int Features = 5;

    /// <summary>Names of the products and their size in crates; the truck holds 30.</summary>
    public static readonly string[] Products =
        ["Ice", "Lemonade", "Water", "Soup", "Stew", "Tea", "Coffee", "Cake", "Salad", "Burgers", "Pizza", "Wraps", "Fries", "Fruit", "Soda", "Pasta"];

    public static readonly int[] Crates = [4, 3, 6, 5, 7, 3, 3, 4, 5, 8, 6, 4, 5, 3, 5, 7];

    public const int Capacity = 30;

    /// <summary>Days of a kind: the same seed gives the same B.</summary>
    /// <param name="count">Number of days.</param>
    /// <param name="degree">How far earnings are from linear.</param>
    /// <param name="noise">Half-width of the noise.</param>
    /// <param name="seed">Of B.</param>
    /// <param name="daySeed">Of the days.</param>
    public static Day[] Days(int count, int degree, double noise, int seed, int daySeed)
    {
        var matrixRandom = new Random(1000 + seed);
        int[,] b = new int[Products.Length, Features];
        for (int i = 0; i < Products.Length; i++)
        {
            for (int j = 0; j < Features; j++)
                b[i, j] = matrixRandom.Next(2);
        }

        var random = new Random(daySeed * 7919 + seed);
        var days = new Day[count];
        for (int d = 0; d < count; d++)
        {
            double[] x = [.. Enumerable.Range(0, Features).Select(_ => Normal(random))];
            var profits = new float[Products.Length];
            for (int i = 0; i < profits.Length; i++)
            {
                double sum = 0;
                for (int j = 0; j < Features; j++)
                    sum += b[i, j] * x[j];
                double factor = 1 + noise * (2 * random.NextDouble() - 1);
                profits[i] = (float)(Math.Pow(Math.Max(0, (sum / Math.Sqrt(Features) + 3) / 3), degree) * factor);
            }

            days[d] = new Day
            {
                Temperature = (float)x[0], Sunshine = (float)x[1], Wind = (float)x[2], Visitors = (float)x[3], Prices = (float)x[4], Profits = profits,
            };
        }

        return days;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>A day: what is known in the morning, and what each product turns out to earn.</summary>
    public sealed class Day
    {
        public float Temperature { get; set; }

        public float Sunshine { get; set; }

        public float Wind { get; set; }

        public float Visitors { get; set; }

        public float Prices { get; set; }

        [VectorType(16)]
        public float[] Profits { get; set; } = new float[16];
    }
}
