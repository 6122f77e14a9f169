using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// A variational autoencoder of digits whose every decoded image obeys the checkerboard (tiles dark and bright by turns), from the first
/// step of training on, because its decoder ends in a polyhedral layer (the use that Frerix, Nießner and Cremers 2020 make of it; there
/// with MNIST). Beside it, the same without the constraint.
/// Options: <c>--epochs N</c>, <c>--seed N</c>, <c>--picture FILE</c> (vae.svg), <c>--quick</c> (fewer epochs).
/// </summary>
internal static class Vae
{
    private const int Unseen = 300, BatchSize = 64, Drawn = 1000, Shown = 16;

    /// <summary>The variance of a pixel around its decoded value; it weighs the error against the codes' divergence from the prior.</summary>
    private const double PixelVariance = 0.1;

    public static void Run(string[] args)
    {
        bool quick = args.Contains("--quick");
        Example(Number(args, "--epochs", quick ? 15 : 300), Number(args, "--seed", 0), SampleData.Option(args, "--picture") ?? "vae.svg");
    }

    /// <summary>Runs the sample.</summary>
    public static void Example(int epochs = 300, int seed = 0, string picture = "vae.svg")
    {
        set_num_threads(1);
        float[] all = Digits.Load();
        float[] known = all[..^(Unseen * Digits.Pixels)], unseen = all[^(Unseen * Digits.Pixels)..], optimum = Digits.Nearest(unseen);
        Console.WriteLine(FormattableString.Invariant($"{all.Length / Digits.Pixels - Unseen} images to learn from, {Unseen} others; codes of {VaeModel.CodeSize} numbers."));
        Console.WriteLine(FormattableString.Invariant($"No image that obeys the checkerboard is nearer to the others than {Digits.Error(optimum, unseen):F4} in the mean over pixels."));
        using var constrained = new VaeModel(Digits.Checkerboard(), seed);
        using var plain = new VaeModel(null, seed);
        Console.WriteLine("        loss, error on the others, and largest sum of a tile (at most 0 where the checkerboard is obeyed)");
        Console.WriteLine("epoch   constrained                         plain");
        double worst = Train([constrained, plain], known, unseen, epochs, seed);

        Console.WriteLine(FormattableString.Invariant($"Largest sum of a tile that the constrained decoder gave after any epoch: {worst:E1}."));
        float[] own = Draw(constrained, seed), others = Draw(plain, seed);
        Console.WriteLine(FormattableString.Invariant(
            $"{Drawn} images drawn from the prior: constrained, {Violating(own)} disobey (largest sum {Digits.LargestSum(own):E1}); plain, {Violating(others)} (largest sum {Digits.LargestSum(others):F2})."));
        Save(picture, unseen, optimum, Apply(constrained, unseen), own, Apply(plain, unseen), others);
    }

    /// <summary>Both side by side with the same batches and noise; returns the largest sum of a tile that the first gave for unseen images.</summary>
    private static double Train(VaeModel[] models, float[] known, float[] unseen, int epochs, int seed)
    {
        optim.Optimizer[] optimizers = [.. models.Select(model => optim.Adam(model.parameters(), 1e-3))];
        var random = new Random(seed);
        double worst = double.NegativeInfinity;
        for (int epoch = 0; epoch <= epochs; epoch++)
        {
            var losses = new double[models.Length];
            int batches = 0;
            foreach (float[] batch in epoch == 0 ? [] : Batches(known, random))
            {
                float[] noise = Normal(random, batch.Length / Digits.Pixels * VaeModel.CodeSize);
                for (int i = 0; i < models.Length; i++)
                    losses[i] += Step(models[i], optimizers[i], batch, noise);
                batches++;
            }

            string line = FormattableString.Invariant($"{epoch,5}");
            for (int i = 0; i < models.Length; i++)
            {
                float[] decoded = Apply(models[i], unseen);
                double sum = Digits.LargestSum(decoded);
                worst = i == 0 ? Math.Max(worst, sum) : worst;
                line += FormattableString.Invariant($"   {losses[i] / Math.Max(batches, 1),9:F2} {Digits.Error(decoded, unseen),9:F4} {sum,10:G2}   ");
            }

            if (epoch < 2 || epoch == epochs || epoch % (epochs > 50 ? 50 : 5) == 0)
                Console.WriteLine(line.TrimEnd());
        }

        foreach (optim.Optimizer optimizer in optimizers)
            optimizer.Dispose();
        return worst;
    }

    /// <summary>One step on the negative lower bound of the images' log-likelihood, less a constant; returns it, the mean over images.</summary>
    private static double Step(VaeModel model, optim.Optimizer optimizer, float[] batch, float[] noise)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = tensor(batch).reshape(-1, Digits.Pixels);
        optimizer.zero_grad();
        (Tensor mean, Tensor logVariance) = model.Encode(images);
        Tensor codes = mean + ((logVariance * 0.5).exp() * tensor(noise).reshape(-1, VaeModel.CodeSize));
        Tensor error = (model.Decode(codes) - images).square().sum(1) / (2 * PixelVariance);
        Tensor divergence = (mean.square() + logVariance.exp() - 1 - logVariance).sum(1) * 0.5;
        Tensor loss = (error + divergence).mean();
        loss.backward();
        optimizer.step();
        return loss.item<float>();
    }

    private static float[] Apply(VaeModel model, float[] images)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        return model.call(tensor(images).reshape(-1, Digits.Pixels)).data<float>().ToArray();
    }

    private static float[] Draw(VaeModel model, int seed)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        return model.Decode(tensor(Normal(new Random(seed + 1), Drawn * VaeModel.CodeSize)).reshape(Drawn, -1)).data<float>().ToArray();
    }

    /// <summary>Images of which a tile is on the wrong side by more than rounding.</summary>
    private static int Violating(float[] images) =>
        Enumerable.Range(0, images.Length / Digits.Pixels).Count(i => Digits.LargestSum(images.AsSpan(i * Digits.Pixels, Digits.Pixels)) > 1e-6);

    private static float[] Normal(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    private static IEnumerable<float[]> Batches(float[] images, Random random)
    {
        int[] order = [.. Enumerable.Range(0, images.Length / Digits.Pixels)];
        random.Shuffle(order);
        foreach (int[] rows in order.Chunk(BatchSize))
            yield return [.. rows.SelectMany(row => images[(row * Digits.Pixels)..((row + 1) * Digits.Pixels)])];
    }

    private static void Save(string path, float[] images, float[] optimum, float[] constrained, float[] drawn, float[] plain, float[] plainDrawn)
    {
        var sheet = new DigitSheet();
        void Add(string title, float[] row) => sheet.Add(title, row.AsSpan(0, Shown * Digits.Pixels));
        Add("images that were not learned from", images);
        Add("the nearest that obey the checkerboard", optimum);
        Add("decoded again, constrained", constrained);
        Add("decoded again, plain", plain);
        Add("drawn from the prior, constrained", drawn);
        Add("drawn from the prior, plain", plainDrawn);
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
