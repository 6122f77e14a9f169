using System;

namespace Microsoft.ML.Constrained.Projections;

/// <summary>
/// The sets whose rows of singles never need double precision: one simplex, or one box with fixed bounds, over all variables, with limits
/// that single precision can hold.
/// </summary>
internal readonly struct SinglePrecision
{
    private readonly SimplexProjection<float>? _simplex;
    private readonly BoxProjection<float>? _box;

    public SinglePrecision(ConstraintSet set, ProjectionRoute route)
    {
        ClosedFormPiece? whole = set.Columns.Count == 0 && route is ClosedFormRoute closed ? closed.Whole : null;
        if (whole is SimplexPiece { IsCapped: false } simplex && float.IsFinite((float)simplex.Sum(default)))
            _simplex = new((float)simplex.Sum(default));
        else if (whole is BoundsPiece bounds)
            _box = bounds.Single;
    }

    /// <summary>Whether the set is one of these.</summary>
    public bool Exists => _simplex is not null || _box is not null;

    public SolverStatus Project(ReadOnlySpan<float> y, Span<float> z) => _simplex is { } simplex ? simplex.Project(y, z) : _box!.Value.Project(y, z);

    public void Project(
        ReadOnlySpan<float> input, int columns, Span<float> output, Span<SolverStatus> statuses, int threads, RowBatch.Unsolved<float> unsolved)
    {
        if (_simplex is { } simplex)
            RowBatch.Project(simplex, input, columns, output, statuses, threads, unsolved);
        else
            RowBatch.Project(_box!.Value, input, columns, output, statuses, threads, unsolved);
    }
}
