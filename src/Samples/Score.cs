using System;
using System.Diagnostics;
using System.Linq;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>Opens a model that <see cref="Reconcile"/> saved, in a process that never built it, and scores all panels.</summary>
internal static class Score
{
    public static void Run(string[] args) =>
        Example(args.Length == 1 ? args[0] : throw new ArgumentException("Usage: score MODEL.zip, a file written by 'reconcile --save MODEL.zip'."));

    public static void Example(string modelPath)
    {
        var mlContext = new MLContext();
        ITransformer model = mlContext.Model.Load(modelPath, out DataViewSchema schema);
        Console.WriteLine($"Loaded, made for the columns {string.Join(", ", schema.Select(c => c.Name))}.");
        IDataView data = mlContext.Data.LoadFromEnumerable(LipidPanel.Read(mlContext));
        RepairedPanel[] rows = [.. mlContext.Data.CreateEnumerable<RepairedPanel>(model.Transform(data), reuseRowObject: false)];
        Console.WriteLine(FormattableString.Invariant(
            $"{rows.Length} rows scored, {rows.Count(r => r.RepairedStatus == (uint)SolverStatus.Solved)} solved, largest distance moved {rows.Max(r => r.RepairedDistance):F3} mg/dl, checksum {rows.Sum(r => r.Repaired.Sum(v => (double)v)):F3}."));
        int native = Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Count(m => m.ModuleName.Contains("torch", StringComparison.OrdinalIgnoreCase) && m.ModuleName != "TorchSharp.dll");
        Console.WriteLine($"Native torch libraries in this process: {native}.");
    }
}
