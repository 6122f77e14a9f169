namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>One call's data, results and memory, as the engines of all threads see it.</summary>
internal sealed unsafe class EngineTask
{
    public required BatchPointers Batch;
    public required QuadraticProgramSolution Solution;
    public required QuadraticProgramOptions Options;
    public double* Z;
    public double* Lambda;
    public double* Nu;

    /// <summary>A flag for each row of each problem, equalities first.</summary>
    public byte* Active;

    /// <summary>Whether <see cref="Active"/> holds a guess.</summary>
    public bool Warm;

    /// <summary>Kept factors; null where none are kept.</summary>
    public double* Kept;

    /// <summary>The factor of matrices that all problems share; null where they do not.</summary>
    public double* Shared;

    /// <summary>Whether the shared matrix Q was safely positive definite.</summary>
    public bool SharedUsable;

    /// <summary>The loss's gradients: batch × n, batch × m, batch × equalities; null for zero.</summary>
    public double* GradZ;

    public double* GradLambda;

    public double* GradNu;

    /// <summary>The adjoint's solution: batch × n, and batch × rows with the equalities first.</summary>
    public double* AdjointZ;

    public double* AdjointY;

    /// <summary>[ν; λ] of each problem, in the layout of <see cref="AdjointY"/>.</summary>
    public double* Multipliers;

    /// <summary>Problems without a gradient.</summary>
    public int Failures;
}
