using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Constrained.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Learns hand-written digits from few rows with constraints on the weights (Leimkuhler et al. 2021): a fully connected network with and without the
/// circle constraint, and a small residual convolutional network with and without orthogonal weights. All by <see cref="ConstrainedLangevin"/>, over several seeds.
/// Options: <c>--seeds N</c>, <c>--rows N</c> to learn from, <c>--epochs N</c>, <c>--network-epochs N</c> of the convolutional one, <c>--quick</c>.
/// </summary>
internal static class FewDigits
{
    private const int BatchSize = 32;

    public static void Run(string[] args)
    {
        bool quick = args.Contains("--quick");
        Example(
            seeds: Number(args, "--seeds", quick ? 2 : 10),
            rows: Number(args, "--rows", 200),
            epochs: Number(args, "--epochs", quick ? 10 : 60),
            networkEpochs: Number(args, "--network-epochs", quick ? 12 : 60));
    }

    /// <summary>Runs the sample. Step sizes and radii were chosen on seeds from 100.</summary>
    public static void Example(int seeds = 10, int rows = 200, int epochs = 60, int networkEpochs = 60)
    {
        using DigitImages images = DigitImages.Load(SampleData.Path("digits.csv"));
        Console.WriteLine($"{rows} digits to learn from, the other {images.Count - rows} to test with; {seeds} seed(s).");
        Console.WriteLine("                                                 train %   test %   spread   test loss");
        (string Name, Func<Random, nn.Module<Tensor, Tensor>> Network, int Epochs, DigitMethod[] Methods)[] experiments =
        [
            ("fully connected 64-1000-10", random => new DigitPerceptron(1000, random), epochs,
            [
                new("no constraint", null, null, 0.3, 1),
                new("circle, r = 0.15 and 0.1", WeightConstraint.Circle(0.1), WeightConstraint.Circle(0.15), 0.3, 1),
            ]),
            ("residual convolutional", random => new DigitResidualNet(16, random), networkEpochs,
            [
                new("no constraint", null, null, 0.3, 1),
                new("orthogonal but for the first", WeightConstraint.Orthogonal(), WeightConstraint.None, 0.3, 1),
            ]),
        ];
        foreach ((string name, Func<Random, nn.Module<Tensor, Tensor>> network, int passes, DigitMethod[] methods) in experiments)
        {
            Console.WriteLine($"{name}, {passes} epochs");
            foreach (DigitMethod method in methods)
                Report(method, [.. Enumerable.Range(0, seeds).Select(seed => Train(images, rows, passes, network, method, seed))]);
        }
    }

    private static void Report(DigitMethod method, List<Outcome> outcomes)
    {
        double mean = outcomes.Average(o => o.Test), spread = Math.Sqrt(outcomes.Sum(o => (o.Test - mean) * (o.Test - mean)) / Math.Max(1, outcomes.Count - 1));
        Console.WriteLine(FormattableString.Invariant(
            $"  {method.Name,-45}{outcomes.Average(o => o.Train),9:F2}{mean,9:F2}{spread,9:F2}{outcomes.Average(o => o.Loss),12:F3}"));
        if (method.Weights is not null)
            Console.WriteLine(FormattableString.Invariant($"    largest distance from the constraint over all runs: {outcomes.Max(o => o.Residual):E1}"));
    }

    private static Outcome Train(
        DigitImages images, int rows, int epochs, Func<Random, nn.Module<Tensor, Tensor>> make, DigitMethod method, int seed)
    {
        using DisposeScope scope = NewDisposeScope();
        var random = new Random(seed);
        int[] order = [.. Enumerable.Range(0, images.Count)];
        random.Shuffle(order);
        int[] known = order[..rows];
        (Tensor x, Tensor y) = images.Rows(known);
        (Tensor testX, Tensor testY) = images.Rows(order[rows..]);
        using nn.Module<Tensor, Tensor> network = make(random);
        using var optimizer = new ConstrainedLangevin(
            WeightGroups.Of(network, method.Weights ?? WeightConstraint.None, method.First), method.Step, friction: method.Friction, seed: seed);
        long[] places = [.. Enumerable.Range(0, rows).Select(i => (long)i)];
        optim.lr_scheduler.LRScheduler schedule = optim.lr_scheduler.LinearLR(optimizer, 1, 0.1, epochs);
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            random.Shuffle(places);
            for (int first = 0; first < rows; first += BatchSize)
            {
                using DisposeScope step = NewDisposeScope();
                Tensor batch = tensor(places[first..Math.Min(first + BatchSize, rows)]);
                network.zero_grad();
                nn.functional.cross_entropy(network.call(x.index_select(0, batch)), y.index_select(0, batch)).backward();
                optimizer.step();
            }

            schedule.step();
        }

        (double train, _) = Measure(network, x, y);
        (double test, double loss) = Measure(network, testX, testY);
        return new(train, test, loss, optimizer.Residuals().Position);
    }

    private static (double Accuracy, double Loss) Measure(nn.Module<Tensor, Tensor> network, Tensor x, Tensor y)
    {
        using IDisposable off = no_grad();
        Tensor logits = network.call(x);
        double right = logits.argmax(1).eq(y).to(ScalarType.Float64).mean().item<double>();
        return (100 * right, nn.functional.cross_entropy(logits, y).item<float>());
    }

    private static int Number(string[] args, string name, int otherwise)
    {
        string? value = SampleData.Option(args, name);
        if (value is null)
            return otherwise;
        return int.TryParse(value, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new ArgumentException($"Option '{name}' expects a whole number above 0, not '{value}'.");
    }

    /// <summary>Accuracies in percent, the test loss, and how far weights are from their constraint at the end.</summary>
    private sealed record Outcome(double Train, double Test, double Loss, double Residual);
}
