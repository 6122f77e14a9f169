using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Samples;

/// <summary>What the projection adds to a panel.</summary>
public sealed class RepairedPanel
{
    /// <summary>LDL, HDL and total cholesterol after the repair.</summary>
    [VectorType(3)]
    public float[] Repaired { get; set; } = [];

    /// <summary>A <see cref="SolverStatus"/>.</summary>
    [KeyType(6)]
    public uint RepairedStatus { get; set; }

    public float RepairedDistance { get; set; }

    public float RepairedViolation { get; set; }

    /// <summary>One for each constraint.</summary>
    [VectorType(4)]
    public float[] RepairedShadowPrices { get; set; } = [];
}
