using System;

namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>The six parameters of a quadratic program, to say which gradients are wanted.</summary>
[Flags]
public enum QuadraticProgramParameters
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>The matrix of the quadratic cost.</summary>
    Q = 1,

    /// <summary>The linear cost.</summary>
    P = 2,

    /// <summary>The matrix of the inequalities.</summary>
    G = 4,

    /// <summary>The right-hand sides of the inequalities.</summary>
    H = 8,

    /// <summary>The matrix of the equalities.</summary>
    A = 16,

    /// <summary>The right-hand sides of the equalities.</summary>
    B = 32,

    /// <summary>All six.</summary>
    All = 63,
}
