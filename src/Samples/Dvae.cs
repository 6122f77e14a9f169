using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// A discrete variational autoencoder of hand-written digits whose codes have exactly ten ones of twenty entries, trained through a top-k
/// solver by the identity rule with each of its projections (Sahoo et al. 2023, section 4.1, ablation). Options: <c>--seeds N</c>,
/// <c>--epochs N</c>, <c>--tau T</c> (the noise), <c>--picture FILE</c> (the curves of the training loss), <c>--quick</c>.
/// </summary>
internal static class Dvae
{
    private const int Unseen = 297;

    public static void Run(string[] args)
    {
        bool quick = args.Contains("--quick");
        Example(
            seeds: int.Parse(SampleData.Option(args, "--seeds") ?? "1", CultureInfo.InvariantCulture),
            epochs: int.Parse(SampleData.Option(args, "--epochs") ?? (quick ? "9" : "60"), CultureInfo.InvariantCulture),
            known: quick ? 750 : 1500,
            batch: quick ? 25 : 100,
            tau: double.Parse(SampleData.Option(args, "--tau") ?? "1", CultureInfo.InvariantCulture),
            picture: SampleData.Option(args, "--picture") ?? "dvae.svg");
    }

    /// <summary>Runs the sample.</summary>
    public static void Example(int seeds, int epochs, int known, int batch, double tau, string picture)
    {
        float[] digits = ReadDigits(SampleData.Path("digits.csv"));
        float[] unseen = digits[^(Unseen * 64)..];
        Console.WriteLine($"{known} digits to learn from, {Unseen} others to test with; losses in nats a picture.");
        Console.WriteLine("projection   seed   loss after a tenth    at the end   unseen   seconds");
        var curves = new List<(string, double[])>();
        foreach (CostProjection projection in Enum.GetValues<CostProjection>())
        {
            for (int seed = 0; seed < seeds; seed++)
            {
                var watch = Stopwatch.StartNew();
                using var model = new DvaeModel(projection, tau, (ulong)seed);
                double[] losses = Train(model, digits, known, epochs, batch, new Random(seed));
                watch.Stop();
                if (seed == 0)
                    curves.Add((projection.ToString(), losses));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{projection,-10}{seed,7}{losses[Math.Max(0, (epochs / 10) - 1)],21:F2}{losses[^1],14:F2}{model.Evaluate(unseen),9:F2}{watch.Elapsed.TotalSeconds,10:F1}"));
            }
        }

        SvgChart.Write(picture, "Training loss by the projection of the identity rule", "epoch", "nats a picture", curves);
        Console.WriteLine($"Curves: {picture}");
    }

    /// <summary>The mean training loss of each epoch.</summary>
    private static double[] Train(DvaeModel model, float[] digits, int known, int epochs, int batch, Random random)
    {
        int[] order = [.. Enumerable.Range(0, known)];
        var losses = new double[epochs];
        var pictures = new float[batch * 64];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            random.Shuffle(order);
            for (int first = 0; first < known; first += batch)
            {
                for (int i = 0; i < batch; i++)
                    digits.AsSpan(order[first + i] * 64, 64).CopyTo(pictures.AsSpan(i * 64));
                losses[epoch] += model.Learn(pictures) * batch / known;
            }
        }

        return losses;
    }

    /// <summary>Pixels between 0 and 1, 64 a digit; the label is left out.</summary>
    private static float[] ReadDigits(string path) =>
        [.. File.ReadLines(path).Skip(1).SelectMany(line => line.Split(',').Skip(1).Select(p => float.Parse(p, CultureInfo.InvariantCulture) / 16))];
}
