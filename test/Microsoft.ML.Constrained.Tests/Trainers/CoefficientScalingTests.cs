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
    public void Create_VerticesAndALine_LeaveWeightsEqualAndReachTheMean()
    {
        // A segment in a, anything in b.
        var parameterization = new PolyhedralParameterization(ConstraintSet.Over("a", "b").Bounds("a", 0, 10));
        Scaling scaling = CoefficientScaling.Create(parameterization, new Scaling([1, 3], [2, -40]));
        float[] point = new float[2];
        parameterization.Map(scaling.Shift, point);
        Assert.AreEqual(-40, point[1], 1e-4);
        Assert.IsTrue(point[0] is > 0 and < 10);
    }
}
