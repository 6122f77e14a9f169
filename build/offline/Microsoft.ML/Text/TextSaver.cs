using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Writes a view as text that a loader can read; the end of a row in sparse form where that is shorter.</summary>
internal static class TextSaver
{
    // A sparse item is as long as this many dense defaults, by estimate.
    private const double SparseWeight = 2.5;
    private const int LeastSparse = 5;

    public static void Save(IDataView data, Stream stream, char separator, bool headerRow, bool schema, bool keepHidden, bool forceDense)
    {
        var columns = data.Schema.Where(c => keepHidden || !c.IsHidden).ToArray();
        bool header = headerRow && columns.Any(c => c.Type is not VectorDataViewType || c.HasSlotNames());
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        if (schema)
            WriteSchema(writer, columns, header, separator);
        if (header)
        {
            var names = Array.ConvertAll(columns, c => Part.Header(c, t => Quoted(t, separator)));
            WriteLine(writer, names, separator, forceDense);
        }
        using var cursor = data.GetRowCursor(columns);
        var parts = Array.ConvertAll(columns, c => Generics.Call<Func<Part>>(typeof(TextSaver), null,
            c.Type is VectorDataViewType ? nameof(Vector) : nameof(Scalar), PrimitiveTypes.ItemOf(c.Type).RawType, cursor, c, separator));
        while (cursor.MoveNext())
            WriteLine(writer, Array.ConvertAll(parts, p => p()), separator, forceDense);
    }

    private static void WriteSchema(TextWriter writer, DataViewSchema.Column[] columns, bool header, char separator)
    {
        writer.WriteLine("#@ TextLoader{");
        if (header)
            writer.WriteLine("#@   header+");
        string name = separator switch
        {
            ' ' => "space",
            '\t' => "tab",
            ',' => "comma",
            ';' => "semicolon",
            '|' => "bar",
            _ => separator.ToString(),
        };
        writer.WriteLine("#@   sep=" + name);
        int start = 0;
        foreach (var column in columns)
        {
            var item = (PrimitiveDataViewType)PrimitiveTypes.ItemOf(column.Type);
            string kind = DataKinds.ShortName(item) + (item is KeyDataViewType key ? $"[{key.Count}]" : "");
            int size = (column.Type as VectorDataViewType)?.Size ?? 1;
            string range = column.Type is not VectorDataViewType ? $"{start}" : size > 0 ? $"{start}-{start + size - 1}" : $"{start}-**";
            writer.WriteLine($"#@   col={column.Name}:{kind}:{range}");
            start += size;
        }
        writer.WriteLine("#@ }");
    }

    /// <summary>A column's share of a line: the items that are not the default, by place.</summary>
    private sealed class Part(int length, string missing)
    {
        public readonly int Length = length;
        public readonly string Default = missing;
        public readonly List<(int Index, string Text)> Items = [];

        public Part Add(int index, string text)
        {
            if (text != Default)
                Items.Add((index, text));
            return this;
        }

        public static Part Header(DataViewSchema.Column column, Func<string, string> quote)
        {
            if (column.Type is not VectorDataViewType vector)
                return new Part(1, "\"\"").Add(0, quote(column.Name));
            var part = new Part(vector.Size, "\"\"");
            VBuffer<ReadOnlyMemory<char>> names = default;
            if (column.HasSlotNames())
                column.GetSlotNames(ref names);
            foreach (var (index, name) in names.Items())
                part.Add(index, quote(name.ToString()));
            return part;
        }
    }

    private static Func<Part> Scalar<TItem>(DataViewRow row, DataViewSchema.Column column, char separator)
    {
        var getter = row.GetGetter<TItem>(column);
        var text = Writer<TItem>(column.Type, separator);
        TItem value = default;
        return () =>
        {
            getter(ref value);
            return new Part(1, text(default)).Add(0, text(value));
        };
    }

    private static Func<Part> Vector<TItem>(DataViewRow row, DataViewSchema.Column column, char separator)
    {
        var getter = row.GetGetter<VBuffer<TItem>>(column);
        var text = Writer<TItem>(PrimitiveTypes.ItemOf(column.Type), separator);
        VBuffer<TItem> value = default;
        return () =>
        {
            getter(ref value);
            return value.Items().Aggregate(new Part(value.Length, text(default)), (part, item) => part.Add(item.Key, text(item.Value)));
        };
    }

    private static Func<TItem, string> Writer<TItem>(DataViewType type, char separator) => value => (object)value switch
    {
        ReadOnlyMemory<char> text => Quoted(text.ToString(), separator),
        bool flag => flag ? "1" : "0",
        float.NaN or double.NaN => "?",
        DateTime time => '"' + time.ToString("o", CultureInfo.InvariantCulture) + '"',
        DateTimeOffset time => '"' + time.ToString("o", CultureInfo.InvariantCulture) + '"',
        TimeSpan span => '"' + span.ToString("c", CultureInfo.InvariantCulture) + '"',
        IFormattable number when type is KeyDataViewType => Convert.ToUInt64(number) is > 0 and var key
            ? (key - 1).ToString(CultureInfo.InvariantCulture) : "",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        var other => throw Contracts.Except($"{other} cannot be written as text"),
    };

    private static string Quoted(string text, char separator) =>
        text.Length == 0 || text[0] == ' ' || text.AsSpan().ContainsAny(['"', ':', '\n', '\r', separator])
            ? '"' + text.Replace("\"", "\"\"") + '"' : text;

    private static void WriteLine(TextWriter writer, Part[] parts, char separator, bool forceDense)
    {
        int dense = forceDense ? parts.Length : DenseParts(parts);
        var fields = parts.Take(dense).SelectMany(Fields).ToList();
        if (dense < parts.Length)
        {
            fields.Add(parts.Skip(dense).Sum(p => p.Length).ToString(CultureInfo.InvariantCulture));
            int start = 0, before = fields.Count;
            foreach (var part in parts.Skip(dense))
            {
                fields.AddRange(part.Items.Select(i => $"{start + i.Index}:{i.Text}"));
                start += part.Length;
            }
            if (fields.Count == before)
                fields.Add("0:" + parts[dense].Default);
        }
        writer.WriteLine(string.Join(separator, fields));
    }

    private static IEnumerable<string> Fields(Part part)
    {
        var fields = Enumerable.Repeat(part.Default, part.Length).ToArray();
        foreach (var (index, text) in part.Items)
            fields[index] = text;
        return fields;
    }

    /// <summary>How many parts to write dense, so that the line is shortest by estimate.</summary>
    private static int DenseParts(Part[] parts)
    {
        int best = 0, length = 0, items = parts.Sum(p => p.Items.Count), lengthOfBest = 0;
        int total = parts.Sum(p => p.Length);
        double least = SparseWeight * items;
        for (int i = 0; i < parts.Length; i++)
        {
            length += parts[i].Length;
            items -= parts[i].Items.Count;
            if (length + SparseWeight * items < least)
                (least, best, lengthOfBest) = (length + SparseWeight * items, i + 1, length);
        }
        int sparse = total - lengthOfBest;
        return sparse < LeastSparse || sparse < lengthOfBest / 5 ? parts.Length : best;
    }
}
