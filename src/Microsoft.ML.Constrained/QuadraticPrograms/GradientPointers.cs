namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>Where the gradients go; null for those that are not wanted.</summary>
internal sealed unsafe class GradientPointers
{
    public double* Q, P, G, H, A, B;

    /// <summary>Those that are sums over all problems.</summary>
    public QuadraticProgramParameters Shared;

    /// <summary>Where a parameter's gradient goes that each problem has for itself; null otherwise.</summary>
    public double* Own(double* target, QuadraticProgramParameters parameter) => (Shared & parameter) == 0 ? target : null;

    /// <summary>Where a parameter's summed gradient goes; null otherwise.</summary>
    public double* Sum(double* target, QuadraticProgramParameters parameter) => (Shared & parameter) != 0 ? target : null;
}
