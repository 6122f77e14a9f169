using System;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class DecisionSourceTests
{
    [TestMethod]
    public void Plan_Image_IsScaledByChannel()
    {
        // Two channels of 2 × 1: the first of 1, 3 and 5, 7 (mean 4, variance 5), the second always 9.
        DecisionPlan plan = Source(2, 4, [1, 3, 9, 9, 5, 7, 9, 9]).Plan(new TrainingSplit([0, 1], []), Options(o => o.Image = new ImageFeatureOptions { Channels = 2, Height = 2, Width = 1 }));
        float deviation = MathF.Sqrt(5);
        float[] expected = [-3 / deviation, -1 / deviation, 0, 0, 1 / deviation, 3 / deviation, 0, 0];
        for (int i = 0; i < 8; i++)
            Assert.AreEqual(expected[i], plan.Training.Features[i], 1e-6f);
        Assert.AreSame(plan.Training, plan.Measured);
    }

    [TestMethod]
    public void Plan_Vector_IsScaledByFeatureOfTheTrainingRowsAlone()
    {
        DecisionPlan plan = Source(3, 1, [1, 100, 3]).Plan(new TrainingSplit([0, 2], [1]), Options(_ => { }));
        CollectionAssert.AreEqual(new[] { -1f, 1f }, plan.Training.Features);
        CollectionAssert.AreEqual(new[] { 98f }, plan.Measured.Features);
        Assert.AreEqual(1, plan.Measured.Count);
    }

    [TestMethod]
    public void Plan_Costs_HaveOneUnitAndAWayBack()
    {
        var source = new DecisionSource(2, 1, 2, [1, 2], [1, 0, 1, 0], [30, 0, 40, 0]);
        DecisionPlan plan = source.Plan(new TrainingSplit([0, 1], []), Options(o => o.Label = DecisionLabel.Costs));
        Assert.AreEqual(25, plan.Unit, 1e-5f);
        CollectionAssert.AreEqual(new[] { 30 / plan.Unit, 0, 40 / plan.Unit, 0 }, plan.Training.Costs);
        CollectionAssert.AreEqual(new[] { 35f, 0 }, plan.Output!.Shift);
        CollectionAssert.AreEqual(new[] { 5f, 5 }, plan.Output.Factor);
        Assert.AreEqual(35 / plan.Unit, plan.TrainingOutput!.Shift[0]);

        // Costs that must not be negative have no shift, and all-zero costs no unit of their own.
        var zero = new DecisionSource(1, 1, 2, [1], [1, 0], [0, 0]);
        DecisionPlan none = zero.Plan(new TrainingSplit([0], []), Options(o => (o.Label, o.CostActivation) = (DecisionLabel.Costs, CostActivation.Softplus)));
        Assert.IsNull(none.Output);
        Assert.AreEqual(1, none.Unit);
    }

    private static DecisionSource Source(int rows, int width, float[] features) =>
        new(rows, width, 2, features, [.. Enumerable.Repeat(1f, 2 * rows)], []);

    private static DecisionFocusedOptions Options(Action<DecisionFocusedOptions> change)
    {
        var options = new DecisionFocusedOptions { Solver = new TopKSolver(2, 1) };
        change(options);
        return options;
    }
}
