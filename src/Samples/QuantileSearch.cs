using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Searches for the network that predicts quantiles of the progression of diabetes best, among networks whose quantiles cannot cross, and
/// asks on patients that neither the search nor the training saw whether that was worth it. Options: <c>--quick</c>, <c>--trials N</c>,
/// <c>--repetitions N</c> (other patients set aside), <c>--history FILE.csv</c>, <c>--save MODEL.zip</c>, <c>--load MODEL.zip</c> (scores
/// with a saved model).
/// </summary>
internal static class QuantileSearch
{
    private const int Folds = 3, SetAside = 4;

    private static readonly double[] s_levels = [0.1, 0.25, 0.5, 0.75, 0.9];

    /// <summary>What no trial may break on held-out rows: the quantiles in their order.</summary>
    private static readonly ConstraintSet s_order = ConstraintSet.Over("Q10", "Q25", "Q50", "Q75", "Q90").Increasing();

    private static readonly TrialMetric s_metric = TrialMetric.PinballLoss(s_levels);

    /// <summary>Student's distribution: what 95 % of means of 2, 3, ... values stay within, in units of their standard error.</summary>
    private static readonly double[] s_student = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131];

    public static void Run(string[] args)
    {
        if (SampleData.Option(args, "--load") is { } path)
        {
            Load(path);
            return;
        }

        bool quick = args.Contains("--quick");
        Example(
            Number(args, "--trials", quick ? 6 : 30),
            Number(args, "--repetitions", quick ? 1 : 10),
            quick ? 15 : 60,
            SampleData.Option(args, "--history"),
            SampleData.Option(args, "--save"));
    }

    /// <summary>Runs the sample; the history of the first search and the model that it found are kept where paths are given.</summary>
    public static void Example(int trials = 30, int repetitions = 10, int epochs = 60, string? historyPath = null, string? modelPath = null)
    {
        Patient[] patients = Read(new MLContext());
        Console.WriteLine($"{patients.Length} patients, {s_levels.Length} quantiles; a quarter of the patients is set aside, {Folds} folds of the others judge a trial.");
        var rows = new List<Split>();
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            Patient[] shuffled = [.. patients];
            new Random(repetition).Shuffle(shuffled);
            Patient[] known = [.. shuffled.Where((_, i) => i % SetAside != 0)], unseen = [.. shuffled.Where((_, i) => i % SetAside == 0)];
            bool first = repetition == 0;
            var mlContext = new MLContext(seed: repetition);
            if (first)
                mlContext.Log += ShowProgress;
            rows.Add(Once(mlContext, known, unseen, trials, epochs, first, first ? historyPath : null, first ? modelPath : null));
        }

        Conclude(rows);
    }

    /// <summary>One search, and one network with the usual options, on the same patients.</summary>
    private static Split Once(
        MLContext mlContext, Patient[] known, Patient[] unseen, int trials, int epochs, bool show, string? historyPath, string? modelPath)
    {
        IDataView data = mlContext.Data.LoadFromEnumerable(known);
        var options = new ConstrainedRegressionOptions
        {
            Loss = RegressionLoss.Quantile, QuantileLevels = s_levels, Epochs = epochs, BatchSize = 32, Patience = 15, Seed = 1,
        };

        // What is chosen: hidden layers, their units, the learning rate, and how the order of the quantiles is brought about.
        SearchSpace<ConstrainedRegressionSpace> space = ConstrainedRegressionSpace.For(options);
        space.Remove(nameof(ConstrainedRegressionSpace.Dropout));
        space.Remove(nameof(ConstrainedRegressionSpace.WeightDecay));
        SweepablePipeline pipeline = mlContext.Transforms.Concatenate("Features", "Measurements")
            .Append(mlContext.Auto().ConstrainedRegression(options, space));

        var search = new ConstrainedSearch(
            mlContext,
            pipeline,
            new ConstrainedTrialOptions
            {
                TrainingData = data,
                Folds = Folds,
                Metric = s_metric,
                Feasibility = TrialFeasibility.Of(s_order),
            },
            historyPath);
        search.Experiment.SetMaxModelToExplore(trials).SetRandomSearchTuner();
        ConstrainedSearchResult result = search.RunAsync().GetAwaiter().GetResult();
        if (result.Outcome != SearchOutcome.Feasible)
            throw new InvalidOperationException(result.Summary);

        ITransformer found = result.Best!.Refit(mlContext, pipeline, data);
        ITransformer usual = mlContext.Transforms.Concatenate("Features", "Measurements")
            .Append(mlContext.Regression.Trainers.ConstrainedRegression(options)).Fit(data);
        IDataView test = mlContext.Data.LoadFromEnumerable(unseen);
        if (show)
        {
            PrintLeaders(result);
            FeasibilityMeasure crossings = TrialFeasibility.Of(s_order).Measure(mlContext, found.Transform(test));
            Console.WriteLine($"Refitted on {known.Length} patients: quantiles cross in {crossings.ViolatingRows} of {crossings.Rows} rows of the patients set aside.");
            SaveLoadPredict(mlContext, found, data.Schema, unseen[0], modelPath);
        }

        return new Split(
            s_metric.Evaluate(mlContext, found.Transform(test)),
            s_metric.Evaluate(mlContext, usual.Transform(test)),
            result.Best!.Loss,
            result.Trials[result.Best.TrialSettings.TrialId].Parameters);
    }

    private static void ShowProgress(object? sender, LoggingEventArgs e)
    {
        if (e.Kind is ChannelMessageKind.Info or ChannelMessageKind.Warning && e.Source.EndsWith(nameof(SearchMonitor), StringComparison.Ordinal))
            Console.WriteLine(e.RawMessage);
    }

    private static void PrintLeaders(ConstrainedSearchResult result)
    {
        Console.WriteLine(result.Summary);
        Console.WriteLine($"{"place",6}{"trial",7}{"pinball loss",14}{"rows crossing",15}{"seconds",9}  chosen");
        int place = 0;
        foreach (SearchTrial trial in result.Trials.OrderBy(t => t.Loss).Take(5))
        {
            Console.WriteLine(FormattableString.Invariant(
                $"{++place,6}{trial.Id,7}{trial.Metric,14:F3}{trial.Feasibility.ViolatingRows,15}{trial.Milliseconds / 1000,9:F1}  {trial.Parameters}"));
        }
    }

    private static void SaveLoadPredict(MLContext mlContext, ITransformer model, DataViewSchema schema, Patient patient, string? modelPath)
    {
        string path = modelPath ?? Path.Combine(Path.GetTempPath(), $"quantiles-{Guid.NewGuid():N}.zip");
        try
        {
            mlContext.Model.Save(model, schema, path);
            var another = new MLContext();
            using PredictionEngine<Patient, Prediction> engine = another.Model.CreatePredictionEngine<Patient, Prediction>(another.Model.Load(path, out _));
            float[] quantiles = engine.Predict(patient).Score;
            Console.WriteLine($"Saved, loaded and used on one patient: {string.Join(", ", s_order.Variables.Zip(quantiles, (n, q) => FormattableString.Invariant($"{n} {q:F0}")))}; the truth is {patient.Progression}.");
            if (modelPath is not null)
                Console.WriteLine($"Checksum of the saved model's scores: {Checksum(model, mlContext.Data.LoadFromEnumerable(Read(mlContext)))}.");
        }
        finally
        {
            if (modelPath is null)
                File.Delete(path);
        }
    }

    /// <summary>Whether the search helped: the mean of the differences, beside what it would be by chance (the splits overlap, so that is a little less than it should be).</summary>
    private static void Conclude(List<Split> rows)
    {
        Console.WriteLine("Pinball loss on the patients set aside:");
        Console.WriteLine($"{"split",6}{"found",9}{"usual",9}{"gain",8}{"said by folds",15}  found");
        for (int i = 0; i < rows.Count; i++)
            Console.WriteLine(FormattableString.Invariant($"{i,6}{rows[i].Found,9:F3}{rows[i].Usual,9:F3}{rows[i].Usual - rows[i].Found,8:F3}{rows[i].Validation,15:F3}  {rows[i].Chosen}"));
        double[] gains = [.. rows.Select(r => r.Usual - r.Found)];
        double mean = gains.Average();
        if (gains.Length < 2)
        {
            Console.WriteLine("One split says little: see --repetitions.");
            return;
        }

        double error = Math.Sqrt(gains.Sum(g => (g - mean) * (g - mean)) / (gains.Length - 1) / gains.Length);
        double bound = s_student[Math.Min(gains.Length - 1, s_student.Length) - 1] * error;
        string verdict = mean > bound ? "the search helped" : mean < -bound ? "the search did harm" : "no difference beyond chance";
        Console.WriteLine(FormattableString.Invariant(
            $"Gain of the search: {mean:F3} +- {error:F3} ({100 * mean / rows.Average(r => r.Usual):F1} %); by chance up to {bound:F3}: {verdict}."));
    }

    private static void Load(string path)
    {
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(path, out _);
        Console.WriteLine($"Checksum of the loaded model's scores: {Checksum(model, mlContext.Data.LoadFromEnumerable(Read(mlContext)))}.");
    }

    private static string Checksum(ITransformer model, IDataView data) =>
        model.Transform(data).GetColumn<float[]>("Score").Sum(s => s.Sum(v => (double)v)).ToString("R", CultureInfo.InvariantCulture);

    private static Patient[] Read(MLContext mlContext) =>
    [
        .. mlContext.Data.CreateEnumerable<Patient>(
            mlContext.Data.LoadFromTextFile<Patient>(SampleData.Path("diabetes.csv"), separatorChar: ',', hasHeader: true), reuseRowObject: false),
    ];

    private static int Number(string[] args, string option, int otherwise) =>
        SampleData.Option(args, option) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number
        : throw new ArgumentException($"Option '{option}' expects a whole number above 0, not '{text}'.");

    /// <summary>One row of the file.</summary>
    private sealed class Patient
    {
        [LoadColumn(0, 9)]
        [VectorType(10)]
        public float[] Measurements { get; set; } = new float[10];

        [LoadColumn(10)]
        [ColumnName("Label")]
        public float Progression { get; set; }
    }

    /// <summary>Pinball losses of the network found and of the usual one on the patients set aside, what the search had promised, and what it chose.</summary>
    private sealed record Split(double Found, double Usual, double Validation, string Chosen);

    private sealed class Prediction
    {
        public float[] Score { get; set; } = [];
    }
}
