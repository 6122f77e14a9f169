using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace TorchSharp.Offline.Tests;

[TestClass]
public class DisposeScopeTests : TorchTest
{
    [TestMethod]
    public void Scope_ThatEnds_DisposesAllButWhatWasMoved()
    {
        Tensor kept, moved, gone;
        using (NewDisposeScope())
        {
            using (var inner = NewDisposeScope())
            {
                gone = ones(1);
                moved = inner.MoveToOuter(ones(1));
                kept = inner.Detach(ones(1));
            }
            Assert.IsTrue(gone.IsInvalid);
            Assert.IsFalse(moved.IsInvalid);
        }
        Assert.IsTrue(moved.IsInvalid);
        Assert.IsFalse(kept.IsInvalid);
        Assert.IsNull(CurrentDisposeScope);
    }

    [TestMethod]
    public void Scope_WithManyTensorsDisposedInAnyOrder_StaysConsistent()
    {
        using var scope = NewDisposeScope();
        Tensor[] all = Enumerable.Range(0, 200).Select(i => tensor((double)i)).ToArray();
        var other = new Probe();
        scope.Attach(other);
        var random = new Random(5);
        foreach (Tensor t in all.OrderBy(_ => random.Next()).Take(150))
            t.Dispose();
        Assert.AreEqual(51, scope.DisposablesCount);
        Tensor[] left = all.Where(t => !t.IsInvalid).ToArray();
        Assert.IsTrue(left.All(scope.Contains) && scope.Contains(other));
        scope.DisposeEverythingBut(left[0]);
        Assert.AreEqual(1, scope.DisposablesCount);
        Assert.IsTrue(other.Disposed && !left[0].IsInvalid && left[1].IsInvalid);
    }

    private sealed class Probe : IDisposable
    {
        internal bool Disposed { get; private set; }
        public void Dispose() => Disposed = true;
    }

    [TestMethod]
    public void Loop_InScopes_KeepsNativeMemoryFlat()
    {
        static void Work(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using var scope = NewDisposeScope();
                Tensor x = rand(200, 200, requires_grad: true);
                (x * x + x[0] * 2).sum().backward();
                cat([x, x.grad]).max(0L);
            }
        }
        Work(200);
        long before = Resident(), tensors = Tensor.TotalCount;
        Work(500);
        Assert.IsLessThanOrEqualTo(tensors, Tensor.TotalCount);
        // A leak of one of these tensors a round would be 80 MB.
        Assert.IsLessThan(40_000_000, Resident() - before);
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static void MakeAndForget(int count)
    {
        for (int i = 0; i < count; i++)
            _ = rand(100, 100) + 1;
    }

    [TestMethod]
    public void ForgottenTensors_AreFreedByTheCollector()
    {
        long before = Tensor.TotalCount;
        MakeAndForget(100);
        for (int i = 0; i < 20 && Tensor.TotalCount > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.IsLessThanOrEqualTo(before, Tensor.TotalCount);
    }

    [TestMethod]
    public void Threads_WorkingAtOnce_EachGetTheirOwnScopesAndTheSameResults()
    {
        Tensor shared = Some(20, 20);
        double expected = shared.matmul(shared).sum().ToDouble();
        var results = new double[4];
        Thread[] threads = Enumerable.Range(0, 4).Select(k => new Thread(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                using var scope = NewDisposeScope();
                results[k] = shared.matmul(shared).sum().ToDouble();
                if (scope.DisposablesCount != 2 || results[k] != expected)
                    return;
            }
        })).ToArray();
        foreach (Thread t in threads)
            t.Start();
        foreach (Thread t in threads)
            t.Join();
        Assert.IsTrue(results.All(r => r == expected));
    }

    [TestMethod]
    public void Collections_WhileTensorsAreInUse_TakeNoneAwayTooEarly()
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
                GC.Collect(0);
        });
        collector.Start();
        double sum = 0;
        for (int i = 0; i < 3_000; i++)
            sum += full(16, 1.0, dtype: float64).data<double>().ToArray()[15] + full(3, 2L)[0].item<long>() + ones(4).numel();
        stop.Cancel();
        collector.Join();
        Assert.AreEqual(3_000 * 7.0, sum);
    }
}
