using System.Collections.Generic;
using System.IO;

namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>
/// A part of a parameterisation: some variables that share no constraint with others, and the activations that move them. Rows
/// are independent; arrays are row-major with the given strides, wide enough for a kernel to write whole registers.
/// </summary>
internal abstract unsafe class ParameterBlock(int size, int activationCount)
{
    /// <summary>s, the number of variables.</summary>
    public int Size { get; } = size;

    /// <summary>The number of activations.</summary>
    public int ActivationCount { get; } = activationCount;

    /// <summary>Doubles of scratch space a row; the space is shared by all blocks.</summary>
    public virtual int ScratchCount => 0;

    /// <summary>About the operations a row, for choosing how many rows and threads work at once.</summary>
    public abstract long Work { get; }

    /// <summary>Rows that should be handled together so that what is constant is read less often.</summary>
    public virtual int PreferredRows => 1;

    /// <summary>Variables before this block's, in the order of blocks. Set once by the parameterisation.</summary>
    public int FirstVariable { get; set; }

    /// <summary>Activations before this block's.</summary>
    public int FirstActivation { get; set; }

    /// <summary>The point that belongs to zero coefficients; s values.</summary>
    public abstract double[] Offset { get; }

    /// <summary>Kind, group within the block and generator (s values) of every activation.</summary>
    public abstract IEnumerable<(GeneratorKind Kind, int Group, double[] Generator)> Generators { get; }

    /// <summary>Points of this block's variables from its activations. May overwrite up to a register's width after the points.</summary>
    public abstract void Forward(in BlockRows rows, double* activations, double* points);

    /// <summary>Gradients by the activations from gradients by the points. May overwrite up to a register's width after the result.</summary>
    public abstract void Backward(in BlockRows rows, double* activations, double* gradients, double* result);

    /// <summary>Writes the block after its kind.</summary>
    public abstract void Write(BinaryWriter writer);
}
