using System;
using System.Collections.Generic;
using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>What a <see cref="QuadraticProgramLayer"/> found for a batch. The tensors may be differentiated.</summary>
public sealed class QuadraticProgramTensorSolution : IDisposable
{
    internal QuadraticProgramTensorSolution(Tensor z, Tensor lambda, Tensor nu, SolverStatus[] status)
    {
        Z = z;
        Lambda = lambda;
        Nu = nu;
        Status = status;
    }

    /// <summary>The solutions, batch × n.</summary>
    public Tensor Z { get; }

    /// <summary>The multipliers of Gz ≤ h, batch × m, not negative.</summary>
    public Tensor Lambda { get; }

    /// <summary>The multipliers of Az = b, batch × equalities.</summary>
    public Tensor Nu { get; }

    /// <summary>How each problem ended. One that is not solved has zero gradients, and NaN multipliers.</summary>
    public IReadOnlyList<SolverStatus> Status { get; }

    /// <summary>Disposes the three tensors.</summary>
    public void Dispose()
    {
        Z.Dispose();
        Lambda.Dispose();
        Nu.Dispose();
    }
}
