using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>An hour: what is known beforehand, and what each plant then did.</summary>
internal sealed class DispatchRow
{
    /// <summary>Sine and cosine of the hour, weekend, temperature, wind, sun, price of gas, level of the reservoir.</summary>
    [VectorType(8)]
    public float[] Hour { get; set; } = [];

    /// <summary>What the plants have to deliver together, in MW: the load less wind and sun.</summary>
    public float Demand { get; set; }

    /// <summary>Output of the hour before, in MW.</summary>
    public float Previous1 { get; set; }

    /// <inheritdoc cref="Previous1"/>
    public float Previous2 { get; set; }

    /// <inheritdoc cref="Previous1"/>
    public float Previous3 { get; set; }

    /// <inheritdoc cref="Previous1"/>
    public float Previous4 { get; set; }

    /// <inheritdoc cref="Previous1"/>
    public float Previous5 { get; set; }

    /// <inheritdoc cref="Previous1"/>
    public float Previous6 { get; set; }

    /// <inheritdoc cref="Previous1"/>
    public float Previous7 { get; set; }

    /// <inheritdoc cref="Previous1"/>
    public float Previous8 { get; set; }

    /// <summary>The outputs to be learned, in MW.</summary>
    [VectorType(8)]
    public float[] Output { get; set; } = [];

    /// <summary>The outputs as shares of the demand.</summary>
    [VectorType(8)]
    public float[] Share { get; set; } = [];
}
