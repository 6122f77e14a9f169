namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// Rows of unit length that are moved at once: y − r·Lift, where r is by how much A·y is beyond the limits (see
/// <see cref="RowLimits.Residual"/>).
/// </summary>
/// <param name="Matrix">A, m × n; null for the variables themselves, each of which then has limits.</param>
/// <param name="Lift">m × n: A itself, or (A⁺)ᵀ; null where <paramref name="Matrix"/> is, or where the rows are only checked.</param>
/// <param name="Limits">The limits of the m rows.</param>
/// <param name="IsCorrected">Whether Dykstra's method carries a correction: not for a subspace, where it changes nothing.</param>
internal sealed record ProjectionBlock(double[]? Matrix, double[]? Lift, RowLimits Limits, bool IsCorrected = false)
{
    /// <summary>Whether these rows are not moved.</summary>
    public bool IsChecked => Matrix is not null && Lift is null;
}
