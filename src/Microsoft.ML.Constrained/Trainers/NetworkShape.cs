using System.Collections.Generic;
using Microsoft.ML.Constrained.Networks;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>What a <see cref="NetworkModule"/> looks like.</summary>
/// <param name="Inputs">Values a row in.</param>
/// <param name="Outputs">Values a row out.</param>
/// <param name="Hidden">Units of the hidden layers.</param>
/// <param name="Activation">The function after each hidden layer and convolution.</param>
internal sealed record NetworkShape(int Inputs, int Outputs, IReadOnlyList<int> Hidden, NetworkActivation Activation)
{
    /// <summary>Share of units that a step leaves out after each hidden layer.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether hidden layers and convolutions are normalised over the batch.</summary>
    public bool BatchNormalization { get; init; }

    /// <summary>The image that the inputs are, channel by channel, row by row; needed by <see cref="Convolutions"/>.</summary>
    public ImageShape? Image { get; init; }

    /// <summary>What comes before the hidden layers.</summary>
    public IReadOnlyList<ConvolutionBlock> Convolutions { get; init; } = [];

    /// <summary>
    /// Whether hidden and last layers are applied at each place of the last convolution by itself, with one output for each place.
    /// </summary>
    public bool PerPlace { get; init; }

    /// <summary>The shape that options ask for.</summary>
    public static NetworkShape From(NetworkTrainerOptions options, int inputs, int outputs) =>
        new(inputs, outputs, options.HiddenLayers, options.NetworkActivation)
        {
            Dropout = options.Dropout,
            BatchNormalization = options.BatchNormalization,
        };
}
