using System;
using System.Diagnostics;
using Microsoft.ML.Constrained.Layers;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

/// <summary>Live tensors, native bytes and the managed heap over many steps; alone, since other tests would be measured as well.</summary>
[TestClass]
[DoNotParallelize]
public class LayerMemoryTests : LayerTest
{
    private const int WarmUp = 2_000;
    private const int Steps = 10_000;

    [TestMethod]
    public void QuadraticProgramLayer_TenThousandSteps_GrowsNothing()
    {
        var random = new Random(1);
        var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = 4,
            Inequalities = 5,
            Equalities = 1,
            Q = QuadraticProgramTerm.Factor(Normal(random, 4, 4), 0.1),
            G = QuadraticProgramTerm.Learnable(Normal(random, 5, 4)),
            H = QuadraticProgramTerm.Feasible,
            A = QuadraticProgramTerm.Fixed(Normal(random, 1, 4)),
            B = QuadraticProgramTerm.Feasible,
            Solver = new QuadraticProgramOptions { Threads = 1 },
        });
        IsFlat(layer, Normal(random, 3, 4));
    }

    [TestMethod]
    public void QuadraticProgramLayer_InputsInFloat32_GrowNothing()
    {
        var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = 3,
            Inequalities = 3,
            Q = QuadraticProgramTerm.Fixed(eye(3)),
            G = QuadraticProgramTerm.Fixed(-eye(3)),
            Solver = new QuadraticProgramOptions { Threads = 1 },
        });
        IsFlat(layer, Normal(new Random(2), 2, 3).to(ScalarType.Float32));
    }

    [TestMethod]
    public void ProjectionLayer_TenThousandSteps_GrowsNothing() =>
        IsFlat(new ProjectionLayer(ConstraintSet.Over(4).Simplex().Linear("x0 <= x1"), new ProjectorOptions { Threads = 1 }), Normal(new Random(3), 3, 4));

    private static void IsFlat(nn.Module<Tensor, Tensor> layer, Tensor input)
    {
        input.requires_grad_();
        for (int i = 0; i < WarmUp; i++)
            Step(layer, input);
        (long tensors, long native, long managed) before = Measure();
        for (int i = 0; i < Steps; i++)
            Step(layer, input);
        (long tensors, long native, long managed) after = Measure();
        Assert.AreEqual(before.tensors, after.tensors, "Live tensors.");

        // A leak of one tensor of a few numbers a step would be several megabytes.
        Assert.IsLessThan(1_000_000L, after.managed - before.managed, "Managed heap.");
        Assert.IsLessThan(8_000_000L, after.native - before.native, "Process memory.");
    }

    private static void Step(nn.Module<Tensor, Tensor> layer, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        layer.call(input).square().sum().backward();
        layer.zero_grad();
        input.grad = null;
    }

    private static (long Tensors, long Native, long Managed) Measure()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        long managed = GC.GetTotalMemory(true);
        using var process = Process.GetCurrentProcess();
        return (DisposeScopeManager.Statistics.ThreadTotalLiveCount, process.WorkingSet64, managed);
    }
}
