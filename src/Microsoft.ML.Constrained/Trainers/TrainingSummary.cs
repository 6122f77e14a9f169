using System;
using System.Collections.Generic;
using System.IO;

namespace Microsoft.ML.Constrained;

/// <summary>How a model was trained; saved with it.</summary>
public sealed class TrainingSummary
{
    /// <summary>Most epochs that are read from a saved model.</summary>
    internal const int MaxEpochs = 1_000_000;

    /// <summary>Bytes of an epoch in a saved model.</summary>
    private const int EpochLength = sizeof(int) + (4 * sizeof(double)) + 1;

    internal TrainingSummary(
        TrainingStatus status, TrainingStop stop, int bestEpoch, int trainingRows, int validationRows, long skippedRows, IReadOnlyList<TrainingEpoch> history)
    {
        Status = status;
        Stop = stop;
        BestEpoch = bestEpoch;
        TrainingRows = trainingRows;
        ValidationRows = validationRows;
        SkippedRows = skippedRows;
        History = history;
    }

    /// <summary>Whether the kept state kept its constraints on the validation rows.</summary>
    public TrainingStatus Status { get; }

    /// <summary>Why training ended.</summary>
    public TrainingStop Stop { get; }

    /// <summary>The epoch after which the kept state was reached, from 1.</summary>
    public int BestEpoch { get; }

    /// <summary>Rows that were learned from.</summary>
    public int TrainingRows { get; }

    /// <summary>Rows that were set aside for validation; with 0, losses of <see cref="History"/> were measured on the training rows.</summary>
    public int ValidationRows { get; }

    /// <summary>Rows that were left out because a value was NaN, infinite or missing.</summary>
    public long SkippedRows { get; }

    /// <summary>One entry an epoch, in order.</summary>
    public IReadOnlyList<TrainingEpoch> History { get; }

    /// <summary>
    /// Where the weights were kept orthogonal and every layer is dense: a Lipschitz constant (2-norms) of the network from features to its
    /// outputs in the label's units, before constraints are brought about; scaling of features and labels included, the product of the layers' largest singular
    /// values and slopes. Null otherwise.
    /// </summary>
    public double? LipschitzBound { get; internal init; }

    /// <summary>The same with a bound.</summary>
    internal TrainingSummary WithLipschitzBound(double? bound) =>
        new(Status, Stop, BestEpoch, TrainingRows, ValidationRows, SkippedRows, History) { LipschitzBound = bound };

    // *** Binary format *** (all numbers little-endian)
    // byte       TrainingStatus
    // byte       TrainingStop
    // int32      best epoch
    // int32      training rows
    // int32      validation rows
    // int64      skipped rows
    // double     Lipschitz bound (NaN where there is none)
    // int32      number of epochs
    // for each   int32 epoch, double loss, double validation loss, double violation, bool feasible, double learning rate
    internal void Write(BinaryWriter writer)
    {
        writer.Write((byte)Status);
        writer.Write((byte)Stop);
        writer.Write(BestEpoch);
        writer.Write(TrainingRows);
        writer.Write(ValidationRows);
        writer.Write(SkippedRows);
        writer.Write(LipschitzBound ?? double.NaN);
        writer.Write(History.Count);
        foreach (TrainingEpoch epoch in History)
        {
            writer.Write(epoch.Epoch);
            writer.Write(epoch.Loss);
            writer.Write(epoch.ValidationLoss);
            writer.Write(epoch.Violation);
            writer.Write(epoch.IsFeasible);
            writer.Write(epoch.LearningRate);
        }
    }

    internal static TrainingSummary Read(BinaryReader reader)
    {
        var status = (TrainingStatus)reader.ReadByte();
        var stop = (TrainingStop)reader.ReadByte();
        if (!Enum.IsDefined(status) || !Enum.IsDefined(stop))
            throw new FormatException("the status of the training is unknown");
        int best = reader.ReadInt32(), training = reader.ReadInt32(), validation = reader.ReadInt32();
        long skipped = reader.ReadInt64();
        double bound = reader.ReadDouble();
        int count = reader.ReadInt32();
        if (count is < 0 or > MaxEpochs || (long)count * EpochLength > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new FormatException($"it claims {count} epochs");
        var history = new TrainingEpoch[count];
        for (int i = 0; i < count; i++)
        {
            history[i] = new TrainingEpoch(
                reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadBoolean(), reader.ReadDouble());
        }

        return new TrainingSummary(status, stop, best, training, validation, skipped, history) { LipschitzBound = double.IsNaN(bound) ? null : bound };
    }
}
