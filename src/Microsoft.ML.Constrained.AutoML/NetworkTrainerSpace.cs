using System;
using System.Linq;
using System.Threading;
using Microsoft.ML.Constrained.Optimizers;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.Constrained;

/// <summary>
/// What there is to choose for any trainer of a network. Where a property is null, because it is not searched for, the estimator's own options
/// hold. Take a property out of a search by removing its name from the space; give it another range by replacing the entry.
/// </summary>
public abstract class NetworkTrainerSpace
{
    private protected NetworkTrainerSpace()
    {
    }

    /// <summary>Number of hidden layers: 1, 2 or 3.</summary>
    [Choice(new object[] { 1, 2, 3 }, 2)]
    public int? Layers { get; set; }

    /// <summary>Units of each hidden layer: 16, 32, 64 or 128.</summary>
    [Choice(new object[] { 16, 32, 64, 128 }, 64)]
    public int? Units { get; set; }

    /// <summary>The learning rate at the start, on a logarithmic scale from 0.0003 to 0.1.</summary>
    [Range(0.0003, 0.1, 0.003, logBase: true)]
    public double? LearningRate { get; set; }

    /// <summary>Share of the hidden units that each step leaves out, from 0 to 0.5.</summary>
    [Range(0.0, 0.5, 0.0)]
    public double? Dropout { get; set; }

    /// <summary>Weight decay, on a logarithmic scale from 1e-6 to 0.1.</summary>
    [Range(1e-6, 0.1, 1e-5, logBase: true)]
    public double? WeightDecay { get; set; }

    /// <summary>Temperature of constrained Langevin training, on a logarithmic scale from 1e-9 to 1e-4; other optimizers have none.</summary>
    [Range(1e-9, 1e-4, 1e-7, logBase: true)]
    public double? Temperature { get; set; }

    /// <summary>Radius that constrained Langevin training with circles keeps weights within, on a logarithmic scale from 0.02 to 2, but for the first ones.</summary>
    [Range(0.02, 2.0, 0.1, logBase: true)]
    public double? CircleRadius { get; set; }

    /// <summary>The radius for the first weights, on a logarithmic scale from 0.01 to 1.</summary>
    [Range(0.01, 1.0, 0.05, logBase: true)]
    public double? FirstCircleRadius { get; set; }

    /// <summary>Leaves out of a space what the options' optimizer does not know; the step size of constrained Langevin training has a range of its own, 0.01 to 1.</summary>
    private protected static void Fit(SearchSpace.SearchSpace space, NetworkTrainerOptions options)
    {
        bool langevin = options.Optimizer == TrainingOptimizerKind.ConstrainedLangevin;
        if (langevin)
            space[nameof(LearningRate)] = new UniformDoubleOption(0.01, 1, logBase: true, defaultValue: 0.2);
        else
            space.Remove(nameof(Temperature));
        if (langevin && options.WeightConstraint == WeightConstraintKind.Circle)
            return;
        space.Remove(nameof(CircleRadius));
        space.Remove(nameof(FirstCircleRadius));
    }

    /// <summary>Writes what was chosen into options that nobody else uses.</summary>
    /// <param name="options">The options.</param>
    /// <param name="stop">Ends the fit, in the place of the options' own token; one that is never cancelled leaves that.</param>
    private protected void ApplyTo(NetworkTrainerOptions options, CancellationToken stop)
    {
        if (Layers is not null || Units is not null)
        {
            int units = Units ?? (options.HiddenLayers.Length > 0 ? options.HiddenLayers[^1] : 64);
            options.HiddenLayers = [.. Enumerable.Repeat(units, Layers ?? Math.Max(1, options.HiddenLayers.Length))];
        }

        options.LearningRate = LearningRate ?? options.LearningRate;
        options.Dropout = Dropout ?? options.Dropout;
        options.WeightDecay = WeightDecay ?? options.WeightDecay;
        options.Temperature = Temperature ?? options.Temperature;
        options.CircleRadius = CircleRadius ?? options.CircleRadius;
        options.FirstCircleRadius = FirstCircleRadius ?? options.FirstCircleRadius;
        if (stop.CanBeCanceled)
            options.CancellationToken = stop;
    }
}
