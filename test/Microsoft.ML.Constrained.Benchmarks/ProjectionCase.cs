using System;
using System.Linq;
using Microsoft.ML.Constrained.Projections;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>Rows of 3·N(0,1) onto {Az ≤ b}, A of N(0,1) shared, b of U(0.5, 1.5), double, to 1e-9.</summary>
internal static class ProjectionCase
{
    public static BenchmarkResult Run(BenchmarkArguments arguments)
    {
        int rows = arguments.Int("rows", 10000);
        int n = arguments.Int("variables", 20);
        int m = arguments.Int("inequalities", 40);
        int threads = arguments.Threads;
        var random = new Random(arguments.Int("seed", 1));
        double[] a = [.. Enumerable.Range(0, m * n).Select(_ => Normal(random))];
        double[] upper = [.. Enumerable.Range(0, m).Select(_ => 0.5 + random.NextDouble())];
        double[] lower = [.. Enumerable.Repeat(double.NegativeInfinity, m)];
        double[] y = [.. Enumerable.Range(0, rows * n).Select(_ => 3 * Normal(random))];
        double[] gradient = [.. Enumerable.Range(0, rows * n).Select(_ => Normal(random))];
        var z = new double[rows * n];
        var input = new double[rows * n];
        var multipliers = new double[rows * m];
        var iterations = new int[rows];
        var statuses = new SolverStatus[rows];
        var projector = new PolyhedralProjector(a, n, new bool[m]);
        ReducedBounds bounds = projector.Reduce(lower, upper);
        PolyhedralWorkspace[] workspaces = [.. Enumerable.Range(0, threads).Select(_ => projector.CreateWorkspace())];

        void Forward(int first, int count, int worker)
        {
            for (int i = first; i < first + count; i++)
            {
                statuses[i] = projector.Project(
                    y.AsSpan(i * n, n), bounds, z.AsSpan(i * n, n), multipliers.AsSpan(i * m, m), workspaces[worker]);
                iterations[i] = workspaces[worker].Iterations;
            }
        }

        void Backward(int first, int count, int worker)
        {
            for (int i = first; i < first + count; i++)
            {
                projector.Adjoint(
                    multipliers.AsSpan(i * m, m), gradient.AsSpan(i * n, n), input.AsSpan(i * n, n), default, workspaces[worker]);
            }
        }

        double forward = BenchmarkResult.MedianMilliseconds(() => RowChunks.Run(rows, 64, threads, Forward), arguments.Repetitions);
        double backward = BenchmarkResult.MedianMilliseconds(() => RowChunks.Run(rows, 64, threads, Backward), arguments.Repetitions);
        return new BenchmarkResult()
            .Add("items_per_second", rows / (forward / 1000))
            .Add("forward_ms", forward)
            .Add("backward_ms", backward)
            .Add("solved", statuses.Count(s => s == SolverStatus.Solved))
            .Add("mean_iterations", iterations.Average())
            .Add("mean_active", multipliers.Count(v => v != 0) / (double)rows)
            .Add("largest_violation_1e-9", 1e9 * LargestViolation(a, upper, z, n));
    }

    internal static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double LargestViolation(double[] a, double[] upper, double[] z, int n)
    {
        double largest = 0;
        for (int i = 0; i < z.Length; i += n)
        {
            for (int r = 0; r < upper.Length; r++)
            {
                double value = 0;
                for (int j = 0; j < n; j++)
                    value += a[(r * n) + j] * z[i + j];
                largest = Math.Max(largest, value - upper[r]);
            }
        }

        return largest;
    }
}
