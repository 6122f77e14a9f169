using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Constrained.Tests.Layers;
using Microsoft.ML.Constrained.Trainers;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Tests.Trainers;

[TestClass]
public sealed class TrainingLoopTests : LayerTest
{
    [TestMethod]
    [DataRow(TrainingOptimizerKind.Adam, 0.05)]
    [DataRow(TrainingOptimizerKind.AdamW, 0.05)]
    [DataRow(TrainingOptimizerKind.Sgd, 0.02)]
    public void Run_LinearTarget_IsLearnedByEachOptimizer(TrainingOptimizerKind optimizer, double rate)
    {
        using var task = new LinearTask(1);
        TrainingSummary summary = Run(task, new Options { Optimizer = optimizer, LearningRate = rate, Epochs = 40, BatchSize = 10 });
        Assert.AreEqual(TrainingStatus.Feasible, summary.Status);
        Assert.IsLessThan(1e-3, summary.History[summary.BestEpoch - 1].ValidationLoss);
        Assert.IsLessThan(summary.History[0].LearningRate * 0.02, summary.History[^1].LearningRate);
    }

    [TestMethod]
    public void Run_KeepsTheBestFeasibleState()
    {
        // Feasible from the third to the sixth epoch only.
        using var task = new LinearTask(1) { Feasible = epoch => epoch is >= 3 and <= 6 };
        TrainingSummary summary = Run(task, new Options { Epochs = 9, Patience = 0, LearningRate = 0.01 });
        Assert.AreEqual(TrainingStatus.Feasible, summary.Status);
        Assert.IsTrue(summary.BestEpoch is >= 3 and <= 6);
        Assert.AreEqual(summary.History.Where(e => e.IsFeasible).Min(e => e.ValidationLoss), summary.History[summary.BestEpoch - 1].ValidationLoss);
        Assert.AreEqual(summary.History[summary.BestEpoch - 1].ValidationLoss, task.Measure(), 1e-12);
    }

    [TestMethod]
    public void Run_NeverFeasible_KeepsTheLastStateAndWarns()
    {
        var warnings = new List<string>();
        using var task = new LinearTask(1) { Feasible = _ => false };
        TrainingSummary summary = Run(task, new Options { Epochs = 5, Patience = 2 }, warnings);
        Assert.AreEqual(TrainingStatus.NotFeasible, summary.Status);
        Assert.AreEqual(5, summary.BestEpoch);
        Assert.HasCount(5, summary.History);
        Assert.AreEqual(summary.History[^1].ValidationLoss, task.Measure(), 1e-12);
        Assert.IsTrue(warnings.Any(w => w.Contains("NotFeasible", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Run_NoImprovement_StopsEarly()
    {
        using var task = new LinearTask(1) { Offset = epoch => epoch };
        TrainingSummary summary = Run(task, new Options { Epochs = 50, Patience = 3 });
        Assert.AreEqual(TrainingStop.NoImprovement, summary.Stop);
        Assert.AreEqual(1, summary.BestEpoch);
        Assert.HasCount(4, summary.History);
    }

    [TestMethod]
    public void Run_LossBecomesNaN_KeepsTheStateBefore()
    {
        using var task = new LinearTask(1) { Break = 30 };
        TrainingSummary summary = Run(task, new Options { Epochs = 50, BatchSize = 10 });
        Assert.AreEqual(TrainingStop.Diverged, summary.Stop);
        Assert.HasCount(3, summary.History);
        Assert.IsTrue(double.IsFinite(task.Measure()));
    }

    [TestMethod]
    public void Run_LossIsNaNAtOnce_Throws()
    {
        using var task = new LinearTask(1) { Break = 0 };
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => Run(task, new Options())).Message;
        StringAssert.Contains(message, "LearningRate");
    }

    [TestMethod]
    public void Run_Plateau_HalvesTheRate()
    {
        using var task = new LinearTask(1) { Offset = epoch => 10 * epoch };
        TrainingSummary summary = Run(task, new Options
        {
            Epochs = 12, Patience = 0, LearningRate = 0.04, LearningRateSchedule = LearningRateSchedule.ReduceOnPlateau,
        });
        Assert.AreEqual(0.04, summary.History[5].LearningRate);
        Assert.AreEqual(0.02, summary.History[6].LearningRate);
        Assert.AreEqual(0.01, summary.History[11].LearningRate);
    }

    [TestMethod]
    public void Run_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        using var task = new LinearTask(1) { OnBatch = batch => { if (batch == 7) source.Cancel(); } };
        Assert.ThrowsExactly<OperationCanceledException>(() => Run(task, new Options { CancellationToken = source.Token, BatchSize = 10, Epochs = 1000 }));
        Assert.AreEqual(8, task.Batches);
    }

    [TestMethod]
    public void Run_LeavesNoTensors()
    {
        long Live()
        {
            using var task = new LinearTask(1);
            Run(task, new Options { Epochs = 3 });
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }

        // The scope of the test would hide what a run forgets.
        DisposeTensors();
        long first = Live();
        Assert.AreEqual(first, Live());
    }

    [TestMethod]
    public void Run_LastBatchOfOneRow_JoinsTheOneBefore()
    {
        var sizes = new List<int>();
        using var task = new LinearTask(1) { OnRows = sizes.Add };
        Run(task, new Options { Epochs = 1, BatchSize = 33 });
        CollectionAssert.AreEqual(new[] { 33, 33, 34 }, sizes);
    }

    private static TrainingSummary Run(LinearTask task, Options options, List<string>? warnings = null)
    {
        var mlContext = new MLContext(1);
        mlContext.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning)
                warnings?.Add(e.Message);
        };
        IHost host = ((IHostEnvironment)mlContext).Register("test");
        return new TrainingLoop(options, host, new Random(5)).Run(task, new TrainingSplit(new int[100], []), 0);
    }

    private sealed class Options : NetworkTrainerOptions
    {
    }

    /// <summary>y = 2a − b + 0.5 on 100 rows.</summary>
    private sealed class LinearTask : TrainingTask, IDisposable
    {
        private readonly NetworkModule _module;
        private readonly Tensor _x, _y;
        private int _epoch;

        public LinearTask(int seed)
        {
            _module = new NetworkModule(new NetworkShape(2, 1, [], NetworkActivation.ReLU), new Random(seed), CPU);
            using var scope = NewDisposeScope();
            _x = Normal(new Random(9), 100, 2).to(ScalarType.Float32);
            _y = (_x.select(1, 0) * 2) - _x.select(1, 1) + 0.5f;
            _x.DetachFromDisposeScope();
            _y.DetachFromDisposeScope();
        }

        public Func<int, bool> Feasible { get; init; } = _ => true;

        public Func<int, double> Offset { get; init; } = _ => 0;

        public Action<int>? OnBatch { get; init; }

        public Action<int>? OnRows { get; init; }

        public int Break { get; init; } = int.MaxValue;

        public int Batches { get; private set; }

        public override nn.Module Module => _module;

        public override int Rows => 100;

        public override Tensor Loss(long[] rows)
        {
            OnBatch?.Invoke(Batches);
            OnRows?.Invoke(rows.Length);
            Tensor index = tensor(rows);
            Tensor loss = (_module.forward(_x.index_select(0, index)).squeeze(1) - _y.index_select(0, index)).square().mean();
            return Batches++ >= Break ? loss * float.NaN : loss;
        }

        public override TrainingMeasure Validate()
        {
            _epoch++;
            bool feasible = Feasible(_epoch);
            return new TrainingMeasure(Measure() + Offset(_epoch), feasible ? 0 : 1, feasible);
        }

        public double Measure()
        {
            using var scope = NewDisposeScope();
            using IDisposable off = no_grad();
            return (_module.forward(_x).squeeze(1) - _y).square().mean().item<float>();
        }

        public void Dispose()
        {
            _module.Dispose();
            _x.Dispose();
            _y.Dispose();
        }
    }
}
