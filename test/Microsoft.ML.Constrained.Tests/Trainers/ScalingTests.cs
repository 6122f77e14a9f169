using System;
using System.Linq;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class ScalingTests
{
    [TestMethod]
    public void ToUnits_Columns_GetMeanZeroAndVarianceOne()
    {
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, 400).SelectMany(_ => new[] { (float)random.NextDouble(), 1e6f + (1000 * (float)random.NextDouble()), -3e-7f * (float)random.NextDouble() })];
        Scaling scaling = Scaling.ToUnits(values, 3);
        scaling.Apply(values);
        for (int j = 0; j < 3; j++)
        {
            double[] column = [.. Enumerable.Range(0, 400).Select(i => (double)values[(3 * i) + j])];
            double mean = column.Average();
            Assert.AreEqual(0, mean, 1e-3);
            Assert.AreEqual(1, column.Average(v => (v - mean) * (v - mean)), 1e-3);
        }
    }

    [TestMethod]
    public void ToUnits_ConstantColumn_IsIgnoredWhateverItsLaterValue()
    {
        Scaling scaling = Scaling.ToUnits([0.1f, 1, 0.1f, 2, 0.1f, 3], 2);
        float[] later = [0.1f, 2, 50, 2, -1e30f, 2];
        scaling.Apply(later);
        Assert.IsTrue(later.All(v => v == 0), string.Join(" ", later));
    }

    [TestMethod]
    public void FromUnits_UndoesToUnits()
    {
        float[] values = [1, 10, 2, 30, 4, 20], there = (float[])values.Clone();
        Scaling.ToUnits(values, 2).Apply(there);
        Scaling.FromUnits(values, 2).Apply(there);
        for (int i = 0; i < values.Length; i++)
            Assert.AreEqual(values[i], there[i], 1e-5);
    }

    [TestMethod]
    [DataRow(1f)]
    [DataRow(1e-6f)]
    [DataRow(1e9f)]
    public void FromUnits_ConstantValues_CountAsVaryingByAThousandthWhateverTheUnit(float unit)
    {
        Scaling alone = Scaling.FromUnits([7 * unit, 7 * unit, 7 * unit], 1);
        Assert.AreEqual(0.007, alone.Factor[0] / unit, 1e-8);
        Assert.AreEqual(7 * unit, alone.Shift[0]);

        // Beside a value of deviation 2: constants of 7, of 0.5, and of 0.
        Scaling beside = Scaling.FromUnits([-2 * unit, 7 * unit, 0.5f * unit, 0, 2 * unit, 7 * unit, 0.5f * unit, 0], 4);
        foreach ((double expected, float factor) in new[] { 2, 0.002, 0.0005, 0.002 }.Zip(beside.Factor))
            Assert.AreEqual(expected, factor / unit, 1e-6 * expected);
        CollectionAssert.AreEqual(new[] { 0, 7 * unit, 0.5f * unit, 0 }, beside.Shift);
        Assert.AreEqual(1e-3f, Scaling.FromUnits([0, 0], 1).Factor[0]);
    }

    [TestMethod]
    public void FromOneUnit_ConstantValues_GetTheLargestDeviation()
    {
        CollectionAssert.AreEqual(new float[] { 2, 2, 1 }, Scaling.FromOneUnit([-2, 7, 1, 2, 7, 3], 3, common: false).Factor);
        CollectionAssert.AreEqual(new[] { 4e-6f, 4e-6f }, Scaling.FromOneUnit([-4e-6f, 2e-6f], 2, common: false).Factor);
        Assert.AreEqual(1, Scaling.FromOneUnit([0], 1, common: false).Factor[0]);
        Scaling common = Scaling.FromOneUnit([0, 2, 0, 2], 3, common: true);
        CollectionAssert.AreEqual(new float[] { 1, 1, 1 }, common.Factor);
        CollectionAssert.AreEqual(new float[] { 1, 1, 1 }, common.Shift);
    }

    [TestMethod]
    public void ToQuantiles_Zeros_AreTheNumbersOwnQuantiles()
    {
        // 0, 1, …, 100 in another order: deviation √850.
        float[] values = [.. Enumerable.Range(0, 101).Select(i => (float)(i * 37 % 101))];
        Scaling scaling = Scaling.ToQuantiles(values, [0.1, 0.255, 0.9]);
        CollectionAssert.AreEqual(new[] { 10f, 25.5f, 90f }, scaling.Shift);
        Assert.AreEqual(Math.Sqrt(850), scaling.Factor[2], 1e-4);
        scaling = Scaling.ToQuantiles([7], [0.1, 0.9]);
        CollectionAssert.AreEqual(new[] { 7f, 7f }, scaling.Shift);
        CollectionAssert.AreEqual(new[] { 0.007f, 0.007f }, scaling.Factor);
    }

    [TestMethod]
    public unsafe void Apply_EqualsTheNetworksStepBitByBit()
    {
        var random = new Random(2);
        float[] values = [.. Enumerable.Range(0, 7 * 60).Select(_ => (float)(1e4 * (random.NextDouble() - 0.3)))], outputs = new float[values.Length];
        Scaling scaling = Scaling.ToUnits(values, 7);
        new Network([scaling.ToLayer()]).Forward(values, outputs);
        scaling.Apply(values);
        CollectionAssert.AreEqual(values, outputs);
    }

    [TestMethod]
    public void ToUnits_ExtremeValues_StayFinite()
    {
        float[] values = [1e38f, 1e-45f, -1e38f, 0];
        Scaling scaling = Scaling.ToUnits(values, 2);
        scaling.Apply(values);
        Assert.IsTrue(values.All(float.IsFinite), string.Join(" ", values));
    }
}
