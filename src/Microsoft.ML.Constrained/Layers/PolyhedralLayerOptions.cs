using System;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>Settings of a <see cref="PolyhedralLayer"/>.</summary>
public sealed class PolyhedralLayerOptions
{
    /// <summary>Activation of rays, box, form and limits; defaults where null. Not for a parameterisation that is given.</summary>
    public PolyhedralSettings? Settings { get; set; }

    /// <summary>
    /// d: rows of d values go through a learned linear map to the activations, weights from U(−1/d, 1/d) and biases 0 at first, as in
    /// the released method. Default 0: rows are the activations themselves.
    /// </summary>
    public int InputSize { get; set; }

    /// <summary>Whether a batch normalisation goes before everything else, as in the released method. Default false.</summary>
    public bool BatchNorm { get; set; }

    /// <summary>
    /// In training, points are scaled into the box only while <see cref="PolyhedralLayer.Epoch"/> is above this; 25 in the released
    /// method. In evaluation they always are. Default −1: always.
    /// </summary>
    public int BoxAfterEpoch { get; set; } = -1;

    /// <summary>Seeds the weights; default 0. No other generator is drawn from.</summary>
    public int Seed { get; set; }

    internal void Validate()
    {
        if (InputSize < 0)
            throw new ArgumentOutOfRangeException(nameof(InputSize), InputSize, $"'{nameof(InputSize)}' must be positive, or 0 for none.");
        if (BoxAfterEpoch < -1)
            throw new ArgumentOutOfRangeException(nameof(BoxAfterEpoch), BoxAfterEpoch, $"'{nameof(BoxAfterEpoch)}' must be at least −1.");
    }
}
