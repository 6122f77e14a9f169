using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Networks;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>Rows in training's units, and how they are related to the data's.</summary>
/// <param name="Training">Rows to learn from.</param>
/// <param name="Measured">Rows to measure on.</param>
/// <param name="Input">From the data's features to the network's; null for none.</param>
/// <param name="Output">From the network's values to costs in the data's units; null where costs are unknown or not negative.</param>
/// <param name="Unit">Size of a cost of 1 of training, in the data's units.</param>
internal sealed record DecisionPlan(DecisionRows Training, DecisionRows Measured, Scaling? Input, Scaling? Output, float Unit)
{
    /// <summary>From the network's values to costs in training's units.</summary>
    public Scaling? TrainingOutput => Output is null ? null : new Scaling([.. Output.Factor.Select(f => f / Unit)], [.. Output.Shift.Select(s => s / Unit)]);

    /// <summary>The trained network from the data's features to costs in the data's units.</summary>
    public Network Export(TrainableNetwork module, DecisionFocusedOptions options)
    {
        Network network = module.ToNetwork(Input, Output);
        if (!options.UsesSoftplus)
            return network;
        int n = network.OutputCount;
        var layers = new List<NetworkLayer>(network.Layers) { new ActivationLayer(NetworkActivation.Softplus, n) };
        if (Unit != 1)
            layers.Add(new ScalingLayer([.. Enumerable.Repeat(Unit, n)], new float[n]));
        return new Network(layers);
    }
}
