using System;
using System.Collections.Generic;
using System.Globalization;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>
/// Trains a <see cref="TrainingTask"/> by steps on shuffled batches and leaves it in the best state that was measured as feasible, or,
/// where none was, in the last one. Used once.
/// </summary>
internal sealed class TrainingLoop(NetworkTrainerOptions options, IHost host, Random random)
{
    private readonly List<TrainingEpoch> _history = [];
    private ModuleState? _kept;
    private double _best = double.PositiveInfinity;
    private bool _feasible;
    private int _bestEpoch;
    private long _step;

    /// <summary>Trains; the caller has a dispose scope open.</summary>
    /// <param name="task">What is trained.</param>
    /// <param name="split">For the summary: which rows are learned from and which were set aside.</param>
    /// <param name="skippedRows">For the summary: rows that could not be used.</param>
    /// <exception cref="OperationCanceledException">The options' token asked for it.</exception>
    /// <exception cref="InvalidOperationException">The loss was not finite before any state was measured.</exception>
    public TrainingSummary Run(TrainingTask task, TrainingSplit split, long skippedRows)
    {
        long stepsPerEpoch = Batches(task.Rows);
        var schedule = new RateSchedule(options, stepsPerEpoch * options.Epochs);
        using DisposeScope scope = NewDisposeScope();
        using optim.Optimizer optimizer = TrainingOptimizer.Create(options, task.Module.named_parameters(), random);
        using IChannel channel = host.Start("Training");
        using IProgressChannel progress = host.StartProgressChannel("Training");
        progress.SetHeader(
            new ProgressHeader(["Loss", "Validation loss", "Violation"], ["epochs"]), e => e.SetProgress(0, _history.Count, options.Epochs));
        long[] order = new long[task.Rows];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        TrainingStop stop = TrainingStop.EpochsDone;
        try
        {
            for (int epoch = 1; epoch <= options.Epochs && stop == TrainingStop.EpochsDone; epoch++)
            {
                random.Shuffle(order);
                double loss = Pass(task, optimizer, schedule, order);
                TrainingMeasure measure = double.IsFinite(loss) ? Measure(task) : default;
                stop = double.IsFinite(loss) && double.IsFinite(measure.Loss)
                    ? Note(task, epoch, loss, measure, schedule, channel, progress)
                    : TrainingStop.Diverged;
            }

            return Finish(task, stop, split, skippedRows, channel);
        }
        finally
        {
            _kept?.Dispose();
        }
    }

    /// <summary>Batches of an epoch: a last one of a single row joins the one before it, for a batch normalisation needs two.</summary>
    private int Batches(int rows)
    {
        int full = rows / options.BatchSize, rest = rows % options.BatchSize;
        return rest > 1 || full == 0 ? full + (rest > 0 ? 1 : 0) : full;
    }

    /// <summary>One pass over the rows; gives the mean loss, or a loss that was not finite, before which it ends.</summary>
    private double Pass(TrainingTask task, optim.Optimizer optimizer, RateSchedule schedule, long[] order)
    {
        task.Module.train();
        double sum = 0;
        int batches = Batches(order.Length);
        for (int i = 0; i < batches; i++)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            int first = i * options.BatchSize, end = i == batches - 1 ? order.Length : first + options.BatchSize;
            double rate = schedule.At(_step++);
            foreach (optim.ILearningRateController group in optimizer.ParamGroups)
                group.LearningRate = rate;
            double loss = Step(task, optimizer, order[first..end]);
            if (!double.IsFinite(loss))
                return loss;
            sum += loss * (end - first);
        }

        return sum / order.Length;
    }

    private static double Step(TrainingTask task, optim.Optimizer optimizer, long[] rows)
    {
        using DisposeScope scope = NewDisposeScope();
        optimizer.zero_grad();
        Tensor loss = task.Loss(rows);
        double value = loss.dtype == ScalarType.Float64 ? loss.item<double>() : loss.item<float>();
        if (!double.IsFinite(value))
            return value;
        loss.backward();
        optimizer.step();
        using IDisposable off = no_grad();
        task.AfterStep();
        return value;
    }

    private static TrainingMeasure Measure(TrainingTask task)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable off = no_grad();
        task.Module.eval();
        return task.Validate();
    }

    /// <summary>Records an epoch, keeps the state if it is the best so far, and says whether to go on.</summary>
    private TrainingStop Note(
        TrainingTask task, int epoch, double loss, TrainingMeasure measure, RateSchedule schedule, IChannel channel, IProgressChannel progress)
    {
        var entry = new TrainingEpoch(epoch, loss, measure.Loss, measure.Violation, measure.IsFeasible, schedule.At(_step - 1));
        _history.Add(entry);
        channel.Info(MessageSensitivity.None, "{0}", string.Create(
            CultureInfo.InvariantCulture,
            $"Epoch {epoch} of {options.Epochs}: loss {loss:G6}, validation loss {measure.Loss:G6}, violation {measure.Violation:G3}"));
        progress.Checkpoint(loss, measure.Loss, measure.Violation, epoch);
        schedule.Observe(measure.Loss);
        if (measure.IsFeasible ? !_feasible || measure.Loss < _best : !_feasible)
        {
            _kept?.Dispose();
            _kept = new ModuleState(task.Module);
            _bestEpoch = epoch;
            if (measure.IsFeasible)
                (_feasible, _best) = (true, measure.Loss);
        }

        return options.Patience > 0 && _feasible && epoch - _bestEpoch >= options.Patience ? TrainingStop.NoImprovement : TrainingStop.EpochsDone;
    }

    private TrainingSummary Finish(TrainingTask task, TrainingStop stop, TrainingSplit split, long skippedRows, IChannel channel)
    {
        if (_kept is null)
        {
            throw new InvalidOperationException(
                $"The loss became NaN or infinite in the first epoch. Lower '{nameof(NetworkTrainerOptions.LearningRate)}' (it is "
                + $"{options.StartRate.ToString(CultureInfo.InvariantCulture)}), set '{nameof(NetworkTrainerOptions.NormalizeFeatures)}', "
                + "or look for features or labels of extreme size.");
        }

        _kept.Restore(task.Module);
        task.Module.eval();
        if (stop == TrainingStop.Diverged)
        {
            channel.Warning(
                MessageSensitivity.None, "{0}", $"The loss became NaN or infinite in epoch {_history.Count + 1}; the state after epoch {_bestEpoch} is kept. A lower learning rate helps.");
        }

        if (!_feasible)
        {
            channel.Warning(
                MessageSensitivity.None, "{0}", $"After no epoch did the validation rows keep the constraints; the state after epoch {_bestEpoch} is kept and its status is {nameof(TrainingStatus.NotFeasible)}.");
        }

        return new TrainingSummary(
            _feasible ? TrainingStatus.Feasible : TrainingStatus.NotFeasible, stop, _bestEpoch, split.Training.Length, split.Validation.Length,
            skippedRows, _history.ToArray());
    }
}
