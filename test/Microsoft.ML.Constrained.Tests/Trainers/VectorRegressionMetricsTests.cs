using System;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class VectorRegressionMetricsTests
{
    private readonly MLContext _mlContext = new(1);

    [TestMethod]
    public void Evaluate_HandWorkedRows_GivesTheFormulas()
    {
        // Slot 0: labels 1, 3, scores 2, 3; slot 1: labels 0, 10, scores 3, 6.
        VectorRegressionMetrics metrics = Evaluate(([1, 0], [2, 3]), ([3, 10], [3, 6]));
        Assert.AreEqual(2, metrics.RowCount);
        Assert.AreEqual(0, metrics.InvalidRowCount);
        Assert.AreEqual(0.5, metrics.Slots[0].MeanAbsoluteError, 1e-12);
        Assert.AreEqual(3.5, metrics.Slots[1].MeanAbsoluteError, 1e-12);
        Assert.AreEqual(12.5, metrics.Slots[1].MeanSquaredError, 1e-12);
        Assert.AreEqual(Math.Sqrt(12.5), metrics.Slots[1].RootMeanSquaredError, 1e-12);
        Assert.AreEqual(1 - 1.0 / 2, metrics.Slots[0].RSquared, 1e-12);
        Assert.AreEqual(1 - 25.0 / 50, metrics.Slots[1].RSquared, 1e-12);
        Assert.AreEqual(2, metrics.MeanAbsoluteError, 1e-12);
        Assert.AreEqual(6.5, metrics.MeanSquaredError, 1e-12);
        Assert.AreEqual(Math.Sqrt(6.5), metrics.RootMeanSquaredError, 1e-12);
        Assert.AreEqual(1 - 26.0 / 52, metrics.RSquared, 1e-12);
        Assert.IsTrue(double.IsNaN(metrics.PinballLoss) && double.IsNaN(metrics.CrossingShare) && double.IsNaN(metrics.Slots[0].Coverage));
        Assert.IsNull(metrics.Slots[0].QuantileLevel);
    }

    [TestMethod]
    public void Evaluate_ScalarColumns_AgreesWithMLNet()
    {
        var random = new Random(4);
        IDataView data = _mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, 100).Select(_ => new Scalars { Label = (float)(1e4 + random.NextDouble()), Score = (float)(1e4 + random.NextDouble()) }).ToArray());
        RegressionMetrics expected = _mlContext.Regression.Evaluate(data);
        VectorRegressionMetrics metrics = _mlContext.Regression.EvaluateVector(data);
        Assert.AreEqual(expected.MeanAbsoluteError, metrics.MeanAbsoluteError, 1e-9);
        Assert.AreEqual(expected.RootMeanSquaredError, metrics.RootMeanSquaredError, 1e-9);
        Assert.AreEqual(expected.RSquared, metrics.RSquared, 1e-4);
        Assert.AreEqual("Score", metrics.Slots.Single().Name);
    }

    [TestMethod]
    public void Evaluate_Quantiles_GivesPinballCoverageAndCrossings()
    {
        // Label 10 against quantiles 0.9 and 0.1 (in that order): the second row crosses.
        IDataView data = _mlContext.Data.LoadFromEnumerable(new[]
        {
            new Quantiles { Label = 10, Score = [14, 8] }, new Quantiles { Label = 10, Score = [9, 11] }, new Quantiles { Label = 10, Score = [10, 10] },
        });
        VectorRegressionMetrics metrics = _mlContext.Regression.EvaluateVector(data, quantileLevels: [0.9, 0.1]);
        Assert.AreEqual((0.4 + 0.9) / 3, metrics.Slots[0].PinballLoss, 1e-12);
        Assert.AreEqual((0.2 + 0.9) / 3, metrics.Slots[1].PinballLoss, 1e-12);
        Assert.AreEqual((1.3 + 1.1) / 6, metrics.PinballLoss, 1e-12);
        Assert.AreEqual(2.0 / 3, metrics.Slots[0].Coverage, 1e-12);
        Assert.AreEqual(2.0 / 3, metrics.Slots[1].Coverage, 1e-12);
        Assert.AreEqual(1.0 / 3, metrics.CrossingShare, 1e-12);
        Assert.AreEqual(0.1, metrics.Slots[1].QuantileLevel);
        Assert.IsTrue(double.IsNaN(metrics.RSquared), "Constant labels leave nothing to explain.");
    }

    [TestMethod]
    public void Evaluate_ConstantSlot_IsLeftOutOfRSquaredWhereItIsExact()
    {
        VectorRegressionMetrics metrics = Evaluate(([5, 1], [5, 1]), ([5, 2], [5, 3]));
        Assert.IsTrue(double.IsNaN(metrics.Slots[0].RSquared));
        Assert.AreEqual(1 - 1 / 0.5, metrics.RSquared, 1e-12);
    }

    [TestMethod]
    public void Evaluate_InvalidAndZeroRows_AreCounted()
    {
        VectorRegressionMetrics metrics = Evaluate(([1, 1], [2, 2]), ([float.NaN, 1], [2, 2]), ([1, 1], [2, float.PositiveInfinity]));
        Assert.AreEqual(3, metrics.RowCount);
        Assert.AreEqual(2, metrics.InvalidRowCount);
        Assert.AreEqual(1, metrics.MeanAbsoluteError);
        VectorRegressionMetrics none = Evaluate();
        Assert.AreEqual(0, none.RowCount);
        Assert.IsTrue(double.IsNaN(none.MeanAbsoluteError) && double.IsNaN(none.RSquared) && double.IsNaN(none.Slots[1].MeanSquaredError));
    }

    [TestMethod]
    public void Evaluate_LabelsFarFromZero_KeepTheirSpread()
    {
        // Spread 0.5 around 2²³: a sum of squares in double would lose a third of the digits.
        VectorRegressionMetrics metrics = Evaluate(([8388608, 0], [8388609, 0]), ([8388609, 0], [8388609, 0]));
        Assert.AreEqual(1 - 1 / 0.5, metrics.Slots[0].RSquared, 1e-12);
    }

    [TestMethod]
    public void Evaluate_WrongColumnsAndLevels_AreNamed()
    {
        IDataView data = _mlContext.Data.LoadFromEnumerable(new[] { new Quantiles() });
        RegressionCatalog regression = _mlContext.Regression;
        StringAssert.Contains(Assert.Throws<ArgumentOutOfRangeException>(() => regression.EvaluateVector(data, "Nope")).Message, "Could not find label column 'Nope'");
        StringAssert.Contains(Assert.Throws<ArgumentOutOfRangeException>(() => regression.EvaluateVector(data)).Message, "expected Vector<Single, 2>, got Single");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => regression.EvaluateVector(data, quantileLevels: [0.5])).Message, "1 quantile levels");
        StringAssert.Contains(Assert.Throws<ArgumentOutOfRangeException>(() => regression.EvaluateVector(data, quantileLevels: [0, 0.5])).Message, "above 0");
        StringAssert.Contains(Assert.Throws<ArgumentException>(() => regression.EvaluateVector(data, "")).Message, "label column");
        Assert.Throws<ArgumentNullException>(() => regression.EvaluateVector(null!));
    }

    private VectorRegressionMetrics Evaluate(params (float[] Label, float[] Score)[] rows) => _mlContext.Regression.EvaluateVector(
        _mlContext.Data.LoadFromEnumerable(rows.Select(r => new Vectors { Label = r.Label, Score = r.Score }).ToArray()));

    private sealed class Vectors
    {
        [VectorType(2)]
        public float[] Label { get; set; } = new float[2];

        [VectorType(2)]
        public float[] Score { get; set; } = new float[2];
    }

    private sealed class Scalars
    {
        public float Label { get; set; }

        public float Score { get; set; }
    }

    private sealed class Quantiles
    {
        public float Label { get; set; }

        [VectorType(2)]
        public float[] Score { get; set; } = new float[2];
    }
}
