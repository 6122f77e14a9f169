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
        var statuses = new SolverStatus[rows];
        ConstraintSet set = ConstraintSet.Over(n);
        for (int i = 0; i < m; i++)
            set = set.HalfSpace(a.AsSpan(i * n, n), upper[i]);
        var projector = new Projector(set, new() { Threads = threads });
        var tape = new ProjectionTape();
        double forward = BenchmarkResult.MedianMilliseconds(() => projector.Project(y, [], z, statuses), arguments.Repetitions);
        projector.Project(y, [], z, statuses, null, tape);
        double backward = BenchmarkResult.MedianMilliseconds(() => projector.Vjp(tape, gradient, input), arguments.Repetitions);
        (double iterations, double active) = MeanWork(a, n, lower, upper, y);
        return new BenchmarkResult()
            .Add("items_per_second", rows / (forward / 1000))
            .Add("forward_ms", forward)
            .Add("backward_ms", backward)
            .Add("solved", statuses.Count(s => s == SolverStatus.Solved))
            .Add("mean_iterations", iterations)
            .Add("mean_active", active)
            .Add("largest_violation_1e-9", 1e9 * LargestViolation(a, upper, z, n));
    }

    /// <summary>Steps and active rows of the method that the projector uses, over the first rows.</summary>
    private static (double Iterations, double Active) MeanWork(double[] a, int n, double[] lower, double[] upper, double[] y)
    {
        var projector = new PolyhedralProjector(a, n, new bool[upper.Length]);
        PolyhedralWorkspace workspace = projector.CreateWorkspace();
        ReducedBounds bounds = projector.Reduce(lower, upper);
        var z = new double[n];
        var multipliers = new double[upper.Length];
        int rows = Math.Min(1000, y.Length / n);
        double iterations = 0;
        double active = 0;
        for (int i = 0; i < rows; i++)
        {
            projector.Project(y.AsSpan(i * n, n), bounds, z, multipliers, workspace);
            iterations += workspace.Iterations;
            active += multipliers.Count(v => v != 0);
        }

        return (iterations / rows, active / rows);
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
