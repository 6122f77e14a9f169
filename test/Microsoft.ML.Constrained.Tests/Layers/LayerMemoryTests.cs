using System;
using System.Diagnostics;
using Microsoft.ML.Constrained.Combinatorial;
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

    /// <summary>What is compiled anew or settles in the allocator shows in a few rounds of measuring; a leak shows in each.</summary>
    private const int Rounds = 8;

    /// <summary>Half of what a leak of one small tensor a step comes to.</summary>
    private const long Most = 2_000_000;

    public TestContext TestContext { get; set; } = null!;

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

    [TestMethod]
    public void DifferentiableProjectionLayer_TenThousandSteps_GrowsNothing() =>
        IsFlat(new DifferentiableProjectionLayer(ConstraintSet.Over(4).Linear("x0 + x1 <= 0").Linear("x2 - x3 = 0")), Normal(new Random(5), 3, 4));

    [TestMethod]
    public void PolyhedralLayer_TenThousandSteps_GrowsNothing() =>
        IsFlat(new PolyhedralLayer(ConstraintSet.Over(4).Linear("x0 + x1 <= 0").Nonnegative("x2"), new PolyhedralLayerOptions { InputSize = 4 }), Normal(new Random(6), 3, 4).to(ScalarType.Float32));

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void BlackboxSolverLayer_TenThousandSteps_GrowsNothing(bool noise)
    {
        BackwardRule rule = noise ? new PerturbedRule(0.5, 2) : new InterpolationRule(2);
        var layer = new BlackboxSolverLayer(
            new TopKSolver(4, 2), rule, new BlackboxSolverLayerOptions { Threads = 1, NoiseMargin = noise ? 0.1 : 0 });
        IsFlat(layer, Normal(new Random(5), 3, 4).to(noise ? ScalarType.Float64 : ScalarType.Float32));
    }

    [TestMethod]
    public void BlackboxSolverLayer_ContiguousFloats_AreNotCopiedMoreThanTheBackwardPassNeeds()
    {
        const int Batch = 200, N = 1000;
        Tensor x = Normal(new Random(6), Batch, N).to(ScalarType.Float32).requires_grad_();
        var layer = new BlackboxSolverLayer(new TopKSolver(N, 5), new IdentityRule(), new BlackboxSolverLayerOptions { Threads = 1 });
        long recorded = Allocation.OfOneCall(() =>
        {
            using DisposeScope scope = NewDisposeScope();
            layer.forward(x).sum().backward();
        });
        using IDisposable off = no_grad();
        long plain = Allocation.OfOneCall(() => layer.forward(x).Dispose());
        TestContext.WriteLine($"{plain} and {recorded} bytes for {Batch * N * sizeof(float)} bytes of costs");
        Assert.IsLessThan(32_000L, plain);
        Assert.IsLessThan(32_000L, recorded);
    }

    [TestMethod]
    public void QuadraticProgramLayer_ContiguousDoublesUnderNoGrad_AreNotCopiedToTheManagedHeap()
    {
        const int Batch = 32, N = 40, M = 40;
        QuadraticProgramTensors problems = Problems(new Random(4), Batch, N, M, 0);
        var layer = new QuadraticProgramLayer(new QuadraticProgramLayerOptions
        {
            Variables = N,
            Inequalities = M,
            Q = QuadraticProgramTerm.Input,
            G = QuadraticProgramTerm.Input,
            H = QuadraticProgramTerm.Input,
            Solver = new QuadraticProgramOptions { Threads = 1 },
        });
        var inputs = new QuadraticProgramTensors { Q = problems.Q, P = problems.P, G = problems.G, H = problems.H };
        using IDisposable off = no_grad();
        long allocated = Allocation.OfOneCall(() => layer.forward(inputs).Dispose());
        TestContext.WriteLine($"{allocated} bytes for {Batch * ((N * N) + (M * N)) * 8} bytes of matrices");
        Assert.IsLessThan(32_000L, allocated);
    }

    private void IsFlat(nn.Module<Tensor, Tensor> layer, Tensor input)
    {
        input.requires_grad_();
        for (int i = 0; i < WarmUp; i++)
            Step(layer, input);
        long tensors = 0, native = 0, managed = 0;
        for (int round = 0; round < Rounds; round++)
        {
            (long tensors, long native, long managed) before = Measure();
            for (int i = 0; i < Steps; i++)
                Step(layer, input);
            (long tensors, long native, long managed) after = Measure();
            (tensors, native, managed) = (after.tensors - before.tensors, after.native - before.native, after.managed - before.managed);
            TestContext.WriteLine($"{Steps} steps: live tensors {tensors:+0;-0;0}, process {native / 1024:+0;-0;0} KiB, managed {managed / 1024:+0;-0;0} KiB");
            if (tensors == 0 && native < Most && managed < Most)
                return;
        }

        Assert.Fail($"Over {Steps} steps, again and again: live tensors {tensors:+0;-0;0}, process {native:+0;-0;0} bytes, managed heap {managed:+0;-0;0} bytes.");
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
        // Aggressive: the collector gives back the regions that it keeps for later, which would count as the process's.
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        long managed = GC.GetTotalMemory(false);
        using var process = Process.GetCurrentProcess();
        return (DisposeScopeManager.Statistics.ThreadTotalLiveCount, process.WorkingSet64, managed);
    }
}
