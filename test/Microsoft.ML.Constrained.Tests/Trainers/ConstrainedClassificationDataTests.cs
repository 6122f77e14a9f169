using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Constrained.Tests.Transforms;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.Constrained.Tests.Trainers;

/// <summary>Data and options that nobody wishes for, and the loss where constraints leave a class nothing.</summary>
[TestClass]
public sealed class ConstrainedClassificationDataTests : LayerTest
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Fit_NoRow_Throws() => StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Fit([])).Message, "no row");

    [TestMethod]
    public void Fit_OneRow_LearnsIt()
    {
        var row = new ClassRow { Features = [1, 2, 3], Index = 1 };
        ConstrainedClassificationTransformer model = Fit([row], o => o.BatchNormalization = true);
        Assert.AreEqual((1, 0), (model.Training.TrainingRows, model.Training.ValidationRows));
        Assert.IsGreaterThan(0.7f, Scores(model, row)[0][1]);
    }

    [TestMethod]
    public void Fit_UnusableRows_AreLeftOutWithOneWarning()
    {
        var warnings = new List<string>();
        _mlContext.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
                warnings.Add(e.Message);
        };
        ClassRow[] rows = ClassRow.Create(60, 1), held = ClassRow.Create(20, 2);
        float[] clean = [.. Scores(Fit(rows[3..]), held).SelectMany(s => s)];
        Assert.IsEmpty(warnings);
        (rows[0].Index, rows[1].Features[1], rows[2].Features[0]) = (float.NaN, float.NaN, float.NegativeInfinity);
        ConstrainedClassificationTransformer model = Fit(rows);
        Assert.AreEqual(3, model.Training.SkippedRows);
        Assert.HasCount(1, warnings);
        StringAssert.Contains(warnings[0], "3 of 60 rows");
        CollectionAssert.AreEqual(clean, Scores(model, held).SelectMany(s => s).ToArray());
    }

    [TestMethod]
    public void Fit_MissingKeys_AreLeftOut()
    {
        ClassRow[] rows = ClassRow.Create(50, 3);
        IDataView keys = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(View(rows)).Transform(View([.. rows, new ClassRow { Name = "unheard of" }]));
        ConstrainedClassificationTransformer model = _mlContext.MulticlassClassification.Trainers.ConstrainedClassification(Made(_ => { }, "Label")).Fit(keys);
        Assert.AreEqual((1L, 4), (model.Training.SkippedRows, model.Classes.Count));
    }

    [TestMethod]
    public void Fit_ConstantFeature_IsIgnoredWhateverItsLaterValue()
    {
        ClassRow[] rows = ClassRow.Create(80, 4), later = ClassRow.Create(20, 5);
        foreach (ClassRow row in rows.Concat(later))
            row.Features[2] = 0.1f;
        ConstrainedClassificationTransformer model = Fit(rows);
        float[] scores = [.. Scores(model, later).SelectMany(s => s)];
        foreach (ClassRow row in later)
            row.Features[2] = 1e20f;
        CollectionAssert.AreEqual(scores, Scores(model, later).SelectMany(s => s).ToArray());
        Assert.IsTrue(scores.All(float.IsFinite));
    }

    [TestMethod]
    public void Fit_ClassesWithoutRows_HaveSmallProbabilities()
    {
        // The constraints know of a class 4 that no row has; of classes 1 and 3 rows are taken away.
        ClassRow[] rows = [.. ClassRow.Create(200, 6).Where(r => r.Index is 0 or 2)];
        ConstraintSet set = ConstraintSet.Over("0", "1", "2", "3", "4").Linear("[0] <= 0.9");
        float[][] scores = Scores(Fit(rows, o => o.Constraints = set), rows);
        Assert.IsTrue(scores.All(s => s.Length == 5));
        Assert.IsLessThan(0.1, scores.Average(s => s[1] + s[3] + s[4]));
        Assert.HasCount(4, Fit([new ClassRow { Index = 3 }]).Classes);
        Assert.HasCount(2, Fit([new ClassRow()]).Classes);
    }

    [TestMethod]
    public void Fit_LabelsOutsideTheSet_GiveTheBestInsideIt()
    {
        // All rows are of class 1, which may have a tenth.
        ClassRow[] rows = ClassRow.Create(100, 7);
        foreach (ClassRow row in rows)
            row.Index = 1;
        ConstraintSet set = ConstraintSet.Over("0", "1").Linear("[1] <= 0.1");
        foreach (OutputConstraint mode in Enum.GetValues<OutputConstraint>())
        {
            ConstrainedClassificationTransformer model = Fit(rows, o => (o.Constraints, o.OutputConstraint, o.Epochs) = (set, mode, 40));
            Assert.AreEqual(TrainingStatus.Feasible, model.Training.Status);
            Assert.IsTrue(Scores(model, rows).All(s => Math.Abs(s[1] - 0.1f) < 0.01f), mode.ToString());
        }
    }

    [TestMethod]
    [DataRow(OutputConstraint.Projection)]
    [DataRow(OutputConstraint.DifferentiableProjection)]
    public void Fit_ClassWithoutAnyRoom_IsStillLearnedByTheNetwork(OutputConstraint mode)
    {
        // Class 3 is excluded while training. What the network itself thinks of it shows in the raw scores.
        ClassRow[] rows = ClassRow.Create(300, 8);
        ConstraintSet set = ConstraintSet.Over("0", "1", "2", "3").Linear("[3] <= 0");
        float Raw(double share)
        {
            ConstrainedClassificationTransformer model =
                Fit(rows, o => (o.Constraints, o.OutputConstraint, o.UnprojectedLossShare, o.RawScoreColumnName, o.Epochs) = (set, mode, share, "Raw", 30));
            Assert.IsTrue(Scores(model, rows).All(s => s[3] <= 1e-6f));
            float[][] raw = [.. model.Transform(View(rows)).GetColumn<float[]>("Raw")];
            return raw.Zip(rows, (r, row) => row.Index == 3 ? r[3] : float.NaN).Where(float.IsFinite).Average();
        }

        Assert.IsGreaterThan(0.6f, Raw(0.1));
        Assert.IsLessThan(0.5f, Raw(0));
    }

    [TestMethod]
    public void Fit_RowsWhoseLimitsContradict_AreNoFaultOfTheModel()
    {
        ClassRow[] rows = ClassRow.Create(100, 9);
        for (int i = 0; i < 50; i++)
            rows[i].Cap = -1;
        ConstraintSet set = ConstraintSet.Over("3", "1", "2", "0").Linear("[1] + [2] <= @Cap");
        foreach (OutputConstraint mode in new[] { OutputConstraint.Projection, OutputConstraint.ProjectionWhenScoring, OutputConstraint.DifferentiableProjection })
        {
            ConstrainedClassificationTransformer model = Fit(rows, o => (o.Constraints, o.OutputConstraint) = (set, mode));
            Assert.AreEqual(TrainingStatus.Feasible, model.Training.Status);
            float[][] scores = Scores(model, rows);
            for (int i = 0; i < 100; i++)
            {
                Assert.AreEqual(1, scores[i].Sum(), 1e-6);
                if (i >= 50)
                    Assert.IsLessThanOrEqualTo(rows[i].Cap + 1e-6f, scores[i][1] + scores[i][2]);
            }
        }
    }

    [TestMethod]
    [DataRow(OutputConstraint.Projection, 0.0)]
    [DataRow(OutputConstraint.DifferentiableProjection, 0.0)]
    [DataRow(OutputConstraint.DifferentiableProjection, 0.1)]
    public void Fit_RowsWhoseLimitsContradict_LearnAsIfUnconstrained(OutputConstraint mode, double share)
    {
        // No row has a solution: the network must learn as much as one without constraints.
        ClassRow[] rows = ClassRow.Create(300, 12);
        foreach (ClassRow row in rows)
            row.Cap = 1.5f;
        ConstraintSet set = ConstraintSet.Over("0", "1", "2", "3").Linear("[1] >= @Cap").Linear("[2] <= 0.2");
        double Accuracy(Action<ConstrainedClassificationOptions> change)
        {
            ConstrainedClassificationTransformer model = Fit(rows, o =>
            {
                (o.UnprojectedLossShare, o.RawScoreColumnName, o.Epochs) = (share, "Raw", 30);
                change(o);
            });
            return model.Transform(View(rows)).GetColumn<float[]>("Raw").Zip(rows, (p, row) => Array.IndexOf(p, p.Max()) == row.Index ? 1.0 : 0).Average();
        }

        double plain = Accuracy(_ => { });
        Assert.IsGreaterThan(0.8, plain);
        Assert.AreEqual(plain, Accuracy(o => (o.Constraints, o.OutputConstraint) = (set, mode)), 0.05);
    }

    [TestMethod]
    public void Fit_ClassesThatNoConstraintCouldName_TrainAndSurviveSaving()
    {
        string[] names = ["plain", "two\tcolumns", "a\nline", " "];
        ClassRow[] rows = ClassRow.Create(80, 13);
        foreach (ClassRow row in rows)
            row.Name = names[(int)row.Index];
        IDataView keys = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(View(rows)).Transform(View(rows));
        ConstrainedClassificationTransformer model = _mlContext.MulticlassClassification.Trainers.ConstrainedClassification(Made(_ => { }, "Label")).Fit(keys);
        CollectionAssert.AreEquivalent(names, model.Classes.ToArray());
        var loaded = (ConstrainedClassificationTransformer)EstimatorContract.RoundTrip(_mlContext, model, keys.Schema, out _);
        CollectionAssert.AreEqual(model.Classes.ToArray(), loaded.Classes.ToArray());
        CollectionAssert.AreEqual(
            model.Transform(keys).GetColumn<uint>("PredictedLabel").ToArray(), loaded.Transform(keys).GetColumn<uint>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void Loss_IsAsStated()
    {
        // Weights of 0 give every class a third; class 2 may have 0.2, so that the others get 0.4.
        ConstraintSet set = ConstraintSet.Over("0", "1", "2").Linear("[2] <= @Cap").Simplex();
        var part = new ClassificationTask.Part([1, 1], [0, 2], [0.2f, 0.2f]);
        double Loss(OutputConstraint mode, double share, params long[] rows)
        {
            using var module = new NetworkModule(new NetworkShape(1, 3, [], NetworkActivation.ReLU), new Random(1), torch.CPU);
            using (torch.no_grad())
            {
                foreach ((_, TorchSharp.Modules.Parameter parameter) in module.named_parameters())
                    parameter.zero_();
            }

            ConstrainedClassificationOptions options = Made(o => (o.Constraints, o.OutputConstraint, o.UnprojectedLossShare, o.ProbabilityFloor) = (set, mode, share, 0.01));
            using var task = new ClassificationTask(options, module, set, null, part, part, torch.CPU);
            TrainingMeasure measure = task.Validate();
            Assert.AreEqual((-Math.Log(0.41) - Math.Log(0.21)) / 2, measure.Loss, 1e-6);
            Assert.IsTrue(measure.IsFeasible);
            return task.Loss(rows).item<double>();
        }

        Assert.AreEqual(Math.Log(3), Loss(OutputConstraint.ProjectionWhenScoring, 0.3, 0), 1e-7);
        foreach (OutputConstraint mode in new[] { OutputConstraint.Projection, OutputConstraint.DifferentiableProjection })
        {
            Assert.AreEqual(-Math.Log(0.41), Loss(mode, 0, 0), 1e-6);
            Assert.AreEqual(-Math.Log(0.21), Loss(mode, 0, 1), 1e-6);
            Assert.AreEqual((-0.7 * (Math.Log(0.41) + Math.Log(0.21)) / 2) + (0.3 * Math.Log(3)), Loss(mode, 0.3, 1, 0), 1e-6);
        }
    }

    [TestMethod]
    public void Fit_WrongData_IsNamed()
    {
        ClassRow[] rows = ClassRow.Create(5, 1);
        void Fails<T>(string part, Action<ConstrainedClassificationOptions> change)
            where T : Exception
        {
            string message = Assert.ThrowsExactly<T>(() => Fit(rows, change)).Message;
            StringAssert.Contains(message, part);
        }

        Fails<ArgumentOutOfRangeException>("expected Single or Key<UInt32>, got Vector<Single, 3>", o => o.LabelColumnName = "Features");
        Fails<ArgumentOutOfRangeException>("expected Single or Key<UInt32>, got ", o => o.LabelColumnName = "Name");
        Fails<ArgumentOutOfRangeException>("right-hand side column 'Limit'", o => o.Constraints = ConstraintSet.Over("0", "1", "2", "3").Linear("[0] <= @Limit"));
        Fails<InvalidOperationException>("no class of label column 'Index'", o => o.Constraints = ConstraintSet.Over("0", "1", "2", "cat"));
        Fails<InvalidOperationException>(
            "'up', 'down'", o => o.Constraints = ConstraintSet.Over("0", "1", "2", "3").Linear("up", "[0] >= 0.5").Linear("down", "[0] <= 0.4"));
        Fails<InvalidOperationException>("'probabilities'", o => o.Constraints = ConstraintSet.Over("0", "1", "2", "3").Linear("[0] + [1] >= 1.5"));
        ConstraintSet point = ConstraintSet.Over("0", "1", "2", "3").Linear("[0] = 0.4").Linear("[1] = 0.6"), ball = ConstraintSet.Over("0", "1", "2", "3").Ball(Norm.L2, 0.9);
        Fails<InvalidOperationException>("one set of probabilities only", o => (o.Constraints, o.OutputConstraint) = (point, OutputConstraint.Parameterization));
        Fails<ArgumentException>("linear", o => (o.Constraints, o.OutputConstraint) = (ball, OutputConstraint.Parameterization));
        Fails<ArgumentException>("linear", o => (o.Constraints, o.OutputConstraint) = (ball, OutputConstraint.DifferentiableProjection));
        Assert.IsTrue(Scores(Fit(rows, o => o.Constraints = point), rows).All(s => Math.Abs(s[0] - 0.4f) < 1e-6f && Math.Abs(s[1] - 0.6f) < 1e-6f));
        Assert.IsTrue(Scores(Fit(rows, o => o.Constraints = ball), rows).All(s => s.Sum(v => v * v) < 0.81001f));
        foreach (float wrong in new[] { -1, 0.5f, 1e6f })
        {
            rows[2].Index = wrong;
            Fails<InvalidOperationException>("a class is a whole number", _ => { });
        }

        IDataView one = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(View([new ClassRow { Name = "x" }])).Transform(View([new ClassRow { Name = "x" }]));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.MulticlassClassification.Trainers.ConstrainedClassification(Made(_ => { }, "Label")).Fit(one)).Message,
            "at least 2");
    }

    [TestMethod]
    public void WrongOptions_AreNamed()
    {
        void Fails<T>(string part, Action<ConstrainedClassificationOptions> change)
            where T : Exception
        {
            var options = new ConstrainedClassificationOptions();
            change(options);
            string message = Assert.ThrowsExactly<T>(() => _mlContext.MulticlassClassification.Trainers.ConstrainedClassification(options)).Message;
            StringAssert.Contains(message, part);
        }

        Fails<ArgumentOutOfRangeException>("Epochs", o => o.Epochs = 0);
        Fails<ArgumentException>("ScoreColumnName", o => o.ScoreColumnName = "");
        Fails<ArgumentException>("'Score', 'Score'", o => o.PredictedLabelColumnName = "Score");
        Fails<ArgumentException>("'Score', 'ScoreStatus', 'ScoreStatus'", o => (o.PredictedLabelColumnName, o.Diagnostics) = ("ScoreStatus", true));
        Fails<ArgumentException>("RawScoreColumnName", o => o.RawScoreColumnName = " ");
        Fails<ArgumentOutOfRangeException>("UnprojectedLossShare", o => o.UnprojectedLossShare = 1.1);
        Fails<ArgumentOutOfRangeException>("ProbabilityFloor", o => o.ProbabilityFloor = 0);
        Fails<ArgumentOutOfRangeException>("Policy", o => o.Policy = (RowPolicy)77);
        Fails<ArgumentOutOfRangeException>("OutputConstraint", o => o.OutputConstraint = (OutputConstraint)77);
        Fails<ArgumentOutOfRangeException>("Threads", o => o.Threads = -1);
        Fails<ArgumentException>("Group 'g' has no members", o => o.Groups = new() { ["g"] = [] });
        Fails<ArgumentException>("Groups", o => o.Groups = new() { [" "] = ["a"] });
        Fails<ArgumentException>(
            "column 'Cap'", o => (o.OutputConstraint, o.Constraints) = (OutputConstraint.Parameterization, ConstraintSet.Over("0", "1").Linear("[0] <= @Cap")));
        Fails<ArgumentOutOfRangeException>("RawScoreColumnName", o => (o.OutputConstraint, o.RawScoreColumnName) = (OutputConstraint.Parameterization, "Raw"));
    }

    private static ConstrainedClassificationOptions Made(Action<ConstrainedClassificationOptions> change, string label = "Index")
    {
        var options = new ConstrainedClassificationOptions
        {
            LabelColumnName = label, HiddenLayers = [16], Epochs = 20, LearningRate = 0.02, Threads = 1, Seed = 1, ValidationFraction = 0.2,
        };
        change(options);
        return options;
    }

    private ConstrainedClassificationTransformer Fit(ClassRow[] rows, Action<ConstrainedClassificationOptions>? change = null) =>
        _mlContext.MulticlassClassification.Trainers.ConstrainedClassification(Made(change ?? (_ => { }))).Fit(View(rows));

    private IDataView View(ClassRow[] rows) => _mlContext.Data.LoadFromEnumerable(rows);

    private float[][] Scores(ConstrainedClassificationTransformer model, params ClassRow[] rows) => [.. model.Transform(View(rows)).GetColumn<float[]>("Score")];
}
