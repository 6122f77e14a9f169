using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Learns what terrain costs from pictures of maps and their cheapest paths alone, through a shortest-path solver (the Warcraft task of
/// Vlastelica et al. 2020), by the identity and by the interpolation rule. Options: <c>--size N</c> (tiles along a side, 12 or 18, say),
/// <c>--maps N</c> (maps to learn from), <c>--epochs N</c>, <c>--seed N</c>, <c>--picture FILE</c>, <c>--quick</c>.
/// </summary>
internal static class Warcraft
{
    private const double FirstRate = 0.01;

    // Beyond the gradient of any batch, λ moves costs past all others: the paper's value.
    private const double Lambda = 20;

    public static void Run(string[] args)
    {
        bool quick = args.Contains("--quick");
        int Number(string option, int otherwise) =>
            SampleData.Option(args, option) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        Example(
            Number("--size", 12), Number("--maps", quick ? 600 : 5000), quick ? 200 : 1000, Number("--epochs", quick ? 4 : 8),
            batch: quick ? 20 : 50, Number("--seed", 0), SampleData.Option(args, "--picture") ?? "warcraft.svg");
    }

    /// <summary>Runs the sample.</summary>
    public static void Example(int size, int known, int unseen, int epochs, int batch, int seed, string picture)
    {
        WarcraftMaps learn = WarcraftMaps.Generate(known, size, 1), test = WarcraftMaps.Generate(unseen, size, 3);
        Console.WriteLine(
            $"{known} maps of {size} × {size} tiles with their cheapest paths to learn from, {unseen} others to test with.");
        Console.WriteLine(FormattableString.Invariant(
            $"The nearest mean colour is that of the right terrain for {100 * learn.RightByMeanColour(test):F1} % of the tiles."));
        var identity = new IdentityRule();
        string header = "                       training loss   cost ratio   optimal   same path   seconds   of it solving   solver calls";
        Console.WriteLine(header);
        using WarcraftModel model = Train("identity", identity, linear: false);
        using (Train("interpolation", new InterpolationRule(Lambda), linear: false))
        using (Train("identity, linear", identity, linear: true))
        {
        }

        Report(model, test, picture);

        WarcraftModel Train(string name, BackwardRule rule, bool linear)
        {
            var trained = new WarcraftModel(size, rule, linear, new Random(seed));
            var watch = Stopwatch.StartNew();
            double loss = Learn(trained, learn, epochs, batch, new Random(seed));
            watch.Stop();
            double solving = trained.Diagnostics.ForwardSeconds + trained.Diagnostics.BackwardSeconds;
            long calls = trained.Diagnostics.SolverCalls;
            (double ratio, double optimal, double same) = Evaluate(test, Decide(test, Predict(trained, test)));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-20}{loss,16:F2}{ratio,13:F4}{100 * optimal,8:F1} %{100 * same,10:F1} %{watch.Elapsed.TotalSeconds,10:F1}{solving,16:F2}{calls,15}"));
            return trained;
        }
    }

    /// <summary>Trains; gives the mean loss of the last epoch.</summary>
    private static double Learn(WarcraftModel model, WarcraftMaps maps, int epochs, int batch, Random random)
    {
        int[] order = [.. Enumerable.Range(0, maps.Count)];
        var pixels = new byte[batch * maps.Pixels[0].Length];
        var paths = new float[batch * maps.Size * maps.Size];
        int steps = maps.Count / batch * epochs, step = 0;
        double loss = 0;
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            random.Shuffle(order);
            loss = 0;
            for (int first = 0; first + batch <= order.Length; first += batch, step++)
            {
                maps.CopyPixels(order.AsSpan(first, batch), pixels);
                maps.CopyPaths(order.AsSpan(first, batch), paths);
                double rate = FirstRate * 0.5 * (1 + Math.Cos(Math.PI * step / steps));
                loss += model.Learn(pixels, paths, batch, rate) / (maps.Count / batch);
            }
        }

        return loss;
    }

    private static float[] Predict(WarcraftModel model, WarcraftMaps maps)
    {
        const int Chunk = 50;
        int tiles = maps.Size * maps.Size;
        var costs = new float[maps.Costs.Length];
        for (int first = 0; first < maps.Count; first += Chunk)
        {
            int[] some = [.. Enumerable.Range(first, Math.Min(Chunk, maps.Count - first))];
            var pixels = new byte[some.Length * maps.Pixels[0].Length];
            maps.CopyPixels(some, pixels);
            model.Predict(pixels, some.Length).CopyTo(costs.AsSpan(first * tiles));
        }

        return costs;
    }

    private static float[] Decide(WarcraftMaps maps, float[] costs)
    {
        var paths = new float[costs.Length];
        new GridShortestPathSolver(maps.Size, maps.Size).SolveBatch(costs, paths, new SolverStatus[maps.Count]);
        return paths;
    }

    /// <summary>
    /// What the paths cost over what the cheapest cost, the mean over the maps; the share of paths that cost no more than the cheapest; and
    /// of those that are the very path that was expected (there are often several cheapest ones).
    /// </summary>
    private static (double Ratio, double Optimal, double Same) Evaluate(WarcraftMaps maps, float[] paths)
    {
        int tiles = maps.Size * maps.Size, optimal = 0, same = 0;
        double ratio = 0;
        for (int map = 0; map < maps.Count; map++)
        {
            ReadOnlySpan<float> got = paths.AsSpan(map * tiles, tiles), right = maps.Paths.AsSpan(map * tiles, tiles);
            double cost = 0, least = 0;
            for (int i = 0; i < tiles; i++)
            {
                cost += (double)maps.Costs[(map * tiles) + i] * got[i];
                least += (double)maps.Costs[(map * tiles) + i] * right[i];
            }

            ratio += cost / least / maps.Count;
            optimal += cost <= least * (1 + 1e-6) ? 1 : 0;
            same += got.SequenceEqual(right) ? 1 : 0;
        }

        return (ratio, (double)optimal / maps.Count, (double)same / maps.Count);
    }

    /// <summary>What the terrains cost by the model, and the picture of a map, of one on which it fails if there is any.</summary>
    private static void Report(WarcraftModel model, WarcraftMaps maps, string picture)
    {
        float[] costs = Predict(model, maps), paths = Decide(maps, costs);
        double scale = maps.Costs.Sum(c => (double)c) / costs.Sum(c => (double)c);
        Console.WriteLine($"{"terrain",-10}{"true cost",10}{"learned, scaled to the same mean",34}");
        for (int t = 0; t < WarcraftMaps.Names.Length; t++)
        {
            float cost = WarcraftMaps.TerrainCosts[t];
            double[] learned = [.. costs.Where((_, i) => maps.Costs[i] == cost).Select(c => c * scale)];
            double mean = learned.Average(), deviation = Math.Sqrt(learned.Average(c => (c - mean) * (c - mean)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{WarcraftMaps.Names[t],-10}{cost,10:F1}{mean,26:F2} ± {deviation:F2}"));
        }

        int tiles = maps.Size * maps.Size, shown = 0;
        for (int map = maps.Count - 1; map >= 0; map--)
        {
            if (!paths.AsSpan(map * tiles, tiles).SequenceEqual(maps.Paths.AsSpan(map * tiles, tiles)))
                shown = map;
        }

        WarcraftPicture.Write(picture, maps, shown, costs.AsSpan(shown * tiles, tiles), paths.AsSpan(shown * tiles, tiles));
        Console.WriteLine($"Picture of map {shown}: {picture}");
    }
}
