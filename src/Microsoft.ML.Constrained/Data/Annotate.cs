using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.Constrained.Data;

/// <summary>Annotations of the columns that stages add, and what a schema promises of them.</summary>
internal static class Annotate
{
    public const string SlotNamesKind = "SlotNames", KeyValuesKind = "KeyValues";

    /// <summary>The slots' names.</summary>
    public static DataViewSchema.Annotations SlotNames(IReadOnlyList<string> names) => Names(SlotNamesKind, names);

    /// <summary>The names of the keys 1, 2, ….</summary>
    public static DataViewSchema.Annotations KeyValues(IReadOnlyList<string> names) => Names(KeyValuesKind, names);

    /// <summary>The slots' names of a column, or <paramref name="otherwise"/> where it has none.</summary>
    public static IReadOnlyList<string> SlotNamesOf(DataViewSchema.Column column, IReadOnlyList<string> otherwise)
    {
        if (!column.HasSlotNames())
            return otherwise;
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return names.Length == otherwise.Count ? [.. names.DenseValues().Select(n => n.ToString())] : otherwise;
    }

    private static DataViewSchema.Annotations Names(string kind, IReadOnlyList<string> names)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        AddNames(builder, kind, names);
        return builder.ToAnnotations();
    }

    /// <summary>Adds an annotation of names.</summary>
    public static void AddNames(DataViewSchema.Annotations.Builder builder, string kind, IReadOnlyList<string> names)
    {
        ReadOnlyMemory<char>[] texts = [.. names.Select(n => n.AsMemory())];
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, texts.Length);
            texts.CopyTo(editor.Values);
            value = editor.Commit();
        };
        builder.Add(kind, new VectorDataViewType(TextDataViewType.Instance, texts.Length), getter);
    }
}
