using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Projections;

/// <summary>Bounds and linear rows over different variables: the closed form for budgets.</summary>
[TestClass]
public sealed class BoxRowsRouteTests
{
    private const int N = 4;

    [TestMethod]
    public void Project_RandomBudgets_EqualsTryingEveryChoice()
    {
        var random = new Random(1);
        int bound = 0, empty = 0;
        for (int trial = 0; trial < 10_000; trial++)
        {
            bool integer = trial % 2 == 0;
            double Draw() => integer ? random.Next(-2, 3) : 2 * ClosedForms.Normal(random);
            var lower = new double[N];
            var upper = new double[N];
            for (int i = 0; i < N; i++)
            {
                double a = Draw(), b = Draw();
                (lower[i], upper[i]) = (random.Next(4) == 0 ? -1e3 : Math.Min(a, b), random.Next(4) == 0 ? 1e3 : Math.Max(a, b));
            }

            double[] row = [.. Enumerable.Range(0, N).Select(_ => Draw())];
            (double least, double most) = random.Next(3) switch { 0 => (Draw(), double.NaN), 1 => (double.NegativeInfinity, Draw()), _ => (Draw(), double.PositiveInfinity) };
            if (double.IsNaN(most))
                most = least;
            if (row.Count(v => v != 0) < 2)
                continue;
            ConstraintSet set = ConstraintSet.Over(N).Bounds(lower, upper).Linear("row", row, least, most);
            double[] y = [.. Enumerable.Range(0, N).Select(_ => Draw())], weights = [.. Enumerable.Range(0, N).Select(_ => trial % 3 == 0 ? 0.5 + random.NextDouble() : 1)];
            var projector = new Projector(set, new() { Weights = weights, Policy = RowPolicy.Missing, Threads = 1 });
            Assert.AreEqual(ProjectionMethod.ClosedForm, projector.Method);
            var z = new double[N];
            var status = new SolverStatus[1];
            projector.Project(y, [], z, status);
            double[][] rows = [.. Enumerable.Range(0, N).Select(i => Enumerable.Range(0, N).Select(j => i == j ? 1.0 : 0).ToArray()), row];
            double[]? expected = SlowPolyhedron.Project(rows, [.. lower, least], [.. upper, most], y, weights);
            if (expected is null)
            {
                empty++;
                Assert.AreEqual(SolverStatus.PrimalInfeasible, status[0], $"trial {trial}\n{set}");
                continue;
            }

            Assert.AreEqual(SolverStatus.Solved, status[0], $"trial {trial}\n{set}");
            double sum = row.Zip(z, (p, q) => p * q).Sum();
            bound += sum == least || Math.Abs(sum - most) < 1e-9 ? 1 : 0;
            for (int i = 0; i < N; i++)
                Assert.AreEqual(expected[i], z[i], 1e-9, $"trial {trial}, variable {i}\n{set}");
        }

        Assert.IsGreaterThan(2000, bound);
        Assert.IsGreaterThan(100, empty);
    }

    [TestMethod]
    [DataRow(1e-9)]
    [DataRow(1.0)]
    [DataRow(1e9)]
    [DataRow(1e14)]
    public void Project_OfAnySize_MeetsTheBudgetToItsOwnRounding(double size)
    {
        var random = new Random(2);
        foreach (int n in new[] { 2, 3, 100, 1000 })
        {
            var projector = new Projector(ConstraintSet.Over(n).Nonnegative().Linear("sum(*) = 1"), new() { Threads = 1 });
            var simplex = new Projector(ConstraintSet.Over(n).Simplex(), new() { Threads = 1 });
            for (int trial = 0; trial < 20; trial++)
            {
                double[] y = [.. Enumerable.Range(0, n).Select(i => trial == 0 ? size : trial == 1 && i == 0 ? size : size * ClosedForms.Normal(random))];
                double[] z = new double[n], expected = new double[n];
                var status = new SolverStatus[1];
                projector.Project(y, [], z, status);
                Assert.AreEqual(SolverStatus.Solved, status[0]);
                Assert.AreEqual(1, z.Sum(), 1e-12, $"n {n}, trial {trial}");
                Assert.IsGreaterThanOrEqualTo(0, z.Min());
                simplex.Project(y, [], expected, status);
                for (int i = 0; i < n; i++)
                    Assert.AreEqual(expected[i], z[i], 1e-9 + 1e-15 * size, $"n {n}, trial {trial}");
            }
        }
    }

    [TestMethod]
    public void Project_SpreadOfScales_SatisfiesTheOptimalityConditions()
    {
        // Slopes over twelve orders of magnitude put the breakpoints far apart.
        var random = new Random(3);
        const int n = 40;
        for (int trial = 0; trial < 500; trial++)
        {
            double[] a = [.. Enumerable.Range(0, n).Select(_ => Math.Pow(10, 12 * random.NextDouble() - 6))], inside = [.. a.Select(_ => random.NextDouble())];
            double level = a.Zip(inside, (p, q) => p * q).Sum();
            double[] y = [.. a.Select(_ => 3 * ClosedForms.Normal(random) + 1)];
            var projector = new Projector(ConstraintSet.Over(n).Bounds(0, 1).Linear("row", a, level, level), new() { Threads = 1 });
            var z = new double[n];
            var status = new SolverStatus[1];
            projector.Project(y, [], z, status);
            Assert.AreEqual(SolverStatus.Solved, status[0], $"trial {trial}");
            Assert.AreEqual(level, a.Zip(z, (p, q) => p * q).Sum(), 1e-9 * level, $"trial {trial}");
            int pivot = Enumerable.Range(0, n).Where(i => z[i] > 1e-6 && z[i] < 1 - 1e-6).DefaultIfEmpty(-1).MaxBy(i => i < 0 ? 0 : a[i]);
            if (pivot < 0)
                continue;
            double multiplier = (y[pivot] - z[pivot]) / a[pivot];
            for (int i = 0; i < n; i++)
                Assert.AreEqual(Math.Clamp(y[i] - multiplier * a[i], 0, 1), z[i], 1e-6 * Math.Max(1, Math.Abs(multiplier * a[i])), $"trial {trial}, variable {i}");
        }
    }

    [TestMethod]
    public void Project_ContradictionOfTheRowsOwnLimits_IsItsStatusAlone()
    {
        ConstraintSet set = ConstraintSet.Over("a", "b").Nonnegative().Linear("a + b <= @Capacity").Linear("a <= @Most");
        var projector = new Projector(set, new() { Policy = RowPolicy.Missing });
        double[] y = [1, 1, 1, 1, 1, 1, double.NaN, 1], theta = [1, 5, -1, 5, 2, -0.5, 1, 1], z = new double[8];
        var statuses = new SolverStatus[4];
        projector.Project(y, theta, z, statuses);
        CollectionAssert.AreEqual(
            new[] { SolverStatus.Solved, SolverStatus.PrimalInfeasible, SolverStatus.PrimalInfeasible, SolverStatus.InvalidInput }, statuses);
        Assert.AreEqual(0.5, z[0], 1e-15);
        Assert.AreEqual(0.5, z[1], 1e-15);
        Assert.IsTrue(z.AsSpan(2).ToArray().All(double.IsNaN));
    }
}
