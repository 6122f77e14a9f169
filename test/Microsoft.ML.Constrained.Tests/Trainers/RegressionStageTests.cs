using System;
using System.Linq;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

/// <summary>Scores of models whose network passes the features on, so that they are known beforehand.</summary>
[TestClass]
public sealed class RegressionStageTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow(OutputConstraint.Projection)]
    [DataRow(OutputConstraint.DifferentiableProjection)]
    public void Score_RowsWithoutASolution_GetWhatThePolicySaysOfTheNetworksOutput(OutputConstraint mode)
    {
        ConstraintSet set = ConstraintSet.Over("a", "b", "c").Linear("low", "a >= @Low").Linear("high", "a <= 1").Linear("order", "b <= c");
        var random = new Random(1);
        Row[] rows = [.. Enumerable.Range(0, 300).Select(i => new Row { Features = Point(random, 3), Low = i % 2 == 0 ? 3 : -1 })];
        float[][] Scores(RowPolicy policy) => Score(Model(set, mode) with { Policy = policy }, rows);
        float[][] kept = Scores(RowPolicy.KeepInput), missing = Scores(RowPolicy.Missing), closest = Scores(RowPolicy.Closest);
        for (int i = 0; i < rows.Length; i++)
        {
            float[] y = rows[i].Features;
            if (i % 2 == 0)
            {
                // The least sum of squared violations is halfway between the limits; nothing else changes more than the order asks for.
                CollectionAssert.AreEqual(y, kept[i]);
                Assert.IsTrue(missing[i].All(float.IsNaN));
                float middle = (y[1] + y[2]) / 2;
                float[] expected = y[1] <= y[2] ? [2, y[1], y[2]] : [2, middle, middle];
                for (int j = 0; j < 3; j++)
                    Assert.AreEqual(expected[j], closest[i][j], 1e-5);
            }
            else
            {
                CollectionAssert.AreEqual(kept[i], closest[i]);
                Assert.AreEqual(Math.Clamp(y[0], -1, 1), kept[i][0], 1e-6);
            }
        }
    }

    [TestMethod]
    [DataRow(1f)]
    [DataRow(1000f)]
    [DataRow(0.001f)]
    public void Score_QuantilesWithFurtherConstraints_NeverFallAndKeepThem(float scale)
    {
        ConstraintSet set = ConstraintSet.Over("low", "mid", "high").Nonnegative().Linear("width", [-1, 0, 1], double.NegativeInfinity, 2 * scale).Increasing();
        var random = new Random(2);
        Row[] rows = [.. Enumerable.Range(0, 20_000).Select(_ => new Row { Features = [.. Point(random, 6 * scale).Select(v => v + scale)] })];
        foreach (float[] score in Score(Model(set, OutputConstraint.Projection) with { Levels = [0.1, 0.5, 0.9] }, rows))
        {
            Assert.IsTrue(score[0] <= score[1] && score[1] <= score[2], string.Join(" ", score));
            Assert.IsTrue(score[0] >= 0 && score[2] - (double)score[0] <= 2 * scale * (1 + 1e-6) + (1e-6 * score[2]), string.Join(" ", score));
        }
    }

    private static float[] Point(Random random, float width) => [.. Enumerable.Range(0, 3).Select(_ => width * (float)(random.NextDouble() - 0.5))];

    private static RegressionModel Model(ConstraintSet set, OutputConstraint mode) => new()
    {
        FeatureColumnName = "Features",
        ScoreColumnName = "Score",
        Network = new Network([new ScalingLayer([1, 1, 1], [0, 0, 0])]),
        SlotNames = set.Variables,
        Constraints = set,
        OutputConstraint = mode,
        Sweeps = 20,
        Training = new TrainingSummary(TrainingStatus.Feasible, TrainingStop.EpochsDone, 1, 10, 2, 0, [new TrainingEpoch(1, 2, 3, 0, true, 0.1)]),
    };

    private float[][] Score(RegressionModel model, Row[] rows) =>
        [.. new ConstrainedRegressionTransformer(_mlContext, model).Transform(_mlContext.Data.LoadFromEnumerable(rows)).GetColumn<float[]>("Score")];

    private sealed class Row
    {
        [VectorType(3)]
        public float[] Features { get; set; } = new float[3];

        public float Low { get; set; }
    }
}
