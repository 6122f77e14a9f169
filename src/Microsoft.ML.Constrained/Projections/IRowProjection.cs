using System;
using System.Numerics;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// A Euclidean projection with a closed form, and its vector-Jacobian product. A value holds the set; one row of data is
/// treated at a time, and nothing is allocated. Where the projection has a kink the product is taken with an element of its generalised Jacobian.
/// </summary>
internal interface IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// Projects <paramref name="y"/>; <paramref name="z"/> has the same length and may be the same memory.
    /// <see cref="SolverStatus.InvalidInput"/> where y is not finite and <see cref="SolverStatus.PrimalInfeasible"/> where the set is
    /// empty; z is then unspecified.
    /// </summary>
    SolverStatus Project(ReadOnlySpan<T> y, Span<T> z);

    /// <summary>
    /// For <paramref name="gradient"/> = ∂loss/∂z: ∂loss/∂y into <paramref name="input"/> (which may be the same memory as the gradient),
    /// and ∂loss/∂b as result, b being the set's scalar right-hand side (sum, radius, level).
    /// </summary>
    T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input);
}
