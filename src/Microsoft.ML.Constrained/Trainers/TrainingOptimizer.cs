using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Optimizers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Makes the optimizer that options ask for.</summary>
internal static class TrainingOptimizer
{
    /// <param name="options">Kind, rate, momentum, weight decay.</param>
    /// <param name="parameters">What is to be changed, under names that optimizers with rules for single parameters find them by.</param>
    /// <param name="random">Gives the seed of an optimizer's noise.</param>
    /// <exception cref="ArgumentException">Weights cannot keep their constraint.</exception>
    public static optim.Optimizer Create(NetworkTrainerOptions options, IEnumerable<(string Name, Parameter Parameter)> parameters, Random random)
    {
        Parameter[] all = [.. parameters.Select(p => p.Parameter)];
        return options.Optimizer switch
        {
            TrainingOptimizerKind.Adam => optim.Adam(all, options.StartRate, 0.9, 0.999, 1e-8, options.WeightDecay, false, false),
            TrainingOptimizerKind.AdamW => optim.AdamW(all, options.StartRate, 0.9, 0.999, 1e-8, options.WeightDecay, false, false),
            TrainingOptimizerKind.Sgd => optim.SGD(all, options.StartRate, options.Momentum, 0, options.WeightDecay, false, false),
            TrainingOptimizerKind.ConstrainedLangevin => Langevin(options, all, random.Next()),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Optimizer, "There is no such optimizer."),
        };
    }

    /// <summary>Weights, of two or more dimensions, under the constraint, everything else free. A step with a gradient that is not finite is left out.</summary>
    private static ConstrainedLangevin Langevin(NetworkTrainerOptions options, Parameter[] all, int seed)
    {
        WeightConstraint Constraint(double radius) => options.WeightConstraint switch
        {
            WeightConstraintKind.Circle => WeightConstraint.Circle(radius, scaleInitialWeights: true),
            WeightConstraintKind.Orthogonal => WeightConstraint.Orthogonal(),
            WeightConstraintKind.Sphere => WeightConstraint.Sphere(),
            _ => WeightConstraint.None,
        };
        Parameter[] weights = [.. all.Where(p => p.dim() >= 2)], others = [.. all.Where(p => p.dim() < 2)];
        return new(
            [
                new(weights.Take(1), Constraint(options.FirstCircleRadius)), new(weights.Skip(1), Constraint(options.CircleRadius)),
                new(others, WeightConstraint.None),
            ],
            options.StartRate, options.Temperature, options.Friction, LangevinDynamics.Underdamped, options.WeightDecay, seed)
        {
            NonFiniteGradients = NonFiniteGradients.SkipStep,
        };
    }
}
