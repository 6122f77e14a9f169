using System;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary><c>assignment --size 50 --count 200</c>: square linear assignment with single-precision costs U(0, 1).</summary>
internal static class AssignmentCase
{
    public static BenchmarkResult Run(BenchmarkArguments arguments)
    {
        int size = arguments.Int("size", 50), count = arguments.Int("count", 200), threads = arguments.Threads;
        var solver = new AssignmentSolver(size, size);
        var random = new Random(1);
        var costs = new float[count * solver.Dimension];
        for (int i = 0; i < costs.Length; i++)
            costs[i] = random.NextSingle();
        var decisions = new float[costs.Length];
        var statuses = new SolverStatus[count];
        double time = BenchmarkResult.MedianMilliseconds(
            () => solver.SolveBatch(costs, decisions, statuses, threads), arguments.Repetitions);
        double total = 0;
        for (int i = 0; i < costs.Length; i++)
            total += costs[i] * decisions[i];
        return new BenchmarkResult()
            .Add("forward_ms", time)
            .Add("items_per_second", count / time * 1000)
            .Add("mean_cost", total / count);
    }
}
