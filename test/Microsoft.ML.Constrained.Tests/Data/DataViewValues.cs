using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.Constrained.Tests.Data;

/// <summary>Reads whole rows as comparable values, whatever the columns' types, through the public cursor API alone.</summary>
internal static class DataViewValues
{
    private static readonly MethodInfo s_value = typeof(DataViewValues).GetMethod(nameof(ValueReader), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo s_vector = typeof(DataViewValues).GetMethod(nameof(VectorReader), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Every row: its id, then the values of <paramref name="columns"/> (all visible ones by default).</summary>
    public static List<object[]> Rows(IDataView view, params string[] columns)
    {
        DataViewSchema.Column[] chosen = Choose(view.Schema, columns);
        using DataViewRowCursor cursor = view.GetRowCursor(chosen);
        return Rows(cursor, chosen);
    }

    public static List<object[]> Rows(DataViewRowCursor cursor, params DataViewSchema.Column[] columns)
    {
        Func<object>[] readers = [.. columns.Select(c => Reader(cursor, c))];
        ValueGetter<DataViewRowId> idGetter = cursor.GetIdGetter();
        var rows = new List<object[]>();
        while (cursor.MoveNext())
        {
            DataViewRowId id = default;
            idGetter(ref id);
            rows.Add([id, .. readers.Select(r => r())]);
        }

        return rows;
    }

    public static DataViewSchema.Column[] Choose(DataViewSchema schema, params string[] columns) =>
        columns.Length == 0 ? [.. schema.Where(c => !c.IsHidden)] : [.. columns.Select(c => schema[c])];

    /// <summary>A function that reads a column of the current row: a value, or an array with the dense values of a vector.</summary>
    public static Func<object> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        Type raw = column.Type.RawType;
        bool vector = raw.IsGenericType && raw.GetGenericTypeDefinition() == typeof(VBuffer<>);
        MethodInfo method = vector ? s_vector.MakeGenericMethod(raw.GetGenericArguments()) : s_value.MakeGenericMethod(raw);
        return (Func<object>)method.Invoke(null, [row, column])!;
    }

    public static void AssertEqual(List<object[]> expected, List<object[]> actual, string message = "")
    {
        Assert.HasCount(expected.Count, actual, message);
        for (int i = 0; i < expected.Count; i++)
        {
            string left = Text(expected[i]), right = Text(actual[i]);
            Assert.AreEqual(left, right, $"{message} row {i}");
        }
    }

    /// <summary>Exact: floats by their bits.</summary>
    public static string Text(object value) => value switch
    {
        float single => BitConverter.SingleToInt32Bits(single).ToString("x8", null),
        Array array => "[" + string.Join(" ", array.Cast<object>().Select(Text)) + "]",
        _ => value.ToString()!,
    };

    private static Func<object> ValueReader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return value!;
        };
    }

    private static Func<object> VectorReader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            return value.DenseValues().ToArray();
        };
    }
}
