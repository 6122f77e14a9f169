using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Constrained.Data;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Trainers;

/// <summary>The annotations by which ML.NET knows the columns of one scoring.</summary>
internal static class ScoreAnnotations
{
    public const string Regression = "Regression", MultiOutputRegression = "MultiOutputRegression", Multiclass = "MulticlassClassification";

    public const string Score = "Score", PredictedLabel = "PredictedLabel";

    private const string SetId = "ScoreColumnSetId", ColumnKind = "ScoreColumnKind", ValueKind = "ScoreValueKind";

    /// <summary>The number of the next scoring: one more than the largest in the schema.</summary>
    public static uint NextSetId(DataViewSchema schema)
    {
        uint largest = 0;
        foreach (DataViewSchema.Column column in schema)
        {
            if (column.Annotations.Schema.GetColumnOrNull(SetId) is not { Type: KeyDataViewType { RawType: { } raw } } || raw != typeof(uint))
                continue;
            uint value = 0;
            column.Annotations.GetValue(SetId, ref value);
            largest = Math.Max(largest, value);
        }

        return largest + 1;
    }

    /// <summary>The annotations of a column of a scoring.</summary>
    /// <param name="setId">The scoring's number.</param>
    /// <param name="kind">What was trained, for example <see cref="Regression"/>.</param>
    /// <param name="value">What the column is of it, for example <see cref="Score"/>.</param>
    /// <param name="slotNames">The slots' names, or null for a column without slots.</param>
    public static DataViewSchema.Annotations Create(uint setId, string kind, string value, IReadOnlyList<string>? slotNames)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        if (slotNames is not null)
            builder.Add(Annotate.SlotNames(slotNames), _ => true);
        ValueGetter<uint> getSetId = (ref uint target) => target = setId;
        ValueGetter<ReadOnlyMemory<char>> getKind = (ref ReadOnlyMemory<char> target) => target = kind.AsMemory();
        ValueGetter<ReadOnlyMemory<char>> getValue = (ref ReadOnlyMemory<char> target) => target = value.AsMemory();
        builder.Add(SetId, new KeyDataViewType(typeof(uint), int.MaxValue), getSetId);
        builder.Add(ColumnKind, TextDataViewType.Instance, getKind);
        builder.Add(ValueKind, TextDataViewType.Instance, getValue);
        return builder.ToAnnotations();
    }

    /// <summary>What a schema promises of them.</summary>
    public static SchemaShape.Column[] Promised(bool slotNames)
    {
        const SchemaShape.Column.VectorKind Scalar = SchemaShape.Column.VectorKind.Scalar;
        IEnumerable<SchemaShape.Column> slots = slotNames
            ? [SchemaShapes.Column(Annotate.SlotNamesKind, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance)]
            : [];
        return
        [
            .. slots,
            SchemaShapes.Column(SetId, Scalar, NumberDataViewType.UInt32, isKey: true),
            SchemaShapes.Column(ColumnKind, Scalar, TextDataViewType.Instance),
            SchemaShapes.Column(ValueKind, Scalar, TextDataViewType.Instance),
        ];
    }
}
