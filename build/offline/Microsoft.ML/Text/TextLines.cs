using System;
using System.Collections.Generic;

namespace Microsoft.ML.Data;

/// <summary>The lines of text files that hold rows.</summary>
internal static class TextLines
{
    /// <summary>Lines with their numbers in their files; each file's header line goes elsewhere, a limit of 0 or null is none.</summary>
    public static IEnumerable<(string Text, long Number)> Read(IMultiStreamSource source, TextLoader.Options options, Action<string> header,
        long? limit)
    {
        long rows = 0;
        for (int i = 0; i < source.Count; i++)
        {
            using var reader = source.OpenTextReader(i);
            bool atStart = true;
            long number = 0;
            while (reader.ReadLine() is { } line)
            {
                number++;
                // What SaveAsText writes about the schema stands at the start.
                if (line.Length == 0 || line.StartsWith("//", StringComparison.Ordinal) || atStart && line[0] == '#')
                    continue;
                if (atStart)
                {
                    atStart = false;
                    if (options.HasHeader)
                    {
                        header(line);
                        continue;
                    }
                }
                yield return (line, number);
                if (++rows == limit)
                    yield break;
            }
        }
    }
}

/// <summary>Splits a line into fields.</summary>
internal sealed class FieldSplitter(TextLoader.Options options)
{
    private readonly List<ReadOnlyMemory<char>> _fields = [];

    /// <summary>Gives each field with its place (sparse ones too) and returns how many places there are.</summary>
    public int Split(string line, Action<int, ReadOnlyMemory<char>> take)
    {
        _fields.Clear();
        var text = line.AsMemory();
        if (options.TrimWhitespace)
            text = text.TrimEnd();
        for (int at = 0; at <= text.Length;)
            _fields.Add(Next(text, ref at));
        for (int i = 0; i < _fields.Count; i++)
        {
            // A field "index:value" is sparse, and the one before the first such field is the number of places that follow.
            if (options.AllowSparse && i + 1 < _fields.Count && IsSparse(_fields[i + 1].Span) &&
                int.TryParse(_fields[i].Span, out int places))
            {
                for (int j = i + 1; j < _fields.Count; j++)
                {
                    int colon = _fields[j].Span.IndexOf(':');
                    if (colon > 0 && int.TryParse(_fields[j].Span[..colon], out int index) && index < places)
                        take(i + index, _fields[j][(colon + 1)..]);
                }
                return i + places;
            }
            take(i, _fields[i]);
        }
        return _fields.Count;
    }

    private static bool IsSparse(ReadOnlySpan<char> field)
    {
        int colon = field.IndexOf(':');
        return colon > 0 && !field[..colon].ContainsAnyExceptInRange('0', '9');
    }

    private bool IsSeparator(char c) => Array.IndexOf(options.Separators, c) >= 0;

    private ReadOnlyMemory<char> Next(ReadOnlyMemory<char> line, ref int at)
    {
        var text = line.Span;
        while (at < text.Length && text[at] == ' ' && !IsSeparator(' '))
            at++;
        ReadOnlyMemory<char> field;
        if (options.AllowQuoting && at < text.Length && text[at] == '"')
        {
            field = Quoted(line, ref at);
            while (at < text.Length && !IsSeparator(text[at]))
                at++;
        }
        else
        {
            int start = at;
            while (at < text.Length && !IsSeparator(text[at]))
                at++;
            field = line[start..at];
        }
        at++;
        return field;
    }

    // Inside quotes, two quotes stand for one.
    private static ReadOnlyMemory<char> Quoted(ReadOnlyMemory<char> line, ref int at)
    {
        var text = line.Span;
        int start = ++at;
        bool doubled = false;
        for (; at < text.Length; at++)
        {
            if (text[at] != '"')
                continue;
            if (at + 1 == text.Length || text[at + 1] != '"')
                break;
            doubled = true;
            at++;
        }
        var inside = line[start..Math.Min(at, text.Length)];
        at++;
        return doubled ? inside.ToString().Replace("\"\"", "\"").AsMemory() : inside;
    }
}
