using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
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
        Example(Option("--hours", quick ? 2500 : 17_520), Option("--epochs", quick ? 12 : 60), Option("--seeds", quick ? 1 : 3));
    }

    public static void Example(int hours = 17_520, int epochs = 60, int seeds = 3)
    {
        var mlContext = new MLContext(seed: 1);
        DispatchRow[] rows = DispatchData.Create(hours, 1);
        int known = rows.Length * 4 / 5;
        IDataView training = Features(mlContext, rows[..known]), test = Features(mlContext, rows[known..]);
        ConstraintSet limits = DispatchData.Limits();
        Console.WriteLine(FormattableString.Invariant(
            $"{known} hours to learn from, {rows.Length - known} later ones to test with; {DispatchData.Plants.Count} plants, {limits.Constraints.Count} constraints on each hour, {seeds} seed(s)."));
        double mean = rows[known..].Average(r => r.Output.Average(v => (double)v));
        Console.WriteLine(FormattableString.Invariant($"A plant's mean output is {mean:F0} MW."));
        Console.WriteLine($"{"",-44}{"error",8}{"hours off",11}{"largest miss",14}{"of balance",12}{"scoring",12}{"training",10}");
        Console.WriteLine($"{"",-44}{"MW",8}{"",11}{"MW",14}{"MW",12}{"µs an hour",12}{"s",10}");

        Report("the hour before, projected", mlContext, test, limits, [Trained(_ => mlContext.Transforms.Concatenate("Plan", Previous())
            .Append(mlContext.Transforms.ConstrainedProjection(Projection("Plan", "Score", limits))).Fit(training))]);
        Way[] plain = Train(seeds, seed => Trainer(mlContext, "Output", limits, OutputConstraint.ProjectionWhenScoring, epochs, seed).Fit(training));
        Report("network that knows nothing", mlContext, test, limits, plain, "Raw");
        Report("  the same, projected when scoring", mlContext, test, limits, plain);
        Report("trained through projection without a solve", mlContext, test, limits,
            Train(seeds, seed => Trainer(mlContext, "Output", limits, OutputConstraint.DifferentiableProjection, epochs, seed).Fit(training)));
        Report("trained through exact projection", mlContext, test, limits,
            Train(seeds, seed => Trainer(mlContext, "Output", limits, OutputConstraint.Projection, epochs, seed).Fit(training)));

        // The set of outputs differs from hour to hour; that of shares of the demand does not, but has only the balance in it.
        Way[] shares = Train(seeds, seed => Shares(mlContext, epochs, seed).Fit(training));
        Report("shares of the demand, parameterised", mlContext, test, limits, shares, "Plan");
        Report("  the same, projected when scoring", mlContext, test, limits, [.. shares.Select(s => s with
        {
            Model = s.Model.Append(mlContext.Transforms.ConstrainedProjection(Projection("Plan", "Score", limits)).Fit(s.Model.Transform(training))),
        })]);
    }

    private static string[] Previous() => [.. Enumerable.Range(1, DispatchData.Plants.Count).Select(i => $"Previous{i}")];

    /// <summary>A MW of a small plant counts as more than one of a large one.</summary>
    private static double[] Weights() => [.. DispatchData.Plants.Select(p => 100 / p.Most)];

    private static IDataView Features(MLContext mlContext, DispatchRow[] rows)
    {
        IDataView view = mlContext.Data.LoadFromEnumerable(rows);
        return mlContext.Data.Cache(mlContext.Transforms.Concatenate("Features", ["Hour", "Demand", .. Previous()]).Fit(view).Transform(view));
    }

    private static ConstrainedRegressionOptions Options(string label, ConstraintSet constraints, OutputConstraint way, int epochs, int seed) => new()
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

    private static ConstrainedRegressionEstimator Trainer(MLContext mlContext, string label, ConstraintSet limits, OutputConstraint way, int epochs, int seed)
    {
        ConstrainedRegressionOptions options = Options(label, limits, way, epochs, seed);
        (options.RawScoreColumnName, options.ProjectionWeights) = ("Raw", Weights());
        return mlContext.Regression.Trainers.ConstrainedRegression(options);
    }

    private static ConstrainedProjectionOptions Projection(string input, string output, ConstraintSet limits) =>
        new() { InputColumnName = input, OutputColumnName = output, Constraints = limits, Weights = Weights(), Threads = 1 };

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

    private static Way Trained(Func<int, ITransformer> train, int seed = 0)
    {
        var watch = Stopwatch.StartNew();
        ITransformer model = train(seed);
        return new Way(model, watch.Elapsed.TotalSeconds);
    }

    private static Way[] Train(int seeds, Func<int, ITransformer> train) => [.. Enumerable.Range(0, seeds).Select(seed => Trained(train, seed))];

    /// <summary>One line: means over the seeds, but the worst of all in what must not happen.</summary>
    private static void Report(string name, MLContext mlContext, IDataView test, ConstraintSet limits, Way[] ways, string column = "Score")
    {
        double error = 0, off = 0, miss = 0, balance = 0, time = double.PositiveInfinity, training = 0;
        foreach (Way way in ways)
        {
            IDataView scored = way.Model.Transform(test);
            error += mlContext.Regression.EvaluateVector(scored, "Output", column).MeanAbsoluteError / ways.Length;
            ConstraintColumnMetrics kept = mlContext.Data.EvaluateConstraints(scored, limits, column).Before;
            off = Math.Max(off, kept.ViolatedShare);
            miss = Math.Max(miss, kept.LargestViolation);
            balance = Math.Max(balance, kept.Constraints[0].LargestViolation);
            training += way.Seconds / ways.Length;
            for (int pass = 0; pass < 5; pass++)
            {
                var watch = Stopwatch.StartNew();
                int rows = scored.GetColumn<VBuffer<float>>(column).Count();
                time = Math.Min(time, watch.Elapsed.TotalMicroseconds / rows);
            }
        }

        Console.WriteLine(FormattableString.Invariant($"{name,-44}{error,8:F2}{100 * off,9:F1} %{miss,14:G3}{balance,12:G3}{time,12:F2}{training,10:F1}"));
    }

    /// <summary>A model and how long it took.</summary>
    private sealed record Way(ITransformer Model, double Seconds);

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
