using System;
using System.Numerics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// {a'z ≤ b}: y where it holds, else the projection onto the hyperplane a'z = b
/// (textbook: Bauschke and Combettes 2011, example 28.16). O(n). On the boundary the Jacobian of the inside.
/// </summary>
internal readonly struct HalfSpaceProjection<T> : IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly HyperplaneProjection<T> _boundary;

    public HalfSpaceProjection(ReadOnlySpan<T> normal, T level) => _boundary = new(normal, level);

    private HalfSpaceProjection(HyperplaneProjection<T> boundary) => _boundary = boundary;

    /// <summary>The same normal at another level.</summary>
    public HalfSpaceProjection<T> At(T level) => new(_boundary.At(level));

    public SolverStatus Project(ReadOnlySpan<T> y, Span<T> z)
    {
        T distance = _boundary.SignedDistance(y);
        if (distance > T.Zero || T.IsNaN(distance))
            return _boundary.Project(y, z);
        if (!SpanKernels.AllFinite(y))
            return SolverStatus.InvalidInput;
        y.CopyTo(z);
        return SolverStatus.Solved;
    }

    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input)
    {
        if (_boundary.SignedDistance(y) > T.Zero)
            return _boundary.Adjoint(y, z, gradient, input);
        gradient.CopyTo(input);
        return T.Zero;
    }
}
