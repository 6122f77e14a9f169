using System;
using System.Linq;
using Microsoft.ML.Constrained.Combinatorial;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Tests.Trainers;

/// <summary>A small problem for decision-focused training: five items, their values linear in four features.</summary>
internal static class DecisionRowsData
{
    public const int Items = 5, Features = 4;

    /// <summary>Two of the five items fit.</summary>
    public static readonly KnapsackSolver Knapsack = new([2, 3, 2, 3, 2], 5);

    public static DecisionFocusedOptions Options(Action<DecisionFocusedOptions> change)
    {
        var options = new DecisionFocusedOptions
        {
            Solver = Knapsack, Label = DecisionLabel.Costs, Epochs = 30, HiddenLayers = [16], LearningRate = 0.01, BatchSize = 32, Seed = 5, Method = DecisionMethod.Auto,
        };
        change(options);
        return options;
    }

    /// <summary>Values that are linear in the features but for a little noise.</summary>
    public static Row[] Rows(int count, int seed, float scale)
    {
        var fixedRandom = new Random(1);
        double[] b = [.. Enumerable.Range(0, Items * Features).Select(_ => 2 * fixedRandom.NextDouble() - 1)];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] x = [.. Enumerable.Range(0, Features).Select(_ => (float)(2 * random.NextDouble() - 1))];
            float[] c = [.. Enumerable.Range(0, Items).Select(i =>
                scale * (float)(1.5 + Enumerable.Range(0, Features).Sum(j => b[i * Features + j] * x[j]) + 0.02 * random.NextDouble()))];
            return new Row { Features = x, Label = c };
        })];
    }

    public sealed class Row
    {
        [VectorType(4)]
        public float[] Features { get; set; } = new float[4];

        [VectorType(Items)]
        public float[] Label { get; set; } = new float[Items];
    }
}
