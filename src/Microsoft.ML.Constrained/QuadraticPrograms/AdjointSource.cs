namespace Microsoft.ML.Constrained.QuadraticPrograms;

/// <summary>Where the adjoint of a problem comes from.</summary>
internal enum AdjointSource : byte
{
    /// <summary>The problem has no solution to differentiate.</summary>
    None = 0,

    /// <summary>The factorisations that the solve kept.</summary>
    Kept = 1,

    /// <summary>The same factorisations, made anew.</summary>
    Active = 2,

    /// <summary>The regularised system: the problem was solved by the interior-point method.</summary>
    Regularized = 3,
}
