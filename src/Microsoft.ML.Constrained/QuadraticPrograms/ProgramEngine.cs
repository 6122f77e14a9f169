using System;
using System.Runtime.Intrinsics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>
/// The workspace and the kernels of one thread for one shape. Which engine runs depends on the hardware and on the shape only,
/// never on the number of problems.
/// </summary>
internal abstract unsafe class ProgramEngine
{
    /// <summary>
    /// Up to this many variables and rows together, one problem to a lane is faster than one after the other. Measured with 256-bit
    /// registers; wider ones hold more problems, and the limit is where their matrices leave the second-level cache.
    /// </summary>
    private const int LaneLimit = 90;

    /// <summary>Problems that are worked on together; chunks are multiples of it.</summary>
    public abstract int GroupSize { get; }

    /// <summary>Problems to a chunk: enough work to be worth handing to another thread.</summary>
    public abstract int ChunkSize { get; }

    /// <summary>Doubles that the factors of one group take.</summary>
    public abstract long KeptLength { get; }

    /// <summary>Doubles that the factor of shared matrices takes.</summary>
    public abstract long SharedLength { get; }

    /// <summary>An engine for the widest registers that the hardware has.</summary>
    public static ProgramEngine Create(int variables, int inequalities, int equalities)
    {
        if (Vector512.IsHardwareAccelerated)
            return Create<Lane512, Vector512<double>>(variables, inequalities, equalities);
        if (Vector256.IsHardwareAccelerated)
            return Create<Lane256, Vector256<double>>(variables, inequalities, equalities);
        if (Vector128.IsHardwareAccelerated)
            return Create<Lane128, Vector128<double>>(variables, inequalities, equalities);
        return Create<LaneScalar, double>(variables, inequalities, equalities);
    }

    /// <summary>An engine for registers of one kind.</summary>
    public static ProgramEngine Create<TLane, TVector>(int variables, int inequalities, int equalities)
        where TLane : struct, ILane<TVector>
        where TVector : struct
        => SmallEnough(variables + inequalities + equalities, TLane.Width)
            ? new LaneEngine<TLane, TVector>(variables, inequalities, equalities)
            : new PanelEngine<TLane, TVector>(variables, inequalities, equalities);

    private static bool SmallEnough(int total, int width) => total <= LaneLimit && total * total * width <= 4 * LaneLimit * LaneLimit;

    /// <summary>Factors matrices that all problems share.</summary>
    /// <returns>Whether Q is safely positive definite.</returns>
    public abstract bool PrepareShared(BatchPointers batch, double* shared);

    /// <summary>Solves problems <paramref name="first"/> … <paramref name="first"/> + <paramref name="count"/> − 1.</summary>
    public abstract void Solve(EngineTask task, int first, int count);

    /// <summary>Solves their adjoint systems.</summary>
    public abstract void Differentiate(EngineTask task, int first, int count);

    /// <summary>Writes the gradients that each problem has for itself.</summary>
    public abstract void WriteGradients(EngineTask task, GradientPointers target, int first, int count);

    /// <summary>Writes one row of the gradients that are sums over all problems.</summary>
    public abstract void WriteSharedGradients(EngineTask task, GradientPointers target, int row);
}
