using System;
using Microsoft.ML.Constrained.Combinatorial;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>
/// <c>selection --kind top-k|ranking --rows 1000 --items 1000 --k 20</c>: solvers that only look at the order of the costs, against a copy of
/// the same numbers by one thread, whose bytes read and written are what a solver reads and writes at least.
/// </summary>
internal static class SelectionCase
{
    public static BenchmarkResult Run(BenchmarkArguments arguments)
    {
        string kind = arguments.Text("kind", "top-k");
        int rows = arguments.Int("rows", 1000), items = arguments.Int("items", 1000), threads = arguments.Threads;
        CombinatorialSolver solver = kind switch
        {
            "top-k" => new TopKSolver(items, arguments.Int("k", Math.Max(1, items / 50))),
            "ranking" => new RankingSolver(items),
            _ => throw new ArgumentException($"Option '--kind' expects 'top-k' or 'ranking', got '{kind}'."),
        };
        var random = new Random(1);
        var costs = new float[rows * items];
        for (int i = 0; i < costs.Length; i++)
            costs[i] = random.NextSingle();
        var decisions = new float[costs.Length];
        var statuses = new SolverStatus[rows];
        double time = BenchmarkResult.MedianMilliseconds(() => solver.SolveBatch(costs, decisions, statuses, threads), arguments.Repetitions);
        double copy = BenchmarkResult.MedianMilliseconds(() => costs.CopyTo(decisions, 0), arguments.Repetitions);
        double bytes = 2.0 * sizeof(float) * costs.Length;
        return new BenchmarkResult()
            .Add("forward_ms", time)
            .Add("items_per_second", rows / time * 1000)
            .Add("ns_per_cost", time * 1e6 / costs.Length)
            .Add("gigabytes_per_second", bytes / time / 1e6)
            .Add("copy_gigabytes_per_second", bytes / copy / 1e6);
    }
}
