using System.IO;

namespace Microsoft.ML.Constrained.Networks;

/// <summary>
/// One step of a trained network. Immutable; safe to use from any number of threads. What a row becomes does not depend on the
/// other rows.
/// </summary>
internal abstract unsafe class NetworkLayer
{
    /// <summary>Values a row in.</summary>
    public abstract int InputCount { get; }

    /// <summary>Values a row out.</summary>
    public abstract int OutputCount { get; }

    /// <summary>About the operations a row.</summary>
    public abstract long Work { get; }

    /// <summary>Floats of scratch space, for all rows together.</summary>
    public virtual int ScratchCount => 0;

    /// <summary>Whether the output may be written over the input.</summary>
    public virtual bool IsInPlace => false;

    /// <summary>The number that stands for the kind of layer in saved models.</summary>
    public abstract byte Kind { get; }

    /// <summary>Maps rows. Up to a register's width after each row of the output may be overwritten.</summary>
    /// <param name="input">rows × <see cref="InputCount"/>.</param>
    /// <param name="inputStride">Distance between rows of the input.</param>
    /// <param name="output">rows × <see cref="OutputCount"/>; another place than the input unless <see cref="IsInPlace"/>.</param>
    /// <param name="outputStride">Distance between rows of the output, at least the count and a register's width.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="scratch">Scratch space.</param>
    public abstract void Forward(float* input, int inputStride, float* output, int outputStride, int rows, float* scratch);

    /// <summary>Writes everything but the kind.</summary>
    public abstract void Write(BinaryWriter writer);
}
