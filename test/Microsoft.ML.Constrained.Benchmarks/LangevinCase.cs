using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Microsoft.ML.Constrained.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>
/// <c>--kind circle</c>: a training step (loss and gradient included) of a 784-1000-10 network with ReLU under the circle constraint, with and without
/// noise, against TorchSharp's SGD with momentum; "alone" is the optimizer without loss and gradient. <c>--kind orthogonal --rows 512 --columns 512</c>: a constrained step of one matrix without its gradient, with
/// and without noise, against linalg.qr of it alone and against a whole step with a QR retraction. All methods take turns, so that what else the
/// machine does meets them alike.
/// </summary>
internal static class LangevinCase
{
    public static BenchmarkResult Run(BenchmarkArguments arguments)
    {
        set_num_threads(arguments.Threads);
        string kind = arguments.Text("kind", "circle");
        int repetitions = Math.Max(arguments.Repetitions, 5);
        return kind switch
        {
            "circle" => Circle(arguments, repetitions),
            "orthogonal" => Orthogonal(arguments, repetitions),
            _ => throw new ArgumentException($"Option '--kind' expects circle or orthogonal, got '{kind}'."),
        };
    }

    private static BenchmarkResult Circle(BenchmarkArguments arguments, int repetitions)
    {
        int batch = arguments.Int("batch", 128);
        using DisposeScope scope = NewDisposeScope();
        var random = new Random(1);
        Tensor input = Uniform(random, 1, batch, 784).abs();
        Tensor label = tensor(Enumerable.Range(0, batch).Select(_ => (long)random.Next(10)).ToArray());
        (string Name, Func<Sequential, optim.Optimizer> Make)[] methods =
        [
            ("sgd", net => optim.SGD(net.parameters(), 0.01, 0.9)),
            ("circle", net => Constrained(net, 0)),
            ("circle_noise", net => Constrained(net, 1e-6)),
        ];
        var steps = new List<(string, Action)> { ("gradient", Step(Network(random), null, input, label)) };
        foreach ((string name, Func<Sequential, optim.Optimizer> make) in methods)
        {
            Sequential net = Network(new Random(2));
            optim.Optimizer optimizer = make(net);
            steps.Add((name, Step(net, optimizer, input, label)));
            steps.Add((name + "_alone", () => optimizer.step()));
        }

        Dictionary<string, double> times = Medians(steps, repetitions);
        var result = new BenchmarkResult();
        foreach ((string name, double time) in times)
            result.Add(name + "_ms", time);
        return result.Add("circle_ratio", times["circle"] / times["sgd"]).Add("circle_noise_ratio", times["circle_noise"] / times["sgd"]);
    }

    private static BenchmarkResult Orthogonal(BenchmarkArguments arguments, int repetitions)
    {
        int rows = arguments.Int("rows", 512), columns = arguments.Int("columns", 512);
        double tolerance = arguments.Double("tolerance", 1e-6);
        using DisposeScope scope = NewDisposeScope();
        var random = new Random(1);
        Tensor start = Uniform(random, 1, rows, columns);

        // In turns, as mini-batches differ: under one gradient alone the matrix would soon be at rest.
        Tensor[] gradients = [.. Enumerable.Range(0, 8).Select(_ => Uniform(random, 1 / Math.Sqrt(rows * columns), rows, columns))];
        var optimizers = new List<ConstrainedLangevin>();
        Action Langevin(double temperature)
        {
            Parameter weight = nn.Parameter(start.clone());
            var optimizer = new ConstrainedLangevin([weight], 0.1, temperature, 1, WeightConstraint.Orthogonal(tolerance));
            optimizers.Add(optimizer);
            int turn = 0;
            return () =>
            {
                weight.grad = gradients[turn++ % gradients.Length];
                optimizer.step();
            };
        }

        Tensor matrix = rows < columns ? start.t().contiguous() : start;
        var steps = new List<(string, Action)>
        {
            ("shake", Langevin(0)),
            ("shake_noise", Langevin(1e-6)),
            ("qr", () =>
            {
                (Tensor q, Tensor r) = linalg.qr(matrix);
                q.Dispose();
                r.Dispose();
            }),
            ("qr_step", Retraction(start, gradients)),
        };
        Dictionary<string, double> times = Medians(steps, repetitions);
        var result = new BenchmarkResult();
        foreach ((string name, double time) in times)
            result.Add(name + "_ms", time);
        return result.Add("ratio_to_qr", times["shake"] / times["qr"]).Add("ratio_to_qr_step", times["shake"] / times["qr_step"])
            .Add("most_iterations", optimizers.Max(o => o.Diagnostics.MostIterations)).Add("repairs", optimizers.Sum(o => o.Diagnostics.Repairs))
            .Add("residual", optimizers.Max(o => o.Residuals().Position));
    }

    /// <summary>Momentum, tangent projection, step, and the Q of the QR factorisation with a positive diagonal.</summary>
    private static Action Retraction(Tensor start, Tensor[] gradients)
    {
        bool wide = start.shape[0] < start.shape[1];
        Tensor[] g = wide ? [.. gradients.Select(t => t.t().contiguous())] : gradients;
        int turn = 0;
        Tensor w = linalg.qr(wide ? start.t() : start).Q.contiguous(), p = zeros_like(w);
        return () =>
        {
            using IDisposable off = no_grad();
            using DisposeScope scope = NewDisposeScope();
            p.mul_(0.9).add_(g[turn++ % g.Length], -0.1);
            Tensor product = w.t().matmul(p);
            p.sub_(w.matmul((product + product.t()) * 0.5));
            (Tensor q, Tensor r) = linalg.qr(w + (p * 0.1));
            w.copy_(q * r.diagonal().sign());
        };
    }

    private static Action Step(Sequential net, optim.Optimizer? optimizer, Tensor input, Tensor label) => () =>
    {
        using DisposeScope scope = NewDisposeScope();
        net.zero_grad();
        nn.functional.cross_entropy(net.forward(input), label).backward();
        optimizer?.step();
    };

    private static ConstrainedLangevin Constrained(Sequential net, double temperature) =>
        new(WeightGroups.Of(net, WeightConstraint.Circle(0.1), WeightConstraint.Circle(0.05)), 0.1, temperature);

    private static Sequential Network(Random random)
    {
        Linear first = nn.Linear(784, 1000), second = nn.Linear(1000, 10);
        using (no_grad())
        {
            foreach (Linear layer in new[] { first, second })
            {
                layer.weight!.copy_(Uniform(random, 1 / Math.Sqrt(layer.weight.shape[1]), layer.weight.shape));
                layer.bias!.zero_();
            }
        }

        return nn.Sequential(first, nn.ReLU(), second);
    }

    private static Tensor Uniform(Random random, double size, params long[] shape)
    {
        float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(((2 * random.NextDouble()) - 1) * size);
        return tensor(values, shape);
    }

    /// <summary>The median milliseconds of each action, in turns, after half a second of warming up each, over at least a second each.</summary>
    private static Dictionary<string, double> Medians(List<(string Name, Action Action)> actions, int repetitions)
    {
        foreach ((_, Action action) in actions)
        {
            long until = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 2);
            for (int i = 0; i < 3 || Stopwatch.GetTimestamp() < until; i++)
                action();
        }

        List<double>[] times = [.. actions.Select(_ => new List<double>())];
        while (times.Any(t => t.Count < repetitions || t.Sum() < 1000))
        {
            for (int i = 0; i < actions.Count; i++)
            {
                long start = Stopwatch.GetTimestamp();
                actions[i].Action();
                times[i].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        var result = new Dictionary<string, double>();
        for (int i = 0; i < actions.Count; i++)
        {
            times[i].Sort();
            result[actions[i].Name] = times[i][times[i].Count / 2];
        }

        return result;
    }
}
