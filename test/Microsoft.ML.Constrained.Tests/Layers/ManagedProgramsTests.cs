using System;
using Microsoft.ML.Constrained.Layers;
using Microsoft.ML.Constrained.QuadraticPrograms;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Layers;

[TestClass]
public class ManagedProgramsTests : LayerTest
{
    [TestMethod]
    public void Solve_NotToBeDifferentiated_KeepsNothing()
    {
        var programs = new ManagedPrograms(new QuadraticProgramOptions());
        Tensor?[] data = [.. List(Problems(new Random(1), 2, 3, 4, 1))];
        QuadraticProgramCall plain = Call(programs), recorded = Call(programs);
        programs.Solve(plain, data, keep: false);
        Assert.IsNull(plain.Workspace);
        Assert.IsNull(plain.Batch);
        programs.Solve(recorded, data, keep: true);
        Assert.IsNotNull(recorded.Workspace);
        Assert.IsTrue(recorded.Workspace.Solution.HasFactors);

        // Handed back after use, it serves the next pass, which keeps no factors in it.
        programs.Differentiate(recorded, data, [zeros(2, 3, ScalarType.Float64), zeros(2, 4, ScalarType.Float64), zeros(2, 1, ScalarType.Float64)], new Tensor?[3]);
        programs.Solve(plain, data, keep: false);
        programs.Solve(plain, data, keep: false);
        Assert.IsFalse(recorded.Workspace.Solution.HasFactors);
    }

    [TestMethod]
    public void Memory_OfATensor_IsTheTensorsOwn()
    {
        Tensor t = Normal(new Random(2), 3, 2);
        Memory<double> memory = TensorMemory.Of(t);
        Assert.AreEqual(6, memory.Length);
        memory.Span[3] = 42;
        Assert.AreEqual(42, t[1, 1].item<double>());
        Assert.AreEqual(0, TensorMemory.Of(null).Length);
        Assert.AreEqual(0, TensorMemory.Of(empty(0, 2, ScalarType.Float64)).Length);
    }

    [TestMethod]
    public void Pool_WorkspaceUsedSince_IsNotReclaimed()
    {
        var pool = new WorkspacePool<ProgramWorkspace>();
        ProgramWorkspace first = pool.Rent();
        long generation = first.Generation;
        pool.Return(first);
        Assert.IsTrue(pool.TryReclaim(first, generation));
        pool.Return(first);
        Assert.AreSame(first, pool.Rent());
        Assert.IsFalse(pool.TryReclaim(first, generation), "It is rented.");
        pool.Return(first);
        Assert.IsFalse(pool.TryReclaim(first, generation), "It is of another pass now.");
    }

    private static QuadraticProgramCall Call(TensorPrograms programs)
    {
        var call = new QuadraticProgramCall
        {
            Programs = programs,
            Diagnostics = new LayerDiagnostics(),
            BatchSize = 2,
            Variables = 3,
            Inequalities = 4,
            Equalities = 1,
            Device = CPU,
        };
        call.Wanted[1] = true;
        return call;
    }
}
