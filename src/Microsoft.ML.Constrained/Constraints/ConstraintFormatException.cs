using System;
using System.Globalization;

namespace Microsoft.ML.Constrained;

/// <summary>A constraint's text cannot be read. The message says where, what was expected, and shows the line with a caret below the
/// place.</summary>
public sealed class ConstraintFormatException : FormatException
{
    private const int Window = 50;

    /// <summary>Makes the exception.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="position">Index of the character in question, from 0 to the length of the text.</param>
    /// <param name="reason">What is wrong and what to do.</param>
    /// <param name="innerException">What reported it, where the text reads well but states something impossible.</param>
    public ConstraintFormatException(string text, int position, string reason, Exception? innerException = null)
        : base(MakeMessage(text, position, reason), innerException)
    {
        Text = text;
        Position = position;
        Reason = reason;
    }

    /// <summary>The whole text.</summary>
    public string Text { get; }

    /// <summary>Index in <see cref="Text"/> of the character in question; its length where the text ends too early.</summary>
    public int Position { get; }

    /// <summary>What is wrong and what to do, without the place.</summary>
    public string Reason { get; }

    private static string MakeMessage(string text, int position, string reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(reason);
        position = Math.Clamp(position, 0, text.Length);
        int start = position == 0 ? 0 : text.LastIndexOf('\n', position - 1) + 1;
        int end = text.IndexOf('\n', position);
        end = end < 0 ? text.Length : end;
        int line = 1;
        foreach (char c in text.AsSpan(0, start))
            line += c == '\n' ? 1 : 0;
        int from = Math.Max(start, position - Window), to = Math.Min(end, position + Window);
        string excerpt = string.Create(to - from, (text, from), static (span, source) =>
        {
            // One place a character, so that the caret stands below the right one.
            for (int i = 0; i < span.Length; i++)
            {
                char c = source.text[source.from + i];
                span[i] = char.IsControl(c) ? ' ' : c;
            }
        });
        string before = from > start ? "…" : "", after = to < end ? "…" : "";
        string caret = new string(' ', before.Length + position - from) + "^";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Constraint text, line {line}, column {position - start + 1}: {reason}\n  {before}{excerpt}{after}\n  {caret}");
    }
}
