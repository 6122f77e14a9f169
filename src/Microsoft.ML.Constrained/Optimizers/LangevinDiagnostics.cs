namespace Microsoft.ML.Constrained.Optimizers;

/// <summary>What a <see cref="ConstrainedLangevin"/> met with that was not an error.</summary>
public sealed class LangevinDiagnostics
{
    /// <summary>Steps taken.</summary>
    public long Steps { get; internal set; }

    /// <summary>Steps left out because of a gradient that was not finite.</summary>
    public long SkippedSteps { get; internal set; }

    /// <summary>
    /// How the last step's iterations towards the constraints ended: Solved, or IterationLimit where any did not reach its tolerance
    /// and was repaired.
    /// </summary>
    public SolverStatus Status { get; internal set; }

    /// <summary>
    /// Drifts whose iteration did not converge: the weights became the nearest matrix (or stayed, where there was none). Also tensors on circles
    /// whose weights were changed between steps by something else: they got new slacks, and those beyond the radius became ±r.
    /// </summary>
    public long Repairs { get; internal set; }

    /// <summary>Most iterations that one drift took so far.</summary>
    public int MostIterations { get; internal set; }

    /// <summary>Initial matrices without full rank, whose missing directions were completed.</summary>
    public int RankDeficient { get; internal set; }

    /// <summary>Initial tensors that were scaled to fit into their circles.</summary>
    public int Scaled { get; internal set; }
}
