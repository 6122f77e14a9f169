using System;
using System.Linq;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class CoefficientScalingTests
{
    [TestMethod]
    public void Create_ZeroOutputs_GiveAPointNearTheMean()
    {
        // 0 <= a <= b <= c, mean (1, 3, 8), spreads 0.1, 1, 2: inside, and more than half a spread along each ray.
        var parameterization = new PolyhedralParameterization(
            ConstraintSet.Over("a", "b", "c").Linear("a >= 0").Linear("a <= b").Linear("b <= c"));
        Scaling scaling = CoefficientScaling.Create(parameterization, new Scaling([0.1f, 1, 2], [1, 3, 8]));
        float[] point = new float[3];
        parameterization.Map(scaling.Shift, point);
        Assert.AreEqual(1, point[0], 1e-4);
        Assert.AreEqual(3, point[1], 1e-4);
        Assert.AreEqual(8, point[2], 1e-4);

        // One more of any coefficient's unit moves by one spread in all.
        for (int i = 0; i < 3; i++)
        {
            float[] moved = new float[3], coefficients = (float[])scaling.Shift.Clone();
            coefficients[i] += scaling.Factor[i];
            parameterization.Map(coefficients, moved);
            double distance = Math.Pow((moved[0] - point[0]) / 0.1, 2) + Math.Pow(moved[1] - point[1], 2) + Math.Pow((moved[2] - point[2]) / 2, 2);
            Assert.AreEqual(1, distance, 1e-3);
        }
    }

    [TestMethod]
    public void Create_MeanOutside_StartsWithPositiveRays()
    {
        var parameterization = new PolyhedralParameterization(ConstraintSet.Over("a", "b").Nonnegative());
        Scaling scaling = CoefficientScaling.Create(parameterization, new Scaling([2, 2], [-5, 7]));
        float[] point = new float[2];
        parameterization.Map(scaling.Shift, point);
        Assert.AreEqual(1, point[0], 1e-5);
        Assert.AreEqual(7, point[1], 1e-5);
        Assert.IsTrue(scaling.Shift.All(s => s > 0));
    }

    [TestMethod]
    public void Create_VerticesAndALine_ReachTheMean()
    {
        // A segment in a, anything in b.
        var parameterization = new PolyhedralParameterization(ConstraintSet.Over("a", "b").Bounds("a", 0, 10));
        Scaling scaling = CoefficientScaling.Create(parameterization, new Scaling([1, 3], [2, -40]));
        float[] point = new float[2];
        parameterization.Map(scaling.Shift, point);
        Assert.AreEqual(-40, point[1], 1e-4);
        Assert.AreEqual(2, point[0], 1e-4);
    }

    [TestMethod]
    [DataRow(60, 15, 0, 1e6)]
    [DataRow(60_000, 15, 0, 1e6)]
    [DataRow(999_940, 15, 0, 1e6)]
    [DataRow(500, 0.01, -1e6, 1e6)]
    [DataRow(60, 15, 0, 120)]
    [DataRow(0.5, 3, 0, 1)]
    public void Create_IntervalOfAnyWidth_StartsAtTheMeanAndMovesByASpread(double mean, double spread, double least, double most)
    {
        var parameterization = new PolyhedralParameterization(ConstraintSet.Over("y").Bounds(least, most));
        Scaling scaling = CoefficientScaling.Create(parameterization, new Scaling([(float)spread], [(float)mean]));

        // In double precision, as in training.
        double Score(double first, double second)
        {
            double[] point = new double[1];
            parameterization.Map(new double[] { scaling.Shift[0] + (first * scaling.Factor[0]), scaling.Shift[1] + (second * scaling.Factor[1]) }, point);
            return point[0];
        }

        Assert.AreEqual(mean, Score(0, 0), spread);
        double most1 = Math.Min(3 * spread, most - least), least1 = Math.Min(spread, most - least) / 20;
        foreach (double moved in new[] { Score(1, 0), Score(-1, 0), Score(0, 1), Score(0, -1) })
            Assert.IsTrue(Math.Abs(moved - Score(0, 0)) is var change && change >= least1 && change <= most1, $"by {change} from {Score(0, 0)}");
    }

    [TestMethod]
    [DataRow(1e3)]
    [DataRow(1e6)]
    public void Create_CornerOfAWideSet_StartsNearTheMean(double width)
    {
        // A cube of eight corners, one of them cut off; labels a few spreads from three of its sides.
        ConstraintSet cube = ConstraintSet.Over("a", "b", "c").Bounds(0, width).Linear("cut", [1, 1, 1], double.NegativeInfinity, 2.2 * width);
        var parameterization = new PolyhedralParameterization(cube);
        double[] point = new double[3], mean = [3, 6, 2];
        Scaling scaling = CoefficientScaling.Create(parameterization, new Scaling([1, 1, 1], [3, 6, 2]));
        parameterization.Map(Array.ConvertAll(scaling.Shift, s => (double)s), point);
        Assert.IsLessThan(3, Math.Sqrt(point.Zip(mean, (p, m) => (p - m) * (p - m)).Sum()), string.Join(" ", point));
    }
}
