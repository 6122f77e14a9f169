using System;
using System.Linq;
using Microsoft.ML.Constrained.Projections;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>Rows of floats onto the unit simplex: N(0,1), or all equal, or one-hot.</summary>
internal static class SimplexCase
{
    public static BenchmarkResult Run(BenchmarkArguments arguments)
    {
        int rows = arguments.Int("rows", 100000);
        int n = arguments.Int("variables", 100);
        int threads = arguments.Threads;
        string kind = arguments.Text("kind", "normal");
        var random = new Random(arguments.Int("seed", 1));
        var y = new float[rows * n];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = kind switch
            {
                "normal" => (float)ProjectionCase.Normal(random),
                "equal" => 0.25f,
                "onehot" => i % n == i / n % n ? 1 : 0,
                _ => throw new ArgumentException($"Option '--kind' expects normal, equal or onehot, got '{kind}'."),
            };
        }

        var z = new float[y.Length];
        var gradient = (float[])y.Clone();
        var input = new float[y.Length];
        var statuses = new SolverStatus[rows];
        var projection = new SimplexProjection<float>(1);
        double forward = BenchmarkResult.MedianMilliseconds(
            () => RowBatch.Project<SimplexProjection<float>, float>(projection, y, n, z, statuses, threads), arguments.Repetitions);
        double backward = BenchmarkResult.MedianMilliseconds(
            () => RowBatch.Adjoint<SimplexProjection<float>, float>(projection, y, z, gradient, rows, n, input, default, threads),
            arguments.Repetitions);
        double largest = Enumerable.Range(0, rows).Max(r => Math.Abs(1 - z.AsSpan(r * n, n).ToArray().Sum(v => (double)v)));
        return new BenchmarkResult()
            .Add("items_per_second", rows / (forward / 1000))
            .Add("forward_ms", forward)
            .Add("backward_ms", backward)
            .Add("solved", statuses.Count(s => s == SolverStatus.Solved))
            .Add("largest_violation_1e-9", 1e9 * largest);
    }
}
