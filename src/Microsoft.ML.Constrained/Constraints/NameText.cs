using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Constrained.Constraints;

/// <summary>How names and numbers look in the text form, and which names are allowed.</summary>
internal static class NameText
{
    public static bool IsIdentifierStart(char c) => c == '_' || char.IsLetter(c);

    public static bool IsIdentifierPart(char c) => c == '_' || char.IsLetterOrDigit(c);

    /// <summary>The name as it stands in a text: itself, or in brackets with <c>]</c> doubled.</summary>
    public static string Quote(string name)
    {
        bool plain = name.Length > 0 && IsIdentifierStart(name[0]);
        for (int i = 1; plain && i < name.Length; i++)
            plain = IsIdentifierPart(name[i]);
        return plain ? name : "[" + name.Replace("]", "]]", StringComparison.Ordinal) + "]";
    }

    /// <summary>The shortest text that reads back as the same number.</summary>
    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Why the name cannot be used, or null.</summary>
    public static string? Refusal(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            return "is empty";
        if (name.Length > ConstraintLimits.NameLength)
            return $"has {name.Length} characters; at most {ConstraintLimits.NameLength} are allowed";
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsControl(name[i]) || name[i] is '\u2028' or '\u2029')
                return $"holds a control character (U+{(int)name[i]:X4}) at index {i}";
            if (char.IsHighSurrogate(name[i]) && i + 1 < name.Length && char.IsLowSurrogate(name[i + 1]))
                i++;
            else if (char.IsSurrogate(name[i]))
                return $"holds half a surrogate pair at index {i}";
        }

        return null;
    }

    /// <exception cref="ArgumentException">The name cannot be used.</exception>
    public static string Check(string? name, string what)
    {
        if (Refusal(name) is { } reason)
            throw new ArgumentException($"The name of {what} {reason}. Give it a name of visible characters.");
        return name!;
    }

    /// <summary>One term of a sum: <c>x</c>, <c> - 2*x</c> and so on.</summary>
    public static void AppendTerm(StringBuilder text, double coefficient, string factor)
    {
        bool first = text.Length == 0;
        if (first)
            text.Append(coefficient < 0 ? "-" : "");
        else
            text.Append(coefficient < 0 ? " - " : " + ");
        double size = Math.Abs(coefficient);
        if (size != 1)
            text.Append(Number(size)).Append('*');
        text.Append(factor);
    }

    /// <summary>The candidate that the unknown name was probably meant to be, or null.</summary>
    public static string? Nearest(string unknown, IEnumerable<string> candidates)
    {
        // Long names are not worth the time: it grows with the square of their length.
        if (unknown.Length > 64)
            return null;
        string? best = null;
        int limit = Math.Max(1, unknown.Length / 3);
        foreach (string candidate in candidates)
        {
            if (string.Equals(candidate, unknown, StringComparison.OrdinalIgnoreCase))
                return candidate;
            if (Math.Abs(candidate.Length - unknown.Length) > limit)
                continue;
            int distance = EditDistance(unknown, candidate);
            // A name of one or two letters is as near to any other one; that is no hint.
            if (distance > limit || distance >= Math.Max(unknown.Length, candidate.Length))
                continue;
            best = candidate;
            limit = distance - 1;
        }

        return best;
    }

    private static int EditDistance(string a, string b)
    {
        int[] previous = new int[b.Length + 1];
        int[] current = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            previous[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = previous[j - 1] + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                current[j] = Math.Min(replace, Math.Min(previous[j], current[j - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }
}
