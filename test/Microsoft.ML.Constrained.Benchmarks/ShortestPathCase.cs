using System;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>
/// <c>shortest-path --grid 12 --count 1000</c>: square grids with eight neighbours and costs U(0.8, 9.2), from row-major single-precision
/// costs to path indicators.
/// </summary>
internal static class ShortestPathCase
{
    public static BenchmarkResult Run(BenchmarkArguments arguments)
    {
        int grid = arguments.Int("grid", 12), count = arguments.Int("count", 1000), threads = arguments.Threads;
        var solver = new GridShortestPathSolver(grid, grid);
        var random = new Random(1);
        var costs = new float[count * solver.Dimension];
        for (int i = 0; i < costs.Length; i++)
            costs[i] = 0.8f + 8.4f * random.NextSingle();
        var decisions = new float[costs.Length];
        var statuses = new SolverStatus[count];
        double time = BenchmarkResult.MedianMilliseconds(
            () => solver.SolveBatch(costs, decisions, statuses, threads), arguments.Repetitions);
        double cells = 0;
        foreach (float cell in decisions)
            cells += cell;
        return new BenchmarkResult()
            .Add("forward_ms", time)
            .Add("items_per_second", count / time * 1000)
            .Add("mean_path_cells", cells / count);
    }
}
