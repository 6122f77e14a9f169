using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Hourly demand and weather to the output of eight power plants, with the balance, capacities and ramps that every hour must keep: how
/// a network that knows nothing of them compares with several that do. Options: <c>--quick</c>, <c>--hours N</c>, <c>--epochs N</c>,
/// <c>--seeds N</c>.
/// </summary>
internal static class Dispatch
{
    public static void Run(string[] args)
    {
        bool quick = args.Contains("--quick");
        int Option(string name, int otherwise) => SampleData.Option(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        Example(Option("--hours", quick ? 2500 : 8766), Option("--epochs", quick ? 12 : 60), Option("--seeds", quick ? 1 : 2));
    }

    public static void Example(int hours = 8766, int epochs = 60, int seeds = 2)
    {
        var mlContext = new MLContext(seed: 1);
        DispatchRow[] rows = DispatchData.Create(hours, 1);
        int known = rows.Length * 4 / 5;
        IDataView training = Features(mlContext, rows[..known]), test = Features(mlContext, rows[known..]);
        ConstraintSet limits = DispatchData.Limits();
        double[] weights = Weights(rows[..known]);
        Console.WriteLine(FormattableString.Invariant(
            $"{known} hours to learn from, {rows.Length - known} later ones to test with; {DispatchData.Plants.Count} plants, {limits.Constraints.Count} constraints on each hour, {seeds} seed(s)."));
        double mean = rows[known..].Average(r => r.Output.Average(v => (double)v));
        Console.WriteLine(FormattableString.Invariant($"A plant's mean output is {mean:F0} MW."));
        Way before = Trained("the hour before, projected", seed => mlContext.Transforms.Concatenate("Plan", Previous())
            .Append(mlContext.Transforms.ConstrainedProjection(Projection("Plan", "Score", limits, weights))).Fit(training));
        Way[] Train(string name, Func<int, ITransformer> train) => [.. Enumerable.Range(0, seeds).Select(seed => Trained(name, train, seed))];
        Way[] Network(string name, OutputConstraint way) =>
            Train(name, seed => Trainer(mlContext, "Output", limits, way, epochs, seed).Fit(training));
        Way[] plain = Train("network that knows nothing", seed => Trainer(mlContext, "Output", null, OutputConstraint.Projection, epochs, seed).Fit(training));

        // The set of outputs differs from hour to hour; that of shares of the demand does not, but has only the balance in it.
        Way[] shares = Train("shares of the demand, parameterised", seed => Shares(mlContext, epochs, seed).Fit(training));
        Way[] Repaired(Way[] ways, string column)
        {
            ITransformer repair = mlContext.Transforms.ConstrainedProjection(Projection(column, "Kept", limits, weights)).Fit(ways[0].Model.Transform(training));
            return [.. ways.Select(w => w with { Name = "  the same, projected when scoring", Model = w.Model.Append(repair), Column = "Kept" })];
        }

        Way[][] ways =
        [
            [before],
            plain,
            Repaired(plain, "Score"),
            Network("trained through projection without a solve", OutputConstraint.DifferentiableProjection),
            Network("trained through exact projection", OutputConstraint.Projection),
            [.. shares.Select(w => w with { Column = "Plan" })],
            Repaired(shares, "Plan"),
        ];
        double[] times = Times(mlContext, ways, test);
        Console.WriteLine($"{"",-44}{"error",8}{"hours off",11}{"largest miss",14}{"of balance",12}{"scoring",12}{"training",10}");
        Console.WriteLine($"{"",-44}{"MW",8}{"",11}{"MW",14}{"MW",12}{"µs an hour",12}{"s",10}");
        for (int i = 0; i < ways.Length; i++)
            Report(mlContext, test, limits, ways[i], times[i]);
    }

    private static string[] Previous() => [.. Enumerable.Range(1, DispatchData.Plants.Count).Select(i => $"Previous{i}")];

    /// <summary>The metric that the trainer takes by itself: a MW counts as much as it is rare in the plant's output.</summary>
    private static double[] Weights(DispatchRow[] rows) =>
    [
        .. DispatchData.Plants.Select((_, i) =>
        {
            double mean = rows.Average(r => (double)r.Output[i]);
            return 1 / (1 + rows.Average(r => Math.Pow(r.Output[i] - mean, 2)));
        }),
    ];

    private static IDataView Features(MLContext mlContext, DispatchRow[] rows)
    {
        IDataView view = mlContext.Data.LoadFromEnumerable(rows);
        return mlContext.Data.Cache(mlContext.Transforms.Concatenate("Features", ["Hour", "Demand", .. Previous()]).Fit(view).Transform(view));
    }

    private static ConstrainedRegressionOptions Options(string label, ConstraintSet? constraints, OutputConstraint way, int epochs, int seed) => new()
    {
        LabelColumnName = label,
        Constraints = constraints,
        OutputConstraint = way,
        HiddenLayers = [64, 64],
        Epochs = epochs,
        BatchSize = 64,
        LearningRate = 0.003,
        Loss = RegressionLoss.Absolute,
        Threads = 1,
        Seed = seed,
    };

    private static ConstrainedRegressionEstimator Trainer(MLContext mlContext, string label, ConstraintSet? limits, OutputConstraint way, int epochs, int seed)
    {
        ConstrainedRegressionOptions options = Options(label, limits, way, epochs, seed);

        // These steps move all plants by like MW. For one that hardly ever moves that is far, in the units of the penalty.
        if (way == OutputConstraint.DifferentiableProjection)
            options.ProjectionPenalty = 0;
        return mlContext.Regression.Trainers.ConstrainedRegression(options);
    }

    private static ConstrainedProjectionOptions Projection(string input, string output, ConstraintSet limits, double[] weights) =>
        new() { InputColumnName = input, OutputColumnName = output, Constraints = limits, Weights = weights, Threads = 1 };

    /// <summary>Shares of the demand that are at least 0 and add up to 1 by construction, times the demand.</summary>
    private static EstimatorChain<ITransformer> Shares(MLContext mlContext, int epochs, int seed)
    {
        ConstraintSet simplex = ConstraintSet.Over([.. DispatchData.Plants.Select(p => p.Name)]).Simplex();
        ConstrainedRegressionOptions options = Options("Share", simplex, OutputConstraint.Parameterization, epochs, seed);
        options.ScoreColumnName = "Shares";
        return new EstimatorChain<ITransformer>()
            .Append(mlContext.Regression.Trainers.ConstrainedRegression(options))
            .Append((IEstimator<ITransformer>)mlContext.Transforms.CustomMapping<Shared, Planned>((from, to) => to.Plan = [.. from.Shares.Select(s => s * from.Demand)], contractName: null));
    }

    private static Way Trained(string name, Func<int, ITransformer> train, int seed = 0)
    {
        var watch = Stopwatch.StartNew();
        ITransformer model = train(seed);
        return new Way(name, model, "Score", watch.Elapsed.TotalSeconds);
    }

    /// <summary>One line: means over the seeds, but the worst of all in what must not happen.</summary>
    private static void Report(MLContext mlContext, IDataView test, ConstraintSet limits, Way[] ways, double time)
    {
        double error = 0, off = 0, miss = 0, balance = 0, training = 0;
        foreach (Way way in ways)
        {
            IDataView scored = way.Model.Transform(test);
            error += mlContext.Regression.EvaluateVector(scored, "Output", way.Column).MeanAbsoluteError / ways.Length;
            ConstraintColumnMetrics kept = mlContext.Data.EvaluateConstraints(scored, limits, way.Column).Before;
            off = Math.Max(off, kept.ViolatedShare);
            miss = Math.Max(miss, kept.LargestViolation);
            balance = Math.Max(balance, kept.Constraints[0].LargestViolation);
            training += way.Seconds / ways.Length;
        }

        Console.WriteLine(FormattableString.Invariant($"{ways[0].Name,-44}{error,8:F2}{100 * off,9:F1} %{miss,14:G3}{balance,12:G3}{time,12:F2}{training,10:F1}"));
    }

    /// <summary>
    /// Microseconds a row with the first seed's models: the best of passes in turn, for other work is in the way of some, after so many
    /// short ones that everything is compiled at its best.
    /// </summary>
    private static double[] Times(MLContext mlContext, Way[][] ways, IDataView test)
    {
        IDataView few = mlContext.Data.TakeRows(test, 40);
        for (int pass = 0; pass < 120; pass++)
        {
            foreach (Way[] way in ways)
                Scores(way[0], few);

            // What runs often is compiled again beside it, which needs a processor too.
            if (pass % 40 == 39)
                Thread.Sleep(400);
        }

        var best = new double[ways.Length];
        Array.Fill(best, double.PositiveInfinity);
        var all = Stopwatch.StartNew();
        while (all.ElapsedMilliseconds < 2000)
        {
            for (int i = 0; i < ways.Length; i++)
            {
                var watch = Stopwatch.StartNew();
                int rows = Scores(ways[i][0], test);
                best[i] = Math.Min(best[i], watch.Elapsed.TotalMicroseconds / rows);
            }
        }

        return best;
    }

    private static int Scores(Way way, IDataView view) => way.Model.Transform(view).GetColumn<VBuffer<float>>(way.Column).Count();

    /// <summary>A model, the column to look at, and the seconds that it took.</summary>
    private sealed record Way(string Name, ITransformer Model, string Column, double Seconds);

    private sealed class Shared
    {
        public float Demand { get; set; }

        [VectorType(8)]
        public float[] Shares { get; set; } = [];
    }

    private sealed class Planned
    {
        [VectorType(8)]
        public float[] Plan { get; set; } = [];
    }
}
