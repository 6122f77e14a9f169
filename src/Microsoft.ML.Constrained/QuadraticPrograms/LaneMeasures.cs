namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary><see cref="ProblemMeasures"/> of one problem to a lane.</summary>
internal struct LaneMeasures<TVector>
    where TVector : struct
{
    public TVector Objective, Primal, Dual, Gap, Worst;
}
