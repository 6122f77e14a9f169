using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public static class ColumnCursorExtensions
{
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckNonEmpty(columnName, nameof(columnName));
        return data.GetColumn<T>(data.Schema[columnName]);
    }

    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckParam(column.Index < data.Schema.Count && data.Schema[column.Index] is var own && own.Name == column.Name &&
            own.Type.Equals(column.Type), nameof(column),
            $"column with name {column.Name}, type {column.Type}, and index {column.Index} cannot be found in {nameof(data)}");
        var type = column.Type;
        if (type.RawType == typeof(T))
            return Read<T, T>(data, column, value => value);
        if (typeof(T) == typeof(string) && type is TextDataViewType)
            return (IEnumerable<T>)Read<ReadOnlyMemory<char>, string>(data, column, text => text.ToString());
        if (!typeof(T).IsArray)
            throw Contracts.ExceptParam(nameof(column),
                $"Cannot map column (name: {column.Name}, type: {type}) in {nameof(data)} to the user-defined type, {typeof(T)}.");
        Contracts.CheckParam(type is VectorDataViewType, nameof(column),
            $"Cannot load vector type, {type}, specified in {nameof(column)} to the user-defined type, {typeof(T)}.");
        var item = ((VectorDataViewType)type).ItemType;
        if (typeof(T) == typeof(string[]) && item is TextDataViewType)
            return (IEnumerable<T>)Read<VBuffer<ReadOnlyMemory<char>>, string[]>(data, column, v =>
                v.DenseValues().Select(t => t.ToString()).ToArray());
        Contracts.CheckParam(typeof(T).GetElementType() == item.RawType, nameof(column),
            $"Cannot map column (name: {column.Name}, type: {type}) in {nameof(data)} to the user-defined type, {typeof(T)}.");
        return Generics.Call<IEnumerable<T>>(typeof(ColumnCursorExtensions), null, nameof(ReadArrays), item.RawType, data, column);
    }

    private static IEnumerable<TItem[]> ReadArrays<TItem>(IDataView data, DataViewSchema.Column column) =>
        Read<VBuffer<TItem>, TItem[]>(data, column, buffer => buffer.DenseValues().ToArray());

    private static IEnumerable<TResult> Read<TValue, TResult>(IDataView data, DataViewSchema.Column column, Func<TValue, TResult> convert)
    {
        using var cursor = data.GetRowCursor([data.Schema[column.Index]]);
        var getter = cursor.GetGetter<TValue>(data.Schema[column.Index]);
        while (cursor.MoveNext())
        {
            // A new variable for each row: buffers must not be shared between rows.
            TValue value = default;
            getter(ref value);
            yield return convert(value);
        }
    }
}
