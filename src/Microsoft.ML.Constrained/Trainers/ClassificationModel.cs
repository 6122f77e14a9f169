using System;
using System.IO;
using Microsoft.ML.Constrained.Networks;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Everything that scoring needs of a trained classification.</summary>
internal sealed record ClassificationModel
{
    /// <summary>The column with the features.</summary>
    public required string FeatureColumnName { get; init; }

    /// <summary>The column that receives the probabilities.</summary>
    public required string ScoreColumnName { get; init; }

    /// <summary>The column that receives the most probable class.</summary>
    public required string PredictedLabelColumnName { get; init; }

    /// <summary>The column that receives the probabilities before the constraints; null for none.</summary>
    public string? RawScoreColumnName { get; init; }

    /// <summary>From features to what <see cref="CreateHead"/> takes.</summary>
    public required Network Network { get; init; }

    /// <summary>The classes.</summary>
    public required ClassValues Classes { get; init; }

    /// <summary>Constraints over the classes, the simplex among them.</summary>
    public required ConstraintSet Constraints { get; init; }

    /// <summary>Whether there is more than the simplex.</summary>
    public bool IsLimited { get; init; }

    /// <summary>How the network was trained to respect the constraints.</summary>
    public OutputConstraint OutputConstraint { get; init; }

    /// <summary>What the network's outputs are activations of, with <see cref="OutputConstraint.Parameterization"/>.</summary>
    public PolyhedralParameterization? Parameterization { get; init; }

    public RowPolicy Policy { get; init; }

    public bool Diagnostics { get; init; }

    public int Threads { get; init; }

    public required TrainingSummary Training { get; init; }

    /// <summary>What turns the network's outputs into probabilities.</summary>
    public ClassificationHead CreateHead() => new(Constraints, IsLimited, Parameterization, Policy, Threads);

    // *** Binary format *** (all numbers little-endian)
    // string     feature column
    // string     score column
    // string     predicted label column
    // bool, [string]   whether there is a column of raw scores, its name
    // ClassValues, see there
    // byte       OutputConstraint
    // byte       RowPolicy
    // bool       diagnostics
    // int32      threads
    // bool       whether there is more than the simplex
    // ConstraintSet, see ConstraintSet.Write
    // bool, [PolyhedralParameterization]   whether outputs are its activations, see PolyhedralParameterization.Write
    // TrainingSummary, see there
    // Network, see there
    public void Write(BinaryWriter writer)
    {
        writer.Write(FeatureColumnName);
        writer.Write(ScoreColumnName);
        writer.Write(PredictedLabelColumnName);
        writer.Write(RawScoreColumnName is not null);
        if (RawScoreColumnName is not null)
            writer.Write(RawScoreColumnName);
        Classes.Write(writer);
        writer.Write((byte)OutputConstraint);
        writer.Write((byte)Policy);
        writer.Write(Diagnostics);
        writer.Write(Threads);
        writer.Write(IsLimited);
        Constraints.Write(writer);
        writer.Write(Parameterization is not null);
        Parameterization?.Write(writer);
        Training.Write(writer);
        Network.Write(writer);
    }

    /// <exception cref="FormatException">The content contradicts itself.</exception>
    public static ClassificationModel Read(BinaryReader reader)
    {
        string features = reader.ReadString(), score = reader.ReadString(), predicted = reader.ReadString();
        string? raw = reader.ReadBoolean() ? reader.ReadString() : null;
        ClassValues classes = ClassValues.Read(reader);
        var output = (OutputConstraint)reader.ReadByte();
        var policy = (RowPolicy)reader.ReadByte();
        bool diagnostics = reader.ReadBoolean();
        int threads = reader.ReadInt32();
        bool limited = reader.ReadBoolean();
        var model = new ClassificationModel
        {
            FeatureColumnName = features,
            ScoreColumnName = score,
            PredictedLabelColumnName = predicted,
            RawScoreColumnName = raw,
            Classes = classes,
            OutputConstraint = output,
            Policy = policy,
            Diagnostics = diagnostics,
            Threads = threads,
            IsLimited = limited,
            Constraints = ConstraintSet.Read(reader),
            Parameterization = reader.ReadBoolean() ? PolyhedralParameterization.Read(reader) : null,
            Training = TrainingSummary.Read(reader),
            Network = Network.Read(reader),
        };
        return model.Checked();
    }

    /// <exception cref="FormatException">Parts do not fit together.</exception>
    private ClassificationModel Checked()
    {
        if (string.IsNullOrWhiteSpace(FeatureColumnName) || string.IsNullOrWhiteSpace(ScoreColumnName) || string.IsNullOrWhiteSpace(PredictedLabelColumnName)
            || (RawScoreColumnName is not null && string.IsNullOrWhiteSpace(RawScoreColumnName)))
        {
            throw new FormatException("a column has no name");
        }

        if (!Enum.IsDefined(OutputConstraint) || !Enum.IsDefined(Policy) || Threads is < 0 or > 1024)
            throw new FormatException("an option has an unknown value");
        int classes = Classes.Names.Count;
        if (Constraints.Dimension != classes || (Parameterization is not null && Parameterization.Dimension != classes))
            throw new FormatException($"{classes} classes do not fit the constraints");
        int outputs = Parameterization?.ActivationCount ?? classes;
        if (Network.OutputCount != outputs)
            throw new FormatException($"a network with {Network.OutputCount} outputs does not fit {outputs}");
        return this;
    }
}
