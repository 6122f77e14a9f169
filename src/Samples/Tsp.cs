using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Learns where countries lie on a globe from their flags and shortest round trips alone, through a travelling salesman solver (the globe
/// task of Vlastelica et al. 2020; with noise margins, Sahoo et al. 2023, table 6). Options: <c>--seeds N</c>, <c>--epochs N</c>,
/// <c>--rate R</c>, <c>--quick</c>.
/// </summary>
internal static class Tsp
{
    private const int Cities = 5, BatchSize = 50;

    public static void Run(string[] args)
    {
        bool quick = args.Contains("--quick");
        Example(
            seeds: int.Parse(SampleData.Option(args, "--seeds") ?? "1", CultureInfo.InvariantCulture),
            epochs: int.Parse(SampleData.Option(args, "--epochs") ?? (quick ? "8" : "40"), CultureInfo.InvariantCulture),
            countries: quick ? 30 : 100,
            known: quick ? 3000 : 10_000,
            margins: quick ? [0, 0.5] : [0, 0.1, 0.2, 0.5],
            rate: double.Parse(SampleData.Option(args, "--rate") ?? "1e-3", CultureInfo.InvariantCulture));
    }

    /// <summary>Runs the sample.</summary>
    public static void Example(int seeds, int epochs, int countries, int known, double[] margins, double rate)
    {
        var globe = new TspGlobe(countries, new Random(0));
        (long[] Countries, float[] Tours) learn = globe.Examples(known, Cities, new Random(1)), test = globe.Examples(1000, Cities, new Random(3));
        Console.WriteLine(
            $"{countries} countries, {known} round trips through {Cities} of them to learn from, 1000 others to test with; {epochs} epochs, the noise margin in half of them.");
        Console.WriteLine("noise margin   seed   right tours: halfway   at the end   mean distance   seconds   of it solving   solver calls");
        foreach (double margin in margins)
        {
            for (int seed = 0; seed < seeds; seed++)
            {
                using var model = new TspModel(globe, Cities, new IdentityRule(CostProjection.Standard), (ulong)seed) { NoiseMargin = margin };
                var watch = Stopwatch.StartNew();
                var random = new Random(seed);
                for (int epoch = 0; epoch < epochs / 2; epoch++)
                    Learn(model, learn, Rate(rate, epoch, epochs), random);
                double halfway = Right(model, test);
                model.NoiseMargin = 0;
                for (int epoch = epochs / 2; epoch < epochs; epoch++)
                    Learn(model, learn, Rate(rate, epoch, epochs), random);
                watch.Stop();
                double solving = model.Diagnostics.ForwardSeconds + model.Diagnostics.BackwardSeconds;
                long calls = model.Diagnostics.SolverCalls;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{margin,12:F1}{seed,7}{100 * halfway,20:F1} %{100 * Right(model, test),11:F1} %{model.MeanDistance(),16:F3}"
                    + $"{watch.Elapsed.TotalSeconds,10:F1}{solving,16:F2}{calls,15}"));
            }
        }
    }

    /// <summary>From the first rate down to a hundredth of it along half a cosine.</summary>
    private static double Rate(double first, int epoch, int epochs) => first * (0.01 + (0.99 * 0.5 * (1 + Math.Cos(Math.PI * epoch / epochs))));

    private static void Learn(TspModel model, (long[] Countries, float[] Tours) examples, double rate, Random random)
    {
        const int Entries = Cities * Cities;
        int[] order = [.. Enumerable.Range(0, examples.Countries.Length / Cities)];
        random.Shuffle(order);
        for (int first = 0; first < order.Length; first += BatchSize)
        {
            int[] rows = order[first..Math.Min(order.Length, first + BatchSize)];
            model.Learn(
                [.. rows.SelectMany(row => examples.Countries.AsSpan(row * Cities, Cities).ToArray())],
                [.. rows.SelectMany(row => examples.Tours.AsSpan(row * Entries, Entries).ToArray())], rate);
        }
    }

    /// <summary>The share of tours that are the shortest ones.</summary>
    private static double Right(TspModel model, (long[] Countries, float[] Tours) examples)
    {
        const int Entries = Cities * Cities;
        float[] tours = model.Decide(examples.Countries);
        int count = tours.Length / Entries;
        return Enumerable.Range(0, count).Count(row =>
            tours.AsSpan(row * Entries, Entries).SequenceEqual(examples.Tours.AsSpan(row * Entries, Entries))) / (double)count;
    }
}
