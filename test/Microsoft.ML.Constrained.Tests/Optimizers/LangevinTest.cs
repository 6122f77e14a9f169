using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Optimizers;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Optimizers;

/// <summary>What the tests of the optimizer share.</summary>
public abstract class LangevinTest : LayerTest
{
    /// <summary>Small enough for its circle; otherwise normal numbers.</summary>
    private protected static Parameter Weight(Random random, WeightConstraint constraint, ScalarType type, params long[] shape)
    {
        Tensor values = Normal(random, shape);
        if (constraint.Kind == WeightConstraintKind.Circle)
            values = values.tanh() * (0.9 * constraint.Radius);
        return nn.Parameter(values.to(type));
    }

    /// <summary>∇V of V(w) = ½ Σ kᵢwᵢ² − Σ bᵢwᵢ with k between ½ and 2, written to the parameter's gradient.</summary>
    private protected static Action QuadraticForce(Random random, Parameter weight, double strength = 1)
    {
        Tensor stiffness = ((Normal(random, weight.shape).tanh() * 0.75) + 1.25).to(weight.dtype) * strength;
        Tensor pull = Normal(random, weight.shape).to(weight.dtype) * (0.3 * strength);
        return () =>
        {
            using IDisposable off = no_grad();
            using DisposeScope scope = NewDisposeScope();
            weight.grad = ((weight * stiffness) - pull).MoveToOuterDisposeScope();
        };
    }

    private protected static void Run(ConstrainedLangevin optimizer, Action force, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            force();
            optimizer.step();
        }
    }

    /// <summary>Mean and standard error of correlated numbers, by the means of 40 batches.</summary>
    private protected static (double Mean, double Error) BatchMeans(IReadOnlyList<double> values)
    {
        const int Batches = 40;
        int length = values.Count / Batches;
        double[] means = [.. Enumerable.Range(0, Batches).Select(b => Enumerable.Range(b * length, length).Average(i => values[i]))];
        double mean = means.Average();
        return (mean, Math.Sqrt(means.Sum(m => (m - mean) * (m - mean)) / (Batches * (Batches - 1))));
    }
}
