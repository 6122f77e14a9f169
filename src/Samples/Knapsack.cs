using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Loads a food truck each morning: what the products will earn is predicted from columns, and a knapsack solver in the pipeline
/// chooses what fits. The same linear model is trained to predict well (predict, then optimise) and to decide well; what
/// counts is the regret: earnings lost against loading with hindsight.
/// </summary>
internal static class Knapsack
{
    private const int TestDays = 1000;
    private const double Noise = 0.25;

    private static readonly KnapsackSolver s_solver = new(KnapsackData.Crates, KnapsackData.Capacity);

    private static readonly (string Name, Action<DecisionFocusedOptions> Set)[] s_ways =
    [
        ("predict", o => o.Method = DecisionMethod.PredictThenOptimize),
        ("SPO+", o => o.Method = DecisionMethod.SpoPlus),
        ("perturbed", o => (o.Method, o.Sigma) = (DecisionMethod.FenchelYoung, 0.5)),
        ("identity", o => o.Rule = new IdentityRule(CostProjection.Norm)),
        ("interpol.", o => o.Rule = new InterpolationRule(1)),
        ("network", o => (o.Method, o.HiddenLayers) = (DecisionMethod.PredictThenOptimize, [64, 64])),
    ];

    /// <param name="args">
    /// <c>--quick</c>: less of everything; <c>--seeds N</c>: repetitions, 5 by default; <c>--save MODEL.zip</c>; <c>--load MODEL.zip</c>
    /// (decides with a saved model, in a process without a native library).
    /// </param>
    public static void Run(string[] args)
    {
        if (SampleData.Option(args, "--load") is { } path)
        {
            Morning(path);
            int native = Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Count(m =>
                m.ModuleName.Contains("torch", StringComparison.OrdinalIgnoreCase) && m.ModuleName != "TorchSharp.dll");
            Console.WriteLine($"Native torch libraries in this process: {native}.");
            return;
        }

        bool quick = args.Contains("--quick");
        int seeds = int.Parse(SampleData.Option(args, "--seeds") ?? (quick ? "1" : "5"), CultureInfo.InvariantCulture);
        Example(quick, seeds, SampleData.Option(args, "--save"));
    }

    public static void Example(bool quick = false, int seeds = 5, string? modelPath = null)
    {
        int days = quick ? 300 : 1000;
        Console.WriteLine($"{KnapsackData.Products.Length} products, {days} days to learn from, {TestDays} unseen days, {seeds} repetition(s).");
        Console.WriteLine("Mean regret in % of the earnings with hindsight; all but 'network' are linear models of the same features.");
        Console.WriteLine("degree" + string.Concat(s_ways.Select(w => w.Name.PadLeft(11))) + "   one load".PadLeft(11));
        foreach (int degree in quick ? new[] { 1, 6 } : [1, 2, 4, 6, 8])
        {
            var regrets = new double[s_ways.Length + 1];
            for (int seed = 0; seed < seeds; seed++)
            {
                var mlContext = new MLContext(seed);
                IDataView training = mlContext.Data.LoadFromEnumerable(KnapsackData.Days(days, degree, Noise, seed, 1));
                IDataView test = mlContext.Data.LoadFromEnumerable(KnapsackData.Days(TestDays, degree, Noise, seed, 2));
                for (int way = 0; way < s_ways.Length; way++)
                    regrets[way] += Regret(mlContext, Fit(mlContext, training, s_ways[way].Set, quick, seed).Transform(test)) / seeds;
                regrets[^1] += Regret(mlContext, OneLoad(mlContext, training, test)) / seeds;
            }

            Console.WriteLine($"{degree,6}" + string.Concat(regrets.Select(r => FormattableString.Invariant($"{100 * r,11:F2}"))));
        }

        string path = modelPath ?? Path.Combine(Path.GetTempPath(), $"knapsack-{Guid.NewGuid():N}.zip");
        var context = new MLContext(0);
        IDataView known = context.Data.LoadFromEnumerable(KnapsackData.Days(days, 6, Noise, 0, 1));
        context.Model.Save(Fit(context, known, o => o.Method = DecisionMethod.SpoPlus, quick, 0), known.Schema, path);
        Morning(path);
        if (modelPath is null)
            File.Delete(path);
    }

    /// <summary>Features from columns, predicted profits in "Score", what to load in "Load".</summary>
    private static ITransformer Fit(MLContext mlContext, IDataView training, Action<DecisionFocusedOptions> set, bool quick, int seed)
    {
        var options = new DecisionFocusedOptions
        {
            Solver = s_solver,
            Label = DecisionLabel.Costs,
            LabelColumnName = nameof(KnapsackData.Day.Profits),
            HiddenLayers = [],
            LearningRate = 0.02,
            Epochs = quick ? 20 : 100,
            BatchSize = 32,
            ValidationFraction = 0.2,
            Seed = seed,
        };
        set(options);
        return mlContext.Transforms
            .Concatenate(
                "Features", nameof(KnapsackData.Day.Temperature), nameof(KnapsackData.Day.Sunshine), nameof(KnapsackData.Day.Wind), nameof(KnapsackData.Day.Visitors),
                nameof(KnapsackData.Day.Prices))
            .Append(mlContext.Regression.Trainers.DecisionFocused(options))
            .Append(mlContext.Transforms.CombinatorialSolver(new CombinatorialSolverOptions
            {
                OutputColumnName = "Load", CostColumnName = "Score", Solver = s_solver, DecisionNames = KnapsackData.Products, Diagnostics = true,
            }))
            .Fit(training);
    }

    private static double Regret(MLContext mlContext, IDataView decided) =>
        mlContext.Regression.EvaluateDecisions(decided, s_solver, nameof(KnapsackData.Day.Profits), "Load").RelativeRegret;

    /// <summary>For comparison: the same load every day, best for the mean profits.</summary>
    private static IDataView OneLoad(MLContext mlContext, IDataView training, IDataView test)
    {
        float[] mean = new float[KnapsackData.Products.Length];
        foreach (float[] profits in training.GetColumn<float[]>(nameof(KnapsackData.Day.Profits)))
        {
            for (int i = 0; i < mean.Length; i++)
                mean[i] += profits[i];
        }

        return mlContext.Transforms
            .CustomMapping<Nothing, Mean>((_, to) => to.Score = mean, null)
            .Append(mlContext.Transforms.CombinatorialSolver("Load", "Score", s_solver))
            .Fit(test)
            .Transform(test);
    }

    /// <summary>One morning with a saved model.</summary>
    private static void Morning(string path)
    {
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(path, out _);
        using PredictionEngine<KnapsackData.Day, Loaded> engine = mlContext.Model.CreatePredictionEngine<KnapsackData.Day, Loaded>(model);
        KnapsackData.Day day = KnapsackData.Days(TestDays, 6, Noise, 0, 2)[0];
        Loaded chosen = engine.Predict(day);
        float[] hindsight = new float[chosen.Load.Length];
        s_solver.Solve(day.Profits, hindsight);
        Console.WriteLine($"One morning, from the saved model ({new FileInfo(path).Length / 1024} KiB): load {Names(chosen.Load)}.");
        Console.WriteLine($"With hindsight: {Names(hindsight)}; earned {100 * Earned(chosen.Load):F0} % of that.");

        double Earned(float[] load) => load.Zip(day.Profits, (y, p) => (double)y * p).Sum() / hindsight.Zip(day.Profits, (y, p) => (double)y * p).Sum();
    }

    private static string Names(IEnumerable<float> load) => string.Join(", ", load.Select((y, i) => (y, i)).Where(p => p.y > 0.5f).Select(p => KnapsackData.Products[p.i]));

    private sealed class Nothing;

    private sealed class Mean
    {
        [VectorType(16)]
        public float[] Score { get; set; } = new float[16];
    }

    private sealed class Loaded
    {
        [VectorType(16)]
        public float[] Load { get; set; } = new float[16];
    }
}
