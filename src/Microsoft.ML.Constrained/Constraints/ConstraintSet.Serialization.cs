using System;
using System.IO;
using Microsoft.ML.Constrained.Constraints;

namespace Microsoft.ML.Constrained;

// Saving and loading; the layout stands in ConstraintWriter.
public sealed partial class ConstraintSet
{
    /// <summary>Writes the set; <see cref="Read"/> gives an equal one.</summary>
    internal void Write(BinaryWriter writer) => new ConstraintWriter(writer).Write(this);

    /// <summary>Reads a set.</summary>
    /// <exception cref="FormatException">The data are no constraint set of a known version; the message names the part.</exception>
    internal static ConstraintSet Read(BinaryReader reader) => new ConstraintReader(reader).Read();
}
