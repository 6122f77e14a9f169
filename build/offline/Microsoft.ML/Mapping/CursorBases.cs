using System;
using System.Collections.Generic;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Which columns a caller asked for, by index.</summary>
internal static class ActiveColumns
{
    public static bool[] Of(IEnumerable<DataViewSchema.Column> columns, DataViewSchema schema)
    {
        Contracts.CheckValue(columns, "columnsNeeded");
        var active = new bool[schema.Count];
        foreach (var column in columns)
        {
            Contracts.CheckParam(column.Index < active.Length, "columnsNeeded", $"column '{column.Name}' is not of this schema");
            active[column.Index] = true;
        }
        return active;
    }

    /// <summary>The checks that every GetGetter makes: the column is active, and its getter has the asked-for type.</summary>
    public static ValueGetter<TValue> Checked<TValue>(Delegate getter, DataViewSchema.Column column)
    {
        Contracts.CheckParam(getter != null, nameof(column), "requested column not active");
        return getter as ValueGetter<TValue> ?? throw Contracts.Except($"Invalid TValue in GetGetter for column #{column}: " +
            $"'{typeof(TValue)}', expected type: '{getter.GetType().GetGenericArguments()[0]}'.");
    }

    public static Exception NotOnARow() => Contracts.Except("Values cannot be fetched at this time. " +
        "This method was called either before the first call to MoveNext, or at any point after that method returned false.");
}

/// <summary>A cursor that counts its own rows. MoveNextCore is not called again once it gave false.</summary>
internal abstract class RootCursorBase : DataViewRowCursor
{
    private long _position = -1;
    private bool _done;

    public sealed override long Position => _position;

    public override long Batch => 0;

    protected bool IsGood => _position >= 0;

    protected abstract bool MoveNextCore();

    public sealed override bool MoveNext()
    {
        if (!_done && MoveNextCore())
        {
            _position++;
            return true;
        }
        _done = true;
        _position = -1;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        _done = true;
        _position = -1;
    }
}

/// <summary>A cursor with its own count of rows over another cursor, whose ids and batches it keeps; for filters.</summary>
internal abstract class LinkedRootCursorBase(DataViewRowCursor input) : RootCursorBase
{
    protected DataViewRowCursor Input { get; } = input;

    public override long Batch => Input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        Input.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A view with another view's schema; subclasses change its rows.</summary>
internal abstract class WrappedView : IDataView
{
    protected WrappedView(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        Input = input;
    }

    protected IDataView Input { get; }

    public DataViewSchema Schema => Input.Schema;

    public abstract bool CanShuffle { get; }

    public abstract long? GetRowCount();

    public abstract DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null);

    public virtual DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}

/// <summary>No rows, but a schema.</summary>
internal sealed class EmptyDataView(DataViewSchema schema) : IDataView
{
    public bool CanShuffle => true;

    public DataViewSchema Schema => schema;

    public long? GetRowCount() => 0;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        new Cursor(schema, ActiveColumns.Of(columnsNeeded, schema));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewSchema schema, bool[] active) : RootCursorBase
    {
        public override DataViewSchema Schema => schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        protected override bool MoveNextCore() => false;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => throw ActiveColumns.NotOnARow();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => ActiveColumns.Checked<TValue>(
            active[column.Index] ? Generics.Call<Delegate>(typeof(Cursor), null, nameof(Getter), column.Type.RawType) : null, column);

        private static Delegate Getter<TValue>() => (ValueGetter<TValue>)((ref TValue value) => throw ActiveColumns.NotOnARow());
    }
}
