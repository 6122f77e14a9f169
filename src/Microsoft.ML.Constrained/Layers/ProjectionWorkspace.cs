namespace Microsoft.ML.Constrained.Layers;

/// <summary>What a projection keeps for its backward pass.</summary>
internal sealed class ProjectionWorkspace : Workspace
{
    public ProjectionTape Tape { get; } = new();
}
