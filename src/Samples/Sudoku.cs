using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Learns the rules of 4 × 4 Sudoku from solved puzzles alone: the equalities of a quadratic program are learned through its solution,
/// by the layer that OptNet introduced. Options: <c>--data FILE</c> (puzzles from a file instead of generated ones),
/// <c>--seeds N</c> (N runs and their median), <c>--epochs N</c>, <c>--quick</c> (fewer puzzles).
/// </summary>
internal static class Sudoku
{
    private const int BatchSize = 150;
    private const double FirstRate = 0.1, LastRate = 0.001;

    public static void Run(string[] args)
    {
        bool quick = args.Contains("--quick");
        Example(
            SampleData.Option(args, "--data"),
            int.Parse(SampleData.Option(args, "--seeds") ?? "1", CultureInfo.InvariantCulture),
            int.Parse(SampleData.Option(args, "--epochs") ?? (quick ? "8" : "5"), CultureInfo.InvariantCulture),
            known: quick ? 1500 : 5000,
            unseen: quick ? 300 : 1000,
            batch: quick ? 50 : BatchSize);
    }

    /// <summary>Runs the sample.</summary>
    // Its last lines:
    //     Distance of the 64 true rules from the learned ones: median 0.015, largest 0.021.
    //     Median over 1 seed(s): 100.0 % of the unseen puzzles solved after 3.9 s of training.
    public static void Example(
        string? file = null, int seeds = 1, int epochs = 5, int known = 5000, int unseen = 1000, int batch = BatchSize)
    {
        (SudokuPuzzles learn, SudokuPuzzles test) = file is null
            ? SudokuPuzzles.Generate(known, unseen, new Random(0))
            : SudokuPuzzles.Read(file, unseen);
        Console.WriteLine(
            $"{learn.Count} solved puzzles to learn from, {test.Count} others to test with; 64 variables, 40 equalities to be learned.");
        var solved = new List<double>();
        var seconds = new List<double>();
        for (int seed = 0; seed < seeds; seed++)
        {
            Console.WriteLine($"Seed {seed}");
            (double share, double time) = Train(learn, test, seed, epochs, batch);
            solved.Add(share);
            seconds.Add(time);
        }

        Console.WriteLine(FormattableString.Invariant(
            $"Median over {seeds} seed(s): {100 * Median(solved):F1} % of the unseen puzzles solved after {Median(seconds):F1} s of training."));
    }

    private static (double Solved, double Seconds) Train(SudokuPuzzles learn, SudokuPuzzles test, int seed, int epochs, int batch)
    {
        var random = new Random(seed);
        using var model = new SudokuModel(random);
        using Tensor costs = Costs(learn), solutions = tensor(SudokuPuzzles.OneHot(learn.Solutions), [learn.Count, 64]);
        long[] order = [.. Enumerable.Range(0, learn.Count).Select(i => (long)i)];
        int steps = (learn.Count + batch - 1) / batch, step = 0;
        var watch = new Stopwatch();
        TimeSpan processor = TimeSpan.Zero;
        double solved = 0;
        Console.WriteLine("epoch     loss   unseen: loss   solved   OptNet's check   seconds   processor");
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            watch.Start();
            random.Shuffle(order);
            double loss = 0;
            for (int first = 0; first < order.Length; first += batch, step++)
            {
                using Tensor rows = tensor(order[first..Math.Min(first + batch, order.Length)]);
                using Tensor puzzles = costs.index_select(0, rows), boards = solutions.index_select(0, rows);
                loss += model.Learn(puzzles, boards, Rate(step, epochs * steps)) * rows.shape[0] / order.Length;
            }

            watch.Stop();
            processor += Environment.CpuUsage.TotalTime - before;
            (double unseenLoss, solved, double loose) = Evaluate(model, test);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{epoch,5}{loss,9:F4}{unseenLoss,15:F4}{100 * solved,7:F1} %{100 * loose,15:F1} %"
                + $"{watch.Elapsed.TotalSeconds,10:F1}{processor.TotalSeconds,12:F1}"));
        }

        (double forward, double backward, double adam) = model.Milliseconds;
        Console.WriteLine(FormattableString.Invariant(
            $"A step: {forward / step:F2} ms for {batch} solutions, {backward / step:F2} ms for their gradients, {adam / step:F2} ms for Adam."));
        Report(model);
        return (solved, watch.Elapsed.TotalSeconds);
    }

    /// <summary>
    /// From the first rate down to the last along half a cosine: large while rules are being found, small before a late step could
    /// undo them.
    /// </summary>
    private static double Rate(int step, int steps) =>
        LastRate + ((FirstRate - LastRate) * 0.5 * (1 + Math.Cos(Math.PI * step / steps)));

    private static Tensor Costs(SudokuPuzzles puzzles) => tensor(SudokuPuzzles.OneHot(puzzles.Puzzles), [puzzles.Count, 64]).neg_();

    private static (double Loss, double Solved, double Loose) Evaluate(SudokuModel model, SudokuPuzzles test)
    {
        using Tensor costs = Costs(test);
        double[] z = model.Solve(costs), wanted = SudokuPuzzles.OneHot(test.Solutions);
        double loss = z.Zip(wanted, (a, b) => (a - b) * (a - b)).Average();
        int[] all = [.. Enumerable.Range(0, test.Count)];
        int solved = all.Count(i => SudokuRules.Solves(z.AsSpan(i * 64, 64), test.Puzzles[i]));
        int loose = all.Count(i => SudokuRules.PassesOptNetCheck(z.AsSpan(i * 64, 64)));
        return (loss, (double)solved / test.Count, (double)loose / test.Count);
    }

    /// <summary>A few rules beside what was learned, and the distance of all of them.</summary>
    private static void Report(SudokuModel model)
    {
        (double[] Coefficients, double Right, double Distance)[] nearest = model.Nearest();
        Console.WriteLine(
            $"{"True rule: the sum of 4 elements is 1",-40}{"their learned coefficients",-28}{"largest other",14}{"sum",8}{"distance",10}");
        foreach (int j in new[] { 0, 15, 17, 30, 47, 63 })
        {
            (string name, int[] elements) = SudokuRules.All[j];
            (double[] coefficients, double right, double distance) = nearest[j];
            string own = string.Join(' ', elements.Select(i => coefficients[i].ToString("F3", CultureInfo.InvariantCulture)));
            double other = coefficients.Where((_, i) => !elements.Contains(i)).Max(Math.Abs);
            Console.WriteLine(FormattableString.Invariant($"{name,-40}{own,-28}{other,14:F3}{right,8:F3}{distance,10:F3}"));
        }

        double[] distances = [.. nearest.Select(rule => rule.Distance)];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Distance of the {distances.Length} true rules from the learned ones: median {Median(distances):F3}, "
            + $"largest {distances.Max():F3}."));
    }

    private static double Median(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
