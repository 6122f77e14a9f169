using System;
using System.Linq;
using Microsoft.ML.Constrained.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>
/// Layers that keep constraints, per row of a batch in float32, forward and with gradients: rows of 3·N(0,1) onto {Az ≤ b}, A of N(0,1),
/// in one step without a solve, in sweeps, and exactly; and activations to checkerboard images of 28 × 28, structured and dense.
/// </summary>
internal static class LayersCase
{
    private const int Side = 28, Tile = 7;

    public static BenchmarkResult Run(BenchmarkArguments arguments)
    {
        int rows = arguments.Int("rows", 256), n = arguments.Int("variables", 20), m = arguments.Int("inequalities", 10), sweeps = arguments.Int("sweeps", 20);
        int repetitions = arguments.Repetitions, threads = arguments.Threads;
        set_num_threads(threads);
        var random = new Random(arguments.Int("seed", 1));
        ConstraintSet set = ConstraintSet.Over(n);
        for (int i = 0; i < m; i++)
            set = set.HalfSpace([.. Enumerable.Range(0, n).Select(_ => Normal(random))], 0.5 + random.NextDouble());
        using Tensor input = Inputs(random, rows, n, 3);
        var result = new BenchmarkResult();
        void Measure(string name, nn.Module<Tensor, Tensor> layer, Tensor x)
        {
            double forward = BenchmarkResult.MedianMilliseconds(() => Forward(layer, x), repetitions);
            double both = BenchmarkResult.MedianMilliseconds(() => Both(layer, x), repetitions);
            result.Add($"{name}_forward_ns_per_row", 1e6 * forward / rows).Add($"{name}_both_ns_per_row", 1e6 * both / rows);
            layer.Dispose();
        }

        if (m <= n)
            Measure("one_step", new DifferentiableProjectionLayer(set, Options(DifferentiableProjectionMethod.OneStep, sweeps)), input);
        Measure("simultaneous", new DifferentiableProjectionLayer(set, Options(DifferentiableProjectionMethod.Simultaneous, sweeps)), input);
        Measure("dykstra", new DifferentiableProjectionLayer(set, Options(DifferentiableProjectionMethod.Dykstra, sweeps)), input);
        Measure("exact", new ProjectionLayer(set, new ProjectorOptions { Threads = threads }), input);
        ConstraintSet cone = PolyhedralCase.Checkerboard(Side, Tile);
        using Tensor images = Inputs(random, rows, Side * Side, 1);
        foreach (PolyhedralForm form in new[] { PolyhedralForm.Structured, PolyhedralForm.Dense })
        {
            var settings = new PolyhedralSettings { Form = form, BoxRadius = 1 };
            Measure("polyhedral_" + form.ToString().ToLowerInvariant(), new PolyhedralLayer(cone, new PolyhedralLayerOptions { Settings = settings }), images);
        }

        return result;
    }

    private static DifferentiableProjectionOptions Options(DifferentiableProjectionMethod method, int sweeps) => new() { Method = method, Sweeps = sweeps };

    private static void Forward(nn.Module<Tensor, Tensor> layer, Tensor x)
    {
        using IDisposable off = no_grad();
        layer.call(x).Dispose();
    }

    private static void Both(nn.Module<Tensor, Tensor> layer, Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        layer.call(x).sum().backward();
        x.grad = null;
    }

    private static Tensor Inputs(Random random, int rows, int columns, double scale)
    {
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(_ => (float)(scale * Normal(random)))];
        return tensor(values).reshape(rows, columns).requires_grad_();
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
