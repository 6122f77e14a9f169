using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

[TestClass]
public class AssignmentSolverTests
{
    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(1, 5)]
    [DataRow(5, 5)]
    [DataRow(3, 6)]
    [DataRow(6, 2)]
    public void Solve_SmallSets_EqualsEnumeration(int rows, int columns)
    {
        List<float[]> set = Assignments(rows, columns);
        foreach (Sense sense in new[] { Sense.Minimize, Sense.Maximize })
        {
            var solver = new AssignmentSolver(rows, columns, sense);
            SolverContract.VerifyOptimal(solver, set, 1000, 1);
            SolverContract.VerifyBatches(solver, 2);
        }
    }

    [TestMethod]
    [DataRow(20, 20)]
    [DataRow(50, 50)]
    [DataRow(30, 47)]
    [DataRow(61, 8)]
    public void Solve_LargeSets_EqualsCycleCancelling(int rows, int columns)
    {
        var random = new Random(3);
        for (int trial = 0; trial < 32; trial++)
        {
            double[] costs = SolverContract.Costs(random, rows * columns, false, trial);
            if (trial % 4 == 3)
                costs = Array.ConvertAll(costs, _ => (double)random.Next(100));
            var decision = new float[costs.Length];
            Assert.AreEqual(SolverStatus.Solved, new AssignmentSolver(rows, columns).Solve(costs, decision));
            for (int row = 0; row < rows; row++)
                Assert.IsTrue(decision.Skip(row * columns).Take(columns).Sum() <= 1);
            for (int column = 0; column < columns; column++)
                Assert.IsTrue(Enumerable.Range(0, rows).Sum(row => decision[row * columns + column]) <= 1);
            Assert.AreEqual(Math.Min(rows, columns), decision.Sum());
            double scale = costs.Max(Math.Abs) * (rows + columns);
            Assert.IsFalse(HasBetterExchange(costs, decision, rows, columns, 1e-12 * scale), $"trial {trial}");
        }
    }

    [TestMethod]
    public void Kernel_ForbiddenCells_AreRespectedOrReported()
    {
        var kernel = new AssignmentKernel(3, 3);
        const double no = double.PositiveInfinity;
        double[,] costs = { { 1, no, 5 }, { 1, 2, no }, { 0, no, no } };
        void Fill()
        {
            for (int i = 0; i < 9; i++)
                kernel.Costs[i / 3 * kernel.Stride + i % 3] = costs[i / 3, i % 3];
        }

        Fill();
        Assert.IsTrue(kernel.Solve());
        CollectionAssert.AreEqual(new[] { 2, 1, 0 }, kernel.ColumnOf.ToArray());
        costs[0, 2] = no;
        Fill();
        Assert.IsFalse(kernel.Solve());
    }

    [TestMethod]
    public void Constructor_BadSize_NamesTheArgument()
    {
        Assert.AreEqual("rows", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AssignmentSolver(0, 3)).ParamName);
        Assert.AreEqual("columns", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new AssignmentSolver(3, 1 << 20)).ParamName);
    }

    private static List<float[]> Assignments(int rows, int columns)
    {
        int larger = Math.Max(rows, columns);
        var set = new Dictionary<string, float[]>();
        foreach (int[] order in SolverContract.Permutations(larger))
        {
            var y = new float[rows * columns];
            for (int i = 0; i < larger; i++)
            {
                if (i < rows && order[i] < columns)
                    y[i * columns + order[i]] = 1;
            }

            set[SolverContract.Key(y)] = y;
        }

        return [.. set.Values];
    }

    // Optimal exactly when the residual graph has no negative cycle: Bellman-Ford over rows, columns and one vertex behind
    // the larger side, through which an unused row or column takes the place of a used one.
    private static bool HasBetterExchange(double[] costs, float[] decision, int rows, int columns, double tolerance)
    {
        var arcs = new List<(int From, int To, double Cost)>();
        int hub = rows + columns;
        for (int row = 0; row < rows; row++)
        {
            bool used = false;
            for (int column = 0; column < columns; column++)
            {
                double cost = costs[row * columns + column];
                bool taken = decision[row * columns + column] == 1;
                used |= taken;
                arcs.Add(taken ? (rows + column, row, -cost) : (row, rows + column, cost));
            }

            if (rows > columns)
                arcs.Add(used ? (row, hub, 0) : (hub, row, 0));
        }

        for (int column = 0; column < columns && columns > rows; column++)
        {
            bool used = Enumerable.Range(0, rows).Any(row => decision[row * columns + column] == 1);
            arcs.Add(used ? (hub, rows + column, 0) : (rows + column, hub, 0));
        }

        var distances = new double[hub + 1];
        for (int pass = 0; pass <= hub + 1; pass++)
        {
            bool changed = false;
            foreach ((int from, int to, double cost) in arcs)
            {
                if (distances[from] + cost < distances[to] - tolerance)
                {
                    distances[to] = distances[from] + cost;
                    changed = true;
                }
            }

            if (!changed)
                return false;
        }

        return true;
    }
}
