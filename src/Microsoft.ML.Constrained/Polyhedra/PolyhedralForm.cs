namespace Microsoft.ML.Constrained;

/// <summary>How a <see cref="PolyhedralParameterization"/> is evaluated. The activations and the result are the same.</summary>
public enum PolyhedralForm : byte
{
    /// <summary>Block by block, each in the cheaper way: <see cref="Structured"/> unless all is one dense block anyway.</summary>
    Auto = 0,

    /// <summary>One matrix with a row for each activation and a column for each variable: O(d²) a row.</summary>
    Dense = 1,

    /// <summary>
    /// Block by block, where a block's variables share no constraint with others. Independent rows take reflections instead of
    /// a matrix: O(d) a row where the rows do not overlap.
    /// </summary>
    Structured = 2,
}
