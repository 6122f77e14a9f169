using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>What one pass through the managed solver works on; used again for later passes.</summary>
internal sealed class ProgramWorkspace
{
    public QuadraticProgramSolution Solution { get; } = new();

    public QuadraticProgramGradients Gradients { get; } = new();

    /// <summary>Tells which solve its contents are of.</summary>
    public long Generation { get; set; }
}
