using static TorchSharp.torch;

namespace Microsoft.ML.Constrained.Layers;

/// <summary>A solver of quadratic programs given as tensors of doubles, contiguous and on one device.</summary>
internal abstract class TensorPrograms
{
    /// <summary>Solves; no operation of it is recorded.</summary>
    /// <param name="call">Shape; receives the statuses.</param>
    /// <param name="data">Q, p, G, h, A, b; null where zero or without elements.</param>
    /// <param name="keep">Whether <see cref="Differentiate"/> will follow.</param>
    /// <returns>z, λ, ν, each batch × its length.</returns>
    public abstract (Tensor Z, Tensor Lambda, Tensor Nu) Solve(QuadraticProgramCall call, Tensor?[] data, bool keep);

    /// <summary>The gradients that <see cref="QuadraticProgramCall.Wanted"/> asks for, each of its parameter's shape.</summary>
    /// <param name="call">What <see cref="Solve"/> got.</param>
    /// <param name="data">The parameters, unchanged.</param>
    /// <param name="solution">z, λ, ν.</param>
    /// <param name="gradients">Gradients of the loss with respect to them; null for zero.</param>
    public abstract Tensor?[] Differentiate(QuadraticProgramCall call, Tensor?[] data, Tensor[] solution, Tensor?[] gradients);
}
