using System;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Constrained.Networks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Usable rows in the data's own units, with the best decision of each.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="FeatureCount">Features a row.</param>
/// <param name="Dimension">Costs a row.</param>
/// <param name="Features">Rows × features.</param>
/// <param name="Best">Rows × dimension.</param>
/// <param name="Costs">Rows × dimension; empty where true costs are unknown.</param>
internal sealed record DecisionSource(int Rows, int FeatureCount, int Dimension, float[] Features, float[] Best, float[] Costs)
{
    /// <summary>Finds the best decisions of true costs, once; rows that have none are left out with one warning.</summary>
    /// <exception cref="InvalidOperationException">No row has a decision.</exception>
    public static DecisionSource Create(IHost host, DecisionFocusedOptions options, TrainingValues features, TrainingValues labels)
    {
        int n = options.Solver!.Dimension, rows = labels.Values.Length / n;
        if (options.Label == DecisionLabel.Decisions)
            return new DecisionSource(rows, features.Width, n, features.Values, labels.Values, []);
        var best = new float[labels.Values.Length];
        var statuses = new SolverStatus[rows];
        options.Solver.SolveBatch(labels.Values, best, statuses, options.Threads);
        int[] usable = [.. Enumerable.Range(0, rows).Where(i => RuleHelper.IsUsable(statuses[i]))];
        if (usable.Length == 0)
        {
            throw new InvalidOperationException(
                $"The solver takes the true costs of none of the {rows} rows of '{options.LabelColumnName}' (the first one's status is {statuses[0]}). "
                + (options.Solver.NeedsNonnegativeCosts ? "It needs costs that are not negative." : "Check them."));
        }

        if (usable.Length == rows)
            return new DecisionSource(rows, features.Width, n, features.Values, best, labels.Values);
        using (IChannel channel = host.Start("Reading"))
            channel.Warning(MessageSensitivity.Schema, "{0}", $"{rows - usable.Length} of {rows} rows are left out of training: the solver does not take their true costs.");
        return new DecisionSource(
            usable.Length, features.Width, n, TrainingTensors.Select(features.Values, features.Width, usable), TrainingTensors.Select(best, n, usable),
            TrainingTensors.Select(labels.Values, n, usable));
    }

    /// <summary>Rows in training's units, and the way back.</summary>
    public DecisionPlan Plan(TrainingSplit split, DecisionFocusedOptions options)
    {
        float[] features = TrainingTensors.Select(Features, FeatureCount, split.Training);
        Scaling? input = options.NormalizeFeatures ? InputScaling(features, options) : null;

        // One factor for all costs: it changes no decision, and learning rates and margins mean the same whatever the unit.
        float[] costs = Costs.Length == 0 ? [] : TrainingTensors.Select(Costs, Dimension, split.Training);
        float unit = costs.Length == 0 ? 1 : UnitOf(costs);
        Scaling? output = costs.Length == 0 || options.UsesSoftplus
            ? null
            : Scaling.FromOneUnit(costs, Dimension, common: options.Image is { CostPerPlace: true });
        DecisionRows training = RowsOf(split.Training, features, input, unit);
        DecisionRows measured = split.Validation.Length == 0
            ? training
            : RowsOf(split.Validation, TrainingTensors.Select(Features, FeatureCount, split.Validation), input, unit);
        return new DecisionPlan(training, measured, input, output, unit);
    }

    private DecisionRows RowsOf(int[] rows, float[] features, Scaling? input, float unit)
    {
        input?.Apply(features);
        float[] costs = Costs.Length == 0 ? [] : TrainingTensors.Select(Costs, Dimension, rows);
        for (int i = 0; i < costs.Length; i++)
            costs[i] /= unit;
        return new DecisionRows(rows.Length, features, TrainingTensors.Select(Best, Dimension, rows), costs);
    }

    /// <summary>The root of the mean square; 1 where all costs are zero.</summary>
    private static float UnitOf(float[] costs)
    {
        double sum = 0;
        foreach (float cost in costs)
            sum += (double)cost * cost;
        double root = Math.Sqrt(sum / costs.Length);
        return root > 0 ? (float)Math.Clamp(root, 1e-30, 1e30) : 1;
    }

    /// <summary>A vector's features are scaled one by one, an image's by channel: places must stay comparable.</summary>
    private Scaling InputScaling(float[] features, DecisionFocusedOptions options)
    {
        if (options.Image is not { } image)
            return Scaling.ToUnits(features, FeatureCount);
        ImageShape shape = image.Shape;
        int pixels = shape.Height * shape.Width, rows = features.Length / shape.Count;
        var all = new Scaling(new float[shape.Count], new float[shape.Count]);
        for (int channel = 0; channel < shape.Channels; channel++)
        {
            (double mean, double spread) = Statistics(features, shape.Count, channel * pixels, pixels, rows);
            if (spread == 0)
                continue;
            float factor = (float)Math.Min(1 / spread, float.MaxValue);
            all.Factor.AsSpan(channel * pixels, pixels).Fill(factor);
            all.Shift.AsSpan(channel * pixels, pixels).Fill((float)Math.Clamp(-mean * factor, -float.MaxValue, float.MaxValue));
        }

        return all;
    }

    /// <summary>Mean and standard deviation of a part of every row; the latter 0 where all values are the same.</summary>
    private static (double Mean, double Spread) Statistics(float[] values, int width, int first, int count, int rows)
    {
        double sum = 0, squares = 0;
        float least = float.PositiveInfinity, most = float.NegativeInfinity;
        for (int row = 0; row < rows; row++)
        {
            foreach (float value in values.AsSpan(row * width + first, count))
            {
                sum += value;
                (least, most) = (Math.Min(least, value), Math.Max(most, value));
            }
        }

        double mean = sum / ((double)rows * count);
        for (int row = 0; row < rows; row++)
        {
            foreach (float value in values.AsSpan(row * width + first, count))
                squares += (value - mean) * (value - mean);
        }

        return (mean, least == most ? 0 : Math.Sqrt(squares / ((double)rows * count)));
    }
}
