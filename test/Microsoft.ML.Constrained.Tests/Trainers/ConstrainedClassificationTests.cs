using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Constrained.Tests.Transforms;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Mono.Cecil;
using TorchSharp;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class ConstrainedClassificationTests : LayerTest
{
    /// <summary>Classes in another order than the label's keys, which is that of first occurrence.</summary>
    private static readonly ConstraintSet s_limits =
        ConstraintSet.Over("cat", "dog", "bird", "stone").Linear("pets", "cat + dog <= @Cap").Linear("stone <= bird + 0.5");

    private static readonly ConstraintSet s_fixed =
        ConstraintSet.Over("cat", "dog", "bird", "stone").Linear("pets", "cat + dog <= 0.6").Linear("stone <= bird + 0.5");

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Contract_Holds()
    {
        IDataView view = Keys(View(60, 1));
        IDataView[] invalid = [_mlContext.Data.LoadFromEnumerable(new[] { new Other() }), _mlContext.Data.LoadFromEnumerable(new[] { new ScalarFeatures() })];
        EstimatorContract.Verify(_mlContext, Trainer(o => o.Epochs = 2), view, invalid);
        EstimatorContract.Verify(_mlContext, Trainer(o => (o.Epochs, o.LabelColumnName) = (2, "Index")), view, invalid);
        EstimatorContract.Verify(_mlContext, Trainer(o => (o.Epochs, o.LabelColumnName) = (2, "NumberKey")), view, invalid);
        EstimatorContract.Verify(
            _mlContext,
            Trainer(o => (o.Epochs, o.Constraints, o.Diagnostics, o.RawScoreColumnName, o.ScoreColumnName, o.PredictedLabelColumnName) = (2, s_limits, true, "Raw", "P", "Best")),
            view,
            invalid);
        EstimatorContract.Verify(
            _mlContext, Trainer(o => (o.Epochs, o.Constraints, o.OutputConstraint) = (2, s_fixed, OutputConstraint.Parameterization)), view, invalid);
    }

    [TestMethod]
    public void Score_NoConstraints_IsLearnedAndEvaluates()
    {
        ConstrainedClassificationTransformer model = Trainer(_ => { }).Fit(Keys(View(600, 2)));
        IDataView scored = model.Transform(Keys(View(400, 3)));
        MulticlassClassificationMetrics metrics = _mlContext.MulticlassClassification.Evaluate(scored);

        // About 1 row in 22 lies nearer to another class's centre.
        Assert.IsGreaterThan(0.92, metrics.MicroAccuracy);
        Assert.IsLessThan(0.25, metrics.LogLoss);
        Assert.AreEqual(TrainingStatus.Feasible, model.Training.Status);
        Assert.AreEqual((540, 60, 0L), (model.Training.TrainingRows, model.Training.ValidationRows, model.Training.SkippedRows));
        Assert.IsNull(model.Projector);
    }

    [TestMethod]
    public void Score_InAPipeline_CrossValidatesAndGivesTheLabelsBack()
    {
        IDataView view = View(400, 4);
        var pipeline = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Name")
            .Append(Trainer(o => (o.Constraints, o.Epochs) = (s_limits, 15)))
            .Append(_mlContext.Transforms.Conversion.MapKeyToValue("Text", "PredictedLabel"));
        var results = _mlContext.MulticlassClassification.CrossValidate(view, pipeline, 3);
        Assert.HasCount(3, results);
        foreach (var result in results)
        {
            // Where pets may have less than a half they are not the most probable: in about a quarter of all rows.
            Assert.IsGreaterThan(0.6, result.Metrics.MicroAccuracy);
            string[] given = [.. result.ScoredHoldOutSet.GetColumn<string>("Text")];
            uint[] keys = [.. result.ScoredHoldOutSet.GetColumn<uint>("PredictedLabel")];
            float[][] scores = [.. result.ScoredHoldOutSet.GetColumn<float[]>("Score")];
            string[] slots = Names(result.ScoredHoldOutSet.Schema["Score"], "SlotNames");
            for (int i = 0; i < given.Length; i++)
            {
                Assert.AreEqual(scores[i].Max(), scores[i][keys[i] - 1]);
                Assert.AreEqual(slots[keys[i] - 1], given[i]);
            }
        }
    }

    [TestMethod]
    [DataRow(OutputConstraint.Projection)]
    [DataRow(OutputConstraint.ProjectionWhenScoring)]
    [DataRow(OutputConstraint.DifferentiableProjection)]
    [DataRow(OutputConstraint.Parameterization)]
    public void Score_EachWay_KeepsTheConstraintsOnHeldOutRowsAndLearns(OutputConstraint mode)
    {
        bool varying = mode != OutputConstraint.Parameterization;
        ClassRow[] held = ClassRow.Create(500, 6);
        ConstrainedClassificationTransformer model = Trainer(o =>
            (o.Constraints, o.OutputConstraint, o.Diagnostics) = (varying ? s_limits : s_fixed, mode, true)).Fit(Keys(View(400, 5)));
        IDataView scored = model.Transform(Keys(_mlContext.Data.LoadFromEnumerable(held)));
        float[][] scores = [.. scored.GetColumn<float[]>("Score")];
        string[] names = Names(scored.Schema["Score"], "SlotNames");
        CollectionAssert.AreEqual(names, model.Classes.ToArray());
        float Of(int row, string name) => scores[row][Array.IndexOf(names, name)];
        int right = 0, bound = 0;
        for (int i = 0; i < held.Length; i++)
        {
            float cap = varying ? held[i].Cap : 0.6f;
            Assert.IsLessThanOrEqualTo(cap + 1e-6f, Of(i, "cat") + Of(i, "dog"));
            Assert.IsLessThanOrEqualTo(Of(i, "bird") + 0.5f + 1e-6f, Of(i, "stone"));
            Assert.AreEqual(1, scores[i].Sum(), 1e-6);
            Assert.IsTrue(scores[i].All(s => s >= 0));
            bound += Of(i, "cat") + Of(i, "dog") > cap - 0.01f ? 1 : 0;

            // The limits hide the class, but not which of two it is.
            (string a, string b) = held[i].Name is "cat" or "dog" ? ("cat", "dog") : ("stone", "bird");
            right += (Of(i, a) > Of(i, b)) == (held[i].Name == a) ? 1 : 0;
        }

        Assert.IsTrue(scored.GetColumn<uint>("ScoreStatus").All(s => s == (uint)SolverStatus.Solved));
        Assert.AreEqual(TrainingStatus.Feasible, model.Training.Status);
        Assert.IsGreaterThan(150, bound);
        Assert.IsGreaterThan(440, right);
        Assert.AreEqual("pets", model.Constraints.Constraints[0].Name);
    }

    [TestMethod]
    public void Score_Hierarchy_ChildrenNeverExceedParentsAndGroupsKeepTheirRates()
    {
        var groups = new Dictionary<string, string[]> { ["Mammal"] = ["cat", "dog"], ["Animal"] = ["Mammal", "bird"] };
        ConstraintSet set = ConstraintSet.Over("Animal", "Mammal", "cat", "dog", "bird", "stone").Linear("Animal <= @Cap").Linear("cat <= 0.7 * Mammal").Linear("bird <= Mammal");
        ClassRow[] held = ClassRow.Create(300, 8);
        ConstrainedClassificationTransformer model = Trainer(o => (o.Constraints, o.Groups, o.Epochs) = (set, groups, 15)).Fit(Keys(View(300, 7)));
        float[][] scores = [.. model.Transform(Keys(_mlContext.Data.LoadFromEnumerable(held))).GetColumn<float[]>("Score")];
        int cat = model.Constraints.IndexOf("cat"), dog = model.Constraints.IndexOf("dog"), bird = model.Constraints.IndexOf("bird");
        for (int i = 0; i < held.Length; i++)
        {
            float[] p = scores[i];
            float mammal = p[cat] + p[dog], animal = mammal + p[bird];
            Assert.IsTrue(p[cat] <= mammal && p[dog] <= mammal && mammal <= animal);
            Assert.IsLessThanOrEqualTo(held[i].Cap + 1e-6f, animal);
            Assert.IsLessThanOrEqualTo((0.7f * mammal) + 1e-6f, p[cat]);
            Assert.IsLessThanOrEqualTo(mammal + 1e-6f, p[bird]);
        }
    }

    [TestMethod]
    public void Score_LabelsThatDoNotExcludeEachOther_AreARegressionWithTheSameRules()
    {
        // Dog implies animal, which need not be a dog.
        ConstraintSet set = ConstraintSet.Over("animal", "dog").Bounds(0, 1).Linear("dog <= animal");
        MultiRow[] rows = [.. ClassRow.Create(400, 20).Select(r => new MultiRow { Features = r.Features, Label = [r.Name == "stone" ? 0 : 1, r.Name == "dog" ? 1 : 0] })];
        ConstrainedRegressionTransformer model = _mlContext.Regression.Trainers.ConstrainedRegression(
            new ConstrainedRegressionOptions { Constraints = set, HiddenLayers = [16], Epochs = 15, LearningRate = 0.02, Seed = 1 }).Fit(_mlContext.Data.LoadFromEnumerable(rows));
        float[][] scores = [.. model.Transform(_mlContext.Data.LoadFromEnumerable(rows)).GetColumn<float[]>("Score")];
        Assert.IsTrue(scores.All(s => s[1] <= s[0] + 1e-6f && s[1] >= 0 && s[0] <= 1));
        Assert.IsGreaterThan(360, scores.Zip(rows, (s, r) => s[0] > 0.5f == r.Label[0] > 0.5f && s[1] > 0.5f == r.Label[1] > 0.5f ? 1 : 0).Sum());
    }

    [TestMethod]
    public void ScoringTypes_KnowNoTorchSharp()
    {
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(typeof(ConstrainedClassificationTransformer).Assembly.Location);
        string[] scoring = [nameof(ConstrainedClassificationTransformer), nameof(ClassificationStage), nameof(ClassificationHead), nameof(ClassificationModel), nameof(ClassValues)];
        foreach (string name in scoring)
        {
            TypeDefinition type = assembly.MainModule.Types.Single(t => t.Name == name);
            IEnumerable<TypeDefinition> parts = type.NestedTypes.SelectMany(t => t.NestedTypes.Prepend(t)).Prepend(type);
            foreach (MethodDefinition method in parts.SelectMany(t => t.Methods).Where(m => m.HasBody))
            {
                foreach (MemberReference member in method.Body.Instructions.Select(i => i.Operand).OfType<MemberReference>())
                {
                    TypeReference used = member as TypeReference ?? member.DeclaringType;
                    Assert.AreNotEqual("TorchSharp", used?.GetElementType().Scope?.Name.Replace(".dll", "", StringComparison.Ordinal), $"{method} uses {member}");
                }
            }
        }
    }

    [TestMethod]
    public void Annotations_TellTheClasses()
    {
        IDataView view = Keys(View(60, 9));
        DataViewSchema text = Trainer(o => o.Epochs = 1).Fit(view).Transform(view).Schema;
        string[] names = Names(view.Schema["Label"], "KeyValues");
        CollectionAssert.AreEqual(names, Names(text["Score"], "SlotNames"));
        CollectionAssert.AreEqual(names, Names(text["Score"], "TrainingLabelValues"));
        CollectionAssert.AreEqual(names, Names(text["PredictedLabel"], "KeyValues"));
        Assert.AreEqual(4UL, ((KeyDataViewType)text["PredictedLabel"].Type).Count);
        ReadOnlyMemory<char> kind = default;
        text["Score"].Annotations.GetValue("ScoreColumnKind", ref kind);
        Assert.AreEqual("MulticlassClassification", kind.ToString());

        // Keys of numbers come back as numbers, and are known to constraints by their text.
        ConstraintSet set = ConstraintSet.Over("10", "20", "30", "40").Linear("[40] <= 0.25");
        ConstrainedClassificationTransformer model = Trainer(o => (o.Epochs, o.LabelColumnName, o.Constraints) = (2, "NumberKey", set)).Fit(view);
        IDataView scored = _mlContext.Transforms.Conversion.MapKeyToValue("Back", "PredictedLabel").Fit(model.Transform(view)).Transform(model.Transform(view));
        Assert.AreEqual(NumberDataViewType.Int32, scored.Schema["Back"].Type);
        int slot = model.Constraints.IndexOf("40");
        Assert.IsTrue(scored.GetColumn<float[]>("Score").All(s => s[slot] <= 0.25f + 1e-6f));
    }

    [TestMethod]
    public void Fit_SameSeed_GivesTheSameModelBitByBit()
    {
        IDataView view = Keys(View(150, 10));
        void Options(ConstrainedClassificationOptions o) => (o.Constraints, o.Epochs, o.Dropout, o.BatchNormalization, o.Seed) = (s_limits, 4, 0.2, true, 12);
        byte[] Bytes(ConstrainedClassificationTransformer model)
        {
            using var stream = new MemoryStream();
            model.Model.Write(new BinaryWriter(stream));
            return stream.ToArray();
        }

        ConstrainedClassificationEstimator estimator = Trainer(Options);
        byte[] first = Bytes(estimator.Fit(view));
        CollectionAssert.AreEqual(first, Bytes(estimator.Fit(view)), "a second Fit");
        torch.rand(7).Dispose();
        CollectionAssert.AreEqual(first, Bytes(new MLContext(99).MulticlassClassification.Trainers.ConstrainedClassification(Made(Options)).Fit(view)), "another estimator");
        CollectionAssert.AreNotEqual(first, Bytes(Trainer(o => { Options(o); o.Seed = 13; }).Fit(view)), "another seed");
        byte[] FromContext(int seed) =>
            Bytes(new MLContext(seed).MulticlassClassification.Trainers.ConstrainedClassification(Made(o => { Options(o); o.Seed = null; })).Fit(view));
        CollectionAssert.AreEqual(FromContext(5), FromContext(5), "the context's seed");
        CollectionAssert.AreNotEqual(FromContext(5), FromContext(6), "another context's seed");
    }

    [TestMethod]
    public void Fit_LeavesNoTensorsAndNothingOfTheGlobalGenerator()
    {
        DisposeTensors();
        IDataView view = Keys(View(100, 11));
        void Fit(OutputConstraint mode) => Trainer(o =>
            (o.Epochs, o.Dropout, o.BatchNormalization, o.OutputConstraint, o.Constraints) =
            (3, 0.1, true, mode, mode == OutputConstraint.Parameterization ? s_fixed : s_limits)).Fit(view);

        Fit(OutputConstraint.Projection);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        torch.manual_seed(3);
        foreach (OutputConstraint mode in Enum.GetValues<OutputConstraint>())
            Fit(mode);
        using torch.Tensor drawn = torch.rand(4);
        Assert.AreEqual(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        torch.manual_seed(3);
        using torch.Tensor expected = torch.rand(4);
        AreClose(expected, drawn, 0);
    }

    [TestMethod]
    public void Fit_Cancelled_ThrowsAndLeavesNoTensors()
    {
        DisposeTensors();
        using var source = new CancellationTokenSource();
        int epochs = 0;
        _mlContext.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Info && e.Message.Contains("Epoch ", StringComparison.Ordinal) && ++epochs == 3)
                source.Cancel();
        };
        IDataView view = Keys(View(200, 12));
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.ThrowsExactly<OperationCanceledException>(() => Trainer(o => (o.Epochs, o.Constraints, o.CancellationToken) = (100_000, s_limits, source.Token)).Fit(view));
        Assert.AreEqual(3, epochs);
        Assert.AreEqual(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [TestMethod]
    public void Fit_DoesNotTouchItsOptions()
    {
        ConstrainedClassificationOptions options = Made(o =>
            (o.Epochs, o.HiddenLayers, o.Constraints, o.Groups) = (2, [4], ConstraintSet.Over("cat", "dog", "bird", "stone", "pets").Linear("pets <= 0.5"), new() { ["pets"] = ["cat", "dog"] }));
        ConstrainedClassificationEstimator estimator = _mlContext.MulticlassClassification.Trainers.ConstrainedClassification(options);
        IDataView view = Keys(View(30, 14));
        ConstraintSet stated = estimator.Fit(view).Constraints;
        CollectionAssert.AreEqual(new[] { "cat", "dog" }, options.Groups!["pets"]);

        // What is changed later does not reach the estimator.
        options.HiddenLayers[0] = -1;
        options.Groups["pets"][1] = "nothing";
        options.Groups.Remove("pets");
        Assert.AreEqual(stated, estimator.Fit(view).Constraints);
    }

    [TestMethod]
    public void LoadedModel_AndEngine_GiveTheSameScores()
    {
        IDataView view = View(120, 15), keys = Keys(view);
        foreach (bool parameterized in new[] { false, true })
        {
            ConstrainedClassificationTransformer model = Trainer(o =>
                (o.Constraints, o.OutputConstraint, o.Epochs) = parameterized ? (s_fixed, OutputConstraint.Parameterization, 3) : (s_limits, OutputConstraint.Projection, 3)).Fit(keys);
            var loaded = (ConstrainedClassificationTransformer)EstimatorContract.RoundTrip(_mlContext, model, keys.Schema, out _);
            Assert.AreEqual(model.Constraints, loaded.Constraints);
            CollectionAssert.AreEqual(model.Classes.ToArray(), loaded.Classes.ToArray());
            CollectionAssert.AreEqual(model.Training.History.ToArray(), loaded.Training.History.ToArray());
            float[][] expected = [.. model.Transform(keys).GetColumn<float[]>("Score")], again = [.. loaded.Transform(keys).GetColumn<float[]>("Score")];
            uint[] best = [.. model.Transform(keys).GetColumn<uint>("PredictedLabel")];
            using PredictionEngine<ClassRow, Scored> engine = _mlContext.Model.CreatePredictionEngine<ClassRow, Scored>(loaded);
            ClassRow[] rows = ClassRow.Create(120, 15);
            for (int i = 0; i < rows.Length; i++)
            {
                CollectionAssert.AreEqual(expected[i], again[i]);
                Scored one = engine.Predict(rows[i]);
                CollectionAssert.AreEqual(expected[i], one.Score);
                Assert.AreEqual(best[i], one.PredictedLabel);
            }
        }
    }

    [TestMethod]
    public void Score_RowsWithoutASolution_FollowThePolicy()
    {
        IDataView view = Keys(View(60, 16));
        ClassRow[] rows = ClassRow.Create(3, 17);
        rows[1].Cap = -0.5f;
        rows[2].Features[0] = float.NaN;
        IDataView bad = _mlContext.Data.LoadFromEnumerable(rows);
        void Options(ConstrainedClassificationOptions o) => (o.Constraints, o.Epochs, o.Diagnostics) = (s_limits, 2, true);
        IDataView scored = Trainer(Options).Fit(view).Transform(bad);
        CollectionAssert.AreEqual(
            new[] { (uint)SolverStatus.Solved, (uint)SolverStatus.PrimalInfeasible, (uint)SolverStatus.InvalidInput }, scored.GetColumn<uint>("ScoreStatus").ToArray());
        float[][] scores = [.. scored.GetColumn<float[]>("Score")];
        uint[] best = [.. scored.GetColumn<uint>("PredictedLabel")];
        Assert.AreEqual(1, scores[1].Sum(), 1e-6);
        Assert.IsTrue(scores[1].All(s => s >= 0) && best[1] is >= 1 and <= 4);
        Assert.IsTrue(scores[2].All(float.IsNaN) && best[2] == 0);
        IDataView thrown = Trainer(o => { Options(o); o.Policy = RowPolicy.Throw; }).Fit(view).Transform(bad);
        StringAssert.Contains(Assert.Throws<InvalidOperationException>(() => thrown.GetColumn<uint>("PredictedLabel").ToArray()).Message, "Row 1");
    }

    private static string[] Names(DataViewSchema.Column column, string kind)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(kind, ref names);
        return [.. names.DenseValues().Select(n => n.ToString())];
    }

    private static ConstrainedClassificationOptions Made(Action<ConstrainedClassificationOptions> change)
    {
        var options = new ConstrainedClassificationOptions { HiddenLayers = [16], Epochs = 25, LearningRate = 0.02, Threads = 1, Seed = 1 };
        change(options);
        return options;
    }

    private ConstrainedClassificationEstimator Trainer(Action<ConstrainedClassificationOptions> change) =>
        _mlContext.MulticlassClassification.Trainers.ConstrainedClassification(Made(change));

    private IDataView View(int rows, int seed) => _mlContext.Data.LoadFromEnumerable(ClassRow.Create(rows, seed));

    private IDataView Keys(IDataView view) => _mlContext.Transforms.Conversion.MapValueToKey("Label", "Name")
        .Append(_mlContext.Transforms.Conversion.MapValueToKey("NumberKey", "Number")).Fit(View(200, 100)).Transform(view);

    private sealed class Scored
    {
        [VectorType(4)]
        public float[] Score { get; set; } = new float[4];

        [KeyType(4)]
        public uint PredictedLabel { get; set; }
    }

    private sealed class MultiRow
    {
        [VectorType(3)]
        public float[] Features { get; set; } = new float[3];

        [VectorType(2)]
        public float[] Label { get; set; } = new float[2];
    }

    private sealed class Other
    {
        public float Something { get; set; }
    }

    private sealed class ScalarFeatures
    {
        public float Features { get; set; }

        public float Label { get; set; }

        public float Index { get; set; }

        [KeyType(4)]
        public uint NumberKey { get; set; }
    }
}
