using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Transforms;

/// <summary>
/// What stages saved in each version of their format still loads and scores the same: data/saved-models holds the blocks' payloads and
/// the scores of the rows below. A file that is missing is written, and the test then fails; files that are there never change.
/// </summary>
[TestClass]
public sealed class SavedFormatTests : LayerTest
{
    private static readonly Row[] s_rows =
    [
        new() { X = [0.5f, 0.25f, -0.75f], Label = 1, Kind = "a", Costs = [3, 1, 2, 5, 4], Limit = 1 },
        new() { X = [2, -1, 0.5f], Label = 2, Kind = "b", Costs = [1, 1, 9, 0.5f, 4], Limit = 2 },
        new() { X = [-3, 4, 1], Label = -1, Kind = "a", Costs = [0.25f, 7, 2, 3, 3], Limit = 0.5f },
        new() { X = [0, 0, 0], Label = 0, Kind = "c", Costs = [6, 1, 1, 2, 0.75f], Limit = 3 },
    ];

    private readonly MLContext _mlContext = new(1);

    [TestMethod]
    [DataRow("ConstrainedProjection-1.0")]
    [DataRow("QuadraticProgram-1.0")]
    [DataRow("PolyhedralParameterization-1.0")]
    [DataRow("CombinatorialSolver-1.0")]
    [DataRow("ConstrainedRegression-1.0")]
    [DataRow("ConstrainedClassification-1.0")]
    [DataRow("DecisionFocused-1.0")]
    public void OldFile_LoadsScoresTheSameAndIsWrittenAgainUnchanged(string name)
    {
        IDataView view = _mlContext.Data.LoadFromEnumerable(s_rows);
        string path = RepositoryFiles.Path("test", "Microsoft.ML.Constrained.Tests", "data", "saved-models", name);
        byte[] fresh = Save(Fit(name.Split('-')[0], view), view.Schema);
        if (!File.Exists(path + ".bin"))
        {
            File.WriteAllBytes(path + ".bin", Payload(fresh));
            File.WriteAllLines(path + ".txt", Scores(Load(fresh), view));
            Assert.Fail($"{path}.bin was missing and was written: look at the scores beside it.");
        }

        byte[] saved = File.ReadAllBytes(path + ".bin");
        ITransformer loaded = Load(WithPayload(fresh, saved));
        string[] expected = File.ReadAllLines(path + ".txt"), actual = [.. Scores(loaded, view)];
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            string[] e = expected[i].Split(' '), a = actual[i].Split(' ');
            Assert.HasCount(e.Length, a, expected[i]);
            Assert.AreEqual(e[0], a[0]);
            for (int j = 1; j < e.Length; j++)
            {
                double value = Number(e[j]);
                Assert.AreEqual(value, Number(a[j]), 1e-5 * Math.Max(1, Math.Abs(value)), $"{e[0]}, value {j - 1}");
            }
        }

        CollectionAssert.AreEqual(saved, Payload(Save(loaded, view.Schema)), "What was read is written in another way: that is a new version of the format.");
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private ITransformer Fit(string name, IDataView view)
    {
        ConstraintSet set = ConstraintSet.Over("a", "b", "c").Nonnegative().Linear("limit", "a + 2*b + c <= 4");
        switch (name)
        {
            case "ConstrainedProjection":
                ConstraintSet mixed = set.Linear("row", "a - c <= @Limit").Ball(Norm.L2, 3);
                return _mlContext.Transforms.ConstrainedProjection(new ConstrainedProjectionOptions
                {
                    OutputColumnName = "Out", InputColumnName = "X", Constraints = mixed, Weights = [1, 2, 0.5], Diagnostics = true,
                }).Fit(view);
            case "QuadraticProgram":
                return _mlContext.Transforms.QuadraticProgram(new QuadraticProgramStageOptions
                {
                    OutputColumnName = "Out", Q = new double[,] { { 2, 0.5, 0 }, { 0.5, 1, 0 }, { 0, 0, 3 } }, LinearCostColumnName = "X", LinearCostFactor = -1,
                    G = new double[,] { { 1, 1, 1 }, { -1, 0, 0 } }, H = [2, 0], A = new double[,] { { 1, -1, 0 } }, B = [0.5], Diagnostics = true,
                }).Fit(view);
            case "PolyhedralParameterization":
                return _mlContext.Transforms.PolyhedralParameterization(new PolyhedralParameterizationOptions
                {
                    OutputColumnName = "Out", InputColumnName = "X", Constraints = ConstraintSet.Over("u", "v", "w").Linear("u + v + w <= 1").Linear("u - v <= 2"),
                }).Fit(view);
            case "CombinatorialSolver":
                return _mlContext.Transforms.CombinatorialSolver(new CombinatorialSolverOptions
                {
                    OutputColumnName = "Out", CostColumnName = "Costs", Solver = new KnapsackSolver([2, 3, 2, 3, 2], 5), Diagnostics = true,
                }).Fit(view);
            case "ConstrainedRegression":
                return _mlContext.Regression.Trainers.ConstrainedRegression(new ConstrainedRegressionOptions
                {
                    FeatureColumnName = "X", LabelColumnName = "X", Constraints = set, HiddenLayers = [4], Epochs = 3, ValidationFraction = 0, Seed = 1, Diagnostics = true,
                    RawScoreColumnName = "Raw",
                }).Fit(view);
            case "ConstrainedClassification":
                return _mlContext.Transforms.Conversion.MapValueToKey("Label", "Kind").Append(_mlContext.MulticlassClassification.Trainers.ConstrainedClassification(
                    new ConstrainedClassificationOptions
                    {
                        FeatureColumnName = "X", LabelColumnName = "Label", HiddenLayers = [4], Epochs = 3, ValidationFraction = 0, Seed = 1,
                        Constraints = ConstraintSet.Over("a", "b", "c").Linear("rare", "c <= 0.25"),
                    })).Fit(view).LastTransformer;
            default:
                return _mlContext.Regression.Trainers.DecisionFocused(new DecisionFocusedOptions
                {
                    FeatureColumnName = "X", LabelColumnName = "Costs", Solver = new TopKSolver(5, 2), Label = DecisionLabel.Costs, HiddenLayers = [4], Epochs = 3,
                    ValidationFraction = 0, Seed = 1, Diagnostics = true,
                }).Fit(view);
        }
    }

    /// <summary>For each added column and row the column's name and its values.</summary>
    private static IEnumerable<string> Scores(ITransformer model, IDataView view)
    {
        IDataView scored = model.Transform(view);
        foreach (DataViewSchema.Column column in scored.Schema.Where(c => view.Schema.GetColumnOrNull(c.Name) is null))
        {
            IEnumerable<float[]> rows = column.Type switch
            {
                VectorDataViewType => scored.GetColumn<float[]>(column),
                KeyDataViewType => scored.GetColumn<uint>(column).Select(v => new float[] { v }),
                _ => scored.GetColumn<float>(column).Select(v => new[] { v }),
            };
            foreach (float[] row in rows)
                yield return string.Join(' ', row.Select(v => v.ToString("R", CultureInfo.InvariantCulture)).Prepend(column.Name));
        }
    }

    private byte[] Save(ITransformer model, DataViewSchema schema)
    {
        using var stream = new MemoryStream();
        _mlContext.Model.Save(model, schema, stream);
        return stream.ToArray();
    }

    private static ITransformer Load(byte[] file) => new MLContext(2).Model.Load(new MemoryStream(file), out _);

    private static byte[] Payload(byte[] model)
    {
        using var zip = new ZipArchive(new MemoryStream(model));
        using Stream stream = zip.Entries.Single(IsPayload).Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static byte[] WithPayload(byte[] model, byte[] payload)
    {
        using var result = new MemoryStream();
        result.Write(model);
        using (var zip = new ZipArchive(result, ZipArchiveMode.Update, leaveOpen: true))
        {
            ZipArchiveEntry entry = zip.Entries.Single(IsPayload);
            string name = entry.FullName;
            entry.Delete();
            using Stream stream = zip.CreateEntry(name).Open();
            stream.Write(payload);
        }

        return result.ToArray();
    }

    private static bool IsPayload(ZipArchiveEntry entry) => entry.Name == "Payload";

    private sealed class Row
    {
        [VectorType(3)]
        public float[] X { get; set; } = new float[3];

        public float Label { get; set; }

        public string Kind { get; set; } = "";

        [VectorType(5)]
        public float[] Costs { get; set; } = new float[5];

        public float Limit { get; set; }
    }
}
