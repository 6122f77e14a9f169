using System;
using System.Linq;
using System.Threading.Tasks;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>
/// The checkerboard of the released experiment: activations to feasible images by the parameterisation, structured and dense,
/// against projecting images by our exact projection and by an iterative solver at 1e-6. All on single-precision rows, in one run.
/// </summary>
internal static class PolyhedralCase
{
    private const double IterativeTolerance = 1e-6;

    public static BenchmarkResult Run(BenchmarkArguments arguments)
    {
        int rows = arguments.Int("rows", 20_000), side = arguments.Int("side", 28), tile = arguments.Int("tile", 7), threads = arguments.Threads;
        int denseRows = Math.Min(rows, arguments.Int("dense-rows", 1024)), projectedRows = Math.Min(rows, arguments.Int("projected-rows", 256));
        int iterativeRows = Math.Min(rows, arguments.Int("iterative-rows", 64));
        bool box = arguments.Int("box", 1) != 0;
        int n = side * side, repetitions = arguments.Repetitions;
        ConstraintSet cone = Checkerboard(side, tile);
        double? radius = box ? 1 : null;
        var structured = new PolyhedralParameterization(cone, new PolyhedralSettings { BoxRadius = radius, Form = PolyhedralForm.Structured });
        var dense = new PolyhedralParameterization(cone, new PolyhedralSettings { BoxRadius = radius, Form = PolyhedralForm.Dense });
        var projector = new Projector(box ? cone.Bounds(-1, 1) : cone, new ProjectorOptions { Threads = threads });
        var iterative = new SplittingProjection(cone, box ? 1 : double.PositiveInfinity, IterativeTolerance);

        var random = new Random(1);
        var images = new float[rows * n];
        foreach (ref float value in images.AsSpan())
            value = (float)(2 * random.NextDouble() - 1);
        float[] points = new float[rows * n], gradients = new float[rows * n], projected = new float[rows * n];
        var statuses = new SolverStatus[rows];

        double structuredMs = BenchmarkResult.MedianMilliseconds(() => structured.Map(images, points, statuses, threads), repetitions);
        double copyMs = BenchmarkResult.MedianMilliseconds(() => Copy(images, points, threads), repetitions);
        double backwardMs = BenchmarkResult.MedianMilliseconds(() => structured.Vjp(images, points, gradients, threads), repetitions);
        structured.Map(images, points, statuses, threads);
        double violation = Violation(cone, points, n, Math.Min(rows, 256));
        double denseMs = BenchmarkResult.MedianMilliseconds(
            () => dense.Map(images.AsSpan(0, denseRows * n), points.AsSpan(0, denseRows * n), statuses.AsSpan(0, denseRows), threads), repetitions);
        double projectionMs = BenchmarkResult.MedianMilliseconds(
            () => projector.Project(images.AsSpan(0, projectedRows * n), [], projected.AsSpan(0, projectedRows * n), statuses.AsSpan(0, projectedRows)),
            repetitions);
        long iterations = 0;
        double iterativeMs = BenchmarkResult.MedianMilliseconds(
            () => iterations = Iterative(iterative, images, iterativeRows, n, threads), repetitions);

        double structuredNs = 1e6 * structuredMs / rows, projectionNs = 1e6 * projectionMs / projectedRows, iterativeNs = 1e6 * iterativeMs / iterativeRows;
        double bytes = sizeof(float) * (double)rows * (structured.ActivationCount + n);
        return new BenchmarkResult()
            .Add("items_per_second", 1e9 / structuredNs)
            .Add("structured_ns_per_row", structuredNs)
            .Add("structured_backward_ns_per_row", 1e6 * backwardMs / rows)
            .Add("dense_ns_per_row", 1e6 * denseMs / denseRows)
            .Add("dense_gflops", 2.0 * n * n * denseRows / denseMs / 1e6)
            .Add("exact_projection_ns_per_row", projectionNs)
            .Add("exact_projection_method", projector.Method.ToString())
            .Add("iterative_projection_ns_per_row", iterativeNs)
            .Add("iterative_mean_iterations", iterations / (double)iterativeRows)
            .Add("times_faster_than_exact", projectionNs / structuredNs)
            .Add("times_faster_than_iterative", iterativeNs / structuredNs)
            .Add("gigabytes_per_second", bytes / structuredMs / 1e6)
            .Add("copy_gigabytes_per_second", sizeof(float) * 2.0 * rows * n / copyMs / 1e6)
            .Add("share_of_copy_bandwidth", copyMs / structuredMs)
            .Add("largest_violation_1e-6", 1e6 * violation);
    }

    /// <summary>Square tiles, the sum of each at most or at least zero by turns.</summary>
    internal static ConstraintSet Checkerboard(int side, int tile)
    {
        int across = side / tile;
        ConstraintSet set = ConstraintSet.Over(side * side);
        for (int k = 0; k < across * across; k++)
        {
            int blockRow = k % across, blockColumn = k / across;
            double sign = (blockRow + blockColumn) % 2 == 0 ? 1 : -1;
            double[] row = [.. Enumerable.Range(0, side * side).Select(i => i / side / tile == blockRow && i % side / tile == blockColumn ? sign : 0)];
            set = set.Linear($"tile{k}", row, double.NegativeInfinity, 0);
        }

        return set;
    }

    /// <summary>What memory gives: the same arrays read and written by the same threads, nothing computed.</summary>
    private static void Copy(float[] source, float[] target, int threads)
    {
        const int piece = 1 << 17;
        Parallel.For(
            0,
            (source.Length + piece - 1) / piece,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            i => source.AsSpan(i * piece, Math.Min(piece, source.Length - i * piece)).CopyTo(target.AsSpan(i * piece)));
    }

    private static long Iterative(SplittingProjection solver, float[] images, int rows, int n, int threads)
    {
        var counts = new int[rows];
        Parallel.For(
            0,
            rows,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            r => counts[r] = solver.Project(images.AsSpan(r * n, n), new double[n]));
        return counts.Sum(c => (long)c);
    }

    private static double Violation(ConstraintSet set, float[] points, int n, int rows)
    {
        double worst = 0;
        for (int r = 0; r < rows; r++)
            worst = Math.Max(worst, set.Violation(points.AsSpan(r * n, n)));
        return worst;
    }
}
