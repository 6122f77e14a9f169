namespace Microsoft.ML.Constrained.Polyhedra;

/// <summary>The numbers that a conversion between half-spaces and generators is carried out in.</summary>
public enum PolyhedralArithmetic
{
    /// <summary><see cref="Exact"/> where all data are integers below 2⁵³ in size, <see cref="Floating"/> otherwise.</summary>
    Auto = 0,

    /// <summary>Integers without limit; every finite number is one after scaling, so the result is right whatever the data.</summary>
    Exact = 1,

    /// <summary>
    /// Double precision with a tolerance of 1e-9 on rows and rays of unit length: faster, and merges almost equal generators.
    /// The result is checked; where it fails, the data being almost degenerate, <see cref="Exact"/> is taken instead.
    /// </summary>
    Floating = 2,
}
