using System;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class ConstraintMetricsTests
{
    private static readonly ConstraintSet s_set = ConstraintSet.Over("a", "b").Linear("total", "a + b <= @Cap").Linear("sign", "a >= 0");

    private readonly MLContext _mlContext = new(1);

    [TestMethod]
    public void Evaluate_HandWorkedRows_CountsAndMeasures()
    {
        IDataView data = View(
            new Row { V = [1, 1], Cap = 2, W = [1, 1] },
            new Row { V = [3, 1], Cap = 2, W = [1, 1] },
            new Row { V = [-5, 1], Cap = 2, W = [0, 1] },
            new Row { V = [-1, 9], Cap = 2, W = [0, 2] });
        ConstraintMetrics metrics = _mlContext.Data.EvaluateConstraints(data, s_set, "V", "W");
        ConstraintColumnMetrics before = metrics.Before;
        Assert.AreEqual("V", before.ColumnName);
        Assert.AreEqual(3, before.ViolatedRowCount);
        Assert.AreEqual(0.75, before.ViolatedShare);
        Assert.AreEqual(6, before.LargestViolation, 1e-12);
        Assert.AreEqual(3, before.LargestViolationRow);
        CollectionAssert.AreEqual(new[] { "total", "sign" }, before.Constraints.Select(c => c.Name).ToArray());
        Assert.AreEqual(2, before.Constraints[0].ViolatedRowCount);
        Assert.AreEqual(0.5, before.Constraints[1].ViolatedShare);
        Assert.AreEqual(5, before.Constraints[1].LargestViolation, 1e-12);
        Assert.AreEqual((2 + 6) / 4.0, before.Constraints[0].MeanViolation, 1e-12);
        Assert.IsFalse(before.AllSatisfied);
        Assert.IsTrue(metrics.After!.AllSatisfied);
        Assert.AreEqual(0, metrics.After.LargestViolation);
        Assert.AreEqual(-1, metrics.After.LargestViolationRow);
        Assert.IsNull(_mlContext.Data.EvaluateConstraints(data, s_set, "V").After);
    }

    [TestMethod]
    public void Evaluate_Tolerance_IsScaledByTheRow()
    {
        // a + b ≤ 1000 broken by 0.0005: within 1e-6 · 1000, not within 1e-7 · 1000; the violation is reported either way.
        IDataView data = View(new Row { V = [500, 500.0005f], Cap = 1000 });
        double excess = (double)500.0005f - 500;
        ConstraintMetrics within = _mlContext.Data.EvaluateConstraints(data, s_set, "V");
        Assert.IsTrue(within.Before.AllSatisfied);
        Assert.AreEqual(excess, within.Before.LargestViolation, 1e-12);
        Assert.AreEqual(1, _mlContext.Data.EvaluateConstraints(data, s_set, "V", tolerance: 1e-7).Before.ViolatedRowCount);
        Assert.AreEqual(1e-7, _mlContext.Data.EvaluateConstraints(data, s_set, "V", tolerance: 1e-7).Tolerance);
    }

    [TestMethod]
    public void Evaluate_AgreesWithContains()
    {
        var random = new Random(2);
        Row[] rows = [.. Enumerable.Range(0, 500).Select(_ => new Row { V = [Next(), Next()], Cap = Next() })];
        ConstraintSet set = s_set.Ball(Norm.L2, 1.5);
        ConstraintMetrics metrics = _mlContext.Data.EvaluateConstraints(View(rows), set, "V");
        Assert.AreEqual(rows.Count(r => !set.Contains(r.V, [r.Cap])), metrics.Before.ViolatedRowCount);
        Assert.AreEqual(rows.Max(r => set.Violation(r.V, [r.Cap])), metrics.Before.LargestViolation);

        float Next() => (float)(3 * random.NextDouble() - 1);
    }

    [TestMethod]
    public void Evaluate_InvalidAndZeroRows_AreCounted()
    {
        IDataView data = View(
            new Row { V = [float.NaN, 1], Cap = 2, W = [0, 0] }, new Row { V = [1, 1], Cap = float.NaN }, new Row { V = [1, 2], Cap = 2 });
        ConstraintMetrics metrics = _mlContext.Data.EvaluateConstraints(data, s_set, "V", "W");
        Assert.AreEqual(3, metrics.Before.RowCount);
        Assert.AreEqual(2, metrics.Before.InvalidRowCount);
        Assert.AreEqual(1, metrics.Before.ViolatedShare);
        Assert.AreEqual(2, metrics.Before.LargestViolationRow);
        Assert.AreEqual(1, metrics.After!.InvalidRowCount);
        Assert.IsFalse(metrics.After.AllSatisfied, "A row that cannot be judged satisfies nothing.");
        ConstraintColumnMetrics none = _mlContext.Data.EvaluateConstraints(View(), s_set, "V").Before;
        Assert.AreEqual(0, none.RowCount);
        Assert.IsTrue(double.IsNaN(none.ViolatedShare) && none.AllSatisfied && double.IsNaN(none.Constraints[0].MeanViolation));
    }

    [TestMethod]
    public void Evaluate_ScalarColumnAndEmptySet_Work()
    {
        IDataView data = View(new Row { Cap = 2 }, new Row { Cap = -3 });
        ConstraintMetrics scalar = _mlContext.Data.EvaluateConstraints(data, ConstraintSet.Over("x").Nonnegative(), "Cap");
        Assert.AreEqual(1, scalar.Before.ViolatedRowCount);
        Assert.AreEqual(3, scalar.Before.LargestViolation);
        Assert.IsTrue(_mlContext.Data.EvaluateConstraints(data, ConstraintSet.Over("a", "b"), "V").Before.AllSatisfied);
    }

    [TestMethod]
    public void Evaluate_WrongColumns_AreNamed()
    {
        IDataView data = View(new Row());
        void Fails<T>(string part, Action action)
            where T : Exception => StringAssert.Contains(Assert.Throws<T>(action).Message, part);
        Fails<ArgumentOutOfRangeException>("Could not find input column 'X'", () => _mlContext.Data.EvaluateConstraints(data, s_set, "X"));
        Fails<ArgumentOutOfRangeException>("expected Vector<Single, 3>", () => _mlContext.Data.EvaluateConstraints(data, ConstraintSet.Over("a", "b", "c"), "V"));
        Fails<ArgumentOutOfRangeException>(
            "Could not find right-hand side column 'Nope'", () => _mlContext.Data.EvaluateConstraints(data, s_set.Linear("a <= @Nope"), "V"));
        Fails<ArgumentOutOfRangeException>("tolerance", () => _mlContext.Data.EvaluateConstraints(data, s_set, "V", tolerance: -1));
        Assert.Throws<ArgumentNullException>(() => _mlContext.Data.EvaluateConstraints(data, null!, "V"));
    }

    private IDataView View(params Row[] rows) => _mlContext.Data.LoadFromEnumerable(rows);

    private sealed class Row
    {
        [VectorType(2)]
        public float[] V { get; set; } = new float[2];

        [VectorType(2)]
        public float[] W { get; set; } = new float[2];

        public float Cap { get; set; }
    }
}
