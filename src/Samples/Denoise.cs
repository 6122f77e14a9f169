using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Takes the noise off piecewise constant signals in three ways: a fully connected network, total variation, and total variation as a
/// quadratic-program layer all of whose parameters are learned from there on (Amos and Kolter 2017, section 4.3 and table 1).
/// Options: <c>--seed N</c> of the signals, <c>--epochs N</c> of the layer, <c>--network-epochs N</c>, <c>--hidden N</c>, <c>--quick</c> (fewer signals).
/// </summary>
internal static class Denoise
{
    private const int BatchSize = 150;

    public static void Run(string[] args)
    {
        bool quick = args.Contains("--quick");
        Example(
            train: quick ? 4000 : 9000,
            test: quick ? 500 : 1000,
            epochs: Number(args, "--epochs", quick ? 4 : 30),
            networkEpochs: Number(args, "--network-epochs", quick ? 10 : 100),
            hidden: Number(args, "--hidden", quick ? 200 : 500),
            firstRate: quick ? 5e-4 : 1e-3,
            seed: Number(args, "--seed", 0));
    }

    /// <summary>Runs the sample.</summary>
    // Its last lines:
    //     fully connected                  29.24      32.55            18.5           29.8
    //     total variation                  15.88      16.09            16.3           16.5
    //     tuned total variation            13.15      14.33            13.8           14.4
    public static void Example(
        int train = 9000, int test = 1000, int epochs = 30, int networkEpochs = 100, int hidden = 500, double firstRate = 1e-3,
        int seed = 0)
    {
        var random = new Random(seed);
        using DenoiseSignals known = DenoiseSignals.Generate(train, random), unseen = DenoiseSignals.Generate(test, random);
        Console.WriteLine($"{train} signals to learn from, {test} others to test with.");
        (double Train, double Test) network = Network(known, unseen, new Random(1), networkEpochs, hidden);
        (double Lambda, double Train, double Test) variation = TotalVariation(known, unseen);
        (double Train, double Test) tuned = Tuned(known, unseen, variation.Lambda, epochs, firstRate, new Random(2));

        Console.WriteLine("                             train MSE   test MSE   paper's train   paper's test");
        Print("the noise itself", known.Error(known.Noisy), unseen.Error(unseen.Noisy), "", "");
        Print("fully connected", network.Train, network.Test, "18.5", "29.8");
        Print("total variation", variation.Train, variation.Test, "16.3", "16.5");
        Print("tuned total variation", tuned.Train, tuned.Test, "13.8", "14.4");
    }

    private static void Print(string name, double train, double test, string paperTrain, string paperTest) =>
        Console.WriteLine(FormattableString.Invariant($"{name,-28}{train,10:F2}{test,11:F2}{paperTrain,16}{paperTest,15}"));

    private static (double Train, double Test) Network(DenoiseSignals known, DenoiseSignals unseen, Random random, int epochs, int hidden)
    {
        using var network = new DenoiseNetwork(hidden, random);
        int steps = (known.Count + BatchSize - 1) / BatchSize * epochs, step = 0;
        var watch = Stopwatch.StartNew();
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            foreach ((Tensor noisy, Tensor clean) in Batches(known, random))
                network.Learn(noisy, clean, Rate(1e-3, step++, steps));
            if (epoch != epochs && epoch % 10 != 0)
                continue;
            (double train, double test) = (known.Error(network.Apply(known.NoisyTensor)), unseen.Error(network.Apply(unseen.NoisyTensor)));
            Console.WriteLine(FormattableString.Invariant(
                $"Network, {hidden} hidden units, epoch {epoch}: train {train:F2}, test {test:F2}, {watch.Elapsed.TotalSeconds:F1} s"));
        }

        return (known.Error(network.Apply(known.NoisyTensor)), unseen.Error(network.Apply(unseen.NoisyTensor)));
    }

    private static (double Lambda, double Train, double Test) TotalVariation(DenoiseSignals known, DenoiseSignals unseen)
    {
        double[] lambdas = [.. Enumerable.Range(0, 61).Select(i => 0.5 * i), 40, 50, 70, 100];
        double best = lambdas.MinBy(lambda => known.Error(DenoiseTotalVariation.Apply(known.Noisy, DenoiseSignals.Length, lambda)));
        double train = known.Error(DenoiseTotalVariation.Apply(known.Noisy, DenoiseSignals.Length, best));
        double test = unseen.Error(DenoiseTotalVariation.Apply(unseen.Noisy, DenoiseSignals.Length, best));
        Console.WriteLine(FormattableString.Invariant(
            $"Total variation: of {lambdas.Length} values of lambda, {best:F1} is best on the training signals."));
        return (best, train, test);
    }

    private static (double Train, double Test) Tuned(
        DenoiseSignals known, DenoiseSignals unseen, double lambda, int epochs, double firstRate, Random random)
    {
        using var model = new DenoiseModel(lambda);
        double difference = DenoiseTotalVariation.Apply(unseen.Noisy, DenoiseSignals.Length, lambda)
            .Zip(model.Apply(unseen.NoisyTensor), (a, b) => Math.Abs(a - b)).Max();
        Console.WriteLine(FormattableString.Invariant($"The layer before training differs from total variation by at most {difference:E1}."));
        int steps = (known.Count + BatchSize - 1) / BatchSize * epochs, step = 0;
        var watch = new Stopwatch();
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            watch.Start();
            foreach ((Tensor noisy, Tensor clean) in Batches(known, random))
                model.Learn(noisy, clean, Rate(firstRate, step++, steps));
            watch.Stop();
            Console.WriteLine(FormattableString.Invariant(
                $"Layer, epoch {epoch}: test {unseen.Error(model.Apply(unseen.NoisyTensor)):F2}, {watch.Elapsed.TotalSeconds:F1} s"));
        }

        return (known.Error(model.Apply(known.NoisyTensor)), unseen.Error(model.Apply(unseen.NoisyTensor)));
    }

    /// <summary>From the first rate down to zero along half a cosine.</summary>
    private static double Rate(double first, int step, int steps) => first * 0.5 * (1 + Math.Cos(Math.PI * step / steps));

    private static IEnumerable<(Tensor Noisy, Tensor Clean)> Batches(DenoiseSignals signals, Random random)
    {
        long[] order = [.. Enumerable.Range(0, signals.Count).Select(i => (long)i)];
        random.Shuffle(order);
        for (int first = 0; first < order.Length; first += BatchSize)
        {
            using Tensor rows = tensor(order[first..Math.Min(first + BatchSize, order.Length)]);
            using Tensor noisy = signals.NoisyTensor.index_select(0, rows), clean = signals.CleanTensor.index_select(0, rows);
            yield return (noisy, clean);
        }
    }

    private static int Number(string[] args, string name, int otherwise)
    {
        int index = Array.IndexOf(args, name);
        if (index < 0)
            return otherwise;
        string? value = index + 1 < args.Length ? args[index + 1] : null;
        return int.TryParse(value, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new ArgumentException($"Option '{name}' expects a whole number, not '{value}'.");
    }
}
