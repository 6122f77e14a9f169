using Microsoft.ML.Constrained.QuadraticPrograms;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>What the managed solver of quadratic programs works on.</summary>
internal sealed class ProgramWorkspace : Workspace
{
    public QuadraticProgramSolution Solution { get; } = new();

    public QuadraticProgramGradients Gradients { get; } = new();
}
