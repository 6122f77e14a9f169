using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Learns to move images of digits to the nearest ones that are dark and bright by turns in the tiles of a checkerboard (Frerix,
/// Nießner and Cremers 2020; there with MNIST), in two ways: a layer whose output obeys the constraint whatever is learned, and a free
/// linear map that is projected when it is used. Beside them, the exact optimum.
/// Options: <c>--epochs N</c>, <c>--seed N</c>, <c>--picture FILE</c> (checkerboard.svg), <c>--quick</c> (fewer epochs, shorter timing).
/// </summary>
internal static class Checkerboard
{
    private const int Unseen = 300, BatchSize = 64, Hidden = 128;
    private const double Rate = 3e-3;

    public static void Run(string[] args)
    {
        bool quick = args.Contains("--quick");
        Example(
            Number(args, "--epochs", quick ? 40 : 500), Number(args, "--seed", 0), quick ? 0.3 : 1, SampleData.Option(args, "--picture") ?? "checkerboard.svg");
    }

    /// <summary>Runs the sample.</summary>
    public static void Example(int epochs = 500, int seed = 0, double seconds = 1, string picture = "checkerboard.svg")
    {
        set_num_threads(1);
        float[] all = Digits.Load();
        float[] known = all[..^(Unseen * Digits.Pixels)], unseen = all[^(Unseen * Digits.Pixels)..], optimum = Digits.Nearest(unseen);
        ConstraintSet cone = Digits.Checkerboard(), set = cone.Bounds(-1, 1);
        var projector = new Projector(set, new ProjectorOptions { Threads = 1 });
        var exact = new float[unseen.Length];
        projector.Project(unseen, [], exact, new SolverStatus[Unseen]);
        double off = exact.Zip(optimum, (a, b) => Math.Abs(a - b)).Max();
        Console.WriteLine(FormattableString.Invariant(
            $"{all.Length / Digits.Pixels - Unseen} images to learn from, {Unseen} others; {Digits.Pixels} pixels, {cone.Constraints.Count} tiles."));
        Console.WriteLine(FormattableString.Invariant($"Projector and bisection find the same nearest images to {off:E1}."));

        using PolyhedralLayer layer = Layer(cone, Digits.Pixels, batchNorm: true, seed);
        using var hidden = new HiddenMap(Digits.Pixels, Hidden, Layer(cone, Hidden, batchNorm: false, seed), new Random(seed));
        using var free = new FreeMap(Digits.Pixels, seed);
        Console.WriteLine("        error on the others, and largest sum of a tile (at most 0 where the constraint holds)");
        Console.WriteLine("epoch   parameterised         with a hidden layer   free map              the same, projected");
        double worst = Train([layer, hidden, free], projector, known, unseen, epochs, new Random(seed));
        Console.WriteLine(FormattableString.Invariant($"Largest sum of a tile that a parameterised map gave after any epoch: {worst:E1}."));

        layer.eval();
        hidden.eval();
        float[] parameterised = Apply(layer, unseen), plain = Apply(free, unseen), projected = new float[plain.Length];
        projector.Project(plain, [], projected, new SolverStatus[Unseen]);
        CheckerboardTimes.Print(
            layer, hidden, free, projector, all, seconds,
            [Digits.Error(parameterised, unseen), Digits.Error(Apply(hidden, unseen), unseen), Digits.Error(projected, unseen), Digits.Error(optimum, unseen)]);
        Save(picture, unseen, optimum, parameterised, projected);
    }

    /// <summary>The outputs of a module, in the mode that it is in.</summary>
    internal static float[] Apply(nn.Module<Tensor, Tensor> module, float[] images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        return module.call(tensor(images).reshape(-1, Digits.Pixels)).data<float>().ToArray();
    }

    private static PolyhedralLayer Layer(ConstraintSet cone, int inputs, bool batchNorm, int seed) => new(cone, new PolyhedralLayerOptions
    {
        InputSize = inputs,
        BatchNorm = batchNorm,
        BoxAfterEpoch = 25,
        Seed = seed,
        Settings = new PolyhedralSettings { BoxRadius = 1 },
    });

    /// <summary>All side by side; returns the largest sum of a tile that one of the first two gave for unseen images after any epoch.</summary>
    private static double Train(
        nn.Module<Tensor, Tensor>[] modules, Projector projector, float[] known, float[] unseen, int epochs, Random random)
    {
        optim.Optimizer[] optimizers = [.. modules.Select(module => optim.Adam(module.parameters(), Rate))];
        PlateauRate[] rates = [.. modules.Select(_ => new PlateauRate(Rate))];
        double worst = double.NegativeInfinity;
        var projected = new float[unseen.Length];

        // Epoch 0 changes nothing: the constraint holds before anything is learned.
        for (int epoch = 0; epoch <= epochs; epoch++)
        {
            foreach (PolyhedralLayer layer in modules.SelectMany(module => module.modules()).OfType<PolyhedralLayer>())
                layer.Epoch = epoch;
            foreach (float[] batch in epoch == 0 ? [] : Batches(known, random))
            {
                for (int i = 0; i < modules.Length; i++)
                    Step(modules[i], optimizers[i], batch, rates[i].Rate);
            }

            string line = FormattableString.Invariant($"{epoch,5}");
            for (int i = 0; i < modules.Length; i++)
            {
                modules[i].eval();
                float[] images = Apply(modules[i], unseen);
                modules[i].train();
                double error = Digits.Error(images, unseen), sum = Digits.LargestSum(images);
                rates[i].Next(error);
                line += FormattableString.Invariant($"   {error,8:F4} {sum,10:G2}");
                if (i < modules.Length - 1)
                {
                    worst = Math.Max(worst, sum);
                    continue;
                }

                projector.Project(images, [], projected, new SolverStatus[Unseen]);
                line += FormattableString.Invariant($"   {Digits.Error(projected, unseen),8:F4} {Digits.LargestSum(projected),10:G2}");
            }

            if (epoch < 2 || epoch == epochs || epoch % (epochs > 100 ? 50 : 10) == 0)
                Console.WriteLine(line);
        }

        foreach (optim.Optimizer optimizer in optimizers)
            optimizer.Dispose();
        return worst;
    }

    private static void Step(nn.Module<Tensor, Tensor> module, optim.Optimizer optimizer, float[] batch, double rate)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (optim.ILearningRateController group in optimizer.ParamGroups)
            group.LearningRate = rate;
        Tensor images = tensor(batch).reshape(-1, Digits.Pixels);
        optimizer.zero_grad();
        nn.functional.mse_loss(module.call(images), images).backward();
        optimizer.step();
    }

    private static IEnumerable<float[]> Batches(float[] images, Random random)
    {
        int[] order = [.. Enumerable.Range(0, images.Length / Digits.Pixels)];
        random.Shuffle(order);
        foreach (int[] rows in order.Chunk(BatchSize))
            yield return [.. rows.SelectMany(row => images[(row * Digits.Pixels)..((row + 1) * Digits.Pixels)])];
    }

    private static void Save(string path, float[] images, float[] optimum, float[] parameterised, float[] projected)
    {
        const int Shown = 12 * Digits.Pixels;
        var sheet = new DigitSheet();
        sheet.Add("images that were not learned from", images.AsSpan(0, Shown));
        sheet.Add("the nearest that obey the checkerboard", optimum.AsSpan(0, Shown));
        sheet.Add("parameterised", parameterised.AsSpan(0, Shown));
        sheet.Add("free linear map, then projected", projected.AsSpan(0, Shown));
        sheet.Save(path);
        Console.WriteLine($"Picture: {path}");
    }

    private static int Number(string[] args, string name, int otherwise)
    {
        if (SampleData.Option(args, name) is not { } value)
            return otherwise;
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new ArgumentException($"Option '{name}' expects a whole number, not '{value}'.");
    }
}
