namespace Microsoft.ML.Constrained.Layers;

/// <summary>What one pass through a layer works on; used again for later passes.</summary>
internal abstract class Workspace
{
    /// <summary>Tells which pass its contents are of.</summary>
    public long Generation { get; set; }
}
