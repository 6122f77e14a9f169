using System;
using System.Collections.Generic;
using Microsoft.ML.Constrained.Interop;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Data;

/// <summary>What ML.NET writes on the columns of a scored view, so that its tools know a score by its annotations.</summary>
internal static class ScoreAnnotations
{
    /// <summary>The kinds of a scalar score, of a vector of scores, and of class probabilities.</summary>
    public const string Regression = "Regression", MultiOutputRegression = "MultiOutputRegression", Multiclass = "MulticlassClassification";

    /// <summary>What a column's values are.</summary>
    public const string Score = "Score", PredictedLabel = "PredictedLabel";

    private const string SetIdKind = "ScoreColumnSetId", ColumnKindKind = "ScoreColumnKind", ValueKindKind = "ScoreValueKind";

    /// <summary>Annotations of one column; all columns of one scorer have the same set id, one above the highest of the input.</summary>
    /// <param name="input">The schema that is scored.</param>
    /// <param name="columnKind">The task, for example <see cref="Regression"/>.</param>
    /// <param name="valueKind"><see cref="Score"/> or <see cref="PredictedLabel"/>.</param>
    /// <param name="slotNames">Names of the slots of a vector; null for none.</param>
    public static DataViewSchema.Annotations Create(
        DataViewSchema input, string columnKind, string valueKind, IReadOnlyList<string>? slotNames = null)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        if (slotNames is not null)
            Annotate.AddNames(builder, Annotate.SlotNamesKind, slotNames);
        uint id = HighestSetId(input) + 1;
        builder.Add(SetIdKind, new KeyDataViewType(typeof(uint), int.MaxValue), (ref uint value) => value = id);
        builder.Add(ColumnKindKind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = columnKind.AsMemory());
        builder.Add(ValueKindKind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = valueKind.AsMemory());
        return builder.ToAnnotations();
    }

    /// <summary>What <see cref="Create"/> gives, as a schema's promise.</summary>
    public static SchemaShape.Column[] Promise(bool slotNames)
    {
        const SchemaShape.Column.VectorKind Scalar = SchemaShape.Column.VectorKind.Scalar;
        SchemaShape.Column[] kinds =
        [
            SchemaShapes.Column(SetIdKind, Scalar, NumberDataViewType.UInt32, isKey: true),
            SchemaShapes.Column(ColumnKindKind, Scalar, TextDataViewType.Instance),
            SchemaShapes.Column(ValueKindKind, Scalar, TextDataViewType.Instance),
        ];
        return slotNames
            ? [SchemaShapes.Column(Annotate.SlotNamesKind, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance), .. kinds]
            : kinds;
    }

    private static uint HighestSetId(DataViewSchema input)
    {
        uint highest = 0;
        foreach (DataViewSchema.Column column in input)
        {
            if (column.Annotations.Schema.GetColumnOrNull(SetIdKind) is not { } annotation || annotation.Type is not KeyDataViewType { RawType: var raw } || raw != typeof(uint))
                continue;
            uint id = 0;
            column.Annotations.GetValue(SetIdKind, ref id);
            highest = Math.Max(highest, id);
        }

        return highest;
    }
}
