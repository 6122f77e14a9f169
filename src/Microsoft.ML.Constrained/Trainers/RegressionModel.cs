using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Constrained.Networks;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Everything that scoring needs of a trained regression.</summary>
internal sealed record RegressionModel
{
    /// <summary>The column with the features.</summary>
    public required string FeatureColumnName { get; init; }

    /// <summary>The column that receives the scores.</summary>
    public required string ScoreColumnName { get; init; }

    /// <summary>The column that receives the network's own outputs; null for none.</summary>
    public string? RawScoreColumnName { get; init; }

    /// <summary>From features to outputs in the label's units.</summary>
    public required Network Network { get; init; }

    /// <summary>The names of the score's slots; null where it is a number.</summary>
    public required IReadOnlyList<string>? SlotNames { get; init; }

    /// <summary>What holds for every row; null for nothing.</summary>
    public ConstraintSet? Constraints { get; init; }

    /// <summary>The projection's metric; empty for all ones.</summary>
    public double[] Weights { get; init; } = [];

    /// <summary>How the network was trained to respect the constraints.</summary>
    public OutputConstraint OutputConstraint { get; init; }

    /// <summary>Sweeps of a differentiable projection.</summary>
    public int Sweeps { get; init; } = 1;

    /// <summary>What makes scores of the network's outputs; null where they are projected or taken as they are.</summary>
    public PolyhedralParameterization? Parameterization { get; init; }

    public RowPolicy Policy { get; init; }

    public bool Diagnostics { get; init; }

    public int Threads { get; init; }

    /// <summary>The quantiles' levels; empty where the scores are none.</summary>
    public double[] Levels { get; init; } = [];

    public required TrainingSummary Training { get; init; }

    /// <summary>Values of a score.</summary>
    public int ScoreCount => SlotNames?.Count ?? 1;

    // *** Binary format *** (all numbers little-endian)
    // string     feature column
    // string     score column
    // bool, [string]   whether there is a column for raw scores, its name
    // int32, string[]   number of slot names (−1 where the score is a number), the names
    // int32, double[]   number of quantile levels, the levels
    // byte       OutputConstraint
    // int32      sweeps
    // byte       RowPolicy
    // bool       diagnostics
    // int32      threads
    // int32, double[]   number of weights (0 or one a variable), the weights
    // bool, [ConstraintSet]   whether there are constraints, see ConstraintSet.Write
    // [PolyhedralParameterization]   where the OutputConstraint is that, see there
    // TrainingSummary, see there
    // Network, see there
    public void Write(BinaryWriter writer)
    {
        writer.Write(FeatureColumnName);
        writer.Write(ScoreColumnName);
        writer.Write(RawScoreColumnName is not null);
        if (RawScoreColumnName is not null)
            writer.Write(RawScoreColumnName);
        writer.Write(SlotNames?.Count ?? -1);
        foreach (string name in SlotNames ?? [])
            writer.Write(name);
        WriteDoubles(writer, Levels);
        writer.Write((byte)OutputConstraint);
        writer.Write(Sweeps);
        writer.Write((byte)Policy);
        writer.Write(Diagnostics);
        writer.Write(Threads);
        WriteDoubles(writer, Weights);
        writer.Write(Constraints is not null);
        Constraints?.Write(writer);
        Parameterization?.Write(writer);
        Training.Write(writer);
        Network.Write(writer);
    }

    /// <exception cref="FormatException">The content contradicts itself.</exception>
    public static RegressionModel Read(BinaryReader reader)
    {
        string features = reader.ReadString(), score = reader.ReadString();
        string? raw = reader.ReadBoolean() ? reader.ReadString() : null;
        int slots = reader.ReadInt32();
        if (slots < -1 || slots == 0 || slots > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new FormatException($"it claims {slots} slot names");
        string[]? names = slots < 0 ? null : new string[slots];
        for (int i = 0; i < slots; i++)
            names![i] = reader.ReadString();
        double[] levels = ReadDoubles(reader);
        var output = (OutputConstraint)reader.ReadByte();
        int sweeps = reader.ReadInt32();
        var policy = (RowPolicy)reader.ReadByte();
        bool diagnostics = reader.ReadBoolean();
        int threads = reader.ReadInt32();
        double[] weights = ReadDoubles(reader);
        ConstraintSet? constraints = reader.ReadBoolean() ? ConstraintSet.Read(reader) : null;
        var model = new RegressionModel
        {
            FeatureColumnName = features,
            ScoreColumnName = score,
            RawScoreColumnName = raw,
            SlotNames = names,
            Levels = levels,
            OutputConstraint = output,
            Sweeps = sweeps,
            Policy = policy,
            Diagnostics = diagnostics,
            Threads = threads,
            Weights = weights,
            Constraints = constraints,
            Parameterization = output == OutputConstraint.Parameterization ? PolyhedralParameterization.Read(reader) : null,
            Training = TrainingSummary.Read(reader),
            Network = Network.Read(reader),
        };
        return model.Checked();
    }

    /// <exception cref="FormatException">Parts do not fit together.</exception>
    private RegressionModel Checked()
    {
        if (string.IsNullOrWhiteSpace(FeatureColumnName) || string.IsNullOrWhiteSpace(ScoreColumnName) || (RawScoreColumnName is not null && string.IsNullOrWhiteSpace(RawScoreColumnName)))
            throw new FormatException("a column has no name");
        if (!Enum.IsDefined(OutputConstraint) || !Enum.IsDefined(Policy) || Threads is < 0 or > 1024)
            throw new FormatException("an option has an unknown value");
        if (Sweeps is < 1 or > ConstrainedRegressionOptions.MaxSweeps)
            throw new FormatException($"it claims {Sweeps} sweeps");
        if (Parameterization is not null && (Constraints is null || Parameterization.Dimension != ScoreCount || RawScoreColumnName is not null))
            throw new FormatException("a parameterisation does not fit the score");
        int outputs = Parameterization?.ActivationCount ?? ScoreCount;
        if (Network.OutputCount != outputs || (Constraints is not null && Constraints.Dimension != ScoreCount))
            throw new FormatException($"a score of {ScoreCount} values does not fit the network or the constraints");
        if (Levels.Length != 0 && Levels.Length != ScoreCount)
            throw new FormatException($"{Levels.Length} quantile levels do not fit a score of {ScoreCount} values");
        return this;
    }

    private static void WriteDoubles(BinaryWriter writer, double[] values)
    {
        writer.Write(values.Length);
        foreach (double value in values)
            writer.Write(value);
    }

    private static double[] ReadDoubles(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count < 0 || count > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(double))
            throw new FormatException($"it claims {count} numbers");
        return [.. Enumerable.Range(0, count).Select(_ => reader.ReadDouble())];
    }
}
