using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Combinatorial;

[TestClass]
public class GridShortestPathSolverTests
{
    [TestMethod]
    [DataRow(3, 3, GridNeighbourhood.Eight, 0, 8)]
    [DataRow(3, 4, GridNeighbourhood.Four, 0, 11)]
    [DataRow(3, 4, GridNeighbourhood.Eight, 5, 0)]
    [DataRow(4, 3, GridNeighbourhood.Four, 7, 4)]
    [DataRow(1, 6, GridNeighbourhood.Eight, 4, 1)]
    [DataRow(5, 1, GridNeighbourhood.Four, 1, 4)]
    [DataRow(2, 2, GridNeighbourhood.Eight, 3, 3)]
    [DataRow(1, 1, GridNeighbourhood.Eight, 0, 0)]
    public void Solve_SmallGrids_EqualsEnumeration(int rows, int columns, GridNeighbourhood steps, int start, int end)
    {
        var solver = new GridShortestPathSolver(rows, columns, (start / columns, start % columns), (end / columns, end % columns), steps);
        List<float[]> paths = [];
        Enumerate(rows, columns, steps, start, end, new float[rows * columns], paths);
        SolverContract.VerifyOptimal(solver, paths, 800, 1);
        SolverContract.VerifyBatches(solver, 2);
    }

    [TestMethod]
    [DataRow(12, 12, GridNeighbourhood.Eight)]
    [DataRow(30, 30, GridNeighbourhood.Eight)]
    [DataRow(17, 40, GridNeighbourhood.Four)]
    public void Solve_LargerGrids_PathIsConnectedAndCostsTheDistance(int rows, int columns, GridNeighbourhood steps)
    {
        var random = new Random(3);
        for (int trial = 0; trial < 60; trial++)
        {
            int start = random.Next(rows * columns), end = random.Next(rows * columns);
            var solver = new GridShortestPathSolver(
                rows, columns, (start / columns, start % columns), (end / columns, end % columns), steps);
            double[] costs = SolverContract.Costs(random, rows * columns, true, trial);
            var path = new float[costs.Length];
            Assert.AreEqual(SolverStatus.Solved, solver.Solve(costs, path));
            double expected = Distances(costs, rows, columns, steps, start)[end];
            Assert.AreEqual(expected, SolverContract.Inner(costs, path), 1e-12 * expected);
            Assert.IsTrue(Connects(path, rows, columns, steps, start, end));
        }
    }

    [TestMethod]
    public void Solve_Labyrinth_TakesTheOnlyCheapWay()
    {
        // A serpentine of cheap rows joined at alternating ends: one bend a row, more sweeps than the kernel is willing to do.
        const int size = 121;
        var costs = new double[size * size];
        Array.Fill(costs, 1000.0);
        var random = new Random(5);
        for (int row = 0; row < size; row += 2)
        {
            for (int column = 0; column < size; column++)
                costs[row * size + column] = 1 + 1e-3 * random.NextDouble();
            if (row + 1 < size)
                costs[(row + 1) * size + (row % 4 == 0 ? size - 1 : 0)] = 1;
        }

        var upright = new GridGeometry(size, size, 0, size * size - 1, GridNeighbourhood.Eight);
        Assert.IsFalse(Sweep<PairedLanes>(upright, Filled(upright, Transposed(costs, size)), out _), "the sweeps should give up here");
        foreach (GridNeighbourhood steps in new[] { GridNeighbourhood.Four, GridNeighbourhood.Eight })
        {
            foreach (double[] variant in new[] { costs, Transposed(costs, size) })
            {
                var path = new float[costs.Length];
                Assert.AreEqual(SolverStatus.Solved, new GridShortestPathSolver(size, size, steps).Solve(variant, path));
                double expected = Distances(variant, size, size, steps, 0)[size * size - 1];
                Assert.AreEqual(expected, SolverContract.Inner(variant, path), 1e-9 * expected);
                Assert.IsTrue(Connects(path, size, size, steps, 0, size * size - 1));
            }
        }
    }

    [TestMethod]
    public void Sweeps_AndDijkstra_GiveTheSameDoubles()
    {
        var random = new Random(6);
        var grid = new GridGeometry(9, 13, 20, 100, GridNeighbourhood.Eight);
        for (int trial = 0; trial < 50; trial++)
        {
            double[] costs = SolverContract.Costs(random, 9 * 13, true, trial);
            GridWorkspace workspace = Filled(grid, costs);
            GridDijkstra.Run(grid, workspace);
            double limit = workspace.Distances[grid.ToPadded(grid.End)];
            Assert.IsTrue(Sweep<PairedLanes>(grid, workspace, out double[] paired));
            Assert.IsTrue(Sweep<WideLanes>(grid, workspace, out double[] wide));
            for (int cell = 0; cell < costs.Length; cell++)
            {
                int at = grid.ToPadded(cell);
                if (workspace.Distances[at] > limit)
                    continue;
                Assert.AreEqual(workspace.Distances[at], paired[at * GridSweep.Lanes + 3]);
                Assert.AreEqual(workspace.Distances[at], wide[at * GridSweep.Lanes + 7]);
            }
        }
    }

    [TestMethod]
    public void Solve_GridTooLargeForLanes_AgreesWithASmallerOneInside()
    {
        // 300 × 300 is solved alone; walls make everything past the first 20 columns useless.
        const int size = 300, inner = 20;
        var random = new Random(8);
        var costs = new float[2 * size * size];
        var small = new float[2 * size * inner];
        for (int i = 0; i < costs.Length; i++)
        {
            costs[i] = i % size < inner ? random.NextSingle() : 1e6f;
            if (i % size < inner)
                small[i / size * inner + i % size] = costs[i];
        }

        float[] paths = new float[costs.Length], smallPaths = new float[small.Length];
        var statuses = new SolverStatus[2];
        new GridShortestPathSolver(size, size, (0, 0), (size - 1, inner - 1)).SolveBatch(costs, paths, statuses, 2);
        new GridShortestPathSolver(size, inner).SolveBatch(small, smallPaths, statuses);
        CollectionAssert.AreEqual(smallPaths, paths.Where((_, i) => i % size < inner).ToArray());
        Assert.IsTrue(paths.Where((_, i) => i % size >= inner).All(y => y == 0));
    }

    [TestMethod]
    public void Solve_AllEqualCosts_GoesDiagonallyAndIsRepeatable()
    {
        var path = new float[16];
        var costs = new float[16];
        Array.Fill(costs, 2f);
        Assert.AreEqual(SolverStatus.Solved, new GridShortestPathSolver(4, 4).Solve(costs, path));
        CollectionAssert.AreEqual(new float[] { 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1 }, path);

        // Zero costs: the fewest steps, as stated.
        Array.Clear(costs);
        Assert.AreEqual(SolverStatus.Solved, new GridShortestPathSolver(4, 4).Solve(costs, path));
        Assert.AreEqual(4f, path.Sum());
    }

    [TestMethod]
    public void Constructor_OutOfRange_NamesTheArgument()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GridShortestPathSolver(0, 3));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GridShortestPathSolver(1 << 20, 1 << 20));
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GridShortestPathSolver(2, 3, (0, 0), (2, 0)));
        Assert.AreEqual("end", error.ParamName);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GridShortestPathSolver(2, 3, (GridNeighbourhood)6));
    }

    private static GridWorkspace Filled(GridGeometry grid, double[] costs)
    {
        var workspace = new GridWorkspace(grid);
        Array.Fill(workspace.PaddedCosts, double.PositiveInfinity);
        for (int cell = 0; cell < costs.Length; cell++)
        {
            workspace.PaddedCosts[grid.ToPadded(cell)] = costs[cell];
            workspace.LaneCosts.Slice(cell * GridSweep.Lanes, GridSweep.Lanes).Fill(costs[cell]);
        }

        return workspace;
    }

    private static unsafe bool Sweep<TLanes>(GridGeometry grid, GridWorkspace workspace, out double[] found)
        where TLanes : struct, ILaneBlock<TLanes>
    {
        fixed (double* costs = workspace.LaneCosts)
        fixed (double* distances = workspace.LaneDistances)
        {
            bool finished = GridSweep.Run<TLanes>(grid, costs, distances, workspace.Pending);
            found = workspace.LaneDistances.ToArray();
            return finished;
        }
    }

    private static IEnumerable<int> Neighbours(int cell, int rows, int columns, GridNeighbourhood steps)
    {
        int row = cell / columns, column = cell % columns;
        for (int r = Math.Max(0, row - 1); r <= Math.Min(rows - 1, row + 1); r++)
        {
            for (int c = Math.Max(0, column - 1); c <= Math.Min(columns - 1, column + 1); c++)
            {
                int moved = Math.Abs(r - row) + Math.Abs(c - column);
                if (moved == 1 || (moved == 2 && steps == GridNeighbourhood.Eight))
                    yield return r * columns + c;
            }
        }
    }

    private static void Enumerate(int rows, int columns, GridNeighbourhood steps, int at, int end, float[] path, List<float[]> paths)
    {
        path[at] = 1;
        if (at == end)
        {
            paths.Add((float[])path.Clone());
        }
        else
        {
            foreach (int next in Neighbours(at, rows, columns, steps))
            {
                if (path[next] == 0)
                    Enumerate(rows, columns, steps, next, end, path, paths);
            }
        }

        path[at] = 0;
    }

    private static double[] Distances(double[] costs, int rows, int columns, GridNeighbourhood steps, int start)
    {
        var distances = new double[costs.Length];
        Array.Fill(distances, double.PositiveInfinity);
        distances[start] = costs[start];
        var queue = new PriorityQueue<int, double>([(start, costs[start])]);
        while (queue.TryDequeue(out int cell, out double distance))
        {
            if (distance > distances[cell])
                continue;
            foreach (int next in Neighbours(cell, rows, columns, steps))
            {
                if (distance + costs[next] < distances[next])
                {
                    distances[next] = distance + costs[next];
                    queue.Enqueue(next, distances[next]);
                }
            }
        }

        return distances;
    }

    private static bool Connects(float[] path, int rows, int columns, GridNeighbourhood steps, int start, int end)
    {
        if (path[start] != 1 || path[end] != 1 || path.Any(y => y is not (0 or 1)))
            return false;
        var seen = new HashSet<int> { start };
        var stack = new Stack<int>([start]);
        while (stack.TryPop(out int cell))
        {
            foreach (int next in Neighbours(cell, rows, columns, steps).Where(n => path[n] == 1 && seen.Add(n)))
                stack.Push(next);
        }

        return seen.Contains(end) && seen.Count == path.Sum();
    }

    private static double[] Transposed(double[] costs, int size) =>
        [.. Enumerable.Range(0, size * size).Select(i => costs[i % size * size + i / size])];
}
