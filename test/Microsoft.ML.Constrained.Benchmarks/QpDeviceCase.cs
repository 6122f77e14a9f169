using System;
using System.Collections.Generic;
using System.Diagnostics;
using Microsoft.ML.Constrained.Layers;
using Microsoft.ML.Constrained.QuadraticPrograms;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Benchmarks;

/// <summary>
/// The problems of <see cref="QpCase"/> through <see cref="QuadraticProgramLayer"/>: <c>--device cuda</c> (or <c>cuda:1</c>) on that
/// device, <c>tensors</c> by the same tensor operations on the CPU, <c>layer</c> by the managed solver on CPU tensors. Times hold until
/// the results are there; forward keeps what backward needs, backward gives the gradients of all parameters.
/// </summary>
internal static class QpDeviceCase
{
    /// <summary>Larger batches repeat these: to make more would take longer than to solve them.</summary>
    private const int MostDistinct = 2048;

    public static BenchmarkResult Run(BenchmarkArguments arguments, string device, int batch, int n, int m, int p, int seed)
    {
        bool onCpu = device is "tensors" or "layer";
        Device place = onCpu ? CPU : torch.device(device);
        set_num_threads(arguments.Threads);
        using DisposeScope scope = NewDisposeScope();
        int distinct = Math.Min(batch, MostDistinct);
        QuadraticProgramBatch data = QpCase.Random(distinct, n, m, p, seed);
        Tensor On(ReadOnlyMemory<double> values, params long[] shape)
        {
            Tensor tensor = from_array(values.ToArray()).reshape([distinct, .. shape]).to(place);
            long[] times = new long[shape.Length + 1];
            Array.Fill(times, 1);
            times[0] = batch / distinct;
            return tensor.repeat(times).requires_grad_();
        }

        if (batch % distinct != 0)
            throw new ArgumentException($"'--batch {batch}' is not a multiple of the {distinct} different problems.");
        var inputs = new QuadraticProgramTensors
        {
            Q = On(data.Q, n, n),
            P = On(data.P, n),
            G = On(data.G, m, n),
            H = On(data.H, m),
            A = On(data.A, p, n),
            B = On(data.B, p),
        };
        var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = n,
            Inequalities = m,
            Equalities = p,
            Q = QuadraticProgramTerm.Input,
            G = QuadraticProgramTerm.Input,
            H = QuadraticProgramTerm.Input,
            A = QuadraticProgramTerm.Input,
            B = QuadraticProgramTerm.Input,
            AlwaysUseTensorOperations = device == "tensors",
            Solver = new QuadraticProgramOptions { Threads = arguments.Threads },
        });
        (double forward, double backward) = Measure(layer, inputs, arguments.Repetitions);
        return new BenchmarkResult().Add("forward_ms", forward).Add("backward_ms", backward)
            .Add("solved", batch - layer.Diagnostics.Unsolved).Add("distinct", distinct);
    }

    private static (double Forward, double Backward) Measure(QuadraticProgramLayer layer, QuadraticProgramTensors inputs, int repetitions)
    {
        var forward = new List<double>();
        var backward = new List<double>();
        Tensor[] leaves = [inputs.Q!, inputs.P!, inputs.G!, inputs.H!, inputs.A!, inputs.B!];
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repetitions + 2 || Stopwatch.GetElapsedTime(start).TotalSeconds < 1.5; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            long begin = Stopwatch.GetTimestamp();
            Tensor z = layer.forward(inputs);
            Wait(z);
            TimeSpan solved = Stopwatch.GetElapsedTime(begin);
            Tensor loss = z.sum();
            Wait(loss);
            begin = Stopwatch.GetTimestamp();
            loss.backward();
            Wait(inputs.P!.grad!);
            TimeSpan differentiated = Stopwatch.GetElapsedTime(begin);
            foreach (Tensor leaf in leaves)
                leaf.grad = null;
            if (i < 2)
                continue;
            forward.Add(solved.TotalMilliseconds);
            backward.Add(differentiated.TotalMilliseconds);
        }

        return (Median(forward), Median(backward));
    }

    /// <summary>A number that is read waits for all work before it on the device.</summary>
    private static void Wait(Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
            tensor.sum().item<double>();
    }

    private static double Median(List<double> times)
    {
        times.Sort();
        return times[times.Count / 2];
    }
}
