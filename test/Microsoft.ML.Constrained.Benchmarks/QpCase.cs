using System;
using System.Diagnostics;
using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>
/// OptNet's random problems: Q = LLᵀ + 1e-3·I with L ~ N(0, 1), p, G, A ~ N(0, 1), h = Gz₀ + s₀ with z₀ ~ N(0, 1), s₀ ~ U(0, 1), b = Az₀.
/// </summary>
internal static class QpCase
{
    public static BenchmarkResult Run(BenchmarkArguments arguments)
    {
        int batch = arguments.Int("batch", 128), n = arguments.Int("variables", 10);
        int m = arguments.Int("inequalities", n), p = arguments.Int("equalities", 0);
        string device = arguments.Text("device", "cpu");
        if (device != "cpu")
            return QpDeviceCase.Run(arguments, device, batch, n, m, p, arguments.Int("seed", 0));
        QuadraticProgramBatch data = Random(batch, n, m, p, arguments.Int("seed", 0));
        var solver = new QuadraticProgramSolver(new QuadraticProgramOptions { Threads = arguments.Threads });
        var solution = new QuadraticProgramSolution();
        var gradients = new QuadraticProgramGradients();
        double[] loss = new double[batch * n];
        var random = new Random(1);
        for (int i = 0; i < loss.Length; i++)
            loss[i] = Normal(random);
        double forward = BenchmarkResult.MedianMilliseconds(() => solver.Solve(data, solution), arguments.Repetitions);
        double backward = BenchmarkResult.MedianMilliseconds(
            () => solver.Differentiate(data, solution, loss, default, default, gradients), arguments.Repetitions);
        double forwardCpu = CpuMilliseconds(() => solver.Solve(data, solution));
        double backwardCpu = CpuMilliseconds(() => solver.Differentiate(data, solution, loss, default, default, gradients));
        int solved = 0;
        double iterations = 0, worst = 0;
        for (int i = 0; i < batch; i++)
        {
            solved += solution.Status[i] == SolverStatus.Solved ? 1 : 0;
            iterations += solution.Iterations[i];
            worst = Math.Max(worst, Math.Max(solution.Gap[i], Math.Max(solution.PrimalResidual[i], solution.DualResidual[i])));
        }

        return new BenchmarkResult().Add("forward_ms", forward).Add("backward_ms", backward)
            .Add("forward_cpu_ms", forwardCpu).Add("backward_cpu_ms", backwardCpu).Add("solved", solved)
            .Add("mean_iterations", iterations / Math.Max(1, batch)).Add("worst_residual", worst.ToString("g3"));
    }

    /// <summary>Processor time of all threads for one call: what is left of a measurement on a machine that others use too.</summary>
    private static double CpuMilliseconds(Action action)
    {
        int calls = 0;
        double least = double.PositiveInfinity;
        long end = Stopwatch.GetTimestamp() + Stopwatch.Frequency;
        while (Stopwatch.GetTimestamp() < end)
        {
            double before = Environment.CpuUsage.TotalTime.TotalMilliseconds;
            long until = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 10);
            for (calls = 0; calls == 0 || Stopwatch.GetTimestamp() < until; calls++)
                action();
            least = Math.Min(least, (Environment.CpuUsage.TotalTime.TotalMilliseconds - before) / calls);
        }

        return least;
    }

    internal static QuadraticProgramBatch Random(int batch, int n, int m, int p, int seed)
    {
        var random = new Random(seed);
        double[] q = new double[batch * n * n], c = new double[batch * n], l = new double[n * n];
        double[] g = new double[batch * m * n], h = new double[batch * m], a = new double[batch * p * n], b = new double[batch * p];
        double[] z = new double[n];
        for (int k = 0; k < batch; k++)
        {
            Fill(random, l);
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    double sum = i == j ? 1e-3 : 0;
                    for (int t = 0; t < n; t++)
                        sum += l[(i * n) + t] * l[(j * n) + t];
                    q[(((k * n) + i) * n) + j] = sum;
                }
            }

            Fill(random, c.AsSpan(k * n, n));
            Fill(random, z);
            Rows(random, g.AsSpan(k * m * n, m * n), h.AsSpan(k * m, m), z);
            for (int i = 0; i < m; i++)
                h[(k * m) + i] += random.NextDouble();
            Rows(random, a.AsSpan(k * p * n, p * n), b.AsSpan(k * p, p), z);
        }

        return new QuadraticProgramBatch(batch, n, m, p) { Q = q, P = c, G = g, H = h, A = a, B = b };
    }

    private static void Rows(Random random, Span<double> matrix, Span<double> right, double[] z)
    {
        Fill(random, matrix);
        for (int i = 0; i < right.Length; i++)
        {
            for (int j = 0; j < z.Length; j++)
                right[i] += matrix[(i * z.Length) + j] * z[j];
        }
    }

    private static void Fill(Random random, Span<double> values)
    {
        foreach (ref double value in values)
            value = Normal(random);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
