using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Tells two spirals apart from few points, in five ways (Leimkuhler et al. 2021, overview figure): gradient descent with momentum, with weight decay,
/// with every weight on a circle, with noise, and with both circle and noise. The networks of all seeds train side by side.
/// Options: <c>--seeds N</c>, <c>--steps N</c>, <c>--picture FILE</c> for the decision boundaries of the first seed, <c>--quick</c>.
/// </summary>
internal static class Spirals
{
    private const int Hidden = 100, TrainPoints = 60, TestPoints = 2000;
    private const double Noise = 0.06, Step = 0.7, Friction = 0.2;

    // Noise, radii and temperature were chosen on seeds from 100; seeds 0, 1, … are reported.
    private const double WeightDecay = 1e-4, FirstRadius = 5, SecondRadius = 5, Temperature = 1e-4;

    private static readonly (string Name, bool Circle, double Temperature, double WeightDecay, string Paper)[] s_methods =
    [
        ("SGD", false, 0, 0, "81"),
        ("SGD with weight decay", false, 0, WeightDecay, "80.45"),
        ("constrained SGD", true, 0, 0, "86.95"),
        ("SGLD", false, Temperature, 0, "84.45"),
        ("constrained SGLD", true, Temperature, 0, "91.7"),
    ];

    public static void Run(string[] args)
    {
        bool quick = args.Contains("--quick");
        Example(
            seeds: Number(args, "--seeds", quick ? 3 : 20), steps: Number(args, "--steps", quick ? 1200 : 8000),
            picture: SampleData.Option(args, "--picture") ?? "spirals.svg");
    }

    /// <summary>Runs the sample.</summary>
    public static void Example(int seeds = 20, int steps = 8000, string picture = "spirals.svg")
    {
        int[] train = [.. Enumerable.Range(0, seeds)], test = [.. train.Select(seed => seed + 5000)];
        using SpiralPoints known = SpiralPoints.Generate(train, TrainPoints, Noise), unseen = SpiralPoints.Generate(test, TestPoints, Noise);
        Console.WriteLine(FormattableString.Invariant(
            $"{TrainPoints} points to learn from, {TestPoints} others to test with; {Hidden} hidden units; h = {Step}, friction {Friction}, {steps} steps; {seeds} seed(s)."));
        Console.WriteLine("                          train %   test %   spread   more than SGD   train loss   test loss   largest |w| by layer   paper's test %");
        double[]? plain = null;
        var drawing = new SpiralPicture(known);
        foreach ((string name, bool circle, double temperature, double weightDecay, string paper) in s_methods)
        {
            using DisposeScope scope = NewDisposeScope();
            using SpiralNets nets = Train(known, train, steps, circle, temperature, weightDecay, out double residual);
            double[] right = Accuracies(nets, unseen);
            plain ??= right;
            (double mean, double spread) = Spread(right);
            (double more, double moreSpread) = Spread([.. right.Zip(plain, (a, b) => a - b)]);
            (Parameter first, Parameter second, _) = nets.Groups;
            Console.WriteLine(FormattableString.Invariant(
                $"{name,-24}{Accuracies(nets, known).Average(),9:F1}{mean,9:F2}{spread,9:F2}{more,9:F2} ± {moreSpread / Math.Sqrt(seeds):F2}{Loss(nets, known),12:F3}{Loss(nets, unseen),12:F3}{Largest(first),14:F2}{Largest(second),8:F2}{paper,17}"));
            if (circle)
                Console.WriteLine(FormattableString.Invariant($"  largest |w² + slack² − r²| / r²: {residual:E1}"));
            drawing.Add(FormattableString.Invariant($"{name}: {right[0]:F1} %"), nets);
        }

        File.WriteAllText(picture, drawing.ToSvg());
        Console.WriteLine($"Decision boundaries of the first seed: {picture}");
    }

    private static SpiralNets Train(SpiralPoints points, int[] seeds, int steps, bool circle, double temperature, double weightDecay, out double residual)
    {
        var nets = new SpiralNets(seeds, Hidden);
        (Parameter first, Parameter second, Parameter[] biases) = nets.Groups;
        using var optimizer = new ConstrainedLangevin(
            [
                new ConstrainedLangevin.ParamGroup([first], circle ? WeightConstraint.Circle(FirstRadius) : WeightConstraint.None),
                new ConstrainedLangevin.ParamGroup([second], circle ? WeightConstraint.Circle(SecondRadius) : WeightConstraint.None),
                new ConstrainedLangevin.ParamGroup(biases, WeightConstraint.None),
            ],
            Step, temperature, Friction, weightDecay: weightDecay, seed: 7);
        for (int i = 0; i < steps; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            nets.zero_grad();

            // The mean over the points of each network, summed over the networks.
            (nn.functional.binary_cross_entropy_with_logits(nets.call(points.Points), points.Arms) * seeds.Length).backward();
            optimizer.step();
        }

        residual = optimizer.Residuals().Position;
        return nets;
    }

    private static double[] Accuracies(SpiralNets nets, SpiralPoints points)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        Tensor right = (nets.call(points.Points) > 0).to(ScalarType.Float32).eq(points.Arms).to(ScalarType.Float64);
        return [.. right.mean([1]).data<double>().ToArray().Select(share => 100 * share)];
    }

    /// <summary>Mean and standard deviation.</summary>
    private static (double Mean, double Spread) Spread(double[] values)
    {
        double mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Length - 1)));
    }

    private static double Loss(SpiralNets nets, SpiralPoints points)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        return nn.functional.binary_cross_entropy_with_logits(nets.call(points.Points), points.Arms).item<float>();
    }

    private static double Largest(Tensor weights)
    {
        using IDisposable off = no_grad();
        using Tensor size = weights.abs(), largest = size.max();
        return largest.item<float>();
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
}
