using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>
/// Repairs blood tests. Total cholesterol is the sum of three lipoproteins, so a panel in which it is not has a wrong cell
/// somewhere: each row is moved by the smallest change, in units of each measurement's spread, that makes the sum right and
/// every value plausible.
/// </summary>
internal static class Reconcile
{
    private static readonly string[] s_lipids =
    [
        nameof(LipidPanel.LowDensityLipoproteins), nameof(LipidPanel.HighDensityLipoproteins), nameof(LipidPanel.TotalCholesterol),
    ];

    public static void Run(string[] args) => Example(SampleData.Option(args, "--save"));

    /// <summary>Runs the sample; the model is kept at <paramref name="modelPath"/> if one is given.</summary>
    public static void Example(string? modelPath = null)
    {
        var mlContext = new MLContext(seed: 1);
        LipidPanel[] truth = LipidPanel.Read(mlContext);
        ReportRatios(truth);
        (LipidPanel[] spoiled, List<(int Row, int Column, string How)> cells) = Spoil(truth, new Random(1), 60);

        // What must hold. @Vldl is each row's own value of that column.
        ConstraintSet rules = ConstraintSet.Over(s_lipids)
            .Linear("sum", "LowDensityLipoproteins + HighDensityLipoproteins + @Vldl = TotalCholesterol")
            .Linear("LDL range", "20 <= LowDensityLipoproteins <= 300")
            .Linear("HDL range", "15 <= HighDensityLipoproteins <= 120")
            .Linear("total range", "80 <= TotalCholesterol <= 400");

        double[] spreads = [.. Enumerable.Range(0, 3).Select(j => Spread([.. spoiled.Select(p => (double)p.Lipids[j])]))];
        ConstrainedProjectionEstimator pipeline = mlContext.Transforms.ConstrainedProjection(new ConstrainedProjectionOptions
        {
            OutputColumnName = "Repaired",
            Constraints = rules,
            Weights = [.. spreads.Select(s => 1 / (s * s))],
            Diagnostics = true,
        });
        IDataView data = mlContext.Data.LoadFromEnumerable(spoiled);
        ConstrainedProjectionTransformer model = pipeline.Fit(data);
        RepairedPanel[] repaired = [.. mlContext.Data.CreateEnumerable<RepairedPanel>(model.Transform(data), reuseRowObject: false)];

        ReportRepair(truth, spoiled, repaired, cells);
        ReportPrices(rules, repaired);
        ReportOneRow(model, spoiled, cells);
        SaveLoadPredict(mlContext, model, data.Schema, spoiled[cells[0].Row], modelPath);
    }

    /// <summary>The real rows whose stored ratio is not total / HDL, beyond the rounding that its digits show. They are left as they are.</summary>
    private static void ReportRatios(LipidPanel[] panels)
    {
        Console.WriteLine($"{panels.Length} panels of real data.");
        var odd = new List<string>();
        for (int i = 0; i < panels.Length; i++)
        {
            float stored = panels[i].CholesterolRatio;
            double ratio = panels[i].TotalCholesterol / (double)panels[i].HighDensityLipoproteins;
            double rounding = stored == MathF.Round(stored) ? 0.5 : 0.005;
            if (Math.Abs(stored - ratio) > rounding + 1e-6)
                odd.Add(FormattableString.Invariant($"row {i}: stored {stored}, total/HDL {ratio:F3}"));
        }

        Console.WriteLine($"Stored cholesterol ratios that disagree with total/HDL beyond rounding (left untouched): {odd.Count}");
        foreach (string line in odd)
            Console.WriteLine("  " + line);
    }

    /// <summary>A copy of the panels with <paramref name="count"/> cells spoiled in one of four ways.</summary>
    private static (LipidPanel[] Panels, List<(int Row, int Column, string How)> Cells) Spoil(LipidPanel[] truth, Random random, int count)
    {
        LipidPanel[] panels = [.. truth.Select(p => p.Copy())];
        var cells = new List<(int Row, int Column, string How)>();
        var rows = new HashSet<int>();
        for (int kind = 0; cells.Count < count; kind = (kind + 1) % 4)
        {
            int row = random.Next(panels.Length);
            if (!rows.Add(row))
                continue;
            int column = random.Next(3);
            float value = truth[row].Lipids[column];
            switch (kind)
            {
                case 0 when cells.Count + 2 <= count:
                    // Two cells of one row, exchanged.
                    int other = (column + 1) % 3;
                    Set(panels[row], column, truth[row].Lipids[other]);
                    Set(panels[row], other, value);
                    cells.Add((row, column, "swapped"));
                    cells.Add((row, other, "swapped"));
                    break;
                case 1 or 0:
                    Set(panels[row], column, 10 * value);
                    cells.Add((row, column, "times ten"));
                    break;
                case 2:
                    Set(panels[row], column, -value);
                    cells.Add((row, column, "wrong sign"));
                    break;
                default:
                    Set(panels[row], column, value + 25 * (float)Gaussian(random));
                    cells.Add((row, column, "noise"));
                    break;
            }
        }

        return (panels, cells);
    }

    private static void ReportRepair(
        LipidPanel[] truth, LipidPanel[] spoiled, RepairedPanel[] repaired, List<(int Row, int Column, string How)> cells)
    {
        int moved = repaired.Count(r => r.RepairedDistance > 0.5f);
        Console.WriteLine($"Spoiled {cells.Count} cells in {cells.Select(c => c.Row).Distinct().Count()} rows; {moved} rows moved by more than 0.5 mg/dl.");
        Console.WriteLine($"{"",-14}{"cells",6}{"mean error before",20}{"after",10}");
        foreach (IGrouping<string, (int Row, int Column, string How)> group in cells.GroupBy(c => c.How).Append(null!).OrderBy(g => g?.Key ?? "~"))
        {
            (int Row, int Column, string How)[] part = group is null ? [.. cells] : [.. group];
            double before = part.Average(c => Math.Abs(spoiled[c.Row].Lipids[c.Column] - truth[c.Row].Lipids[c.Column]));
            double after = part.Average(c => Math.Abs(repaired[c.Row].Repaired[c.Column] - truth[c.Row].Lipids[c.Column]));
            Console.WriteLine(FormattableString.Invariant($"{group?.Key ?? "all",-14}{part.Length,6}{before,20:F2}{after,10:F2}"));
        }

        int[] touched = [.. cells.Select(c => c.Row).Distinct()];
        double allBefore = touched.Average(r => Enumerable.Range(0, 3).Average(j => Math.Abs(spoiled[r].Lipids[j] - truth[r].Lipids[j])));
        double allAfter = touched.Average(r => Enumerable.Range(0, 3).Average(j => Math.Abs(repaired[r].Repaired[j] - truth[r].Lipids[j])));
        Console.WriteLine(FormattableString.Invariant($"{"whole rows",-14}{3 * touched.Length,6}{allBefore,20:F2}{allAfter,10:F2}  (the right cells of a spoiled row share its correction)"));

        double largestAfter = 0;
        for (int i = 0; i < repaired.Length; i++)
        {
            float[] z = repaired[i].Repaired;
            largestAfter = Math.Max(largestAfter, Math.Abs((double)z[0] + z[1] + spoiled[i].Vldl - z[2]));
        }

        Console.WriteLine(FormattableString.Invariant(
            $"Largest violation: {repaired.Max(r => r.RepairedViolation):F2} mg/dl before, {largestAfter:E1} after. Not solved: {repaired.Count(r => r.RepairedStatus != (uint)SolverStatus.Solved)}."));
    }

    private static void ReportPrices(ConstraintSet rules, RepairedPanel[] repaired)
    {
        Console.WriteLine($"{"constraint",-14}{"rows binding",14}{"largest |shadow price|",24}");
        var table = rules.Constraints.Select((constraint, j) => (
            constraint.Name,
            Binding: repaired.Count(r => Math.Abs(r.RepairedShadowPrices[j]) > 1e-4f),
            Largest: repaired.Max(r => Math.Abs(r.RepairedShadowPrices[j]))));
        foreach ((string name, int binding, float largest) in table.OrderByDescending(t => t.Largest))
            Console.WriteLine(FormattableString.Invariant($"{name,-14}{binding,14}{largest,24:F4}"));
    }

    private static void ReportOneRow(ConstrainedProjectionTransformer model, LipidPanel[] spoiled, List<(int Row, int Column, string How)> cells)
    {
        (int row, int column, string how) = cells.First(c => c.How == "times ten");
        Console.WriteLine($"Row {row}, {s_lipids[column]} {how}:");
        LipidPanel panel = spoiled[row];
        Console.WriteLine(model.Projector.Explain([.. panel.Lipids.Select(v => (double)v)], [panel.Vldl]));
    }

    private static void SaveLoadPredict(
        MLContext mlContext, ITransformer model, DataViewSchema schema, LipidPanel panel, string? modelPath)
    {
        string path = modelPath ?? Path.Combine(Path.GetTempPath(), $"reconcile-{Guid.NewGuid():N}.zip");
        try
        {
            mlContext.Model.Save(model, schema, path);
            var another = new MLContext();
            ITransformer loaded = another.Model.Load(path, out _);

            // Disposing the engine disposes the model too, unless it is told not to.
            using PredictionEngine<LipidPanel, RepairedPanel> engine = another.Model.CreatePredictionEngine<LipidPanel, RepairedPanel>(loaded);
            RepairedPanel prediction = engine.Predict(panel);
            Console.WriteLine(FormattableString.Invariant(
                $"Saved, loaded and used on one row: LDL {panel.LowDensityLipoproteins:F1} -> {prediction.Repaired[0]:F1}, HDL {panel.HighDensityLipoproteins:F1} -> {prediction.Repaired[1]:F1}, total {panel.TotalCholesterol:F1} -> {prediction.Repaired[2]:F1}."));
        }
        finally
        {
            if (modelPath is null)
                File.Delete(path);
        }
    }

    private static void Set(LipidPanel panel, int column, float value)
    {
        switch (column)
        {
            case 0:
                panel.LowDensityLipoproteins = value;
                break;
            case 1:
                panel.HighDensityLipoproteins = value;
                break;
            default:
                panel.TotalCholesterol = value;
                break;
        }
    }

    /// <summary>Standard deviation as the quartiles tell it, which a few spoiled cells do not change.</summary>
    private static double Spread(double[] values)
    {
        Array.Sort(values);
        return (values[values.Length * 3 / 4] - values[values.Length / 4]) / 1.349;
    }

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
