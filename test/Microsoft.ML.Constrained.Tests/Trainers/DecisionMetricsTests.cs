using System;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class DecisionMetricsTests
{
    private readonly MLContext _mlContext = new(1);

    [TestMethod]
    public void Evaluate_HandWorkedRows_Maximising()
    {
        // One of three items: the best are worth 5, 4 and (tied) 2.
        IDataView data = View(
            new Row { Label = [5, 1, 0], Decision = [1, 0, 0] }, new Row { Label = [1, 4, 3], Decision = [0, 0, 1] }, new Row { Label = [2, 2, 0], Decision = [0, 1, 0] });
        DecisionMetrics metrics = _mlContext.Regression.EvaluateDecisions(data, new TopKSolver(3, 1));
        Assert.AreEqual(3, metrics.RowCount);
        Assert.AreEqual(1.0 / 3, metrics.MeanRegret, 1e-12);
        Assert.AreEqual(1.0 / 11, metrics.RelativeRegret, 1e-12);
        Assert.AreEqual(10.0 / 11, metrics.CostRatio, 1e-12);
        Assert.AreEqual(2.0 / 3, metrics.OptimalShare, 1e-12);
        Assert.AreEqual(1.0 / 3, metrics.ExactMatchShare, 1e-12);
        Assert.AreEqual(4.0 / 9, metrics.HammingShare, 1e-12);
    }

    [TestMethod]
    public void Evaluate_Minimising_TurnsTheSign()
    {
        IDataView data = View(new Row { Label = [5, 1, 0.5f], Decision = [1, 0, 0] }, new Row { Label = [1, 4, 3], Decision = [1, 0, 0] });
        DecisionMetrics metrics = _mlContext.Regression.EvaluateDecisions(data, new TopKSolver(3, 1, Sense.Minimize));
        Assert.AreEqual(4.5 / 2, metrics.MeanRegret, 1e-12);
        Assert.AreEqual(6 / 1.5, metrics.CostRatio, 1e-12);
        Assert.AreEqual(0.5, metrics.OptimalShare);
    }

    [TestMethod]
    public void Evaluate_KnownDecisionsAlone_LeaveRegretOpen()
    {
        IDataView data = View(new Row { Label = [1, 0, 0], Decision = [1, 0, 0] }, new Row { Label = [0, 1, 0], Decision = [1, 0, 0] });
        DecisionMetrics metrics = _mlContext.Regression.EvaluateDecisions(data, new TopKSolver(3, 1), trueCostColumnName: null, bestDecisionColumnName: "Label");
        Assert.AreEqual(0.5, metrics.ExactMatchShare);
        Assert.AreEqual(1.0 / 3, metrics.HammingShare, 1e-12);
        Assert.IsTrue(double.IsNaN(metrics.MeanRegret) && double.IsNaN(metrics.RelativeRegret) && double.IsNaN(metrics.CostRatio) && double.IsNaN(metrics.OptimalShare));
    }

    [TestMethod]
    public void Evaluate_InvalidAndZeroRows_AreCounted()
    {
        // The grid takes no negative costs; a missing decision cannot be judged.
        IDataView data = View(
            new Row { Label = [1, 1, 1], Decision = [1, 1, 1] }, new Row { Label = [1, -1, 1], Decision = [1, 1, 1] },
            new Row { Label = [1, 1, 1], Decision = [float.NaN, float.NaN, float.NaN] }, new Row { Label = [1, float.NaN, 1], Decision = [1, 1, 1] });
        DecisionMetrics metrics = _mlContext.Regression.EvaluateDecisions(data, new GridShortestPathSolver(1, 3));
        Assert.AreEqual(4, metrics.RowCount);
        Assert.AreEqual(3, metrics.InvalidRowCount);
        Assert.AreEqual(1, metrics.ExactMatchShare);
        Assert.AreEqual(0, metrics.MeanRegret);
        DecisionMetrics none = _mlContext.Regression.EvaluateDecisions(View(), new TopKSolver(3, 1));
        Assert.AreEqual(0, none.RowCount);
        Assert.IsTrue(double.IsNaN(none.MeanRegret) && double.IsNaN(none.ExactMatchShare) && double.IsNaN(none.HammingShare));
    }

    [TestMethod]
    public void Evaluate_ZeroCosts_HaveNoRatio()
    {
        DecisionMetrics metrics = _mlContext.Regression.EvaluateDecisions(View(new Row { Decision = [0, 1, 0] }), new TopKSolver(3, 1));
        Assert.AreEqual(0, metrics.MeanRegret);
        Assert.IsTrue(double.IsNaN(metrics.CostRatio) && double.IsNaN(metrics.RelativeRegret));
        Assert.AreEqual(1, metrics.OptimalShare);
    }

    [TestMethod]
    public void Evaluate_WrongColumns_AreNamed()
    {
        IDataView data = View(new Row());
        var solver = new TopKSolver(4, 1);
        StringAssert.Contains(
            Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.Regression.EvaluateDecisions(data, solver)).Message,
            "Schema mismatch for decision column 'Decision': expected Vector<Single, 4>");
        StringAssert.Contains(
            Assert.Throws<ArgumentException>(() => _mlContext.Regression.EvaluateDecisions(data, solver, trueCostColumnName: null)).Message, "best decisions");
        Assert.Throws<ArgumentNullException>(() => _mlContext.Regression.EvaluateDecisions(data, null!));
    }

    private IDataView View(params Row[] rows) => _mlContext.Data.LoadFromEnumerable(rows.ToArray());

    private sealed class Row
    {
        [VectorType(3)]
        public float[] Label { get; set; } = new float[3];

        [VectorType(3)]
        public float[] Decision { get; set; } = new float[3];
    }
}
