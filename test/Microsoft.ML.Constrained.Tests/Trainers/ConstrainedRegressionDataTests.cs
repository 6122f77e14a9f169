using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

/// <summary>Data and options that nobody wishes for.</summary>
[TestClass]
public sealed class ConstrainedRegressionDataTests : LayerTest
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Fit_NoRow_Throws() => StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Fit([])).Message, "no row");

    [TestMethod]
    public void Fit_OneRow_LearnsIt()
    {
        ConstrainedRegressionTransformer model = Fit([new RegressionRow { Features = [1, 2, 3], Label = 7 }], o => o.BatchNormalization = true);
        Assert.AreEqual((1, 0), (model.Training.TrainingRows, model.Training.ValidationRows));
        Assert.AreEqual(7, Scores(model, new RegressionRow { Features = [1, 2, 3] })[0], 0.5);
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
        RegressionRow[] rows = RegressionRow.Create(60, 1);
        ConstrainedRegressionTransformer clean = Fit(rows[3..]);
        Assert.IsEmpty(warnings);
        (rows[0].Label, rows[1].Features[1], rows[2].Features[0]) = (float.NaN, float.NaN, float.NegativeInfinity);
        ConstrainedRegressionTransformer model = Fit(rows);
        Assert.AreEqual(3, model.Training.SkippedRows);
        Assert.HasCount(1, warnings);
        StringAssert.Contains(warnings[0], "3 of 60 rows");
        CollectionAssert.AreEqual(Scores(clean, RegressionRow.Create(20, 2)), Scores(model, RegressionRow.Create(20, 2)));
    }

    [TestMethod]
    public void Fit_ConstantFeature_IsIgnoredWhateverItsLaterValue()
    {
        RegressionRow[] rows = RegressionRow.Create(80, 3), later = RegressionRow.Create(20, 4);
        foreach (RegressionRow row in rows.Concat(later))
            row.Features[2] = 0.1f;
        ConstrainedRegressionTransformer model = Fit(rows);
        float[] scores = Scores(model, later);
        foreach (RegressionRow row in later)
            row.Features[2] = 1e20f;
        CollectionAssert.AreEqual(scores, Scores(model, later));
        Assert.IsTrue(scores.All(float.IsFinite));
    }

    [TestMethod]
    public void Fit_ConstantLabel_IsScored()
    {
        RegressionRow[] rows = RegressionRow.Create(50, 5);
        foreach (RegressionRow row in rows)
            row.Label = -3;
        Assert.AreEqual(-3, Scores(Fit(rows, o => o.Epochs = 60), rows).Average(), 0.1);
    }

    [TestMethod]
    public void Fit_LabelsFarFromZero_AreLearnedInTheirUnits()
    {
        RegressionRow[] rows = RegressionRow.Create(300, 6);
        float[] exact = [.. rows.Select(r => r.Label)];
        foreach (RegressionRow row in rows)
            row.Label = 1e6f + (1000 * row.Label);
        float[] scores = Scores(Fit(rows, o => (o.Epochs, o.Constraints) = (60, ConstraintSet.Over("y").Bounds(0, 1e6))), rows);
        double error = exact.Zip(scores, (e, s) => Math.Abs(Math.Min(0, e) - ((s - 1e6) / 1000))).Average();
        Assert.IsLessThan(0.3, error);
        Assert.IsLessThanOrEqualTo(1e6f, scores.Max());
    }

    [TestMethod]
    public void Fit_LabelsOutsideTheSet_GiveTheBestInsideItAndAreReported()
    {
        var lines = new List<string>();
        _mlContext.Log += (_, e) => lines.Add(e.Message);
        RegressionRow[] rows = RegressionRow.Create(200, 7);
        ConstraintSet below = ConstraintSet.Over("y").Bounds(double.NegativeInfinity, -10);
        ConstrainedRegressionTransformer model = Fit(rows, o => o.Constraints = below);
        Assert.IsTrue(Scores(model, rows).All(s => s == -10));
        Assert.AreEqual(TrainingStatus.Feasible, model.Training.Status);
        Assert.IsTrue(lines.Any(l => l.Contains("200 of 200 labels violate", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Fit_RowsWhoseLimitsContradict_AreNoFaultOfTheModel()
    {
        RegressionRow[] rows = RegressionRow.Create(100, 8);
        for (int i = 0; i < 50; i++)
            rows[i].Capacity = -1;
        ConstraintSet set = ConstraintSet.Over("a", "b").Nonnegative().Linear("a + b <= @Capacity");
        ConstrainedRegressionTransformer model = Fit(rows, o => (o.LabelColumnName, o.Constraints) = ("Plan", set));
        Assert.AreEqual(TrainingStatus.Feasible, model.Training.Status);
        float[][] scores = [.. model.Transform(_mlContext.Data.LoadFromEnumerable(rows)).GetColumn<float[]>("Score")];
        for (int i = 50; i < 100; i++)
            Assert.IsTrue(set.Contains(scores[i], [rows[i].Capacity]));
    }

    [TestMethod]
    [DataRow(OutputConstraint.Projection)]
    [DataRow(OutputConstraint.DifferentiableProjection)]
    public void Fit_RowsWhoseLimitsContradict_LearnAsIfUnconstrained(OutputConstraint mode)
    {
        // A third of the rows must lie above 500 and below 9; the limits of the others are loose.
        RegressionRow[] rows = RegressionRow.Create(300, 10);
        for (int i = 0; i < rows.Length; i++)
            rows[i].Capacity = i % 3 == 0 ? 500 : -9;
        ConstraintSet set = ConstraintSet.Over("y").Linear("low", "y >= @Capacity").Linear("high", "y <= 9");
        ConstrainedRegressionTransformer model =
            Fit(rows, o => (o.Constraints, o.OutputConstraint, o.RawScoreColumnName, o.Epochs) = (set, mode, "Raw", 40));
        float[] raw = [.. model.Transform(_mlContext.Data.LoadFromEnumerable(rows)).GetColumn<float>("Raw")];
        Assert.IsGreaterThan(0.95, RSquared(rows, r => r.Label, raw));
    }

    [TestMethod]
    public void Fit_LabelsInACornerOfAWideSet_AreLearnedByItsParameters()
    {
        RegressionRow[] rows = RegressionRow.Create(300, 11);
        foreach (RegressionRow row in rows)
            row.Label = 60 + (9 * row.Label);
        ConstrainedRegressionTransformer model = Fit(rows, o =>
            (o.Constraints, o.OutputConstraint, o.Epochs) = (ConstraintSet.Over("y").Bounds(0, 1e6), OutputConstraint.Parameterization, 40));
        Assert.IsGreaterThan(0.97, RSquared(rows, r => r.Label, Scores(model, rows)));
    }

    [TestMethod]
    [DataRow(1f)]
    [DataRow(1e-6f)]
    [DataRow(1e6f)]
    public void Fit_ConstantSlot_IsLearnedInTheUnitOfTheOthers(float unit)
    {
        RegressionRow[] rows = RegressionRow.Create(200, 12);
        foreach (RegressionRow row in rows)
            row.Plan = [unit * row.Label, 3 * unit];
        foreach (ConstraintSet? set in new[] { null, ConstraintSet.Over("a", "b").Linear("sum", [1, 1], double.NegativeInfinity, 9 * unit) })
        {
            ConstrainedRegressionTransformer model = Fit(rows, o => (o.LabelColumnName, o.Constraints, o.Epochs) = ("Plan", set, 40));
            float[][] scores = [.. model.Transform(_mlContext.Data.LoadFromEnumerable(rows)).GetColumn<float[]>("Score")];
            Assert.IsLessThan(0.01, scores.Max(s => Math.Abs((s[1] / (double)unit) - 3)));
            Assert.IsGreaterThan(0.95, RSquared(rows, r => r.Plan[0] / unit, [.. scores.Select(s => s[0] / unit)]));
        }
    }

    [TestMethod]
    public void Fit_QuantilesVeryCloseTogether_HaveNamesOfTheirOwn()
    {
        double[] levels = [1e-10, 2e-10, 0.025, 0.5, 0.500000001];
        ConstrainedRegressionTransformer model =
            Fit(RegressionRow.Create(30, 13), o => (o.Loss, o.QuantileLevels, o.Epochs) = (RegressionLoss.Quantile, levels, 1));
        CollectionAssert.AreEqual(new[] { "Q(1E-10)", "Q(2E-10)", "Q2.5", "Q(0.5)", "Q(0.500000001)" }, model.Constraints!.Variables.ToArray());
    }

    [TestMethod]
    public void Fit_NotNormalized_HugeFeatures_SayWhatToDo()
    {
        RegressionRow[] rows = RegressionRow.Create(50, 9);
        foreach (RegressionRow row in rows)
            row.Features = [3e38f * row.Features[0], 3e38f, 3e38f];
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Fit(rows, o => o.NormalizeFeatures = false)).Message, "NormalizeFeatures");
        Assert.IsTrue(Scores(Fit(rows), rows).All(float.IsFinite));
    }

    [TestMethod]
    public void Fit_ContradictoryConstraints_NamesThem()
    {
        ConstraintSet set = ConstraintSet.Over("y").Linear("up", "y >= 1").Linear("down", "y <= 0");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Fit(RegressionRow.Create(5, 1), o => o.Constraints = set)).Message, "'up', 'down'");
    }

    [TestMethod]
    public void Fit_ConstraintsThatAWayCannotHave_AreNamed()
    {
        void Fails<T>(string part, OutputConstraint way, ConstraintSet set)
            where T : Exception
        {
            T error = Assert.ThrowsExactly<T>(() => Fit(RegressionRow.Create(5, 1), o => (o.LabelColumnName, o.Constraints, o.OutputConstraint) = ("Plan", set, way)));
            StringAssert.Contains(error.Message, part);
        }

        ConstraintSet ball = ConstraintSet.Over(2).Ball(Norm.L2, 3).WithName("round");
        Fails<ArgumentException>("'round'", OutputConstraint.DifferentiableProjection, ball);
        Fails<ArgumentException>("'round'", OutputConstraint.Parameterization, ball);
        Fails<InvalidOperationException>("single point", OutputConstraint.Parameterization, ConstraintSet.Over(2).Bounds(1, 1));
    }

    [TestMethod]
    public void Fit_WrongLabel_IsNamed()
    {
        RegressionRow[] rows = RegressionRow.Create(5, 1);
        void Fails(string part, Action<ConstrainedRegressionOptions> change)
        {
            string message = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(rows, change)).Message;
            StringAssert.Contains(message, part);
        }

        Fails("expected Single, got Vector<Single, 2>", o => (o.LabelColumnName, o.Loss) = ("Plan", RegressionLoss.Quantile));
        Fails("expected Single, got Vector<Single, 2>", o => (o.LabelColumnName, o.IncreasingFeatures) = ("Plan", ["0"]));
        Fails("have 3 variables", o => (o.LabelColumnName, o.Constraints) = ("Plan", ConstraintSet.Over(3).Simplex()));
        Fails("have 2 variables", o => o.Constraints = ConstraintSet.Over(2).Simplex());
        Fails("right-hand side column 'Cap'", o => o.Constraints = ConstraintSet.Over("y").Linear("y <= @Cap"));
        Fails("label column 'Nothing'", o => o.LabelColumnName = "Nothing");
    }

    [TestMethod]
    public void WrongOptions_AreNamed()
    {
        void Fails<T>(string part, Action<ConstrainedRegressionOptions> change)
            where T : Exception
        {
            var options = new ConstrainedRegressionOptions();
            change(options);
            StringAssert.Contains(Assert.ThrowsExactly<T>(() => _mlContext.Regression.Trainers.ConstrainedRegression(options)).Message, part);
        }

        Fails<ArgumentException>("FeatureColumnName", o => o.FeatureColumnName = " ");
        Fails<ArgumentException>("ScoreColumnName", o => o.ScoreColumnName = "");
        Fails<ArgumentOutOfRangeException>("RawScoreColumnName", o => (o.RawScoreColumnName, o.Diagnostics) = ("ScoreStatus", true));
        Fails<ArgumentNullException>("HiddenLayers", o => o.HiddenLayers = null!);
        Fails<ArgumentOutOfRangeException>("HiddenLayers", o => o.HiddenLayers = [0]);
        Fails<ArgumentOutOfRangeException>("Activation", o => o.Activation = (HiddenActivation)9);
        Fails<ArgumentOutOfRangeException>("Optimizer", o => o.Optimizer = (TrainingOptimizerKind)99);
        Fails<ArgumentOutOfRangeException>("LearningRate", o => o.LearningRate = 0);
        Fails<ArgumentOutOfRangeException>("LearningRate", o => o.LearningRate = double.NaN);
        Fails<ArgumentOutOfRangeException>("Momentum", o => o.Momentum = 1);
        Fails<ArgumentOutOfRangeException>("Epochs", o => o.Epochs = 0);
        Fails<ArgumentOutOfRangeException>("BatchSize", o => o.BatchSize = 0);
        Fails<ArgumentOutOfRangeException>("ValidationFraction", o => o.ValidationFraction = 1);
        Fails<ArgumentOutOfRangeException>("Patience", o => o.Patience = -1);
        Fails<ArgumentOutOfRangeException>("WeightDecay", o => o.WeightDecay = -1);
        Fails<ArgumentOutOfRangeException>("Dropout", o => o.Dropout = 1);
        Fails<ArgumentOutOfRangeException>("HuberDelta", o => o.HuberDelta = 0);
        Fails<ArgumentOutOfRangeException>("Policy", o => o.Policy = (RowPolicy)77);
        Fails<ArgumentOutOfRangeException>("QuantileLevels", o => (o.Loss, o.QuantileLevels) = (RegressionLoss.Quantile, [0.5, 0.5]));
        Fails<ArgumentOutOfRangeException>("QuantileLevels", o => (o.Loss, o.QuantileLevels) = (RegressionLoss.Quantile, []));
        Fails<ArgumentOutOfRangeException>("QuantileLevels", o => (o.Loss, o.QuantileLevels) = (RegressionLoss.Quantile, [0, 0.5]));
        Fails<ArgumentException>("3 quantile levels", o => (o.Loss, o.Constraints) = (RegressionLoss.Quantile, ConstraintSet.Over(2).Nonnegative()));
        Fails<ArgumentOutOfRangeException>("ProjectionWeights", o => (o.Constraints, o.ProjectionWeights) = (ConstraintSet.Over(2).Simplex(), [1]));
        Fails<ArgumentOutOfRangeException>("Activation", o => (o.IncreasingFeatures, o.Activation) = (["0"], HiddenActivation.SiLU));
        Fails<ArgumentOutOfRangeException>("Activation", o => (o.ConvexFeatures, o.Activation) = (["0"], HiddenActivation.Tanh));
        Fails<ArgumentException>("ConvexFeatures", o => (o.ConvexFeatures, o.Constraints) = (["0"], ConstraintSet.Over(1).Nonnegative()));
        Fails<ArgumentOutOfRangeException>("ProjectionSweeps", o => o.ProjectionSweeps = 0);
        Fails<ArgumentOutOfRangeException>("ProjectionPenalty", o => o.ProjectionPenalty = -1);
        Fails<ArgumentOutOfRangeException>("OutputConstraint", o => (o.IncreasingFeatures, o.OutputConstraint) = (["0"], OutputConstraint.DifferentiableProjection));
        Fails<ArgumentException>("'Constraints' are needed", o => o.OutputConstraint = OutputConstraint.Parameterization);
        Fails<ArgumentException>(
            "column 'Cap'", o => (o.OutputConstraint, o.Constraints) = (OutputConstraint.Parameterization, ConstraintSet.Over("y").Linear("y <= @Cap")));
        Fails<ArgumentOutOfRangeException>("BatchNormalization", o => (o.IncreasingFeatures, o.BatchNormalization) = (["0"], true));
    }

    private static double RSquared(RegressionRow[] rows, Func<RegressionRow, float> label, float[] scores)
    {
        double mean = rows.Average(r => (double)label(r));
        return 1 - (rows.Zip(scores, (r, s) => Math.Pow(label(r) - (double)s, 2)).Sum() / rows.Sum(r => Math.Pow(label(r) - mean, 2)));
    }

    private ConstrainedRegressionTransformer Fit(RegressionRow[] rows, Action<ConstrainedRegressionOptions>? change = null)
    {
        var options = new ConstrainedRegressionOptions { HiddenLayers = [16], Epochs = 20, LearningRate = 0.02, Threads = 1, Seed = 1, ValidationFraction = 0.2 };
        change?.Invoke(options);
        return _mlContext.Regression.Trainers.ConstrainedRegression(options).Fit(_mlContext.Data.LoadFromEnumerable(rows));
    }

    private float[] Scores(ConstrainedRegressionTransformer model, params RegressionRow[] rows) =>
        [.. model.Transform(_mlContext.Data.LoadFromEnumerable(rows)).GetColumn<float>("Score")];
}
