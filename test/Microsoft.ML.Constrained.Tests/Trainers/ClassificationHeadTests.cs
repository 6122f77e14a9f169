using System;
using System.Linq;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class ClassificationHeadTests
{
    private static readonly ConstraintSet s_simplex = ConstraintSet.Over("a", "b", "c").Simplex();

    [TestMethod]
    public void Apply_NoLimits_IsTheSoftmax()
    {
        var head = new ClassificationHead(s_simplex, false, null, RowPolicy.Closest, 1);
        float[] scores = new float[9];
        var statuses = new SolverStatus[3];
        head.Apply([0, 0, 0, 1e30f, -1e30f, 0, (float)Math.Log(1), (float)Math.Log(2), (float)Math.Log(5)], [], scores, statuses);
        float[] expected = [1f / 3, 1f / 3, 1f / 3, 1, 0, 0, 0.125f, 0.25f, 0.625f];
        for (int i = 0; i < 9; i++)
            Assert.AreEqual(expected[i], scores[i], 1e-7);
        Assert.IsTrue(statuses.All(s => s == SolverStatus.Solved));
    }

    [TestMethod]
    public void Apply_OneLimit_IsTheNearestPointByHand()
    {
        // a ≤ Cap cuts one corner off: what is too much of a goes to b and c alike while both are positive, which raising keeps.
        ConstraintSet set = s_simplex.Linear("a <= @Cap");
        var head = new ClassificationHead(set, true, null, RowPolicy.Closest, 1);
        var random = new Random(1);
        float[] scores = new float[3], raw = new float[3];
        var statuses = new SolverStatus[1];
        for (int k = 0; k < 200; k++)
        {
            float[] outputs = [.. Enumerable.Range(0, 3).Select(_ => (float)(4 * random.NextDouble()))];
            float cap = (float)random.NextDouble();
            head.Apply(outputs, [cap], scores, statuses, raw);
            double excess = Math.Max(0, raw[0] - cap);
            double[] expected = [raw[0] - excess, raw[1] + (excess / 2), raw[2] + (excess / 2)];
            for (int i = 0; i < 3; i++)
                Assert.AreEqual(expected[i], scores[i], 1e-6);
        }
    }

    [TestMethod]
    [DataRow(RowPolicy.Closest)]
    [DataRow(RowPolicy.KeepInput)]
    [DataRow(RowPolicy.Missing)]
    [DataRow(RowPolicy.Throw)]
    public void Apply_ContradictoryLimits_FollowThePolicyAndStayProbabilities(RowPolicy policy)
    {
        ConstraintSet set = s_simplex.Linear("a + b <= @Cap").Linear("c <= @Cap");
        var head = new ClassificationHead(set, true, null, policy, 1);
        float[] scores = new float[6], raw = new float[6];
        var statuses = new SolverStatus[2];
        head.Apply([2, 1, 0, 2, 1, 0], [0.2f, 0.9f], scores, statuses, raw);
        CollectionAssert.AreEqual(new[] { SolverStatus.PrimalInfeasible, SolverStatus.Solved }, statuses);
        float[] row = scores[..3];
        if (policy is RowPolicy.Missing or RowPolicy.Throw)
        {
            Assert.IsTrue(row.All(float.IsNaN));
            Assert.AreEqual(0u, ClassificationHead.KeyOf(row));
            return;
        }

        Assert.AreEqual(1, row.Sum(), 1e-6);
        Assert.IsTrue(row.All(v => v >= 0));
        if (policy == RowPolicy.KeepInput)
            CollectionAssert.AreEqual(raw[..3], row);
        else
            Assert.IsLessThan(set.Violation(raw.AsSpan(0, 3), [0.2f]), set.Violation(row, [0.2f]));
    }

    [TestMethod]
    public void Apply_NaN_IsMissing()
    {
        foreach (bool limited in new[] { false, true })
        {
            var head = new ClassificationHead(s_simplex.Linear("a <= 0.5"), limited, null, RowPolicy.Closest, 1);
            float[] scores = new float[6];
            var statuses = new SolverStatus[2];
            head.Apply([float.NaN, 0, 0, 0, 0, float.PositiveInfinity], [], scores, statuses);
            Assert.IsTrue(scores.All(float.IsNaN));
            Assert.IsTrue(statuses.All(s => s == SolverStatus.InvalidInput));
        }
    }

    [TestMethod]
    public void Apply_Parameterization_StaysInTheSet()
    {
        ConstraintSet set = s_simplex.Linear("a <= 0.3").Linear("b <= c");
        var parameterization = new PolyhedralParameterization(set);
        var head = new ClassificationHead(set, true, parameterization, RowPolicy.Closest, 1);
        var random = new Random(3);
        float[] outputs = [.. Enumerable.Range(0, 100 * head.OutputCount).Select(_ => (float)(20 * (random.NextDouble() - 0.5)))];
        float[] scores = new float[300];
        head.Apply(outputs, [], scores, new SolverStatus[100]);
        for (int i = 0; i < 100; i++)
            Assert.IsTrue(set.Contains(scores.AsSpan(3 * i, 3)));
    }

    [TestMethod]
    public void KeyOf_Ties_TakesTheFirst()
    {
        Assert.AreEqual(2u, ClassificationHead.KeyOf([0.2f, 0.4f, 0.4f]));
        Assert.AreEqual(1u, ClassificationHead.KeyOf([0.5f, 0.5f]));
        Assert.AreEqual(0u, ClassificationHead.KeyOf([0.5f, float.NaN]));
    }
}
