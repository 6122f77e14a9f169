using System;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests;

[TestClass]
public sealed class TrialFeasibilityTests
{
    private readonly MLContext _mlContext = new(1);

    [TestMethod]
    public void Measure_VectorsWithLimitsOfTheirRows_CountsRowsAndTheWorst()
    {
        ConstraintSet set = ConstraintSet.Over("a", "b").Nonnegative().Linear("a + b <= @Cap");
        IDataView rows = _mlContext.Data.LoadFromEnumerable(new Row[]
        {
            new() { Score = [1, 2], Cap = 3 },
            new() { Score = [1, 2.5f], Cap = 3 },
            new() { Score = [-0.25f, 0], Cap = 3 },
            new() { Score = [0, 0], Cap = 0 },
        });
        Assert.AreEqual(new FeasibilityMeasure(4, 2, 0.5), TrialFeasibility.Of(set).Measure(_mlContext, rows));
        Assert.AreEqual(new FeasibilityMeasure(4, 1, 0.5), TrialFeasibility.Of(set, tolerance: 0.2).Measure(_mlContext, rows));
    }

    [TestMethod]
    public void Measure_MissingScores_Violate()
    {
        ConstraintSet set = ConstraintSet.Over("a", "b").Nonnegative();
        IDataView rows = _mlContext.Data.LoadFromEnumerable(new Row[] { new() { Score = [float.NaN, 1] }, new() { Score = [0, 1] } });
        FeasibilityMeasure measure = TrialFeasibility.Of(set).Measure(_mlContext, rows);
        Assert.AreEqual((2L, 1L), (measure.Rows, measure.ViolatingRows));
        Assert.IsTrue(double.IsNaN(measure.LargestViolation));
        Assert.AreEqual(0.5, measure.Share);
        Assert.IsTrue(double.IsNaN(default(FeasibilityMeasure).Share));
    }

    [TestMethod]
    public void Measure_ColumnsThatDoNotFit_NamesThem()
    {
        IDataView rows = _mlContext.Data.LoadFromEnumerable(new Row[] { new() });
        Rejects("Could not find input column 'Other'", TrialFeasibility.Of(ConstraintSet.Over("a", "b"), "Other"));
        Rejects("input column 'Score': expected Vector<Single, 3>", TrialFeasibility.Of(ConstraintSet.Over("a", "b", "c")));
        Rejects("Could not find right-hand side column 'Nowhere'", TrialFeasibility.Of(ConstraintSet.Over("a", "b").Linear("a <= @Nowhere")));
        Rejects("right-hand side column 'Score': expected Single", TrialFeasibility.Of(ConstraintSet.Over("a", "b").Linear("a <= @Score")));
        Assert.ThrowsExactly<ArgumentException>(() => TrialFeasibility.Of(ConstraintSet.Over("a"), tolerance: double.NaN));

        void Rejects(string message, TrialFeasibility feasibility) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => feasibility.Measure(_mlContext, rows))!.Message, message);
    }

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Score { get; set; } = [0, 0];

        public float Cap { get; set; }
    }
}
