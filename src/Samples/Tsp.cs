using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Learns where countries lie on a globe from flags and shortest round trips alone, through a travelling salesman solver (the globe task
/// of Vlastelica et al. 2020; with margins, Sahoo et al. 2023, table 6). Options: <c>--seeds N</c>, <c>--epochs N</c>, <c>--quick</c>.
/// </summary>
internal static class Tsp
{
    private const int Countries = 100, Cities = 5, BatchSize = 50;

    public static void Run(string[] args)
    {
        bool quick = args.Contains("--quick");
        Example(
            int.Parse(SampleData.Option(args, "--seeds") ?? "1", CultureInfo.InvariantCulture),
            int.Parse(SampleData.Option(args, "--epochs") ?? (quick ? "12" : "100"), CultureInfo.InvariantCulture),
            quick ? 2000 : 10_000,
            quick ? [0, 0.2] : [0, 0.1, 0.2, 0.5],
            double.Parse(SampleData.Option(args, "--rate") ?? "1e-3", CultureInfo.InvariantCulture));
    }

    /// <summary>Runs the sample.</summary>
    public static void Example(int seeds, int epochs, int known, double[] margins, double rate)
    {
        var globe = new TspGlobe(Countries, new Random(0));
        (long[] learnCountries, float[] learnTours) = globe.Examples(known, Cities, new Random(1));
        (long[] testCountries, float[] testTours) = globe.Examples(1000, Cities, new Random(2));
        Console.WriteLine(
            $"{Countries} countries, {known} round trips through {Cities} of them to learn from, 1000 others to test with; identity with the projection Standard.");
        Console.WriteLine("noise margin   seed   right after half   right at the end   mean distance   seconds   solver calls");
        foreach (double margin in margins)
        {
            for (int seed = 0; seed < seeds; seed++)
            {
                using var model = new TspModel(globe, Cities, new IdentityRule(CostProjection.Standard), (ulong)seed) { NoiseMargin = margin };
                var watch = Stopwatch.StartNew();
                var random = new Random(seed);
                int[] order = [.. Enumerable.Range(0, known / BatchSize)];
                double half = 0;
                for (int epoch = 1; epoch <= epochs; epoch++)
                {
                    if (epoch == (epochs / 2) + 1)
                    {
                        half = Right(model, testCountries, testTours);
                        model.NoiseMargin = 0;
                    }

                    random.Shuffle(order);
                    double loss = 0;
                    foreach (int batch in order)
                    {
                        loss += model.Learn(
                            learnCountries.AsSpan(batch * BatchSize * Cities, BatchSize * Cities).ToArray(),
                            learnTours.AsSpan(batch * BatchSize * Cities * Cities, BatchSize * Cities * Cities).ToArray(),
                            rate * (0.01 + (0.99 * 0.5 * (1 + Math.Cos(Math.PI * (epoch - 1) / epochs)))));
                    }

                    if (Environment.GetEnvironmentVariable("V") != null)
                        Console.WriteLine($"   {epoch} {loss / order.Length:F4} {Right(model, testCountries, testTours):F4} {watch.Elapsed.TotalSeconds:F1}");
                }

                watch.Stop();
                double right = Right(model, testCountries, testTours);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{margin,12:F1}{seed,7}{100 * half,17:F1} %{100 * right,17:F1} %{model.MeanDistance(),16:F3}{watch.Elapsed.TotalSeconds,10:F1}{model.Diagnostics.SolverCalls,15}"));
            }
        }
    }

    private static double Right(TspModel model, long[] countries, float[] tours)
    {
        float[] got = model.Decide(countries);
        int n = Cities * Cities, count = tours.Length / n, right = 0;
        for (int row = 0; row < count; row++)
            right += got.AsSpan(row * n, n).SequenceEqual(tours.AsSpan(row * n, n)) ? 1 : 0;
        return (double)right / count;
    }
}
