using System;

namespace Microsoft.ML.Constrained.Data;

/// <summary>What the cursors over a stage's view have in common: the schema, which columns are active, and their getters.</summary>
internal abstract class StageCursor : DataViewRowCursor
{
    private readonly bool[] _active;
    private bool _disposed;

    protected StageCursor(DataViewRowCursor source, BoundStage bound, bool[] active)
    {
        Source = source;
        Bound = bound;
        _active = active;
    }

    public sealed override DataViewSchema Schema => Bound.OutputSchema;

    protected DataViewRowCursor Source { get; }

    protected BoundStage Bound { get; }

    public sealed override bool IsColumnActive(DataViewSchema.Column column)
    {
        CheckColumn(column);
        return _active[column.Index];
    }

    public sealed override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        CheckColumn(column);
        if (!_active[column.Index])
            throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active in this cursor.");
        return GetterOf<TValue>(column.Index) as ValueGetter<TValue> ?? throw new InvalidOperationException(
            $"Invalid TValue in GetGetter for column '{column.Name}': '{typeof(TValue)}', expected type: '{column.Type.RawType}'.");
    }

    /// <summary>The getter of an active column of the output schema.</summary>
    protected abstract Delegate GetterOf<TValue>(int column);

    protected bool IsActive(int column) => _active[column];

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            Source.Dispose();
        }

        base.Dispose(disposing);
    }

    private void CheckColumn(DataViewSchema.Column column)
    {
        if (column.Index >= _active.Length || Schema[column.Index].Name != column.Name)
            throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' (index {column.Index}) is not in this view's schema.");
    }
}
