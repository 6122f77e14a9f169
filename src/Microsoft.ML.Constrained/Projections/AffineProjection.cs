using System;
using System.Numerics;
using Microsoft.ML.Constrained.LinearAlgebra;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// {Az = b}, A of any rank as long as the equations agree: with A's independent rows = L Q, Q orthonormal, and c = L⁻¹b,
/// z = y + Q'(c − Qy), done twice so that rounding in y does not stay in the equations
/// (Golub and Van Loan 2013, section 5.5). O(rank·n). Jacobian: I − Q'Q; ∂loss/∂b = L⁻ᵀQ·∂loss/∂z.
/// </summary>
internal sealed class AffineProjection<T> : IRowProjection<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double Tolerance = 1e-9;
    private readonly PolyhedralReduction _reduction;
    private readonly T[] _basis;
    private readonly T[] _offset;
    private readonly SolverStatus _status;

    /// <param name="matrix">A, row-major, one row for each element of <paramref name="levels"/>.</param>
    /// <param name="levels">b.</param>
    /// <param name="dimension">n.</param>
    public AffineProjection(ReadOnlySpan<double> matrix, ReadOnlySpan<double> levels, int dimension)
    {
        if (matrix.Length != levels.Length * dimension)
            throw new ArgumentException($"The matrix has {matrix.Length} elements, expected {levels.Length} x {dimension}.", nameof(matrix));
        var equality = new bool[levels.Length];
        equality.AsSpan().Fill(true);
        _reduction = new(matrix, dimension, equality, default);
        var bounds = new ReducedBounds(_reduction);
        bounds.Set(_reduction, levels, levels, Tolerance);
        _status = bounds.Status;
        _offset = Array.ConvertAll(bounds.Offset, T.CreateTruncating);
        _basis = new T[_reduction.EqualityCount * dimension];
        for (int k = 0; k < _reduction.EqualityCount; k++)
        {
            for (int j = 0; j < dimension; j++)
                _basis[(k * dimension) + j] = T.CreateTruncating(_reduction.Basis(k)[j]);
        }
    }

    public SolverStatus Project(ReadOnlySpan<T> y, Span<T> z)
    {
        if (!SpanKernels.AllFinite(y))
            return SolverStatus.InvalidInput;
        y.CopyTo(z);

        // The basis is orthonormal, so one equation after the other is as good as all at once.
        for (int round = 0; round < 2; round++)
        {
            for (int k = 0; k < _offset.Length; k++)
                SpanKernels.AddScaled(Basis(k, y.Length), _offset[k] - SpanKernels.Dot(Basis(k, y.Length), z), z);
        }

        return _status;
    }

    /// <inheritdoc/>
    /// <remarks>The right-hand side is not a scalar: the result is 0, see <see cref="AdjointOfLevels"/>.</remarks>
    public T Adjoint(ReadOnlySpan<T> y, ReadOnlySpan<T> z, ReadOnlySpan<T> gradient, Span<T> input)
    {
        gradient.CopyTo(input);
        for (int k = 0; k < _offset.Length; k++)
            SpanKernels.AddScaled(Basis(k, y.Length), -SpanKernels.Dot(Basis(k, y.Length), input), input);
        return T.Zero;
    }

    /// <summary>∂loss/∂b, 0 for rows that depend on the others.</summary>
    public void AdjointOfLevels(ReadOnlySpan<T> gradient, Span<double> levels)
    {
        levels.Clear();
        var along = new double[_offset.Length];
        for (int k = 0; k < along.Length; k++)
            along[k] = double.CreateTruncating(SpanKernels.Dot(Basis(k, gradient.Length), gradient));
        _reduction.SolveUpper(along);
        for (int k = 0; k < along.Length; k++)
            levels[_reduction.EqualityRows[k]] = along[k] / _reduction.Norm[_reduction.EqualityRows[k]];
    }

    private ReadOnlySpan<T> Basis(int index, int dimension) => _basis.AsSpan(index * dimension, dimension);
}
