namespace Microsoft.ML.Constrained;

/// <summary>How the solution of one problem, or the projection of one row, ended.</summary>
public enum SolverStatus : byte
{
    /// <summary>Nothing was solved yet.</summary>
    NotSolved = 0,

    /// <summary>The result satisfies the stated tolerance.</summary>
    Solved = 1,

    /// <summary>No point satisfies the constraints; a certificate was found.</summary>
    PrimalInfeasible = 2,

    /// <summary>The objective falls without bound on the feasible set; a certificate was found.</summary>
    DualInfeasible = 3,

    /// <summary>The limit on iterations was reached first; the result is the best iterate.</summary>
    IterationLimit = 4,

    /// <summary>The data hold a NaN or an infinity where a finite number is needed, or the quadratic cost is not convex.</summary>
    InvalidInput = 5,

    /// <summary>Rounding errors stopped the method before the tolerance; the result is the best iterate.</summary>
    NumericalError = 6,
}
