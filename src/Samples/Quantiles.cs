using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Nine quantiles of the progression of diabetes within a year, by five-fold cross-validation: a network that is free to let them cross,
/// and one for which they cannot. Options: <c>--quick</c> (two folds), <c>--repetitions N</c> (other folds and seeds),
/// <c>--save MODEL.zip</c>, <c>--load MODEL.zip</c> (scores with a saved model, in a process without a native library).
/// </summary>
internal static class Quantiles
{
    private const int Folds = 5;

    private static readonly double[] s_levels = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

    public static void Run(string[] args)
    {
        if (SampleData.Option(args, "--load") is { } path)
        {
            Load(path);
            return;
        }

        bool quick = args.Contains("--quick");
        int repetitions = int.Parse(SampleData.Option(args, "--repetitions") ?? "1", CultureInfo.InvariantCulture);
        Example(quick ? 2 : Folds, repetitions, SampleData.Option(args, "--save"));
    }

    /// <summary>Runs the sample; the last model is kept at <paramref name="modelPath"/> if one is given.</summary>
    // The lines about the networks, with three repetitions:
    //     free, as it comes out                 20.2 %        398        17.048               80.8 %           0.7 %
    //     free, projected when scoring           0.0 %          0        17.031               81.0 %           0.7 %
    //     constrained                            0.0 %          0        16.987               80.8 %           0.6 %
    public static void Example(int folds = Folds, int repetitions = 1, string? modelPath = null)
    {
        var mlContext = new MLContext(seed: 1);
        Patient[] patients = Read(mlContext);
        Console.WriteLine($"{patients.Length} patients, {s_levels.Length} quantiles, {folds} of {Folds} folds, {repetitions} repetition(s).");
        var free = new Tally("free, as it comes out");
        var sorted = new Tally("free, projected when scoring");
        var constrained = new Tally("constrained");
        var watch = new Stopwatch();
        ITransformer? model = null;
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            Patient[] shuffled = [.. patients];
            new Random(repetition).Shuffle(shuffled);
            for (int fold = 0; fold < folds; fold++)
            {
                IDataView known = mlContext.Data.LoadFromEnumerable(shuffled.Where((_, i) => i % Folds != fold));
                Patient[] unseen = [.. shuffled.Where((_, i) => i % Folds == fold)];
                IDataView test = mlContext.Data.LoadFromEnumerable(unseen);
                watch.Start();
                ITransformer loose = Trainer(mlContext, OutputConstraint.ProjectionWhenScoring, repetition).Fit(known);
                model = Trainer(mlContext, OutputConstraint.Projection, repetition).Fit(known);
                watch.Stop();
                free.Add(unseen, loose.Transform(test).GetColumn<float[]>("Raw"));
                sorted.Add(unseen, loose.Transform(test).GetColumn<float[]>("Score"));
                constrained.Add(unseen, model.Transform(test).GetColumn<float[]>("Score"));
            }
        }

        Console.WriteLine($"{"",-30}{"rows crossing",14}{"crossings",11}{"pinball loss",14}{"between Q10 and Q90",21}{"coverage error",16}");
        foreach (Tally tally in new[] { free, sorted, constrained })
            tally.Print();
        Console.WriteLine("Share of the patients below each quantile of the constrained network:");
        Console.WriteLine(string.Join("  ", s_levels.Select((l, k) => FormattableString.Invariant($"Q{100 * l:F0} {100 * constrained.Coverage(k):F1} %"))));
        Console.WriteLine(FormattableString.Invariant($"{2 * folds * repetitions} networks trained in {watch.Elapsed.TotalSeconds:F1} s."));
        if (modelPath is null)
            return;
        IDataView all = mlContext.Data.LoadFromEnumerable(patients);
        mlContext.Model.Save(model, all.Schema, modelPath);
        Console.WriteLine($"Checksum of the saved model's scores: {Checksum(model!, all)}.");
    }

    private static ConstrainedRegressionEstimator Trainer(MLContext mlContext, OutputConstraint constraint, int seed) =>
        mlContext.Regression.Trainers.ConstrainedRegression(new ConstrainedRegressionOptions
        {
            Loss = RegressionLoss.Quantile,
            QuantileLevels = s_levels,
            OutputConstraint = constraint,
            RawScoreColumnName = "Raw",
            HiddenLayers = [64],
            LearningRate = 0.01,
            Epochs = 100,
            BatchSize = 32,
            Patience = 15,
            ValidationFraction = 0.15,
            WeightDecay = 1e-4,
            Dropout = 0.5,
            Seed = seed,
        });

    private static Patient[] Read(MLContext mlContext) =>
    [
        .. mlContext.Data.CreateEnumerable<Patient>(
            mlContext.Data.LoadFromTextFile<Patient>(SampleData.Path("diabetes.csv"), separatorChar: ',', hasHeader: true), reuseRowObject: false),
    ];

    private static void Load(string path)
    {
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(path, out _);
        Console.WriteLine($"Checksum of the loaded model's scores: {Checksum(model, mlContext.Data.LoadFromEnumerable(Read(mlContext)))}.");
        int native = Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Count(m =>
            m.ModuleName.Contains("torch", StringComparison.OrdinalIgnoreCase) && m.ModuleName != "TorchSharp.dll");
        Console.WriteLine($"Native torch libraries in this process: {native}.");
    }

    private static string Checksum(ITransformer model, IDataView data) =>
        model.Transform(data).GetColumn<float[]>("Score").Sum(s => s.Sum(v => (double)v)).ToString("R", CultureInfo.InvariantCulture);

    /// <summary>One row of the file.</summary>
    private sealed class Patient
    {
        [LoadColumn(0, 9)]
        [ColumnName("Features")]
        [VectorType(10)]
        public float[] Measurements { get; set; } = [];

        [LoadColumn(10)]
        [ColumnName("Label")]
        public float Progression { get; set; }
    }

    /// <summary>What one way of predicting comes to over all folds.</summary>
    private sealed class Tally(string name)
    {
        private readonly long[] _below = new long[s_levels.Length];
        private long _rows, _crossingRows, _crossings, _inside;
        private double _pinball;

        public double Coverage(int level) => (double)_below[level] / _rows;

        public void Add(Patient[] patients, IEnumerable<float[]> predictions)
        {
            foreach ((Patient patient, float[] quantiles) in patients.Zip(predictions))
            {
                float truth = patient.Progression;
                int crossings = Enumerable.Range(1, quantiles.Length - 1).Count(k => quantiles[k] < quantiles[k - 1]);
                _rows++;
                _crossings += crossings;
                _crossingRows += crossings > 0 ? 1 : 0;
                _inside += truth >= quantiles[0] && truth <= quantiles[^1] ? 1 : 0;
                for (int k = 0; k < quantiles.Length; k++)
                {
                    double difference = truth - quantiles[k];
                    _pinball += Math.Max(s_levels[k] * difference, (s_levels[k] - 1) * difference) / quantiles.Length;
                    _below[k] += truth <= quantiles[k] ? 1 : 0;
                }
            }
        }

        public void Print()
        {
            double error = s_levels.Select((l, k) => Math.Abs(Coverage(k) - l)).Average();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-30}{100.0 * _crossingRows / _rows,12:F1} %{_crossings,11}{_pinball / _rows,14:F3}{100.0 * _inside / _rows,19:F1} %{100 * error,14:F1} %"));
        }
    }
}
