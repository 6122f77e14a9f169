namespace Microsoft.ML.Constrained.Combinatorial;

/// <summary>Which cells a step on a grid reaches.</summary>
public enum GridNeighbourhood : byte
{
    /// <summary>Up, down, left and right.</summary>
    Four = 4,

    /// <summary>The four straight steps and the four diagonal ones, as in the Warcraft task.</summary>
    Eight = 8,
}
