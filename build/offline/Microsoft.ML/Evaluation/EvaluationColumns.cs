using System;
using Microsoft.ML.Internal.Utilities;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Finding and reading the columns of a scored view.</summary>
internal static class EvaluationColumns
{
    /// <summary>The column of the role. Name and role stand in upstream's order in the message.</summary>
    public static DataViewSchema.Column Find(DataViewSchema schema, string role, string name) =>
        schema.GetColumnOrNull(name) ?? throw Contracts.ExceptParam(nameof(schema), $"{name} column '{role}' not found");

    public static Exception Mismatch(string role, DataViewSchema.Column column, string expected) =>
        Contracts.ExceptSchemaMismatch("schema", role, column.Name, expected, column.Type.ToString());

    /// <summary>Reads a label as a number: a key from 0, true as 1, a missing one as NaN.</summary>
    public static ValueGetter<float> Label(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is KeyDataViewType)
            return Generics.Call<ValueGetter<float>>(typeof(EvaluationColumns), null, nameof(Key), column.Type.RawType, row, column);
        if (column.Type.RawType == typeof(bool))
        {
            var getter = row.GetGetter<bool>(column);
            bool value = false;
            return (ref float label) =>
            {
                getter(ref value);
                label = value ? 1 : 0;
            };
        }
        if (column.Type.RawType == typeof(double))
        {
            var getter = row.GetGetter<double>(column);
            double value = 0;
            return (ref float label) =>
            {
                getter(ref value);
                label = (float)value;
            };
        }
        return row.GetGetter<float>(column);
    }

    private static ValueGetter<float> Key<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getter = row.GetGetter<T>(column);
        ulong count = ((KeyDataViewType)column.Type).Count;
        T value = default;
        return (ref float label) =>
        {
            getter(ref value);
            ulong key = Convert.ToUInt64(value);
            label = key == 0 || key > count ? float.NaN : key - 1;
        };
    }
}
