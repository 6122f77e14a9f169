using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>The work of <see cref="ConstrainedRegressionEstimator"/>'s Fit: from data to a model.</summary>
internal sealed class RegressionTraining(IHost host, ConstrainedRegressionOptions options, int seed)
{
    private const int Features = 0, Label = 1;

    /// <summary>Trains. Leaves no tensors behind.</summary>
    public RegressionModel Train(IDataView view, IReadOnlyList<TrainingColumn> columns)
    {
        TrainingData data = TrainingData.Read(host, view, columns, options.CancellationToken);
        TrainingValues features = data.Columns[Features], label = data.Columns[Label];
        ConstraintSet? constraints = options.EffectiveConstraints();
        int width = options.Levels?.Length ?? label.Width;
        CheckWidths(label, constraints, width);
        if (constraints is not null)
            ReportLabelsOutside(data, label, constraints);
        var random = new Random(seed);
        TrainingSplit split = TrainingSplit.Create(data.Rows, options.ValidationFraction, random);
        float[] training = TrainingTensors.Select(features.Values, features.Width, split.Training);
        Scaling? input = options.NormalizeFeatures ? Scaling.ToUnits(training, features.Width) : null;
        float[] labels = TrainingTensors.Select(label.Values, label.Width, split.Training);
        Scaling output = options.Levels is { } levels ? Scaling.ToQuantiles(labels, levels) : Scaling.FromUnits(labels, width);
        double[] weights = Weights(output, constraints);

        using var scope = NewDisposeScope();
        Device device = TrainingTensors.Resolve(options.Device, host);
        using var head = new RegressionHead(options, output, constraints, weights, device);
        NetworkShape shape = NetworkShape.From(options, features.Width, head.OutputCount);
        using TrainableNetwork network = options.HasShapes
            ? new ShapedModule(FeatureShapes.Find(options, features.Column, features.Width), shape, random, device)
            : new NetworkModule(shape, random, device);
        float[] parameters = Parameters(data, constraints);
        int parameterCount = constraints?.Columns.Count ?? 0;
        RegressionRows Rows(int[] rows)
        {
            Tensor? limits = parameterCount == 0 ? null : TrainingTensors.Rows(parameters, parameterCount, rows, device).to(ScalarType.Float64);
            Tensor labels = TrainingTensors.Rows(label.Values, label.Width, rows, device).to(ScalarType.Float64);
            return new RegressionRows(Scaled(features, rows, input, device), labels, limits, head.Contradictory(limits));
        }

        var task = new RegressionTask(options, network, head, Rows(split.Training), Rows(split.Measured), device);
        TrainingSummary summary = new TrainingLoop(options, host, random).Run(task, split, data.SkippedRows);
        ReportUnsolved(task, split);
        Network trained = network.ToNetwork(input, head.NetworkScaling);
        return new RegressionModel
        {
            FeatureColumnName = options.FeatureColumnName,
            ScoreColumnName = options.ScoreColumnName,
            RawScoreColumnName = options.RawScoreColumnName,
            Network = trained,
            Parameterization = head.Parameterization,
            SlotNames = SlotNames(label, constraints, width),
            Constraints = constraints,
            Weights = weights,
            OutputConstraint = options.OutputConstraint,
            Sweeps = options.ProjectionSweeps,
            Policy = options.Policy,
            Diagnostics = options.Diagnostics,
            Threads = options.Threads,
            Levels = options.Levels ?? [],
            Training = summary.WithLipschitzBound(LipschitzBound.Of(options, trained)),
        };
    }

    private static Tensor Scaled(TrainingValues features, int[] rows, Scaling? scaling, Device device)
    {
        float[] values = TrainingTensors.Select(features.Values, features.Width, rows);
        scaling?.Apply(values);
        return tensor(values, [rows.Length, features.Width], ScalarType.Float32, device);
    }

    /// <summary>Rows × columns of the constraints' columns, which were read after features and label.</summary>
    private static float[] Parameters(TrainingData data, ConstraintSet? constraints)
    {
        int count = constraints?.Columns.Count ?? 0;
        float[] parameters = new float[data.Rows * count];
        for (int j = 0; j < count; j++)
        {
            float[] column = data.Columns[Label + 1 + j].Values;
            for (int i = 0; i < column.Length; i++)
                parameters[(i * count) + j] = column[i];
        }

        return parameters;
    }

    private IReadOnlyList<string>? SlotNames(TrainingValues label, ConstraintSet? constraints, int width)
    {
        if (options.Levels is { } levels)
            return constraints?.Variables ?? ConstrainedRegressionOptions.LevelNames(levels);
        if (!label.IsVector)
            return null;
        string[] numbered = [.. Enumerable.Range(0, width).Select(i => options.LabelColumnName + i.ToString(CultureInfo.InvariantCulture))];
        return constraints?.Variables ?? Annotate.SlotNamesOf(label.Column, numbered);
    }

    /// <summary>1/s² relative to the largest spread; empty where all are alike, for sets with closed forms have them then.</summary>
    private double[] Weights(Scaling output, ConstraintSet? constraints)
    {
        if (constraints is null)
            return [];
        if (options.ProjectionWeights is { } given)
            return [.. given];
        double largest = output.Factor.Max();
        double[] weights = [.. output.Factor.Select(f => Math.Pow(Math.Max(f / largest, 1e-3), -2))];
        return weights.All(w => w == weights[0]) ? [] : weights;
    }

    private void CheckWidths(TrainingValues label, ConstraintSet? constraints, int width)
    {
        if (options.Levels is not null && label.IsVector)
            throw new ArgumentOutOfRangeException("inputSchema", $"Schema mismatch for label column '{label.Column.Name}': expected Single for quantiles, got {label.Column.Type}");
        if (options.HasShapes && label.IsVector)
            throw new ArgumentOutOfRangeException("inputSchema", $"Schema mismatch for label column '{label.Column.Name}': expected Single where features have a prescribed shape, got {label.Column.Type}");
        if (constraints is not null && constraints.Dimension != width)
        {
            throw new ArgumentOutOfRangeException(
                "inputSchema",
                $"Schema mismatch for label column '{label.Column.Name}': the constraints have {constraints.Dimension} variables, got {label.Column.Type}. Give one variable for each value.");
        }
    }

    private void ReportLabelsOutside(TrainingData data, TrainingValues label, ConstraintSet constraints)
    {
        if (label.Width != constraints.Dimension)
            return;
        float[] parameters = Parameters(data, constraints);
        int columns = constraints.Columns.Count, outside = 0;
        double worst = 0;
        for (int i = 0; i < data.Rows; i++)
        {
            ReadOnlySpan<float> row = label.Values.AsSpan(i * label.Width, label.Width), limits = parameters.AsSpan(i * columns, columns);
            if (constraints.Contains(row, limits, 1e-4))
                continue;
            outside++;
            worst = Math.Max(worst, constraints.Violation(row, limits));
        }

        if (outside == 0)
            return;
        using IChannel channel = host.Start("Training");
        channel.Info(MessageSensitivity.Schema, "{0}", string.Create(
            CultureInfo.InvariantCulture,
            $"{outside} of {data.Rows} labels violate the constraints, by up to {worst:G4}; scores will not, so these labels cannot be met."));
    }

    private void ReportUnsolved(RegressionTask task, TrainingSplit split)
    {
        if (task.Unsolved == 0)
            return;
        using IChannel channel = host.Start("Training");
        channel.Warning(MessageSensitivity.Schema, "{0}", $"The limits of {task.Unsolved} of {split.Measured.Length} rows measured on contradict each other; these rows were left out of the check of constraints.");
    }
}
