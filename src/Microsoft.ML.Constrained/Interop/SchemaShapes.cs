using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Interop;

/// <summary>Schema promises: what an estimator requires of its input's shape and adds to it.</summary>
internal static class SchemaShapes
{
    /// <summary>A promise about a column. A key's <paramref name="itemType"/> is the type under the key.</summary>
    public static SchemaShape.Column Column(
        string name, SchemaShape.Column.VectorKind kind, DataViewType itemType, bool isKey = false, params SchemaShape.Column[] annotations)
    {
        UpstreamProbe.Verify();
        return Create(name, kind, itemType, isKey, annotations);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static SchemaShape.Column Create(
            string name, SchemaShape.Column.VectorKind kind, DataViewType itemType, bool isKey, SchemaShape.Column[] annotations) =>
            new(name, kind, itemType, isKey, annotations.Length == 0 ? null : new SchemaShape(annotations));
    }

    /// <summary>Checks that a <c>Single</c> column is promised, a scalar or a vector of known size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not, in ML.NET's own words.</exception>
    public static SchemaShape.Column RequireSingle(SchemaShape input, string name, bool vector, string role)
    {
        Check.NotNull(input, nameof(input));
        SchemaShape.Column column = input.FirstOrDefault(c => c.Name == name);
        if (column.Name != name)
            throw new ArgumentOutOfRangeException("inputSchema", $"Could not find {role} column '{name}'");
        SchemaShape.Column.VectorKind kind = vector ? SchemaShape.Column.VectorKind.Vector : SchemaShape.Column.VectorKind.Scalar;
        if (column.Kind != kind || column.ItemType != NumberDataViewType.Single || column.IsKey)
        {
            throw new ArgumentOutOfRangeException(
                "inputSchema",
                $"Schema mismatch for {role} column '{name}': expected {(vector ? "Vector<Single> of known size" : "Single")}, got {Describe(column)}");
        }

        return column;
    }

    /// <summary>The shape of <paramref name="input"/> with <paramref name="added"/> in it; a column of the same name is replaced.</summary>
    public static SchemaShape With(SchemaShape input, IEnumerable<SchemaShape.Column> added)
    {
        Dictionary<string, SchemaShape.Column> columns = input.ToDictionary(c => c.Name);
        foreach (SchemaShape.Column column in added)
            columns[column.Name] = column;
        return new SchemaShape(columns.Values);
    }

    private static string Describe(SchemaShape.Column column)
    {
        string item = column.IsKey ? $"Key<{column.ItemType}>" : column.ItemType.ToString()!;
        return column.Kind switch
        {
            SchemaShape.Column.VectorKind.Scalar => item,
            SchemaShape.Column.VectorKind.Vector => $"Vector<{item}>",
            _ => $"VarVector<{item}>",
        };
    }
}
