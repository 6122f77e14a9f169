using System;
using System.Linq;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.QuadraticPrograms;

/// <summary>Whole-number constraints that just touch: the sums of a false certificate cancel to rounding.</summary>
[TestClass]
public sealed class ConicTouchingTests
{
    [TestMethod]
    public void Solve_FeasibleByConstruction_IsNeverCalledInfeasible()
    {
        for (int seed = 0; seed < 30_000; seed++)
        {
            var random = new Random(seed);
            int n = 1 + random.Next(3), m = random.Next(5), p = random.Next(2);
            double[] Whole(int count, int size) => [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(-size, size + 1))];
            double[] z0 = Whole(n, 3), g = Whole(m * n, 3), a = Whole(p * n, 3), cost = Whole(n, 9);
            double[] h = [.. Enumerable.Range(0, m).Select(i => Dot(g, i, z0) + random.Next(0, 3))];
            double[] b = [.. Enumerable.Range(0, p).Select(i => Dot(a, i, z0))];
            var q = new double[n * n];
            for (int j = 0; j < n; j++)
                q[j * n + j] = 1;
            SolverStatus status = new ConicSolver(n, p, m, []).Solve(q, cost, a, b, g, h);
            Assert.IsFalse(status is SolverStatus.PrimalInfeasible or SolverStatus.DualInfeasible, $"seed {seed}: {status}");
        }
    }

    [TestMethod]
    public void Solve_EqualityAndInequalitiesThatMeetInAPoint_FindsIt()
    {
        // 3z = −3, −2z ≤ 2, −z ≤ 1: all three say z = −1 or allow it.
        var solver = new ConicSolver(1, 1, 2, []);
        Assert.AreEqual(SolverStatus.Solved, solver.Solve([1], [-1], [3], [-3], [-2, -1], [2, 1]));
        Assert.AreEqual(-1, solver.Z[0], 1e-8);
    }

    private static double Dot(double[] matrix, int row, double[] vector) => vector.Select((v, j) => matrix[row * vector.Length + j] * v).Sum();
}
