using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Makes the optimizer that options ask for.</summary>
internal static class TrainingOptimizer
{
    /// <param name="options">Kind, rate, momentum, weight decay.</param>
    /// <param name="parameters">What is to be changed, under names that optimizers with rules for single parameters find them by.</param>
    public static optim.Optimizer Create(NetworkTrainerOptions options, IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        Parameter[] all = [.. parameters.Select(p => p.Parameter)];
        return options.Optimizer switch
        {
            TrainingOptimizerKind.Adam => optim.Adam(all, options.LearningRate, 0.9, 0.999, 1e-8, options.WeightDecay, false, false),
            TrainingOptimizerKind.AdamW => optim.AdamW(all, options.LearningRate, 0.9, 0.999, 1e-8, options.WeightDecay, false, false),
            TrainingOptimizerKind.Sgd => optim.SGD(all, options.LearningRate, options.Momentum, 0, options.WeightDecay, false, false),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Optimizer, "There is no such optimizer."),
        };
    }
}
