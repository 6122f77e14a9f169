using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Projections;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

[TestClass]
public class DifferentiableProjectionTests
{
    [TestMethod]
    [DataRow(1.0)]
    [DataRow(1e8)]
    [DataRow(1e-8)]
    public void Project_IndependentRowsOfAnyScale_ClipsEachRowInOneStep(double scale)
    {
        var random = new Random(1);
        for (int trial = 0; trial < 50; trial++)
        {
            int n = 2 + random.Next(8), m = 1 + random.Next(n);
            double[][] rows = [.. Enumerable.Range(0, m).Select(_ => Normals(random, n, scale))];
            double[] lower = [.. rows.Select(_ => random.Next(3) == 0 ? double.NegativeInfinity : -random.NextDouble() * scale)];
            double[] upper = [.. lower.Select(l => random.Next(4) switch { 0 when double.IsFinite(l) => l, 1 when double.IsFinite(l) => double.PositiveInfinity, _ => random.NextDouble() * scale })];
            ConstraintSet set = ConstraintSet.Over(n);
            for (int i = 0; i < m; i++)
                set = set.Linear($"row {i}", rows[i], lower[i], upper[i]);
            var projection = new DifferentiableProjection(set, new DifferentiableProjectionOptions());
            Assert.AreEqual(DifferentiableProjectionMethod.OneStep, projection.Method);
            double[] y = Normals(random, n, 3), z = Project(projection, y);
            for (int i = 0; i < m; i++)
                Assert.AreEqual(Math.Clamp(Dot(rows[i], y), lower[i], upper[i]), Dot(rows[i], z), 1e-9 * scale, $"Trial {trial}, row {i}.");

            // The step lies in the span of the rows: what is at right angles to them all is kept.
            double[] across = Across(rows, Normals(random, n, 1));
            Assert.AreEqual(Dot(across, y), Dot(across, z), 1e-8);
        }
    }

    [TestMethod]
    public void TransposedPseudoinverse_RandomRows_IsARightInverse()
    {
        var random = new Random(2);
        for (int trial = 0; trial < 30; trial++)
        {
            int n = 1 + random.Next(12), m = 1 + random.Next(n);
            double[][] rows = [.. Enumerable.Range(0, m).Select(_ => Unit(Normals(random, n, 1)))];

            // Nearly parallel to the first.
            if (m > 1 && trial % 3 == 0)
                rows[1] = Unit([.. rows[0].Zip(rows[1], (a, b) => a + 1e-4 * b)]);
            var directions = new IndependentDirections(n);
            foreach (double[] row in rows)
                Assert.IsTrue(directions.TryAdd(row));
            double[] inverse = directions.TransposedPseudoinverse();
            for (int i = 0; i < m; i++)
            {
                for (int k = 0; k < m; k++)
                    Assert.AreEqual(i == k ? 1 : 0, Dot(rows[i], inverse.AsSpan(k * n, n).ToArray()), 1e-10);
            }
        }
    }

    [TestMethod]
    public void TryAdd_DependentRow_IsRefused()
    {
        var directions = new IndependentDirections(3);
        Assert.IsTrue(directions.TryAdd(Unit([1, 2, 3])));
        Assert.IsTrue(directions.TryAdd(Unit([1, -1, 0])));
        Assert.IsFalse(directions.TryAdd(Unit([2, 1, 3])));
        Assert.IsFalse(directions.TryAdd(Unit([1, 2, 3 + 1e-8])));
        Assert.IsTrue(directions.TryAdd(Unit([0, 0, 1])));
        Assert.IsFalse(directions.TryAdd(Unit([1, 5, 1])), "There is no fourth direction.");
        Assert.AreEqual(3, directions.Count);
    }

    [TestMethod]
    public void Project_DykstraOnRandomPolyhedra_TendsToTheNearestPoint()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 10; trial++)
        {
            int n = 2 + random.Next(4);
            ConstraintSet set = ConstraintSet.Over(n).Bounds(-1, 1);
            for (int i = 0; i < 3; i++)
                set = set.HalfSpace(Normals(random, n, 1), 0.2 + random.NextDouble());
            set = set.Hyperplane(Normals(random, n, 1), 0);
            var options = new DifferentiableProjectionOptions { Method = DifferentiableProjectionMethod.Dykstra, Sweeps = 5_000 };
            double[] y = Normals(random, n, 2), z = Project(new DifferentiableProjection(set, options), y), nearest = new double[n];
            new Projector(set).Project(y, [], nearest, new SolverStatus[1]);
            for (int j = 0; j < n; j++)
                Assert.AreEqual(nearest[j], z[j], 1e-5, $"Trial {trial}.");
        }
    }

    [TestMethod]
    public void Project_SimultaneousStep_IsBelowWhatDiverges()
    {
        // AᵀA of the two unit rows has the eigenvalues 1 ± cos of their angle: 1.8 and 0.2.
        ConstraintSet set = ConstraintSet.Over(2).Hyperplane([1, 0], 2).Hyperplane([0.8, 0.6], 1);
        var options = new DifferentiableProjectionOptions { Method = DifferentiableProjectionMethod.Simultaneous, Relaxation = 1.9, Sweeps = 2000 };
        var projection = new DifferentiableProjection(set, options);
        Assert.AreEqual(1.9 / 1.8, projection.Step, 0.03);
        double[] z = Project(projection, [30, -40]);
        Assert.AreEqual(2, z[0], 1e-9);
        Assert.AreEqual(-1, z[1], 1e-9);
    }

    [TestMethod]
    public void Check_RowsOfAllKinds_GivesStatusesAndTheLargestViolation()
    {
        ConstraintSet set = ConstraintSet.Over("x", "y").Linear("10*x <= @A").Linear("x >= 0").Linear("x + y = 1");
        var projection = new DifferentiableProjection(set, new DifferentiableProjectionOptions());
        Assert.AreEqual(DifferentiableProjectionMethod.OneStep, projection.Method, "x has one row with limits on both sides.");
        double[] rows = [0.5, 0.5, 0.7, 0.3, 0.1, 0.9, double.NaN, 0, 0.2, 0.9];
        double[] own = [5, 5, -1, 5, 5];
        var statuses = new SolverStatus[5];
        Assert.IsTrue(double.IsNaN(projection.Check(rows, own, 1e-6, statuses)));
        CollectionAssert.AreEqual(
            new[] { SolverStatus.Solved, SolverStatus.IterationLimit, SolverStatus.PrimalInfeasible, SolverStatus.InvalidInput, SolverStatus.IterationLimit }, statuses);
        statuses = new SolverStatus[3];
        Assert.AreEqual(2, projection.Check(rows.AsSpan(0, 6), own.AsSpan(0, 3), 1e-6, statuses), 1e-12, "10·0.7 exceeds 5, 10·0.1 exceeds −1.");
        Assert.AreEqual(2, projection.Check(rows.AsSpan(0, 4), own.AsSpan(0, 1), 1e-6, statuses.AsSpan(0, 2)), 1e-12, "One row of columns for all.");
        Assert.AreEqual(0, projection.Check([], [], 1e-6, []));
    }

    [TestMethod]
    public void Project_NoRowOrNaN_LeavesOrTellsIt()
    {
        var none = new DifferentiableProjection(ConstraintSet.Over(2), new DifferentiableProjectionOptions());
        CollectionAssert.AreEqual(new double[] { 3, -4 }, Project(none, [3, -4]));
        var half = new DifferentiableProjection(ConstraintSet.Over(2).Linear("x0 + x1 <= 0"), new DifferentiableProjectionOptions());
        Assert.IsTrue(Project(half, [double.NaN, 1]).Any(double.IsNaN));
    }

    private static double[] Project(DifferentiableProjection projection, double[] y)
    {
        var z = new double[y.Length];
        projection.Project(y, [], z, new DifferentiableProjection.Workspace(projection));
        return z;
    }

    /// <summary>The part of a vector that is at right angles to all rows, by orthonormalising them.</summary>
    private static double[] Across(double[][] rows, double[] vector)
    {
        var basis = new List<double[]>();
        foreach (double[] row in rows)
            basis.Add(Unit(Less(basis, Unit(Less(basis, Unit(row))))));
        return Less(basis, Less(basis, vector));
    }

    private static double[] Less(List<double[]> basis, double[] vector)
    {
        double[] result = [.. vector];
        foreach (double[] direction in basis)
        {
            double along = Dot(direction, result);
            for (int j = 0; j < result.Length; j++)
                result[j] -= along * direction[j];
        }

        return result;
    }

    private static double[] Unit(double[] vector)
    {
        double length = Math.Sqrt(Dot(vector, vector));
        return [.. vector.Select(v => v / length)];
    }

    private static double Dot(double[] x, double[] y) => x.Zip(y, (a, b) => a * b).Sum();

    private static double[] Normals(Random random, int count, double scale) =>
        [.. Enumerable.Range(0, count).Select(_ => scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
}
