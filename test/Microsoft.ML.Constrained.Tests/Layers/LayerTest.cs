using System;
using Microsoft.ML.Constrained.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

/// <summary>What tests of layers share: without libtorch they are inconclusive; each owns its tensors.</summary>
public abstract class LayerTest
{
    private static readonly Lazy<string?> s_missing = new(() =>
    {
        try
        {
            using Tensor probe = zeros(1);
            return null;
        }
        catch (Exception e)
        {
            return "libtorch is needed and cannot be loaded: " + e.GetBaseException().Message;
        }
    });

    private DisposeScope? _scope;

    [TestInitialize]
    public void RequireLibtorch()
    {
        if (s_missing.Value is { } reason)
            Assert.Inconclusive(reason);
        _scope = NewDisposeScope();
    }

    [TestCleanup]
    public void DisposeTensors() => _scope?.Dispose();

    /// <summary>Normally distributed numbers.</summary>
    protected static Tensor Normal(Random random, params long[] shape)
    {
        long count = 1;
        foreach (long length in shape)
            count *= length;
        double[] values = new double[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return from_array(values).reshape(shape);
    }

    /// <summary>Strictly convex problems with a point well inside; without a batch dimension where batch is negative.</summary>
    protected static QuadraticProgramTensors Problems(Random random, int batch, int n, int m, int p, double slack = 0.3)
    {
        int count = Math.Max(batch, 1);
        Tensor l = Normal(random, count, n, n), g = Normal(random, count, m, n), a = Normal(random, count, p, n), z = Normal(random, count, n, 1);
        Tensor q = l.bmm(l.mT) + (eye(n, dtype: ScalarType.Float64) * 0.2);
        Tensor h = g.bmm(z).squeeze(-1) + (Normal(random, count, m).abs() * slack), b = a.bmm(z).squeeze(-1);
        Tensor cost = Normal(random, count, n) * 3;
        return batch < 0
            ? new QuadraticProgramTensors { Q = q[0], P = cost[0], G = g[0], H = h[0], A = a[0], B = b[0] }
            : new QuadraticProgramTensors { Q = q, P = cost, G = g, H = h, A = a, B = b };
    }

    /// <summary>A layer of which everything is an input.</summary>
    protected static QuadraticProgramLayer AllInputs(int n, int m, int p, bool tensors = false) => new(new QuadraticProgramLayerOptions
    {
        Variables = n,
        Inequalities = m,
        Equalities = p,
        Q = QuadraticProgramTerm.Input,
        P = QuadraticProgramTerm.Input,
        G = QuadraticProgramTerm.Input,
        H = QuadraticProgramTerm.Input,
        A = QuadraticProgramTerm.Input,
        B = QuadraticProgramTerm.Input,
        AlwaysUseTensorOperations = tensors,
    });

    protected static QuadraticProgramTensors From(Tensor[] tensors) =>
        new() { Q = tensors[0], P = tensors[1], G = tensors[2], H = tensors[3], A = tensors[4], B = tensors[5] };

    protected static Tensor[] List(QuadraticProgramTensors tensors) =>
        [tensors.Q!, tensors.P!, tensors.G!, tensors.H!, tensors.A!, tensors.B!];

    protected static double[] Values(Tensor tensor)
    {
        using Tensor plain = tensor.detach().to(ScalarType.Float64).contiguous();
        return plain.data<double>().ToArray();
    }

    protected static double LargestDifference(Tensor a, Tensor b)
    {
        CollectionAssert.AreEqual(a.shape, b.shape);
        double[] x = Values(a), y = Values(b);
        double largest = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double difference = Math.Abs(x[i] - y[i]);
            largest = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(largest, difference);
        }

        return largest;
    }

    protected static void AreClose(Tensor expected, Tensor actual, double tolerance, string what = "") =>
        Assert.IsLessThanOrEqualTo(tolerance, LargestDifference(expected, actual), what);

    /// <summary>The largest violation of the optimality conditions of any problem, by loops.</summary>
    protected static double KktResidual(QuadraticProgramTensors problems, Tensor z, Tensor lambda, Tensor nu)
    {
        int batch = (int)z.shape[0], n = (int)z.shape[1], m = (int)lambda.shape[1], p = (int)nu.shape[1];
        double[] q = Expanded(problems.Q!, batch, n * n), c = Expanded(problems.P!, batch, n), g = Expanded(problems.G!, batch, m * n);
        double[] h = Expanded(problems.H!, batch, m), a = Expanded(problems.A!, batch, p * n), b = Expanded(problems.B!, batch, p);
        double[] x = Values(z), l = Values(lambda), v = Values(nu);
        double worst = 0;
        for (int k = 0; k < batch; k++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = c[(k * n) + j];
                for (int i = 0; i < n; i++)
                    sum += 0.5 * (q[(((k * n) + i) * n) + j] + q[(((k * n) + j) * n) + i]) * x[(k * n) + i];
                for (int i = 0; i < m; i++)
                    sum += g[(((k * m) + i) * n) + j] * l[(k * m) + i];
                for (int i = 0; i < p; i++)
                    sum += a[(((k * p) + i) * n) + j] * v[(k * p) + i];
                worst = Math.Max(worst, Math.Abs(sum));
            }

            for (int i = 0; i < m; i++)
            {
                double slack = h[(k * m) + i];
                for (int j = 0; j < n; j++)
                    slack -= g[(((k * m) + i) * n) + j] * x[(k * n) + j];
                worst = Math.Max(worst, Math.Max(-slack, Math.Max(-l[(k * m) + i], Math.Abs(slack * l[(k * m) + i]))));
            }

            for (int i = 0; i < p; i++)
            {
                double sum = -b[(k * p) + i];
                for (int j = 0; j < n; j++)
                    sum += a[(((k * p) + i) * n) + j] * x[(k * n) + j];
                worst = Math.Max(worst, Math.Abs(sum));
            }
        }

        return worst;
    }

    private static double[] Expanded(Tensor tensor, int batch, int single)
    {
        double[] values = Values(tensor);
        if (values.Length == batch * single)
            return values;
        double[] all = new double[batch * single];
        for (int k = 0; k < batch; k++)
            values.AsSpan(0, single).CopyTo(all.AsSpan(k * single));
        return all;
    }
}
